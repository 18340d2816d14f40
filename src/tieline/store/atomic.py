"""Files that are whole or not there: written beside their place, made durable, then moved there. Readable by their
owner alone. What the disk refuses is a ServiceError here, and what was there before stays as it was.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from ..model import DocumentError, ServiceError

BESIDE = ".new-"
"""What stands between the name of a file and a random text while it is being written."""

TRIES = 100
"""How often something is tried that Windows refuses while another process has the file open (observed)."""

PAUSE = 0.01
"""Seconds between two such tries."""

Done = TypeVar("Done")


def make_folder(path: Path) -> None:
    """The folder and those above, made where they are missing, their owner's alone. Raises ServiceError
    ``cannot-write``."""
    with refusals(path):
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700, exist_ok=True)


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, in the place of one that is there. Raises ServiceError ``cannot-write``."""
    with _beside(path, data) as beside:
        patient(lambda: beside.replace(path))


def create(path: Path, data: bytes) -> bool:
    """Write a file whole unless there is one already; tells whether it was written.

    Of several processes at the same time exactly one is told so. Raises ServiceError ``cannot-write``.
    """
    with _beside(path, data) as beside:
        return _settle(beside, path)


def remove(path: Path) -> None:
    """Remove a file if it is there. Raises ServiceError ``cannot-write``."""
    with refusals(path):
        patient(lambda: path.unlink(missing_ok=True))


def read(path: Path, most: int) -> bytes | None:
    """The bytes of a file, or None when there is none.

    Raises DocumentError ``damaged-file`` for what is no file or has more than ``most`` bytes (a pipe would keep a
    reader for ever), ``unreadable-file`` for what the system does not let read.
    """
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= most:
            return patient(path.read_bytes)
    except FileNotFoundError:
        return None
    except OSError as error:
        said = f'cannot read "{path}": {error.strerror or error}'
        raise DocumentError("unreadable-file", said, remedy="check its permissions") from None
    what = f"has {status.st_size} bytes" if stat.S_ISREG(status.st_mode) else "is not a file"
    raise DocumentError("damaged-file", f'"{path}" {what}', remedy="it was not written by Tieline: move it elsewhere")


def remove_leftovers(folder: Path) -> None:
    """Remove what a process that ended in the middle of writing left. Only where no other process writes."""
    for left in folder.glob(f"*{BESIDE}*"):
        with suppress(OSError):  # it does no harm, and somebody else may have removed it
            left.unlink()


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """What the system refuses as a ServiceError ``cannot-write`` that names the place."""
    try:
        yield
    except OSError as error:
        raise ServiceError(
            "cannot-write",
            f'cannot write "{path}": {error.strerror or error}',
            remedy="check permissions and space, or name another folder in TIELINE_HOME",
        ) from None


@contextmanager
def _beside(path: Path, data: bytes) -> Iterator[Path]:
    """A file beside ``path`` with these bytes, on the disk for good; it is gone at the end."""
    make_folder(path.parent)
    beside = path.with_name(f"{path.name}{BESIDE}{uuid4().hex}")
    with refusals(path):
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield beside
            _keep_folder(path.parent)
        finally:
            patient(lambda: beside.unlink(missing_ok=True))


def patient(action: Callable[[], Done]) -> Done:
    """Do what Windows refuses while somebody else has the file open (a reader, a virus scanner, a program that copies
    files elsewhere), as soon as it does not."""
    for _ in range(TRIES):
        try:
            return action()
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(PAUSE)
    return action()


def _settle(beside: Path, path: Path) -> bool:
    """Give a file its place unless that is taken: a hard link; ``rename`` where there are none (it refuses a taken
    place on Windows)."""
    try:
        os.link(beside, path)
    except FileExistsError:
        return False
    except (OSError, NotImplementedError):
        if path.exists():
            return False
        os.rename(beside, path)  # noqa: PTH104
    return True


def _keep_folder(folder: Path) -> None:
    """Make the folder's own entry durable, where the system knows that."""
    if os.name == "nt":
        return
    with suppress(OSError):  # some file systems have no such thing
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
