"""Forms: fields and files as ``application/x-www-form-urlencoded`` or ``multipart/form-data``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .values import dump, to_text
from .wire import escape_form, utf8

OCTETS = "application/octet-stream"
"""Media type of bytes about which nothing is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file as an argument."""

    name: str
    """File name as the service is told; ``""`` sends the part without one."""
    content: bytes = field(repr=False)
    content_type: str = OCTETS


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One named value of a form, fitted to its type."""

    name: str
    value: Any
    """A File, or a JSON value."""
    joined: str | None = None
    """The elements of an array as one text, where the parameter declares a ``collectionFormat``."""


def urlencoded(fields: list[FormField]) -> bytes:
    """Fields as a query text: nested objects dotted, arrays repeated (reference: openapi-extensions, section 2)."""
    pairs = [
        pair for entry in fields for pair in _pairs(entry.name, entry.value if entry.joined is None else entry.joined)
    ]
    return "&".join(f"{escape_form(name)}={escape_form(text)}" for name, text in pairs).encode()


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """The fields that one value becomes."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _pairs(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _pairs(name, inner)
    elif isinstance(value, File):
        yield name, value.content.decode("utf-8", "replace")
    else:
        yield name, to_text(value)


def fields_of(value: Any, name: str) -> list[FormField]:
    """A body value as the fields of a form: an object's properties, else one field called ``name``."""
    if isinstance(value, Mapping):
        return [FormField(name=str(key), value=inner) for key, inner in value.items()]
    return [FormField(name=name, value=value)]


def multipart(fields: list[FormField]) -> tuple[bytes, str]:
    """Fields and files as parts, and the boundary between them.

    The boundary is made from the content, so the same call is the same bytes each time, and does not occur in it.
    """
    parts = [part for entry in fields for part in _parts(entry)]
    content = b"\r\n".join(parts)
    boundary = _boundary(content)
    fence = b"--" + boundary.encode()
    body = b"".join(fence + b"\r\n" + part + b"\r\n" for part in parts)
    return body + fence + b"--\r\n", boundary


def _boundary(content: bytes) -> str:
    """A text that does not occur in the content."""
    digest = hashlib.sha256(content)
    while (boundary := "tieline-" + digest.hexdigest()[:32]).encode() in content:
        digest.update(b"again")
    return boundary


def _parts(entry: FormField) -> Iterator[bytes]:
    """The parts of one field: several for an array without ``collectionFormat``."""
    value = entry.value if entry.joined is None else entry.joined
    for inner in value if isinstance(value, (list, tuple)) else (value,):
        yield _part(entry.name, inner)


def _part(name: str, value: Any) -> bytes:
    """One part: head, empty line, content. Objects go as JSON."""
    disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if isinstance(value, File):
        shown = f'; filename="{_quoted(value.name)}"' if value.name else ""
        kind = value.content_type if value.content_type.isprintable() else OCTETS
        return utf8(f"{disposition}{shown}\r\nContent-Type: {kind}\r\n\r\n") + value.content
    if isinstance(value, (Mapping, list, tuple)):
        return utf8(f"{disposition}\r\nContent-Type: application/json\r\n\r\n") + dump(value)
    return utf8(f"{disposition}\r\n\r\n{to_text(value)}")


def _quoted(text: str) -> str:
    """A name inside quotes, escaped as browsers do it (WHATWG HTML, multipart form data)."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
