"""Connector folders and descriptions on disk: the only part of ``app`` that reads and writes files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..model import DocumentError, ServiceError
from ..source import Limits
from ..store.atomic import patient

CONNECTOR_ENDINGS = (".json", ".yaml", ".yml", ".csx", ".cs", ".md", ".png", ".txt")
"""Endings of the files that a connector folder is made of; others (media, samples) are left where they are."""


def read_file(path: Path) -> bytes:
    """The bytes of a description file; DocumentError when it is missing, a folder, too large or not readable."""
    try:
        if path.is_dir():
            raise DocumentError(
                "is-a-folder", f'"{path}" is a folder, not a file', remedy="name the description file inside it"
            )
        size = path.stat().st_size
        limit = Limits().size
        if size > limit:
            raise DocumentError(
                "too-large",
                f'"{path}" has {size / 1e6:.0f} MB; at most {limit / 1e6:.0f} MB are read',
                remedy="check that it is an API description",
            )
        return patient(path.read_bytes)
    except FileNotFoundError:
        raise DocumentError("no-such-file", f'there is no file or folder "{path}"', remedy="check the path") from None
    except (OSError, ValueError) as error:
        raise DocumentError(
            "unreadable-file", f'cannot read "{path}": {error}', remedy="check its permissions"
        ) from None


def read_folder(path: Path) -> dict[str, bytes]:
    """The files of a connector folder by name, without sub-folders and files that no connector has."""
    if not path.is_dir():
        raise DocumentError("no-such-file", f'there is no folder "{path}"', remedy="check the path")
    try:
        entries = sorted(entry for entry in path.iterdir() if entry.is_file())
    except OSError as error:
        raise DocumentError(
            "unreadable-file", f'cannot read "{path}": {error}', remedy="check its permissions"
        ) from None
    return {entry.name: read_file(entry) for entry in entries if entry.suffix.lower() in CONNECTOR_ENDINGS}


def check_target(path: Path, *, force: bool = False) -> None:
    """Raises DocumentError for a place where no new folder can be written: a file, or a folder that already holds
    something, unless ``force``."""
    if path.exists() and not path.is_dir():
        raise DocumentError("not-a-folder", f'"{path}" is a file', remedy="choose another folder with -o")
    if not force and path.is_dir() and any(path.iterdir()):
        raise DocumentError(
            "folder-not-empty",
            f'"{path}" already holds files',
            remedy="choose another folder with -o, or replace the connector's files with --force",
        )


def write_folder(path: Path, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Write a connector folder, each file whole or not at all; names may lead into sub-folders (``/``).

    A folder that already holds something is refused unless ``force``; then the files of the same names are replaced
    and all others stay. Raises ServiceError when the disk refuses.
    """
    check_target(path, force=force)
    try:
        for name, data in files.items():
            file = path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            write_file(file, data)
    except OSError as error:
        raise ServiceError(
            "cannot-write", f'cannot write "{path}": {error}', remedy="check permissions and space"
        ) from None


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then moved there."""
    beside = path.with_name(path.name + ".tieline-new")
    try:
        beside.write_bytes(data)
        patient(lambda: beside.replace(path))
    finally:
        patient(lambda: beside.unlink(missing_ok=True))
