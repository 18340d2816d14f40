"""URLs of a collection: as one text, as an object, with variables anywhere in them.

What lives here takes a URL apart; what the parts mean for a connector is said elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ...model import Route
from ..fields import Fields, scalar_text, wrong_type
from .entries import Entry, entries_of
from .notes import Notes
from .variables import VARIABLE

_MASKED = re.compile("\x00([0-9]+)\x00")
_TWO_SCHEMES = re.compile(r"[A-Za-z]+://(?=([A-Za-z]+://|\{\{[^{}]*\}\}://))")


class Parts(NamedTuple):
    """The parts of a URL's text; each empty where the URL has none."""

    scheme: str
    user: str
    """``user:password``."""
    authority: str
    """Host and port."""
    path: str
    """With its first slash."""
    query: str


class Url(NamedTuple):
    """The URL of a request as it is written."""

    base: str
    """What stands before the path: scheme, host and port, as far as they are written; variables are not filled in."""
    path: str
    """With its first slash; empty for none. Variables and ``:name`` segments are not filled in."""
    query: tuple[Entry, ...]
    path_variables: Mapping[str, Entry]
    """What is said of the ``:name`` segments, by name."""
    route: Route


def parts_of(text: str) -> Parts:
    """A URL's text taken apart. Variables are one piece each, whatever their names hold; a fragment is dropped."""
    masked: list[str] = []

    def mask(match: re.Match[str]) -> str:
        masked.append(match[0])
        return f"\x00{len(masked) - 1}\x00"

    def shown(part: str) -> str:
        return _MASKED.sub(lambda match: masked[int(match[1])], part)

    rest = VARIABLE.sub(mask, text.strip().replace("\x00", "")).partition("#")[0]
    rest, _, query = rest.partition("?")
    scheme, separator, after = rest.partition("://")
    if not separator:
        scheme, after = "", rest
    authority, slash, path = after.partition("/")
    user, _, host = authority.rpartition("@")
    return Parts(*map(shown, (scheme.lower(), user, host, slash + path, query)))


def joined(parts: Parts) -> str:
    """What of a URL stands before its path."""
    user = f"{parts.user}@" if parts.user else ""
    return (f"{parts.scheme}://" if parts.scheme else "") + user + parts.authority


def without_second_scheme(text: str) -> str:
    """A base whose host was a variable that holds a whole URL: ``https://http://host`` is ``http://host``."""
    return _TWO_SCHEMES.sub("", text)


def read_url(value: Any, route: Route, notes: Notes) -> Url | None:
    """The URL of a request; None for an empty one. What is of another type than Postman writes is noted."""
    if isinstance(value, dict):
        return _from_object(Fields(value, route, notes.found))
    if isinstance(value, str):
        return _from_text(value, route) if value.strip() else None
    if value is not None:
        notes.found.append(wrong_type("url", route, "a text or an object", value))
    return None


def _from_text(text: str, route: Route) -> Url:
    parts = parts_of(text)
    return Url(joined(parts), parts.path, query_of(parts.query, route), {}, route)


def _from_object(fields: Fields) -> Url | None:
    """A URL object. Its parts win over ``raw``, as they do in Postman; a hand-written one may lack some."""
    raw = fields.text("raw")
    written = parts_of(raw)
    variables = {entry.name: entry for entry in entries_of(fields, "variable") if entry.name}
    query = entries_of(fields, "query") if "query" in fields.value else query_of(written.query, fields.at("raw"))
    if fields.get("host") is None and fields.get("path") is None:
        if not raw.strip():
            return None
        return Url(joined(written), written.path, query, variables, fields.route)
    protocol = fields.text("protocol").strip().removesuffix("://").lower()
    host, port = _joined(fields, "host", "."), scalar_text(fields.get("port"))
    parts = parts_of(f"{protocol}://{host}" if protocol else host)
    base = joined(parts) + (f":{port}" if port else "")
    path = _joined(fields, "path", "/")
    return Url(base, parts.path + ("/" + path.removeprefix("/") if path else ""), query, variables, fields.route)


def _joined(fields: Fields, name: str, separator: str) -> str:
    """A part that is a text or a list of texts; elements may also be objects with a ``value``."""
    value = fields.get(name)
    if not isinstance(value, list):
        return fields.text(name)
    texts: list[str] = []
    for index, item in enumerate(value):
        text = scalar_text(item.get("value") if isinstance(item, dict) else item)
        if text is None:
            fields.notes.append(wrong_type(f"{name}[{index}]", fields.at(name) / index, "a text", item))
        else:
            texts.append(text)
    return separator.join(texts)


def query_of(text: str, route: Route) -> tuple[Entry, ...]:
    """The parameters in the text of a query."""
    found: list[Entry] = []
    for pair in text.split("&"):
        name, separator, value = pair.partition("=")
        if pair:
            found.append(Entry(name=name, value=value if separator else None, route=route))
    return tuple(found)
