"""Swagger 2.0's schema dialect rewritten as JSON Schema draft 4, once for each checked schema.

References are kept: what is reachable from a schema becomes ``definitions``, so cycles cost nothing and nothing is
inlined. Dropped is what the platform does not look at (``discriminator``, ``x-ms-*``, unknown types and formats) and
what no validator can use (a ``required`` that is no list of names). ``x-nullable`` lets null pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from ..model import DocumentError, Finding, JsonObject, Route, Schema
from .values import Shape, Unfit, fit, means_elements

Direction: TypeAlias = Literal["request", "reply"]
"""Which way the value goes: a request need not have what is ``readOnly``, a reply not what is ``writeOnly``."""

TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
"""Types that can be checked; ``file`` and made-up ones are not."""

SCALARS = frozenset({"string", "integer", "number", "boolean"})
"""Types whose values can also be written as text."""

BOUNDS: dict[str, tuple[int, int]] = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""Formats of whole numbers that stand for a range."""

FORMATS = frozenset({"date", "date-time"})
"""Formats of texts that are checked; all others are only labels to the platform."""


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


USABLE: dict[str, Callable[[Any], bool]] = {
    "enum": lambda value: isinstance(value, list) and bool(value),
    "maximum": _is_number,
    "minimum": _is_number,
    "exclusiveMaximum": lambda value: isinstance(value, bool),
    "exclusiveMinimum": lambda value: isinstance(value, bool),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    "maxLength": _is_size,
    "minLength": _is_size,
    "maxItems": _is_size,
    "minItems": _is_size,
    "maxProperties": _is_size,
    "minProperties": _is_size,
    "uniqueItems": lambda value: isinstance(value, bool),
    "pattern": lambda value: isinstance(value, str),
}
"""Keywords that are taken over as they are -> whether a value can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A schema that a draft 4 validator takes, and the way back to the definition."""

    schema: JsonObject
    routes: tuple[Route, ...]
    """Where what ``definitions`` calls ``d0``, ``d1``, … stands."""
    findings: tuple[Finding, ...]
    """References that lead nowhere; anything passes there."""


def rewrite(schema: Schema, direction: Direction) -> Rewritten:
    """``schema`` and everything that it reaches, in draft 4. Never raises: what cannot be used is left out."""
    writer = _Writer(direction)
    root = writer.reference(schema)
    definitions: JsonObject = {}
    for number, entry in enumerate(writer.reached):  # grows while it is walked
        definitions[f"d{number}"] = writer.written(entry.value, entry)
    return Rewritten(
        schema={**root, "definitions": definitions},
        routes=tuple(entry.route for entry in writer.reached),
        findings=tuple(writer.findings),
    )


class _Writer:
    """The schemas reached so far, each with its number."""

    def __init__(self, direction: Direction) -> None:
        self.reached: list[Schema] = []
        self.findings: list[Finding] = []
        self._numbers: dict[int, int] = {}
        self._not_required = "readOnly" if direction == "request" else "writeOnly"

    def reference(self, schema: Schema) -> JsonObject:
        """A reference to the definition of a schema, which is reached by this at the latest."""
        try:
            target = schema.resolved()
        except DocumentError as error:
            self.findings.append(replace(error.finding, route=schema.route))
            return {}
        number = self._numbers.get(id(target.value))
        if number is None:
            number = self._numbers[id(target.value)] = len(self.reached)
            self.reached.append(target)
        return {"$ref": f"#/definitions/d{number}"}

    def written(self, value: JsonObject, holder: Schema) -> JsonObject:
        """One schema object, of the definition ``holder``, in draft 4."""
        nullable = value.get("x-nullable") is True or value.get("nullable") is True
        if isinstance(value.get("$ref"), str):
            out = self.reference(Schema(value=value, route=holder.route, refs=holder.refs))
        else:
            out = {key: value[key] for key in value.keys() & USABLE.keys() if USABLE[key](value[key])}
            _write_type(value, out)
            self._write_parts(value, out, holder)
        return _or_null(out) if nullable else out

    def _write_parts(self, value: JsonObject, out: JsonObject, holder: Schema) -> None:
        properties = value.get("properties")
        if isinstance(properties, dict):
            out["properties"] = {
                name: self.written(inner, holder) for name, inner in properties.items() if isinstance(inner, dict)
            }
        required = _names(value.get("required"))
        if required:
            demanded = [name for name in required if not self._excused(properties, name)]
            out.update({"required": demanded} if demanded else {})
        if isinstance(value.get("items"), dict):
            out["items"] = self.written(value["items"], holder)
        parts = [self.written(part, holder) for part in _listed(value.get("allOf")) if isinstance(part, dict)]
        if parts:
            out["allOf"] = parts
        extra = value.get("additionalProperties")
        if isinstance(extra, (bool, dict)):
            out["additionalProperties"] = extra if isinstance(extra, bool) else self.written(extra, holder)

    def _excused(self, properties: Any, name: str) -> bool:
        """Whether a required property is not demanded in this direction."""
        inner = properties.get(name) if isinstance(properties, Mapping) else None
        return isinstance(inner, dict) and inner.get(self._not_required) is True


def _listed(value: Any) -> list[Any]:
    """The elements of a list; none of anything else."""
    return value if isinstance(value, list) else []


def _names(value: Any) -> list[str]:
    """The names in a list, each once."""
    return list(dict.fromkeys(name for name in _listed(value) if isinstance(name, str)))


def _write_type(value: JsonObject, out: JsonObject) -> None:
    """Type and format, and what draft 4 wants together."""
    declared = value.get("type")
    types = [name.lower() for name in _listed(declared) or [declared] if isinstance(name, str)]
    if types and all(name in TYPES for name in types):
        out["type"] = types[0] if len(types) == 1 else list(dict.fromkeys(types))
    format = value.get("format")
    format = format.lower() if isinstance(format, str) else ""
    if format in FORMATS and "string" in types:
        out["format"] = format
    if format in BOUNDS and "integer" in types:
        low, high = BOUNDS[format]
        out.setdefault("minimum", low)
        out.setdefault("maximum", high)
    if "enum" in out and len(types) == 1 and means_elements(types[0], out["enum"]):
        del out["enum"]  # no array could fit
    if "enum" in out and len(types) == 1 and types[0] in SCALARS:
        out["enum"] = [*out["enum"], *_of_type(out["enum"], types[0])]
    for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if limit not in out:
            out.pop(exclusive, None)  # draft 4 wants them together


def _of_type(choices: list[Any], type: str) -> list[Any]:
    """Allowed values of another type as the declared one has them: ``"true"`` of a boolean, ``1`` of a string.

    Without these nothing could fit; to the platform the list is what a drop-down offers (observed in published files).
    """
    typed = []
    for choice in choices:
        try:
            typed.append(fit(choice, Shape(type=type)))
        except Unfit:
            continue
    return [value for value in typed if not any(value is choice or value == choice for choice in choices)]


def _or_null(schema: JsonObject) -> JsonObject:
    """``schema``, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": list(dict.fromkeys((schema["type"], "null")))}
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema
