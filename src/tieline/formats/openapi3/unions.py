"""``oneOf`` and ``anyOf``, which Swagger 2.0 does not have: what their members have in common.

What lives here looks at the schemas as they are written, follows references and lowers nothing, so that its answer
depends on the description alone and not on what was lowered before. ``schemas`` makes the Swagger schema of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...model import JsonObject
from .lowering import Lowering, Part
from .place import Place
from .references import Found

UNIONS = ("oneOf", "anyOf")
"""Keywords of choices."""

DESCRIPTIVE = frozenset({"title", "description", "example", "examples", "deprecated", "nullable", "discriminator"})
"""Keywords beside a choice that do not narrow it."""

MOST_SCHEMAS = 2_000
"""Schemas that one look may pass. References can make a choice of any size out of a few lines, so there is an end; the
largest choice of GitHub's description passes 115."""

MOST_DEPTH = 60
"""Schemas inside schemas that one look goes into; it is deeper than any that a person can have meant."""


class Member(NamedTuple):
    """One member of a choice."""

    value: JsonObject
    """The schema behind its references."""
    at: Place
    written: Found
    """The schema as it stands in the list."""
    name: str
    """What the reference calls it; empty for a schema of its own."""


@dataclass(slots=True)
class Choice:
    """The members of ``oneOf`` or ``anyOf``, those of inner choices among them, without the one that says null."""

    members: list[Member] = field(default_factory=list)
    nullable: bool = False
    opened: bool = False
    """Whether one of them accepts anything (``true``, or a reference that leads nowhere)."""

    @property
    def identities(self) -> frozenset[int]:
        """What tells this choice from one between other schemas."""
        return frozenset(id(member.value) for member in self.members)


class Home(NamedTuple):
    """The choice that a look began with."""

    members: frozenset[int]
    """The identities of its members' objects."""
    schema: Found
    """The schema that holds it."""


@dataclass(slots=True)
class Shape:
    """What is known of an object: of all members of ``allOf``, of any member of a choice."""

    properties: dict[str, list[Found]] = field(default_factory=dict)
    """Name -> the schemas that it may have."""
    required: dict[str, None] = field(default_factory=dict)
    """Names in order."""
    closed: bool = False
    """Whether no other property is allowed."""


class Look:
    """One look at a choice."""

    __slots__ = ("_inside", "_left", "_too_deep", "home", "low")

    def __init__(self, low: Lowering) -> None:
        """Takes the lowering, whose effort this look draws on."""
        self.low = low
        """The lowering that this look is part of."""
        self.home: Home | None = None
        """None where the look did not begin with a choice."""
        self._inside: set[int] = set()
        self._left = MOST_SCHEMAS
        self._too_deep = False

    @property
    def exhausted(self) -> bool:
        """Whether there was more to see than may be looked at, so that the answers are not whole."""
        return self._left <= 0 or self.low.effort <= 0 or self._too_deep

    def choice(self, members: list[Found]) -> Choice:
        """The choice between schemas."""
        choice = Choice()
        self._gather(members, choice, set())
        choice.opened |= self.exhausted
        return choice

    def kind(self, value: JsonObject, at: Place) -> str:
        """The one type of the values of a schema; empty when it has several or none is said."""
        declared = _declared(value)
        if declared is not None:
            return declared
        return _kind_of_values(value) or self._kind_of_parts(value, at)

    def shape(self, value: JsonObject, at: Place) -> Shape:
        """What is known of the object that a schema describes. A schema inside itself adds nothing."""
        shape = Shape(closed=value.get("additionalProperties") is False)
        if not self._enter(value):
            return shape
        for inner in self._shapes(value, at, "allOf"):
            shape.properties |= inner.properties
            shape.required |= inner.required
        for key in UNIONS:
            either = union_of(self._shapes(value, at, key))
            shape.properties = either.properties | shape.properties
            shape.required |= either.required
        _add_own(shape, value, at)
        self._inside.discard(id(value))
        return shape

    def _gather(self, members: list[Found], choice: Choice, seen: set[int]) -> None:
        """Add the members of a list to a choice; each object is looked at once."""
        for written, at in members:
            if written is False:
                continue
            part = self._behind(written, at)
            if part is None:
                choice.opened = True
            elif id(part[0]) not in seen and self._spend():
                seen.add(id(part[0]))
                self._add(part, (written, at), choice, seen)

    def _add(self, part: Part, written: Found, choice: Choice, seen: set[int]) -> None:
        """Add one schema to a choice: the members of a choice inside it, or itself."""
        value, at = part
        if is_null(value):
            choice.nullable = True
            return
        choice.nullable |= value.get("nullable") is True
        inner = _inner(value)
        if inner and self._enter(value):
            self._gather(entries(value, at, inner), choice, seen)
            self._inside.discard(id(value))
        elif not inner:
            choice.members.append(Member(value, at, written, _called(written[0])))

    def _shapes(self, value: JsonObject, at: Place, key: str) -> list[Shape]:
        """The shapes of the members of a list, but for null and those that this one stands inside of."""
        parts = [part for found in entries(value, at, key) if (part := self._behind(*found)) is not None]
        return [self.shape(*part) for part in parts if id(part[0]) not in self._inside and not is_null(part[0])]

    def _kind_of_parts(self, value: JsonObject, at: Place) -> str:
        """The type that a member of ``allOf``, or all members of a choice, say; ``object`` for a schema that speaks of
        additional properties only."""
        kind = ""
        if self._enter(value):
            kind = next(filter(None, self._kinds(value, at, "allOf")), "")
            for key in UNIONS:
                kinds = set(self._kinds(value, at, key))
                kind = kind or (kinds.pop() if len(kinds) == 1 else "")
            self._inside.discard(id(value))
        return kind or ("object" if "additionalProperties" in value or "patternProperties" in value else "")

    def _kinds(self, value: JsonObject, at: Place, key: str) -> list[str]:
        """The types of the members of a list, but for those that this one stands inside of."""
        parts = [part for found in entries(value, at, key) if (part := self._behind(*found)) is not None]
        return [self.kind(*part) for part in parts if id(part[0]) not in self._inside]

    def _behind(self, written: Any, at: Place) -> Part | None:
        """The schema behind a member of a list; None when it is none."""
        return self.low.follow(written, at) if isinstance(written, dict) else None

    def _enter(self, value: JsonObject) -> bool:
        """Go inside a schema, unless this look is inside of it already or has seen too much."""
        self._too_deep |= len(self._inside) >= MOST_DEPTH
        if id(value) in self._inside or not self._spend():
            return False
        self._inside.add(id(value))
        return True

    def _spend(self) -> bool:
        """Whether one more schema may be looked at."""
        self._left -= 1
        self.low.effort -= 1
        return not self.exhausted


