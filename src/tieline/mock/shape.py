"""What several schemas ask for together: ``allOf`` and references resolved one level deep, nothing copied.

What lives here: the conjunction of schemas as one value. What must not: values, and checking them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..model import DocumentError, Finding, Route, Schema

TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
"""Types of JSON Schema. Files also write others (``date``, ``file``): any value fits those, save ``file``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One ``anyOf`` or ``oneOf``."""

    route: Route
    options: tuple[Schema, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A conjunction of schemas."""

    members: tuple[Schema, ...]
    """The schemas without references, parts of ``allOf`` included, outermost first."""
    key: tuple[Route, ...]
    """Routes of the members: two shapes with one key are the same."""
    types: tuple[str, ...]
    """Types that all members allow; empty for any."""
    nullable: bool
    """Whether null fits, as far as the types say."""
    properties: Mapping[str, tuple[Schema, ...]]
    """Declared properties in order of writing, each with all that members say of it."""
    required: tuple[str, ...] = ()
    items: tuple[Schema, ...] = ()
    """What the elements of an array must fit."""
    additional: tuple[Schema, ...] | None = ()
    """What undeclared properties must fit; None when there may be none."""
    choices: tuple[Choice, ...] = ()
    """Groups of which one schema each must fit."""
    findings: tuple[Finding, ...] = ()
    """References that lead nowhere."""

    def keyword(self, name: str) -> Iterator[Any]:
        """The values of a keyword in all members that have it."""
        for member in self.members:
            if name in member.value:
                yield member.value[name]

    def first(self, name: str) -> Any:
        """The outermost value of a keyword, or None."""
        return next(self.keyword(name), None)

    def numbers(self, name: str) -> list[float]:
        """The values of a keyword that are numbers."""
        return [value for value in self.keyword(name) if _number(value)]

    @property
    def formats(self) -> tuple[str, ...]:
        """The declared formats in lower case."""
        return tuple(value.lower() for value in self.keyword("format") if isinstance(value, str))


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _allows_null(schema: Schema, within: tuple[Route, ...] = ()) -> bool:
    """Whether null passes: where it is said to, or where neither a type nor a part of ``allOf`` forbids it."""
    if _says_nullable(schema):
        return True
    try:
        resolved = schema.resolved()
    except DocumentError:
        return True
    declared = resolved.value.get("type")
    if _says_nullable(resolved) or declared == "null" or (isinstance(declared, list) and "null" in declared):
        return True
    if declared is not None or resolved.route in within:
        return False
    return all(_allows_null(part, (*within, resolved.route)) for part in resolved.parts())


def _says_nullable(schema: Schema) -> bool:
    return schema.value.get("x-nullable") is True or schema.value.get("nullable") is True


def shape_of(schemas: tuple[Schema, ...]) -> Shape:
    """The conjunction of ``schemas``. A reference that leads nowhere counts as a schema that allows anything."""
    members: list[Schema] = []
    findings: list[Finding] = []
    seen: set[Route] = set()
    for schema in schemas:
        _collect(schema, members, seen, findings)
    return Shape(
        members=tuple(members),
        key=tuple(member.route for member in members),
        types=_types(members),
        nullable=all(_allows_null(schema) for schema in schemas),
        properties=_properties(members),
        required=tuple(dict.fromkeys(name for member in members for name in member.required)),
        items=tuple(items for member in members if (items := member.items()) is not None),
        additional=_additional(members),
        choices=tuple(_choices(members)),
        findings=tuple(findings),
    )


def _collect(schema: Schema, members: list[Schema], seen: set[Route], findings: list[Finding]) -> None:
    """Put a schema and the parts of its ``allOf`` into ``members``, each once, so that circles end."""
    try:
        resolved = schema.resolved()
    except DocumentError as error:
        findings.append(error.finding)
        return
    if resolved.route in seen:
        return
    seen.add(resolved.route)
    members.append(resolved)
    for part in resolved.parts():
        _collect(part, members, seen, findings)


def _types(members: list[Schema]) -> tuple[str, ...]:
    """The types that all members allow; empty for any, and when they exclude each other."""
    allowed: tuple[str, ...] | None = None
    for member in members:
        own = types_of(member)
        if own:
            allowed = own if allowed is None else _common(allowed, own)
    return allowed or ()


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    both = tuple(kind for kind in one if kind in other or (kind == "integer" and "number" in other))
    narrowed = ("integer",) if "number" in one and "integer" in other and "integer" not in both else ()
    return both + narrowed


def types_of(schema: Schema) -> tuple[str, ...]:
    """The types that one resolved schema declares; empty for any. ``file`` is text; unknown ones are left out."""
    declared = schema.value.get("type")
    if isinstance(declared, list):
        known = tuple(kind for kind in declared if kind in TYPES)
        return tuple(kind for kind in known if kind != "null") or known
    kind = schema.type
    if kind == "file":
        return ("string",)
    return (kind,) if kind in TYPES else ()


def _properties(members: list[Schema]) -> dict[str, tuple[Schema, ...]]:
    """All declared properties but those that a member without additional properties does not declare itself."""
    out: dict[str, tuple[Schema, ...]] = {}
    closed: list[set[str]] = []
    for member in members:
        own = dict(member.properties())
        for name, schema in own.items():
            out[name] = (*out.get(name, ()), schema)
        if member.value.get("additionalProperties") is False:
            closed.append(set(own))
    return {name: schemas for name, schemas in out.items() if all(name in names for names in closed)}


def _additional(members: list[Schema]) -> tuple[Schema, ...] | None:
    out: list[Schema] = []
    for member in members:
        declared = member.value.get("additionalProperties")
        if declared is False:
            return None
        if isinstance(declared, dict):
            out.append(Schema(value=declared, route=member.route / "additionalProperties", refs=member.refs))
    return tuple(out)


def _choices(members: list[Schema]) -> Iterator[Choice]:
    for member in members:
        for name in ("oneOf", "anyOf"):
            listed = member.value.get(name)
            if isinstance(listed, list) and listed:
                base = member.route / name
                options = [
                    Schema(value=value, route=base / index, refs=member.refs)
                    for index, value in enumerate(listed)
                    if isinstance(value, dict)
                ]
                yield Choice(base, tuple(options))
