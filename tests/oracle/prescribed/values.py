"""Values that fit the schemas of OpenAPI 3: small, the same every time.

A schema is one node or several that all hold at once (``allOf``). Of a choice the first branch is taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from .description import Node

Place = Literal["path", "query", "header", "cookie", "json", "form", "multipart"]

Nodes = tuple[Node, ...]

MISSING: Any = object()
"""No value: read only, or a schema that never ends."""

DEEP = 2
"""Levels of objects of which all properties are made; below that only the required ones."""

MOST_VALUES = 600
"""Values in one argument of which all optional ones are made; from there on only required ones."""

DEEPEST = 12
"""Levels after which objects are empty."""

TEXTS: dict[Place, str] = {"header": "a b", "cookie": "ab"}
"""A text of no particular kind; elsewhere :data:`TEXT`."""

TEXT = "a b/é"
"""Has what must be encoded: a space, a slash, a letter outside ASCII."""

FORMATS = {
    "date": "2024-01-31",
    "date-time": "2024-01-31T12:30:00Z",
    "time": "12:30:00Z",
    "duration": "P1D",
    "uuid": "0b5a1c9e-7c4d-4f1e-9a57-3f0c2d6b8e11",
    "email": "ann@example.com",
    "uri": "https://example.com/a?b=c",
    "url": "https://example.com/a?b=c",
    "uri-reference": "/a?b=c",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "YWI=",
    "binary": "ab",
}
"""A text of each format."""

CANDIDATES = ("ab", "AB", "a", "A", "1", "12", "123", "1234", "12345", "1234567890", "en", "en-US", "USD", "a@b.co")
"""Texts that are tried where there is a pattern."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes of a file."""

    content: bytes
    name: str


@dataclass(slots=True)
class Shape:
    """What the schemas that hold at once say together."""

    keywords: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Nodes] = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    items: Nodes = ()
    additional: Node | None = None

    @property
    def type(self) -> str:
        """The type; of several the first that is not null; of none the one that other keywords speak of."""
        said = self.keywords.get("type")
        types = [kind for kind in (said if isinstance(said, list) else [said]) if isinstance(kind, str)]
        if types:
            return next((kind for kind in types if kind != "null"), "null")
        for kind, words in SPEAKING.items():
            if any(word in self.keywords for word in words):
                return kind
        return ""


