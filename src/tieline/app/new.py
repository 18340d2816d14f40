"""A minimal connector without any description."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..formats import folder as connector_folder
from ..model import DocumentError
from .files import write_folder


def new_connector(
    name: str, *, host: str = "", auth: str = "none", output: Path | None = None
) -> tuple[Path, Mapping[str, bytes]]:
    """Write a minimal valid connector folder and return where and what; ``auth`` is none, api-key, basic or oauth2.

    Raises DocumentError for a bad name or host and a place that holds something, ServiceError when the disk refuses.
    """
    files = connector_folder.new_connector_files(name, host=host, auth=auth)
    target = output or Path(connector_folder.name_from_title(name))
    if target.is_dir() and any(target.iterdir()):
        raise DocumentError(
            "folder-not-empty",
            f'"{target}" already holds files',
            remedy="choose another folder with -o, or another name",
        )
    write_folder(target, files)
    return target, files
