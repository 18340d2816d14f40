"""Parameters in paths, queries, headers and cookies, as Swagger 2.0 parameters.

One parameter of OpenAPI 3 may become several (an object whose properties travel separately) or none. How lists are
written is ``collectionFormat``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...model import JsonObject
from .definitions import flat
from .extensions import of_parameter
from .lowering import Lowering, Part
from .media import example_of
from .paths import CONNECTION_ID, variable
from .place import Place
from .references import Found
from .schemas import lower_schema
from .unions import UNIONS, entries
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

UNUSUAL = frozenset({"cookie", "host", "connection", "origin", "referer", "date", "expect", "range"}) | frozenset(
    {"transfer-encoding", "content-encoding", "proxy-authorization", "location"}
)
"""Headers (lower case) that the platform may refuse as parameters: its list is not published, no published connector
has one of these (reference: limits-and-certification, section 9: ``ReservedParameterIsUsed``)."""

RESERVED_CHARACTERS = ":/?#[]@!$&'()*+,;="
"""Characters that ``allowReserved`` is about (RFC 3986, section 2.2)."""

UNRESERVED_TYPES = frozenset({"integer", "number", "boolean"})
"""Types whose values have none of them."""

UNRESERVED_FORMATS = frozenset({"date", "uuid"})
"""Formats whose values have none of them."""

SINGLE = frozenset({"string", "integer", "number", "boolean", "null", "array"})
"""Types that a choice between a list and single values may have."""

FLAGS = ("required", "deprecated", "allowEmptyValue", "explode", "allowReserved")
"""Those fields of a parameter object that are true or false."""

KNOWN = frozenset(
    {"name", "in", "description", "required", "deprecated", "allowEmptyValue", "style", "explode"}
) | frozenset({"allowReserved", "schema", "example", "examples", "content"})
"""Fields of a parameter object."""


def lower_parameters(value: list[Any], at: Place, low: Lowering) -> list[Part]:
    """The Swagger parameters of a list of parameters; what cannot be one is noted and left out. Cookies have the place
    ``cookie`` and no type: see ``cookies``."""
    found: list[Part] = []
    for index, written in enumerate(value):
        part = low.follow(written, (at, index))
        if part is not None:
            shared = isinstance(written, dict) and "$ref" in written
            found += low.once(lower_parameter, *part) if shared else lower_parameter(*part, low)
    return found


def lower_parameter(value: JsonObject, at: Place, low: Lowering) -> list[Part]:
    """The Swagger parameters of one parameter."""
    value = low.with_flags(value, at, FLAGS)
    name, where = low.text_at(value, at, "name"), low.text_at(value, at, "in").strip()
    if not name or where not in PLACES:
        low.notes.add("parameter-without-name", at, f'a parameter called "{name}" in "{where}" is left out')
        return []
    if where == "cookie":
        return [(_head(value), at)]
    if where == "header" and name.lower() in RESERVED:
        low.notes.add("reserved-header", at, f'the header "{name}" is left out')
        return []
    if where != "path" and name.lower() == CONNECTION_ID:
        low.notes.add("connection-id", at, f'the {where} parameter "{name}" is left out')
        return []
    if where == "header" and name.lower() in UNUSUAL:
        low.notes.add("reserved-parameter", at, f'the platform may refuse a parameter for the header "{name}"')
    if "content" in value:
        return [_content_parameter(value, at, low)]
    style = style_of(value, "form" if where == "query" else "simple")
    schema = schema_of(value, at, low)
    if value.get("allowReserved") is True and where == "query" and _may_hold_reserved(schema, low):
        low.notes.add("allow-reserved", (at, "allowReserved"), f'reserved characters of "{name}" are percent-encoded')
    if is_object(schema):
        return _object_parameters(value, schema, style, at, low)
    return [(_finished(value, _list_or_scalar(value, schema, style, at, low), at, low), at)]


def schema_of(value: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """The (flat) schema of a parameter. A choice between a list and single values is a list: one of a single element is
    sent as the element is."""
    written = value.get("schema", {})
    found = _list_among(written, (at, "schema"), low)
    if found is None:
        return flat(lower_schema(written, (at, "schema"), low), low)
    message = f'"{value["name"]}" takes a list or a single value; it becomes a list'
    low.notes.add("list-or-single", (at, "schema"), message)
    return flat(lower_schema(*found, low), low)


def _list_among(written: Any, at: Place, low: Lowering) -> Found | None:
    """The list in a choice between one list and single values, with elements that may be any of these; None where there
    is no such choice."""
    for schema, place in low.peek((written, at)) if _is_reference(written) else [(written, at)]:
        if not isinstance(schema, dict):
            return None
        types = schema.get("type")
        if isinstance(types, list):
            members = [({**schema, "type": kind} if kind == "array" else {"type": kind}, place) for kind in types]
            return _only_list(members)
        for key in UNIONS:
            found = [entry for entry in entries(schema, place, key) if isinstance(entry[0], dict)]
            members = [one for entry in found for one in (low.peek(entry) if _is_reference(entry[0]) else [entry])]
            if members:
                return _only_list(members)
    return None


def _only_list(members: Sequence[Found]) -> Found | None:
    """The one list among several schemas of which all others are single values; None where they are not."""
    kinds = [schema.get("type") if isinstance(schema, dict) else None for schema, _ in members]
    if kinds.count("array") != 1 or not all(isinstance(kind, str) and kind in SINGLE for kind in kinds):
        return None
    if all(kind in ("array", "null") for kind in kinds):
        return None
    found, at = members[kinds.index("array")]
    singles = [schema for (schema, _), kind in zip(members, kinds, strict=True) if kind not in ("array", "null")]
    items = found.get("items")
    if not all(single == items for single in singles):
        types = {single["type"] for single in singles} | {items.get("type") if isinstance(items, dict) else "string"}
        items = {"type": types.pop() if len(types) == 1 else "string"}
    return {**found, "items": items}, at


def _is_reference(value: Any) -> bool:
    """Whether a value is a reference object."""
    return isinstance(value, dict) and isinstance(value.get("$ref"), str)


def _may_hold_reserved(schema: JsonObject, low: Lowering) -> bool:
    """Whether values of a (flat) schema may have characters that ``allowReserved`` is about."""
    if "enum" in schema:
        return any(char in RESERVED_CHARACTERS for value in schema["enum"] for char in str(value))
    if schema.get("type") == "array":
        return _may_hold_reserved(flat(schema.get("items", {}), low), low)
    return schema.get("type") not in UNRESERVED_TYPES and schema.get("format") not in UNRESERVED_FORMATS


def path_prefix(name: str, schema: JsonObject, style: Style) -> str | None:
    """What a style puts before a value in a path; None for values whose parts it would have to put something between,
    other than commas."""
    if style.name not in ("label", "matrix"):
        return ""
    if is_object(schema) or (style.explode and schema.get("type") == "array"):
        return None
    return "." if style.name == "label" else f";{name}="


def _head(value: JsonObject) -> JsonObject:
    """The fields that every Swagger parameter begins with."""
    where = value["in"].strip()
    name = variable(value["name"]) if where == "path" else value["name"]
    head = with_description({"name": name, "in": where}, value.get("description"))
    return {**head, "required": True} if value.get("required") is True or where == "path" else head


def _finished(value: JsonObject, out: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A parameter with its extensions, and with what Swagger 2.0 has no field for as extensions."""
    return {**out, **of_parameter(low.extras(value, at, KNOWN), at, low), **kept(value, at, low)}


def _list_or_scalar(value: JsonObject, schema: JsonObject, style: Style, at: Place, low: Lowering) -> JsonObject:
    """The Swagger parameter of a single value or a list."""
    name, where = value["name"], value["in"].strip()
    if not scalar_kind(schema):
        low.notes.add("untyped-parameter", at, f'"{name}" has no single type; it becomes a text')
    if path_prefix(name, schema, style) is None or (style.name in ("label", "matrix") and where != "path"):
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
    content = low.object_at(value, at, "content")
    media = next(iter(content[0]), "")
    message = f'"{value["name"]}" holds a document of type "{media}"; it becomes a text'
    low.notes.add("parameter-content", (at, "content"), message)
    held = low.members(content, media) if media else ({}, at)
    out = {**_head(value), "type": "string"}
    examples = [{"x-example": example} for example in example_of(*held, low)]
    return {**_finished(value, out, at, low), **(examples[0] if examples else {})}, at


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
    extras = of_parameter(low.extras(value, at, KNOWN), at, low)
    for field in fields_of(schema, name if deep else "", (at, "schema"), low):
        if field.name.lower() == CONNECTION_ID:
            low.notes.add("connection-id", field.at, f'the query parameter "{field.name}" is left out')
            continue
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
