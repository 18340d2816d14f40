"""Parameters in paths, queries, headers and cookies, as Swagger 2.0 parameters.

One parameter of OpenAPI 3 may become several (an object whose properties travel separately) or none. How lists are
written is ``collectionFormat``.
"""

from __future__ import annotations

from typing import Any

from ...model import JsonObject
from .definitions import flat
from .lowering import Lowering, Part
from .place import Place
from .schemas import lower_schema
from .values import (
    Style,
    collection_format,
    fields_of,
    is_object,
    kept,
    scalar_kind,
    style_of,
    value_fields,
    with_description,
)

PLACES = frozenset({"path", "query", "header", "cookie"})
"""``in`` of a parameter."""

RESERVED = frozenset({"accept", "content-type", "authorization"})
"""Headers (lower case) for which OpenAPI says that parameters are ignored."""

KNOWN = frozenset(
    {"name", "in", "description", "required", "deprecated", "allowEmptyValue", "style", "explode"}
) | frozenset({"allowReserved", "schema", "example", "examples", "content"})
"""Fields of a parameter object."""


def lower_parameters(value: list[Any], at: Place, low: Lowering) -> list[Part]:
    """The Swagger parameters of a list of parameters; what cannot be one is noted and left out."""
    found: list[Part] = []
    for index, written in enumerate(value):
        part = low.follow(written, (at, index))
        if part is not None:
            shared = isinstance(written, dict) and "$ref" in written
            found += low.once(lower_parameter, *part) if shared else lower_parameter(*part, low)
    return found


def lower_parameter(value: JsonObject, at: Place, low: Lowering) -> list[Part]:
    """The Swagger parameters of one parameter."""
    name, where = low.text_at(value, at, "name"), low.text_at(value, at, "in").strip()
    if not name or where not in PLACES:
        low.notes.add("parameter-without-name", at, f'a parameter called "{name}" in "{where}" is left out')
        return []
    if where == "cookie":
        low.notes.add("cookie-dropped", at, f'the cookie "{name}" is left out')
        return []
    if where == "header" and name.lower() in RESERVED:
        low.notes.add("reserved-header", at, f'the header "{name}" is left out')
        return []
    if value.get("allowReserved") is True:
        low.notes.add("allow-reserved", (at, "allowReserved"), f'reserved characters of "{name}" are percent-encoded')
    if "content" in value:
        return [_content_parameter(value, at, low)]
    style = style_of(value, "form" if where == "query" else "simple")
    schema = flat(lower_schema(value.get("schema", {}), (at, "schema"), low), low)
    if is_object(schema):
        return _object_parameters(value, schema, style, at, low)
    return [(_finished(value, _list_or_scalar(value, schema, style, at, low), at, low), at)]


def _head(value: JsonObject) -> JsonObject:
    """The fields that every Swagger parameter begins with."""
    where = value["in"].strip()
    head = with_description({"name": value["name"], "in": where}, value.get("description"))
    return {**head, "required": True} if value.get("required") is True or where == "path" else head


def _finished(value: JsonObject, out: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A parameter with its extensions, and with what Swagger 2.0 has no field for as extensions."""
    return {**out, **low.extras(value, at, KNOWN), **kept(value, at, low)}


def _list_or_scalar(value: JsonObject, schema: JsonObject, style: Style, at: Place, low: Lowering) -> JsonObject:
    """The Swagger parameter of a single value or a list."""
    name, where = value["name"], value["in"].strip()
    if not scalar_kind(schema):
        low.notes.add("untyped-parameter", at, f'"{name}" has no single type; it becomes a text')
    if style.name in ("label", "matrix"):
        message = f'"{name}" has the style "{style.name}"; its value is sent as it is'
        low.notes.add("parameter-style", (at, "style"), message)
    out = {**_head(value), **value_fields(schema, (at, "schema"), low)}
    if "description" not in out:
        out = with_description(out, schema.get("description"))
    if out["type"] == "array" and where == "query":
        _set_collection_format(out, style, at, low)
    if value.get("allowEmptyValue") is True and where == "query":
        out["allowEmptyValue"] = True
    return out


def _set_collection_format(out: JsonObject, style: Style, at: Place, low: Lowering) -> None:
    """Say how a list in the query is written."""
    kind = collection_format(style)
    if kind != "csv":
        out["collectionFormat"] = kind
        low.notes.add("collection-format", at, f'the list "{out["name"]}" has the collectionFormat "{kind}"')


def _content_parameter(value: JsonObject, at: Place, low: Lowering) -> Part:
    """A parameter that holds a document, as a text."""
    media = next(iter(low.object_at(value, at, "content")[0]), "")
    message = f'"{value["name"]}" holds a document of type "{media}"; it becomes a text'
    low.notes.add("parameter-content", (at, "content"), message)
    return _finished(value, {**_head(value), "type": "string"}, at, low), at


def _object_parameters(value: JsonObject, schema: JsonObject, style: Style, at: Place, low: Lowering) -> list[Part]:
    """The parameters of an object: one for each property where they travel separately, else one text."""
    name, deep = value["name"], style.name == "deepObject"
    if value["in"].strip() != "query" or not (deep or (style.name == "form" and style.explode)):
        message = f'the object "{name}" becomes a text, for which the style "{style.name}" has to be written by hand'
        low.notes.add("parameter-style", at, message)
        return [(_finished(value, {**_head(value), "type": "string"}, at, low), at)]
    if not schema.get("properties"):
        low.notes.add("free-form-query", at, f'"{name}" stands for any number of parameters and is left out')
        return []
    if schema.get("additionalProperties"):
        low.notes.add("free-form-query", at, f'"{name}" may hold further parameters, which cannot be sent')
    found: list[Part] = []
    extras = low.extras(value, at, KNOWN)
    for field in fields_of(schema, name if deep else "", (at, "schema"), low):
        if is_object(field.schema):
            message = f'the object "{field.name}" inside a parameter becomes a text'
            low.notes.add("parameter-style", field.at, message)
        out = with_description(
            {"name": field.name, "in": "query"}, field.schema.get("description"), value.get("description")
        )
        if field.required and value.get("required") is True:
            out["required"] = True
        out |= value_fields(field.schema, field.at, low)
        if out["type"] == "array":
            _set_collection_format(out, Style("form", True), field.at, low)
        found.append(({**out, **extras}, at))
    return found
