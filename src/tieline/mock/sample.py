"""Sample values: one deterministic value that fits a schema, and arguments for an operation.

What lives here: the walk over a schema. What must not: requests and replies. An author's own value comes first
(example, default, enum) unless it does not fit what the author declares; then one is made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..model import MISSING, Finding, Route, Schema, Severity
from ..pipeline.validate import Validator, compile_schema, path_text
from ..pipeline.values import guess
from .bodies import dump
from .scalar import candidates, number
from .shape import Shape, shape_of

Schemas = tuple[Schema, ...]
"""Schemas that a value must fit together."""

OPTIONAL_DEPTH = 8
"""Levels down to which optional properties are filled in."""
OPTIONAL_NODES = 4_000
"""Values after which only what is required is filled in: about 200 KB of JSON."""
MOST_NODES = 40_000
"""Values after which a sample is given up as endless."""
MOST_ELEMENTS = 1_000
"""Elements of one array, whatever ``minItems`` says."""
MOST_OPTIONS = 12
"""Options of one ``anyOf`` or ``oneOf`` that are tried."""
MAP_KEY = "key"
"""Name of the one entry that a map (additional properties only) gets."""

AUTHORED = ("example", "x-example", "default", "const")
"""Keywords whose value is a sample, in order. ``default`` is what a caller gets who says nothing."""
AUTHORED_ARGUMENT = ("x-ms-test-value", *AUTHORED)
"""The same for what is sent (reference: openapi-extensions, section 2)."""


class _Endless(Exception):
    """The value would contain itself; whoever can leave it out does."""


class _TooLarge(Exception):
    """The value has more parts than anybody wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A sample and what is wrong with it."""

    value: Any
    findings: tuple[Finding, ...] = ()
    """Why the value does not fit: the schema contradicts itself, never ends or refers to nothing."""


def sample(schema: Schema, *, reply: bool) -> Any:
    """A value that fits ``schema``, the same every time.

    ``reply`` tells the two directions apart: what is read-only is left out of requests, what is write-only out of
    replies. For a schema that nothing fits, a value that comes close; :class:`Sampler` says what is wrong then.
    """
    return Sampler(reply=reply).sample(schema).value


@dataclass(slots=True)
class Sampler:
    """Makes samples of one direction; remembers what it found out about schemas."""

    reply: bool
    shapes: dict[tuple[Route, ...], Shape] = field(default_factory=dict)
    authored: dict[tuple[Route, ...], Any] = field(default_factory=dict)
    """The author's own value of a shape, or MISSING."""
    validators: dict[Route, Validator] = field(default_factory=dict)

    def fits(self, schema: Schema, value: Any) -> bool:
        """Whether a value fits, as the check of replies (or of arguments) sees it."""
        return self.validator(schema).fits(value)

    def validator(self, schema: Schema) -> Validator:
        """What checks values of a schema in this direction."""
        validator = self.validators.get(schema.route)
        if validator is None:
            validator = self.validators[schema.route] = compile_schema(schema, "reply" if self.reply else "request")
        return validator

    def sample(self, schema: Schema, *, also: Callable[[Any], bool] | None = None) -> Sampled:
        """A value that fits ``schema`` and, where that is possible, the further condition ``also``."""
        walk = _Walk(self)
        findings: list[Finding] = []
        try:
            value = walk.value((schema,), 0, also)
        except (_Endless, _TooLarge, RecursionError):
            value = None
            findings.append(_endless(schema))
        findings.extend(walk.broken)
        if not findings:
            findings.extend(self._contradictions(schema, value))
        return Sampled(value=value, findings=tuple(findings))

    def shape(self, schemas: Schemas) -> Shape:
        """The conjunction of schemas, made once."""
        key = tuple(schema.route for schema in schemas)
        shape = self.shapes.get(key)
        if shape is None:
            shape = self.shapes[key] = shape_of(schemas)
        return shape

    def _contradictions(self, schema: Schema, value: Any) -> tuple[Finding, ...]:
        problems = self.validator(schema).problems(value)
        if not problems:
            return ()
        first = problems[0]
        finding = Finding(
            rule="contradicting-schema",
            route=first.route,
            message=f"no sample fits this schema: {path_text(first.path)} {first.message}",
            remedy="let type, enum, format, bounds and required properties agree",
            severity=Severity.WARNING,
        )
        return (finding,)


def _endless(schema: Schema) -> Finding:
    return Finding(
        rule="endless-schema",
        route=schema.route,
        message="every value of this schema contains itself or is too large, so no sample can be made",
        remedy="make the property that leads back optional",
        severity=Severity.WARNING,
    )


