"""A request as a server reads it: path, query, forms, body, preferences.

What lives here: reading what was sent, each part when it is first asked for. What must not: what an operation wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl

import orjson

from ..model import MISSING, Request
from ..model.media_type import bare

MOST_FIELDS = 1_000
"""Fields of one form or query that are read."""
PART_NAME = re.compile(r'[;\s]name="?((?:\\.|[^"\\;])*)"?', re.IGNORECASE)
FILE_NAME = re.compile(r"[;\s]filename\*?=", re.IGNORECASE)
BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
PREFERENCE = re.compile(r'([^=;,\s"]+)\s*(?:=\s*("(?:\\.|[^"\\])*"|[^;,]*))?')
"""One preference; parameters of a preference are read as further ones, since people write them so."""


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form."""

    name: str
    data: bytes
    file: bool = False
    """Whether it was sent with a file name."""

    @property
    def text(self) -> str:
        """The field as text."""
        return self.data.decode("utf-8", "replace")


class Incoming:
    """One request."""

    def __init__(self, request: Request) -> None:
        """Takes the request; its URL may be absolute or start with the path."""
        self.request = request
        self.method = request.method.upper()
        self.origin, path = _split_origin(request.url)
        self.path, _, self.query_text = path.partition("#")[0].partition("?")
        self.path = self.path or "/"

    def header(self, name: str) -> str | None:
        """The first value of a header (any case), or None."""
        return self.headers.get(name.lower())

    @cached_property
    def headers(self) -> dict[str, str]:
        """Headers by name in lower case; of several, the first."""
        out: dict[str, str] = {}
        for name, value in self.request.headers:
            out.setdefault(name.lower(), value)
        return out

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """Query values by name, decoded."""
        return _by_name(_pairs(self.query_text)) if self.query_text else {}

    def lacks(self, pairs: Sequence[tuple[str, str | None]]) -> int:
        """How many pairs the query does not have; None stands for any value."""
        given = [(self.query.get(name), value) for name, value in pairs]
        return sum(values is None or (value is not None and value not in values) for values, value in given)

    @cached_property
    def media_type(self) -> str:
        """Media type of the body in lower case, without parameters; empty when it is not said."""
        return bare(self.header("content-type") or "")

    @cached_property
    def json(self) -> object:
        """The body as JSON value; MISSING when it is empty or no JSON."""
        try:
            return orjson.loads(self.request.body) if self.request.body else MISSING
        except orjson.JSONDecodeError:
            return MISSING

    @cached_property
    def form(self) -> dict[str, list[Part]]:
        """The fields of a multipart body by name, or of a body of another type as far as it can be read as a form:
        definitions declare ``Content-Type: application/json`` for forms, and clients obey."""
        boundary = BOUNDARY.search(self.header("content-type") or "")
        parts: Iterator[Part]
        if self.media_type.startswith("multipart/") and boundary:
            parts = _multipart(self.request.body, boundary[1])
        elif isinstance(self.json, dict):
            parts = (Part(name, _text(value).encode()) for name, value in self.json.items())
        else:
            pairs = _pairs(self.request.body.decode("utf-8", "replace"))
            parts = (Part(name, value.encode()) for name, value in pairs)
        out: dict[str, list[Part]] = {}
        for part in parts:
            out.setdefault(part.name, []).append(part)
        return out

    @cached_property
    def preferences(self) -> dict[str, str]:
        """What ``Prefer`` headers ask for (RFC 7240), names in lower case, quotes removed; the first of a name wins."""
        out: dict[str, str] = {}
        for name, value in self.request.headers:
            if name.lower() == "prefer":
                for found in PREFERENCE.finditer(value):
                    out.setdefault(found[1].lower(), _unquoted((found[2] or "").strip()))
        return out


def _split_origin(url: str) -> tuple[str, str]:
    """``http://host:1`` and the rest of the URL."""
    start = url.find("://")
    if start < 0:
        return "", url
    ends = [at for mark in "/?#" if (at := url.find(mark, start + 3)) >= 0]
    end = min(ends, default=len(url))
    return url[:end], url[end:]


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return parse_qsl("&".join(text.split("&")[:MOST_FIELDS]), keep_blank_values=True)


def _by_name(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for name, value in pairs:
        out.setdefault(name, []).append(value)
    return out


def _multipart(body: bytes, boundary: str) -> Iterator[Part]:
    """The parts of a multipart body; what has no name is left out."""
    for piece in body.split(b"--" + boundary.strip().encode("utf-8", "replace"))[1 : MOST_FIELDS + 1]:
        head, separator, data = piece.partition(b"\r\n\r\n")
        if not separator:
            continue
        described = head.decode("utf-8", "replace")
        found = PART_NAME.search(described)
        if found:
            name = found[1].replace('\\"', '"').replace("%22", '"')
            yield Part(name, data.removesuffix(b"\r\n"), FILE_NAME.search(described) is not None)


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text
