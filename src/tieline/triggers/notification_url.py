"""Where in the body of a registration the callback URL goes (reference: triggers, section 1.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..model import MISSING, DocumentError, Operation, Schema
from ..policy.json_body import parse

MARK = "x-ms-notification-url"
"""What marks the property."""

DEEPEST = 12
"""Levels that are looked at; published ones go down to the fourth."""

Place = tuple[str, ...]
"""Names that lead to the property, from the body's root."""


def places_of(operation: Operation) -> tuple[Place, ...]:
    """Every marked property of the body at any depth, in the order of writing; none inside arrays, as published."""
    body = operation.body
    return () if body is None else tuple(dict.fromkeys(_marked(body.schema, (), frozenset())))


def _marked(schema: Schema, place: Place, inside: frozenset[Any]) -> Iterator[Place]:
    """The marked properties below a schema; ``inside`` are the schemas that it stands in."""
    if is_marked(schema):
        yield place
    try:
        here = schema.resolved()
    except DocumentError:
        return
    if here.route in inside or len(place) > DEEPEST:
        return
    if here is not schema and is_marked(here):
        yield place
    around = inside | {here.route}
    for part in here.parts():
        yield from _marked(part, place, around)
    for name, inner in here.properties():
        yield from _marked(inner, (*place, name), around)


def is_marked(schema: Schema) -> bool:
    """Whether a schema says that it is the callback URL; ``"true"`` counts, as YAML authors write it."""
    said = schema.value.get(MARK)
    return said is True or (isinstance(said, str) and said.strip().lower() == "true")


def url_names(places: Sequence[Place]) -> frozenset[str]:
    """The names, without case, by which an argument would mean one of the places."""
    return frozenset(name.casefold() for place in places for name in (".".join(place), ".".join(("body", *place))))


def body_of(value: Any) -> Any:
    """A body that was given whole, as a value or as JSON text; None for text that is none."""
    if not isinstance(value, (str, bytes)):
        return value
    read = parse(value if isinstance(value, bytes) else value.encode("utf-8", "replace"))
    return None if read is MISSING else read


def with_url(body: Any, places: Sequence[Place], url: str) -> Any:
    """A body with the URL in every place; objects on the way are made or copied, all else is shared.

    A body that is no object gives way to one, since the URL has to stand somewhere.
    """
    for place in places:
        body = _put(body, place, url)
    return body


def _put(value: Any, place: Place, url: str) -> Any:
    if not place:
        return url
    around = dict(value) if isinstance(value, Mapping) else {}
    around[place[0]] = _put(around.get(place[0]), place[1:], url)
    return around
