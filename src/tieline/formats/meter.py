"""How much of the platform's limits a definition uses.

What lives here measures and says what is over a limit; what becomes of such a definition is decided elsewhere: it is
complete and good for everything here, and the platform refuses it. Reference: limits-and-certification, section 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..model import Definition, DocumentError, Finding, JsonObject, Refs, Route
from .openapi2 import Listed, list_operations
from .schema_counts import COUNTED, SchemaCounts

MOST_OPERATIONS = 256
"""Operations of a connector."""

MOST_SCHEMAS = 512
"""Schemas of one body or reply, counted as ``schema_counts`` says."""

MOST_CHARACTERS = 1_000_000
"""Characters of the definition's file: the platform keeps it in a column of that size."""

MOST_TITLE = 30
"""Characters of a title that certification takes (reference: limits-and-certification, section 2)."""

MOST_DESCRIPTION = 500
"""Characters of a description that certification takes."""

MOST_NAMED = 5
"""Further bodies and replies that a finding points to."""

REMEDY = "select some operations with --only GLOB or --tag NAME"
"""What to do about a definition that is too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaUse:
    """The schemas of one body, reply or notification."""

    operation: str
    """operationId."""
    place: str
    """``body``, ``notification``, or ``reply`` with its code."""
    count: int
    route: Route
    """Of the operation."""

    def said(self) -> str:
        """The place in words: ``reply 200 of "ListItems"``."""
        return f'{self.place} of "{self.operation}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What a definition uses of each limit."""

    operations: int
    characters: int
    """Of the definition's file."""
    largest: SchemaUse | None
    """The body or reply with the most schemas, the first of equals; None when none has any."""
    over: tuple[SchemaUse, ...] = ()
    """Every body and reply that has too many, the largest first."""


def characters(data: bytes) -> int:
    """The characters of a file in UTF-8."""
    return len(data.decode("utf-8", "replace"))


def measure(definition: Definition, size: int) -> Meter:
    """The meter of a Swagger 2.0 definition whose file has ``size`` characters.

    It looks at what operations hold and reads none of them, so that it is quick for thousands.
    """
    counts = SchemaCounts(definition.refs)
    paths = definition.root.get("paths")
    route = definition.route / "paths"
    listed = list_operations(paths, route, definition.refs, []) if isinstance(paths, dict) else ()
    largest: SchemaUse | None = None
    over: list[SchemaUse] = []
    for entry in listed:
        for place, schema in _places(entry, definition.refs):
            if not schema:
                continue
            count = counts.of(schema)
            use = SchemaUse(operation=entry.outline.id, place=place, count=count, route=entry.outline.route)
            if largest is None or count > largest.count:
                largest = use
            if count > MOST_SCHEMAS:
                over.append(use)
    over.sort(key=lambda use: -use.count)
    return Meter(operations=len(listed), characters=size, largest=largest, over=tuple(over))


def _places(entry: Listed, refs: Refs) -> Iterator[tuple[str, JsonObject]]:
    """The schemas of an operation's body, replies and notifications, each with what it is of."""
    for holder in (entry.operation, entry.path_item):
        parameters = holder.get("parameters")
        for parameter in parameters if isinstance(parameters, list) else ():
            found = _followed(parameter, refs)
            if found.get("in") == "body":
                yield "body", found.get("schema", {})
    responses = entry.operation.get("responses")
    for code, response in responses.items() if isinstance(responses, dict) else ():
        yield f"reply {code}", _followed(response, refs).get("schema", {})
    if "x-ms-trigger" in entry.operation:
        yield "notification", _object(entry.path_item.get("x-ms-notification-content")).get("schema", {})


def _followed(value: Any, refs: Refs) -> JsonObject:
    """The object behind a reference, or the object itself; an empty one when it leads nowhere."""
    ref = value.get("$ref") if isinstance(value, dict) else None
    if not isinstance(ref, str):
        return _object(value)
    try:
        return _object(refs.resolve(ref)[0])
    except DocumentError:
        return {}


def _object(value: Any) -> JsonObject:
    """``value`` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def over_limit(meter: Meter, route: Route) -> Iterator[Finding]:
    """A finding for each limit that a definition exceeds; ``route`` is that of the definition."""
    if meter.operations > MOST_OPERATIONS:
        yield _finding(
            route / "paths",
            f"the connector has {meter.operations:,} operations, and the platform takes {MOST_OPERATIONS}",
        )
    if meter.over:
        yield _schemas(meter)
    if meter.characters > MOST_CHARACTERS:
        yield _finding(
            route,
            f"the definition has {meter.characters:,} characters, and the platform takes {MOST_CHARACTERS:,}",
        )


def _schemas(meter: Meter) -> Finding:
    """The finding for bodies and replies with too many schemas; the largest is named, others are pointed to."""
    first, *rest = meter.over
    more = f" ({len(rest)} more {'is' if len(rest) == 1 else 'are'} too large)" if rest else ""
    return Finding(
        rule="over-limit",
        route=first.route,
        message=f"the {first.said()} has {amount(first.count)} schemas, and the platform takes {MOST_SCHEMAS}{more}",
        remedy=f'leave the operation out with --exclude "{first.operation}", or {REMEDY}',
        related=tuple((use.route, f"the {use.said()}, {amount(use.count)} schemas") for use in rest[:MOST_NAMED]),
    )


def _finding(route: Route, message: str) -> Finding:
    return Finding(rule="over-limit", route=route, message=message, remedy=REMEDY)


def amount(count: int) -> str:
    """A number of schemas in words; counting ends at some number."""
    return f"{count:,} or more" if count >= COUNTED else f"{count:,}"


def long_texts(info: JsonObject) -> Iterator[tuple[str, str]]:
    """The texts of ``info`` that certification does not take for their length: name, and what is to be said of it."""
    for name, most in (("title", MOST_TITLE), ("description", MOST_DESCRIPTION)):
        text = info.get(name)
        if isinstance(text, str) and len(text) > most:
            yield name, f"the {name} has {len(text)} characters, and certification takes {most}"