def entries(value: JsonObject, at: Place, key: str) -> list[Found]:
    """The elements of a list of schemas with their places; none when it is no list."""
    members = value.get(key)
    return [(member, ((at, key), index)) for index, member in enumerate(members)] if isinstance(members, list) else []


def is_null(value: JsonObject) -> bool:
    """Whether a schema accepts null and nothing else."""
    if value.get("type") in ("null", ["null"]):
        return True
    if "const" in value:
        return value["const"] is None
    return value.get("enum") == [None] or (value.get("nullable") is True and len(value) == 1)


def union_of(shapes: list[Shape]) -> Shape:
    """What is known of an object that has one of several shapes: all properties, and required what all require."""
    out = Shape(closed=bool(shapes) and all(shape.closed for shape in shapes))
    for shape in shapes:
        for name, found in shape.properties.items():
            out.properties.setdefault(name, []).extend(found)
    first, *others = shapes or [Shape()]
    out.required = {name: None for name in first.required if all(name in other.required for other in others)}
    return out


def kind_of_value(value: Any) -> str:
    """The type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _declared(value: JsonObject) -> str | None:
    """The type that a schema says by itself; empty for several, None when it says none."""
    declared = value.get("type")
    if isinstance(declared, list):
        types = [name for name in declared if name != "null"]
        if len(types) != 1:
            return ""
        declared = types[0]
    if isinstance(declared, str) and declared:
        return declared.lower()
    if isinstance(value.get("properties"), dict) or isinstance(value.get("required"), list):
        return "object"
    return "array" if "items" in value or "prefixItems" in value else None


def _kind_of_values(value: JsonObject) -> str:
    """The type of ``const`` or of all values of ``enum``."""
    values = [value["const"]] if "const" in value else value.get("enum")
    kinds = {kind_of_value(item) for item in values if item is not None} if isinstance(values, list) else set()
    return kinds.pop() if len(kinds) == 1 else ""


def _inner(value: JsonObject) -> str:
    """The keyword of a schema that is nothing but a choice; empty for another schema."""
    found = [key for key in UNIONS if isinstance(value.get(key), list)]
    if len(found) != 1:
        return ""
    return found[0] if all(key in DESCRIPTIVE or key.startswith("x-") for key in value if key != found[0]) else ""


def _called(written: Any) -> str:
    """The last part of the reference of a member; empty when it is none."""
    ref = written.get("$ref") if isinstance(written, dict) else None
    if not isinstance(ref, str):
        return ""
    file, _, fragment = ref.partition("#")
    return fragment.rpartition("/")[2] or file.rpartition("/")[2].partition(".")[0]


def _add_own(shape: Shape, value: JsonObject, at: Place) -> None:
    """Add a schema's own properties, which go before those of its parts."""
    properties, required = value.get("properties"), value.get("required")
    if isinstance(properties, dict):
        shape.properties |= {name: [(child, ((at, "properties"), name))] for name, child in properties.items()}
    if isinstance(required, list):
        shape.required |= dict.fromkeys(name for name in required if isinstance(name, str))