SPEAKING = {
    "object": ("properties", "additionalProperties", "patternProperties", "required"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "string": ("format", "pattern", "minLength", "maxLength", "contentEncoding"),
    "number": ("minimum", "maximum", "multipleOf"),
}
"""Keywords that speak of one type."""


def shape_of(nodes: Nodes) -> Shape:
    """What several schemas say together; the first to say something is heard, allowed values are those of all."""
    shape = Shape()
    for part in _parts(nodes, set()):
        for key, value in part.value.items():
            if key == "enum" and isinstance(shape.keywords.get("enum"), list) and isinstance(value, list):
                shape.keywords["enum"] = [one for one in shape.keywords["enum"] if one in value] or value
            shape.keywords.setdefault(key, value)
        for name in part.get("properties", {}):
            shape.properties[name] = (*shape.properties.get(name, ()), part / "properties" / name)
        shape.required += [name for name in part.names("required") if name not in shape.required]
        if isinstance(part.get("items"), (dict, bool)):
            shape.items = (*shape.items, part / "items")
        if part.get("additionalProperties") and shape.additional is None:
            shape.additional = part / "additionalProperties"
    return shape


def _parts(nodes: Iterable[Node], seen: set[int]) -> Iterator[Node]:
    """All schema objects that hold at once: those behind references, in ``allOf``, and of a choice the first."""
    for node in nodes:
        if not isinstance(node.value, dict) or id(node.value) in seen:
            continue
        seen.add(id(node.value))
        yield node
        inner = [node.target(node.ref)] if node.ref is not None else []
        inner += list((node / "allOf").elements())
        inner += [branch for key in ("oneOf", "anyOf") for branch in _first(node / key)]
        yield from _parts(inner, seen)


def _first(choice: Node) -> list[Node]:
    """The first branch of a choice that is not null."""
    for branch in choice.elements():
        schema = branch.followed()
        if schema.get("type") != "null" and schema.get("enum") != [None]:
            return [branch]
    return []


class Maker:
    """Makes one argument."""

    def __init__(self, place: Place, *, full: bool) -> None:
        """``full``: with all optional parts; else only what is required."""
        self.place: Place = place
        self.full = full
        self._left = MOST_VALUES

    def value(self, *nodes: Node) -> Any:
        """A value for a whole argument; MISSING when there is none."""
        return self._value(nodes, 0, frozenset(), 0, top=True)

    def _value(self, nodes: Nodes, level: int, inside: frozenset[int], variant: int, *, top: bool = False) -> Any:
        self._left -= 1
        shape = shape_of(nodes)
        if "const" in shape.keywords:
            return shape.keywords["const"]
        allowed = [one for one in shape.keywords.get("enum") or () if one is not None]
        if allowed:
            return allowed[variant % len(allowed)]
        match shape.type:
            case "object":
                return self._object(shape, level, inside | _marks(nodes))
            case "array":
                return self._array(shape, level, inside | _marks(nodes))
            case "boolean":
                return variant % 2 == 0
            case "integer" | "number" as kind:
                return number(shape.keywords, variant, whole=kind == "integer")
            case "null":
                return None
            case "string":
                return self._text(shape.keywords, variant, top=top)
        return {"key": "ab"} if self.place == "json" and top else self._text(shape.keywords, variant, top=top)

    def _text(self, keywords: dict[str, Any], variant: int, *, top: bool) -> Any:
        if self.place == "multipart" and is_binary(keywords):
            return Blob(b"\x00\xffab%d" % variant, f"file{variant}.bin")
        usual = TEXTS.get(self.place, TEXT) if top or self.place in ("json", "multipart") else "ab"
        return text(keywords, usual, variant)

    def _array(self, shape: Shape, level: int, inside: frozenset[int]) -> list[Any]:
        least, most = shape.keywords.get("minItems") or 0, shape.keywords.get("maxItems")
        count = max(int(least), 2 if self.full else 1)
        count = count if most is None else min(count, int(most))
        elements = [self._inner(shape.items, level, inside, index) for index in range(count)]
        return [element for element in elements if element is not MISSING]

    def _inner(self, nodes: Nodes, level: int, inside: frozenset[int], variant: int = 0) -> Any:
        """A value inside of another; MISSING where that would never end."""
        if level >= DEEPEST or _marks(nodes) & inside:
            return MISSING
        return self._value(nodes, level + 1, inside, variant)

    def _object(self, shape: Shape, level: int, inside: frozenset[int]) -> dict[str, Any]:
        every = self.full and level <= DEEP and self._left > 0
        found: dict[str, Any] = {}
        for name, nodes in shape.properties.items():
            if (every or name in shape.required) and shape_of(nodes).keywords.get("readOnly") is not True:
                found[name] = self._inner(nodes, level, inside)
        for name in shape.required:
            if name not in shape.properties:
                found[name] = "ab"
        if every and shape.additional is not None:
            found["additional"] = self._inner((shape.additional,), level, inside)
        elif every and not shape.properties and shape.keywords.get("additionalProperties") is not False:
            found["key"] = "ab"
        return {name: value for name, value in found.items() if value is not MISSING}


def _marks(nodes: Nodes) -> frozenset[int]:
    """What tells that a schema is met again inside of itself."""
    return frozenset(id(node.followed().value) for node in nodes)


def is_binary(keywords: dict[str, Any]) -> bool:
    """Whether a schema means bytes (3.0.4 and 3.1.1, "Encoding Object"). A text of a media type that is no text does,
    too: it could not be sent as what it is otherwise."""
    return (
        keywords.get("format") == "binary"
        or "contentEncoding" in keywords
        or not str(keywords.get("contentMediaType", "text/plain")).startswith("text/")
    )


def says_nothing(keywords: dict[str, Any]) -> bool:
    """Whether a schema allows anything."""
    return not any(key in keywords for key in ("type", "enum", "const", "format", "pattern", "minLength", "maxLength"))


def text(keywords: dict[str, Any], usual: str, variant: int) -> str:
    """A text of the format, pattern and length that the keywords ask for."""
    made = FORMATS.get(str(keywords.get("format", "")), usual)
    pattern = keywords.get("pattern")
    if isinstance(pattern, str):
        made = next((one for one in CANDIDATES if _matches(pattern, one)), made)
    elif variant and keywords.get("format") is None:
        made += str(variant + 1)
    least, most = keywords.get("minLength"), keywords.get("maxLength")
    if isinstance(least, int) and len(made) < least:
        made += "x" * (least - len(made))
    return made[:most] if isinstance(most, int) and most > 0 else made


def _matches(pattern: str, candidate: str) -> bool:
    """Whether a text fits a pattern; not when Python cannot read it."""
    try:
        return re.search(pattern, candidate) is not None
    except re.error:
        return False


def number(keywords: dict[str, Any], variant: int, *, whole: bool) -> int | float:
    """A number within the bounds that the keywords set."""
    made: float = (1 if whole else 1.5) + variant
    low, over = _bound(keywords, "minimum", "exclusiveMinimum")
    high, under = _bound(keywords, "maximum", "exclusiveMaximum")
    step = keywords.get("multipleOf")
    if isinstance(step, (int, float)) and step > 0:
        made = step * math.ceil(made / step)
    if low is not None and made <= low:
        made = low + 1 if over else low
    if high is not None and made >= high:
        made = high - 1 if under else high
    return int(made) if whole or float(made).is_integer() else made


def _bound(keywords: dict[str, Any], name: str, exclusive: str) -> tuple[float | None, bool]:
    """A bound and whether it is excluded, as 3.0 (a flag) or 3.1 (a number) writes it."""
    value, excluded = keywords.get(name), keywords.get(exclusive)
    if isinstance(excluded, (int, float)) and not isinstance(excluded, bool):
        return excluded, True
    return (value, excluded is True) if isinstance(value, (int, float)) else (None, False)