@dataclass(slots=True)
class _Walk:
    """One walk over one schema."""

    sampler: Sampler
    stack: list[tuple[Route, ...]] = field(default_factory=list)
    """Shapes that the walk is inside of."""
    nodes: int = 0
    broken: list[Finding] = field(default_factory=list)

    def value(self, schemas: Schemas, depth: int, also: Callable[[Any], bool] | None = None) -> Any:
        """A value that fits all of ``schemas``; raises _Endless when that would contain itself."""
        shape = self.sampler.shape(schemas)
        if shape.key in self.stack:
            raise _Endless
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _TooLarge
        self.broken.extend(shape.findings)
        authored = self._authored(shape, schemas, also)
        if authored is not MISSING:
            return authored
        self.stack.append(shape.key)
        try:
            return self._made(shape, schemas, depth, frozenset(), also)
        finally:
            self.stack.pop()

    def _authored(self, shape: Shape, schemas: Schemas, also: Callable[[Any], bool] | None) -> Any:
        """The first of the author's own values that fits, or MISSING."""
        known = self.sampler.authored.get(shape.key) if also is None else None
        if known is not None:
            return known
        found: Any = MISSING
        for value in _retyped(self._authored_values(shape)):
            if all(self.sampler.fits(schema, value) for schema in schemas) and (also is None or also(value)):
                found = value
                break
        if also is None:
            self.sampler.authored[shape.key] = found
        return found

    def _authored_values(self, shape: Shape) -> Iterator[Any]:
        for name in AUTHORED if self.sampler.reply else AUTHORED_ARGUMENT:
            yield from shape.keyword(name)
        for name in ("examples", "enum"):
            for listed in shape.keyword(name):
                if isinstance(listed, list):
                    yield from listed

    def _made(
        self,
        shape: Shape,
        schemas: Schemas,
        depth: int,
        chosen: frozenset[Route],
        also: Callable[[Any], bool] | None = None,
    ) -> Any:
        """A made-up value."""
        for choice in shape.choices:
            if choice.route not in chosen and choice.options:
                return self._choice(choice.options[:MOST_OPTIONS], schemas, depth, chosen | {choice.route})
        match self._kind(shape, depth):
            case "object":
                return self._object(shape, depth)
            case "array":
                return self._array(shape, depth)
            case "integer":
                return number(shape, whole=True)
            case "number":
                return number(shape, whole=False)
            case "boolean":
                return True
            case "null":
                return None
        return self._text(shape, schemas, also)

    def _kind(self, shape: Shape, depth: int) -> str:
        """The type to make; where none is declared, what the keywords speak of, at the root an object."""
        if shape.types:
            return shape.types[0]
        if shape.properties or shape.additional or shape.required:
            return "object"
        if shape.items:
            return "array"
        if shape.numbers("minimum") or shape.numbers("maximum") or shape.numbers("multipleOf"):
            return "number"
        return "object" if depth == 0 and not shape.formats and shape.first("type") is None else "string"

    def _choice(self, options: Schemas, schemas: Schemas, depth: int, chosen: frozenset[Route]) -> Any:
        """A value of the first option with which everything fits; else one of the first option that ends."""
        fallback: Any = MISSING
        for option in options:
            together = (*schemas, option)
            try:
                value = self._option(together, depth, chosen)
            except _Endless:
                continue
            if all(self.sampler.fits(schema, value) for schema in together):
                return value
            fallback = value if fallback is MISSING else fallback
        if fallback is MISSING:
            raise _Endless
        return fallback

    def _option(self, together: Schemas, depth: int, chosen: frozenset[Route]) -> Any:
        shape = self.sampler.shape(together)
        authored = self._authored(shape, together, None)
        return self._made(shape, together, depth, chosen) if authored is MISSING else authored

    def _text(self, shape: Shape, schemas: Schemas, also: Callable[[Any], bool] | None) -> Any:
        first: Any = MISSING
        for text in candidates(shape):
            if all(self.sampler.fits(schema, text) for schema in schemas) and (also is None or also(text)):
                return text
            first = text if first is MISSING else first
        return first

    def _object(self, shape: Shape, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, schemas in shape.properties.items():
            required = name in shape.required and not self._excused(shape, name)
            if required or self._wanted(schemas, depth):
                self._property(out, name, schemas, depth, required=required)
        for name in shape.required:
            if name not in out and name not in shape.properties:
                out[name] = self.value(shape.additional, depth + 1) if shape.additional else "string"
        if not shape.properties and shape.additional and not out and depth < OPTIONAL_DEPTH:
            self._property(out, MAP_KEY, shape.additional, depth, required=False)
        self._discriminate(out, shape)
        self._count(out, shape, depth)
        return out

    def _property(self, out: dict[str, Any], name: str, schemas: Schemas, depth: int, *, required: bool) -> None:
        """Add one property; one that never ends is left out, or null, when it may be."""
        try:
            out[name] = self.value(schemas, depth + 1)
        except _Endless:
            if not required:
                return
            if not self.sampler.shape(schemas).nullable:
                raise
            out[name] = None

    @property
    def _hidden(self) -> str:
        """The keyword of properties that do not go in this direction."""
        return "writeOnly" if self.sampler.reply else "readOnly"

    def _excused(self, shape: Shape, name: str) -> bool:
        """Whether a required property does not go in this direction, as the check sees it: part by part."""
        demanding = [member for member in shape.members if name in member.required]
        declared = [dict(member.properties()).get(name) for member in demanding]
        return all(schema is not None and schema.value.get(self._hidden) is True for schema in declared)

    def _wanted(self, schemas: Schemas, depth: int) -> bool:
        """Whether an optional property is filled in."""
        if depth >= OPTIONAL_DEPTH or self.nodes >= OPTIONAL_NODES:
            return False
        return not any(schema.value.get(self._hidden) is True for schema in schemas)

    def _discriminate(self, out: dict[str, Any], shape: Shape) -> None:
        """Put the name of the definition where its discriminator is, if that may stand there."""
        declared = shape.first("discriminator")
        name = declared.get("propertyName") if isinstance(declared, dict) else declared
        keys = shape.members[0].route.keys if shape.members else ()
        if not isinstance(name, str) or name not in out or len(keys) < 2 or keys[-2] not in ("definitions", "schemas"):
            return
        if all(self.sampler.fits(schema, keys[-1]) for schema in shape.properties.get(name, ())):
            out[name] = keys[-1]

    def _count(self, out: dict[str, Any], shape: Shape, depth: int) -> None:
        """Keep to ``minProperties`` and ``maxProperties``."""
        least = min(max((int(bound) for bound in shape.numbers("minProperties")), default=0), MOST_ELEMENTS)
        most = min((int(bound) for bound in shape.numbers("maxProperties")), default=MOST_NODES)
        for index in range(least - len(out)):
            if shape.additional is not None:
                out[f"{MAP_KEY}{index + 1}"] = self.value(shape.additional, depth + 1) if shape.additional else "string"
        for name in [name for name in reversed(out) if name not in shape.required][: max(len(out) - most, 0)]:
            del out[name]

    def _array(self, shape: Shape, depth: int) -> list[Any]:
        least = min(max((int(bound) for bound in shape.numbers("minItems")), default=0), MOST_ELEMENTS)
        most = min((int(bound) for bound in shape.numbers("maxItems")), default=MOST_ELEMENTS)
        count = min(max(least, 1), max(most, 0))
        if count == 0 or (least == 0 and (depth >= OPTIONAL_DEPTH or not shape.items)):
            return []
        try:
            first = self.value(shape.items, depth + 1) if shape.items else "string"
        except _Endless:
            if least:
                raise
            return []
        self.nodes += count - 1
        if count > 1 and True in shape.keyword("uniqueItems"):
            return self._distinct(first, shape, count)
        return [first] * count

    def _distinct(self, first: Any, shape: Shape, count: int) -> list[Any]:
        """Different elements, as far as variations of the first one fit."""
        out = [first]
        for candidate in _variations(first, self.sampler.shape(shape.items) if shape.items else None, count):
            if len(out) == count:
                break
            if candidate not in out and all(self.sampler.fits(schema, candidate) for schema in shape.items):
                out.append(candidate)
        return out


def _retyped(values: Iterator[Any]) -> Iterator[Any]:
    """Each value, then what it is as another type: files write ``example: "5"`` for numbers and ``5`` for texts."""
    for value in values:
        yield value
        if isinstance(value, str):
            yield guess(value.strip())
            yield guess(value.strip().lower())
        elif isinstance(value, (bool, int, float)):
            yield dump(value).decode()


def _variations(value: Any, shape: Shape | None, count: int) -> Iterator[Any]:
    """Values that differ from ``value`` and from each other, and may fit the same schema."""
    for listed in shape.keyword("enum") if shape else ():
        if isinstance(listed, list):
            yield from listed
    for index in range(1, 2 * count):
        if isinstance(value, bool):
            yield not value
        elif isinstance(value, (int, float)):
            yield value + index
        elif isinstance(value, str):
            yield f"{value}{index}"
            yield f"{value[: -len(str(index))]}{index}"
        elif isinstance(value, list):
            yield value * (index + 1)
        elif isinstance(value, dict):
            for name, part in value.items():
                yield from ({**value, name: other} for other in _variations(part, None, 1))
