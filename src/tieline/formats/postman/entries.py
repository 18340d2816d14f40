"""Entries: the rows of Postman's tables of query parameters, headers, form fields and path variables.

What lives here reads them as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...model import Route
from ..fields import Fields, scalar_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row."""

    name: str
    """As written; may hold variables."""
    value: str | None = None
    """As written; None for a parameter without ``=``, for a file, and where nothing is said."""
    enabled: bool = True
    """Whether Postman sends it."""
    description: str = ""
    file: bool = False
    """Whether it is a file of a form."""
    files: int = 1
    """How many files it names."""
    media_type: str = ""
    """Media type of a form field of its own."""
    route: Route


def text_of(value: Any) -> str:
    """A description: a text, or an object with ``content``; empty for anything else."""
    if isinstance(value, dict):
        value = value.get("content")
    return value.strip() if isinstance(value, str) else ""


def entries_of(holder: Fields, name: str) -> tuple[Entry, ...]:
    """The rows of a list; of headers that are one text, with ``Name: value`` on each line; of an object of values."""
    value = holder.get(name)
    route = holder.at(name)
    if isinstance(value, str):
        return _lines(value, route)
    if isinstance(value, dict):
        return tuple(
            Entry(name=key, value=scalar_text(item), route=route / key)
            for key, item in value.items()
            if isinstance(key, str)
        )
    return tuple(_entry(row) for row in holder.children(name))


def _lines(text: str, route: Route) -> tuple[Entry, ...]:
    """Headers as one text, as the protocol writes them; form fields as ``a=b&c=d``, as format 1 wrote them."""
    if ":" not in text.partition("\n")[0] and "=" in text:
        rows = [pair.partition("=") for pair in text.split("&")]
    else:
        rows = [line.partition(":") for line in text.splitlines()]
    return tuple(
        Entry(name=name.strip(), value=value.strip() if separator else None, route=route)
        for name, separator, value in rows
        if name.strip()
    )


def _entry(row: Fields) -> Entry:
    """One row. A path variable of format 2.0 has ``id`` in the place of ``key``."""
    source = row.get("src")
    files = [entry for entry in source if isinstance(entry, str)] if isinstance(source, list) else [source]
    return Entry(
        name=(scalar_text(row.get("key")) or scalar_text(row.get("id")) or "").strip(),
        value=scalar_text(row.get("value")),
        enabled=not row.flag("disabled"),
        description=text_of(row.get("description")),
        file=row.get("type") == "file",
        files=len(files),
        media_type=row.text("contentType").strip(),
        route=row.route,
    )
