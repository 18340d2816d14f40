"""Media types, as far as telling bodies apart needs them."""

from __future__ import annotations

import re

from ...model.media_type import bare

JSON = "application/json"
"""The media type of an operation that says nothing else."""

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
OCTETS = "application/octet-stream"

BINARY = frozenset({OCTETS, "application/pdf", "application/zip", "application/gzip", "application/x-zip-compressed"})
"""Media types of files."""

FILES = ("image/", "audio/", "video/", "font/", "application/vnd.openxmlformats-", "application/vnd.ms-")
"""What further ones begin with."""

_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+( *; *[\w!#$&^.+-]+=(\"[^\"\\]*\"|[^\s;,\"]*))*", re.ASCII)


def is_media_type(text: str) -> bool:
    """Whether a text is the name of a media type, with or without parameters."""
    return _TYPE.fullmatch(text) is not None


def is_binary(media_type: str) -> bool:
    """Whether bodies of a media type are bytes that are no text."""
    name = bare(media_type)
    return not name.endswith("+xml") and (name in BINARY or name.startswith(FILES))


def accepted(header: str) -> list[str]:
    """The media types that an ``Accept`` header asks for, without wildcards and weights."""
    found: list[str] = []
    for part in header.split(","):
        pieces = [piece.strip() for piece in part.split(";")]
        name = ";".join(piece for piece in pieces if not piece.lower().startswith("q="))
        if "*" not in name and is_media_type(name):
            found.append(name)
    return found
