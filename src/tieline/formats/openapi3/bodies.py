"""Request bodies, as a body parameter or form fields of Swagger 2.0."""

from __future__ import annotations

from typing import NamedTuple

from ...model import JsonObject
from .definitions import flat, parts_of
from .directions import REQUEST, in_direction
from .extensions import of_body
from .lowering import Lowering, Part
from .media import JSON, chosen, example_of, kind_of_media
from .paths import CONNECTION_ID
from .place import Place
from .schemas import lower_schema
from .values import Field, collection_format, fields_of, is_object, style_of, value_fields, with_description

BODY_KNOWN = frozenset({"description", "content", "required"})
"""Fields of a request body object."""

MEDIA_KNOWN = frozenset({"schema", "example", "examples", "encoding"})
"""Fields of a media type object."""

BINARY = {"type": "string", "format": "binary"}
"""The schema of bytes."""

NAMES = ("body", "requestBody", "request_body")
"""Names for a body, which has none in OpenAPI 3; the first that no parameter has is used."""

STYLE_FIELDS = ("style", "explode", "allowReserved")
"""What an encoding object says of how a field of an urlencoded form is written; without them objects are JSON."""

OCTETS = "application/octet-stream"
"""The media type that the part of a file has."""

PLAIN = "text/plain"
"""The media type that any other part has."""


class Body(NamedTuple):
    """What an operation sends besides its parameters."""

    parameters: list[Part]
    media_type: str
    """Empty for no body."""


NO_BODY = Body([], "")


def lower_body(value: JsonObject, at: Place, low: Lowering) -> Body:
    """The parameters that a request body becomes."""
    value = low.with_flags(value, at, ("required",))
    extensions = low.extras(value, at, BODY_KNOWN)
    choice = chosen(low.object_at(value, at, "content"), low, reply=False)
    if choice is None:
        if value.get("content") is None:
            low.notes.add("wrong-type", (at, "content"), '"content" is missing, so that no body can be sent')
        return NO_BODY
    name, (media, place) = choice
    extensions |= low.extras(media, place, MEDIA_KNOWN)
    schema = lower_schema(media.get("schema", {}), (place, "schema"), low)
    required = value.get("required") is True
    if kind_of_media(name) in ("form", "multipart"):
        for lost in (*extensions, *(["description"] if value.get("description") else [])):
            low.notes.add("text-dropped", (at, lost), f'"{lost}" of a form is left out')
        low.forms.update(parts_of(schema))
        return Body(_form(flat(schema, low), name, (media, place), low, required=required), name)
    if "*" in name:
        name = "application/octet-stream" if schema.get("format") == "binary" else JSON
    out = with_description({"name": "body", "in": "body"}, value.get("description"))
    out |= {"required": True} if required else {}
    whole = body_schema(name, schema, (media, place), low)
    out = of_body({**out, "schema": in_direction(whole, REQUEST, low)}, extensions, at, low)
    for example in example_of(media, place, low):
        out["x-example"] = example
    return Body([(out, place)], name)


def body_schema(media_type: str, schema: JsonObject, media: Part, low: Lowering) -> JsonObject:
    """The schema of a whole body or reply of a media type (``schema`` is what the description says, lowered).

    Bytes are ``string`` with format ``binary``. Of a format that the platform does not know, the schema would promise
    values that nobody can read or write: it is a text.
    """
    kind = kind_of_media(media_type)
    if kind == "json":
        return schema
    own = flat(schema, low)
    if own.get("type", "string") == "string" and "properties" not in own:
        if kind == "binary" and own.get("format") not in ("binary", "byte"):
            return {**own, **BINARY}
        return {"type": "string", **own}
    low.notes.add("opaque-body", (media[1], "schema"), f'values of "{media_type}" become one text')
    return with_description({"type": "string"}, own.get("description"))


