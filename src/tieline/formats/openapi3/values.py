"""Single values and lists of them, as parameters, form fields and headers of Swagger 2.0 hold them: a schema's keywords
on the object itself, without references, objects or choices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ...model import JsonObject
from .defaults import fitting
from .definitions import flat
from .keywords import bounds
from .lowering import Lowering
from .media import example_of
from .place import Place
from .unions import kind_of_value

MARK = "x-ms-notification-url"
"""What marks the property that carries the URL of a trigger; a parameter cannot be one."""

FIELDS = (
    frozenset({"type", "format", "default", "enum", "maximum", "exclusiveMaximum", "minimum"})
    | frozenset({"exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems"})
    | frozenset({"uniqueItems", "multipleOf"})
)
"""Keywords of a schema that a parameter may have."""

SCALARS = frozenset({"string", "integer", "number", "boolean"})
"""Types of single values."""

MOST_NESTING = 4
"""Lists of lists of … that are followed; the corpus has lists of lists."""

MOST_LEVELS = 4
"""How deep objects in ``deepObject`` parameters are followed: ``a[b][c][d]``. OpenAPI defines one level; services that
take more nest two or three."""

MOST_FIELDS = 500
"""Fields that one object may become. Objects that refer to each other can be spread without end; those that would make
more are one text each."""

LIST_STYLES = {"spaceDelimited": "ssv", "pipeDelimited": "pipes"}
"""Styles of lists in a query or a form with a ``collectionFormat`` of their own."""


class Style(NamedTuple):
    """How a value becomes text."""

    name: str
    """form, simple, spaceDelimited, pipeDelimited, deepObject, label or matrix."""
    explode: bool


class Field(NamedTuple):
    """One property of an object that travels by itself."""

    name: str
    schema: JsonObject
    """Flat."""
    required: bool
    at: Place


def style_of(value: JsonObject, fallback: str) -> Style:
    """The style that a parameter, header or encoding says; ``fallback`` where it says none."""
    name, explode = value.get("style"), value.get("explode")
    name = name if isinstance(name, str) else fallback
    return Style(name, explode if isinstance(explode, bool) else name == "form")


def collection_format(style: Style) -> str:
    """The ``collectionFormat`` of a list in a query or a form; ``csv`` is the default of Swagger 2.0."""
    return "multi" if style.explode or style.name == "deepObject" else LIST_STYLES.get(style.name, "csv")


def is_object(schema: JsonObject) -> bool:
    """Whether a (flat) schema describes objects."""
    return schema.get("type", "object") == "object" and ("type" in schema or "properties" in schema)


def value_fields(schema: JsonObject, at: Place, low: Lowering, level: int = 0) -> JsonObject:
    """The keywords of a (flat) schema of a single value or a list, for a parameter, a header or the elements of one.

    A schema without a type, and one for objects, becomes a text; the caller says so.
    """
    kind = scalar_kind(schema)
    out: JsonObject = {key: value for key, value in schema.items() if key in FIELDS or key.startswith("x-")}
    out.pop(MARK, None)
    if kind == "array":
        out["items"] = _items(schema.get("items", {}), at, low, level)
    elif kind not in SCALARS:
        out = {"type": "string", **{key: out[key] for key in out if key.startswith("x-")}}
    else:
        out["type"] = kind
    if out.get("format") == "binary":
        low.notes.add("nested-bytes", at, 'bytes that are no file become a text; the format is kept as "x-format"')
        out["x-format"] = out.pop("format")
    bounds(out, at, low)
    return fitting(out, at, low)


def scalar_kind(schema: JsonObject) -> str:
    """The type of a (flat) schema; where it says none, that of all its allowed values. Empty for none."""
    if "type" in schema:
        return str(schema["type"])
    kinds = {kind_of_value(value) for value in schema.get("enum", ())}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return kind if kind in SCALARS else ""


def _items(schema: JsonObject, at: Place, low: Lowering, level: int) -> JsonObject:
    """The elements of a list; objects among them become texts."""
    own = flat(schema, low)
    if own and (is_object(own) or level == MOST_NESTING):
        low.notes.add("parameter-objects", at, "its elements are objects; each becomes a text")
        return {"type": "string"}
    return value_fields(own, at, low, level + 1)


def fields_of(schema: JsonObject, prefix: str, at: Place, low: Lowering, most: int = MOST_FIELDS) -> Iterator[Field]:
    """The properties of a (flat) object as they travel: ``prefix[property]`` or, without a prefix, by their names.

    Objects inside are gone into where there is a prefix, as long as that makes no more than ``most`` fields.
    """
    required, properties = schema.get("required", ()), schema.get("properties", {})
    share = most // max(len(properties), 1)
    for key, written in properties.items():
        own, place = flat(written, low), ((at, "properties"), key)
        name = f"{prefix}[{key}]" if prefix else key
        deeper = prefix and is_object(own) and name.count("[") < MOST_LEVELS
        if deeper and 0 < len(own.get("properties", ())) <= share:
            for inner in fields_of(own, name, place, low, share):
                yield inner._replace(required=inner.required and key in required)
        else:
            yield Field(name, own, key in required, place)


def with_description(out: JsonObject, *texts: Any) -> JsonObject:
    """An object with the first of several descriptions that there is."""
    description = next((text for text in texts if isinstance(text, str) and text), None)
    return {**out, "description": description} if description is not None else out


def kept(value: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """What a parameter or header says and Swagger 2.0 has no field for there, as extensions."""
    out: JsonObject = {}
    if value.get("deprecated") is True:
        out["x-deprecated"] = True
    for example in example_of(value, at, low):
        out["x-example"] = example
    return out
