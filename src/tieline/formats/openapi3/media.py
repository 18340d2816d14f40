"""Which of several media types a connector uses, and what kind of values each holds."""

from __future__ import annotations

import re
from typing import Literal

from ...model import JsonObject
from ...model.media_type import bare
from .lowering import Lowering, Part
from .place import Place, route_of

MediaKind = Literal["json", "form", "multipart", "text", "binary", "other"]
"""``json``, ``form`` (urlencoded) and ``multipart`` hold values; ``text`` and ``binary`` are passed as they are;
``other`` is a text format with a structure that the platform does not know, XML for example."""

JSON = "application/json"
"""The media type of an operation that says nothing else."""

PLAIN_TEXTS = frozenset({"text/plain", "text/html", "text/csv", "text/markdown", "text/x-markdown", "text/calendar"})
"""Texts without a structure that a schema could describe."""

STREAMS = ("seq", "stream", "ndjson", "jsonl", "event-stream")
"""Parts of the names of formats that are a row of JSON values, not one."""

TEXT_LIKE = ("xml", "yaml", "text/", "javascript", "x-www", "csv", "graphql", "json")
"""Parts of the names of formats that are text."""

ORDER: tuple[tuple[MediaKind, ...], tuple[MediaKind, ...]] = (
    ("json", "form", "multipart", "text", "binary", "other"),
    ("json", "text", "other", "binary", "form", "multipart"),
)
"""The rule for bodies of requests and for those of replies: of several kinds the first is used. Before both of them
goes ``application/json`` itself; of one kind the first in the description counts. JSON is what the platform makes
inputs and outputs of; a form still has named inputs; the rest is one text."""


_TOKEN = r"[A-Za-z0-9!#$&^_.+*-]+"
_NAME = re.compile(rf'{_TOKEN}/{_TOKEN}(\s*;\s*{_TOKEN}=({_TOKEN}|"[^"]*"))*')

COMPONENTS = "#/components/"
"""How a reference to a shared part of the main document begins."""

STANDING_IN = (("json", JSON), ("xml", "application/xml"), ("text", "text/plain"), ("", "application/octet-stream"))
"""Part of what should be the name of a media type and is none -> the media type that it is taken for."""


def usable(name: str, at: Place, low: Lowering) -> str:
    """The name of a media type; another one, with a finding, for what is none (reference: limits-and-certification,
    section 9: ``MimeTypeNotValid``)."""
    if _NAME.fullmatch(name):
        return name
    bare = name.strip("; ")
    taken = bare if _NAME.fullmatch(bare) else next(known for part, known in STANDING_IN if part in name.lower())
    low.notes.add("bad-media-type", at, f'"{name}" is no media type; it is taken for "{taken}"')
    return taken


def kind_of_media(name: str) -> MediaKind:
    """The kind of a media type, with or without parameters."""
    essence = bare(name)
    if essence == "application/octet-stream":
        return "binary"
    if "json" in essence and not any(word in essence for word in STREAMS):
        return "json"
    if essence == "application/x-www-form-urlencoded":
        return "form"
    if essence == "multipart/form-data":
        return "multipart"
    if essence in PLAIN_TEXTS:
        return "text"
    if essence in ("*/*", "application/*"):
        return "json"
    return "other" if any(word in essence for word in (*TEXT_LIKE, *STREAMS)) else "binary"


def chosen(content: Part, low: Lowering, *, reply: bool) -> tuple[str, Part] | None:
    """The media type that is used of a ``content`` object, and its media type object; None when it is empty.

    Each of the others is noted.
    """
    order = ORDER[reply]

    def rank(name: str) -> tuple[bool, int, bool]:
        return (name.partition(";")[0].strip() != JSON, order.index(kind_of_media(name)), "*" in name)

    types, at = content
    names = sorted((name for name in types if not name.startswith("x-")), key=rank)
    if not names:
        return None
    for name in names[1:]:
        low.notes.add("content-type-dropped", (at, name), f'"{name}" is left out; "{names[0]}" is used')
    return usable(names[0], (at, names[0]), low), low.object_at(types, at, names[0])


def example_of(media: JsonObject, at: Place, low: Lowering) -> list[object]:
    """The example of a media type object, parameter or header, as a list of one; empty when it has none.

    Swagger 2.0 has room for one; further ones, and those that stand elsewhere, are noted.
    """
    if "example" in media:
        return written_out(media["example"], (at, "example"), low)
    values: list[object] = []
    examples, place = low.object_at(media, at, "examples")
    for name, written in examples.items():
        found = low.follow(written, (place, name))
        if found is not None and isinstance(url := found[0].get("externalValue"), str):
            low.notes.add("example-dropped", found[1], f'the example "{name}" stands at "{url}"; it is left out')
        for key in ("value", "dataValue"):
            values += written_out(found[0][key], (found[1], key), low) if found is not None and key in found[0] else []
    if len(values) > 1:
        low.notes.add("example-dropped", place, f"the first of {len(values)} examples is kept")
    return values[:1]


def written_out(example: object, at: Place, low: Lowering) -> list[object]:
    """An example as a list of one: what a reference leads to where it is nothing else, since Swagger 2.0 has no
    references there; empty, with a finding, when that is no example.

    A reference that leads nowhere, and not into the components, is a value of the service and stays.
    """
    ref = example.get("$ref") if isinstance(example, dict) and len(example) == 1 else None
    if not isinstance(ref, str):
        return [example]
    found = low.peek(({"$ref": ref}, at))
    if not found:
        return [] if ref.startswith(COMPONENTS) and low.find(ref, at) is None else [example]
    value, place = found[0]
    keys = route_of(place).keys
    if keys[:2] == ("components", "schemas"):
        message = f'reference "{ref}" leads to a schema, not to an example'
        low.notes.add("dangling-ref", (at, "$ref"), message, "point it to an example")
        return []
    named = isinstance(value, dict) and "value" in value and keys[-2:-1] == ("examples",)
    return [value["value"] if named else value]
