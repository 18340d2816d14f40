"""Connector folders: found by path, or searched for in a folder that holds several."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..model import DocumentError

DEPTH = 3
"""How deep a folder is searched for connector folders."""


def connector_folders(paths: Iterable[Path]) -> dict[str, Path]:
    """Connector folders by name, in the order of the paths; a folder without connector is searched for them.

    Raises DocumentError ``no-connector`` for a path with none, ``same-name`` for two of one name.
    """
    found: dict[str, Path] = {}
    for path in paths:
        inside = list(_inside(path, DEPTH))
        if not inside:
            raise DocumentError(
                "no-connector",
                f'there is no connector folder in "{path}"',
                remedy="make one with tieline import or tieline new, or give another folder",
            )
        for folder in inside:
            name = folder.resolve().name
            if found.setdefault(name, folder).resolve() != folder.resolve():
                raise DocumentError(
                    "same-name",
                    f'"{found[name]}" and "{folder}" have one name',
                    remedy="rename one of the folders: its name is the connector's",
                )
    return found


def _inside(path: Path, depth: int) -> Iterable[Path]:
    if not path.is_dir():
        return
    entries = sorted(path.iterdir())
    if any(_marks(entry) for entry in entries):
        yield path
        return
    if depth:
        for entry in entries:
            if entry.is_dir() and not entry.name.startswith(".") and not entry.is_symlink():
                yield from _inside(entry, depth - 1)


def _marks(entry: Path) -> bool:
    """Whether a file is one that only connector folders hold (reference: connector-format, section 1)."""
    name = entry.name.lower()
    known = name.endswith(".swagger.json") or name in ("apidefinition.json", "apiproperties.json")
    return known and entry.is_file()