def _form(schema: JsonObject, media_type: str, media: Part, low: Lowering, *, required: bool) -> list[Part]:
    """The form fields of a (flat) schema. A property that is read only is none."""
    at = (media[1], "schema")
    if not schema.get("properties") or isinstance(schema.get("additionalProperties"), dict):
        low.notes.add("free-form", at, "fields that are not declared cannot be sent")
    encodings = low.object_at(*media, "encoding")
    files = kind_of_media(media_type) == "multipart"
    found: list[Part] = []
    for field in fields_of(schema, "", at, low):
        encoding = low.object_at(*encodings, field.name)
        _note_encoding(field, encoding, low, files=files)
        parts = _parts(field, encoding[0], low, files=files)
        for part in parts:
            if not part.name or not part.name.isascii() or part.name.lower() == CONNECTION_ID:
                low.notes.add("form-field-name", part.at, f'the field "{part.name}" is left out')
                continue
            if part.schema.get("readOnly") is True:
                continue
            out = with_description({"name": part.name, "in": "formData"}, part.schema.get("description"))
            out |= {"required": True} if part.required and field.required and required else {}
            found.append(({**out, **_form_field(part, encoding[0], low, files=files)}, part.at))
    return found


def _form_field(field: Field, encoding: JsonObject, low: Lowering, *, files: bool) -> JsonObject:
    """The keywords of one form field."""
    schema, at = field.schema, field.at
    items = flat(schema.get("items", {}), low)
    if files and schema.get("type") == "array" and items.get("format") == "binary":
        low.notes.add("file-list", at, f'one file can be sent as "{field.name}"')
        return {"type": "file"}
    extensions = {key: value for key, value in schema.items() if key.startswith("x-")}
    if files and schema.get("format") == "binary":
        return {"type": "file", **extensions}
    quoted = not files and schema.get("type") == "array" and _is_json(encoding)
    if is_object(schema) or quoted:
        lost = files or any(key in encoding for key in STYLE_FIELDS)
        message = f'"{field.name}" becomes a text, to be written as JSON'
        low.notes.add("form-object" if lost else "form-json", at, message)
        return {"type": "string", **extensions}
    out = value_fields(schema, at, low)
    if out["type"] == "array":
        kind = "multi" if files else collection_format(style_of(encoding, "form"))
        out["collectionFormat"] = kind
        if kind != "csv":
            low.notes.add("collection-format", at, f'the list "{field.name}" has the collectionFormat "{kind}"')
    if "example" in schema:
        out["x-example"] = schema["example"]
    return out


def _parts(field: Field, encoding: JsonObject, low: Lowering, *, files: bool) -> list[Field]:
    """A form field, or the fields that an object travels as where its style says so."""
    if not is_object(field.schema) or not field.schema.get("properties"):
        return [field]
    style = style_of(encoding, "form")
    if style.name == "deepObject":
        return list(fields_of(field.schema, field.name, field.at, low))
    if not files and style == ("form", True) and any(key in encoding for key in STYLE_FIELDS):
        return list(fields_of(field.schema, "", field.at, low))
    return [field]


def _note_encoding(field: Field, encoding: Part, low: Lowering, *, files: bool) -> None:
    """Note what an encoding object says of one part and Swagger 2.0 cannot, where it makes a difference."""
    value, at = encoding
    declared = value.get("contentType")
    types = [one.strip().lower() for one in declared.split(",")] if isinstance(declared, str) else []
    if not files and not (_is_json(value) and field.schema.get("type") == "string"):
        types = []
    own = OCTETS if _is_bytes(field.schema, low) else PLAIN
    if types and not is_object(field.schema) and own not in types:
        low.notes.add("part-encoding", (at, "contentType"), f'the media type "{declared}" is left out')
    headers = value.get("headers")
    if files and isinstance(headers, dict) and any(name.lower() != "content-type" for name in headers):
        low.notes.add("part-encoding", (at, "headers"), "the headers are left out")


def _is_json(encoding: JsonObject) -> bool:
    """Whether a field of an urlencoded form is written as JSON."""
    declared = encoding.get("contentType")
    by_type = isinstance(declared, str) and kind_of_media(declared) == "json"
    return by_type and not any(key in encoding for key in STYLE_FIELDS)


def _is_bytes(schema: JsonObject, low: Lowering) -> bool:
    """Whether a part is a file: bytes, or a list of bytes, of which one is sent."""
    own = flat(schema.get("items", {}), low) if schema.get("type") == "array" else schema
    return own.get("format") == "binary"
