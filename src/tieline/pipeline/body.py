"""The body of a request: which media type it has, and its value as bytes (reference: openapi-extensions, section 2)."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model import Operation, Parameter, Schema
from ..model.media_type import bare
from .forms import OCTETS, File, FormField, fields_of, multipart, urlencoded
from .media import FORM, MULTIPART, is_json, preferred
from .values import Unfit, dump, guess, parse_json, shown, to_text
from .wire import utf8


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A body as it goes on the wire."""

    data: bytes
    content_type: str


def media_type_of(operation: Operation, header: str | None) -> str:
    """The media type of a JSON-like body: the ``Content-Type`` header parameter's value, else the declared one."""
    return header or preferred(operation.consumes)


def is_binary(schema: Schema) -> bool:
    """Whether a resolved body schema means bytes."""
    format = schema.value.get("format")
    return schema.type == "file" or (schema.type == "string" and format == "binary")


def binary_media_type(operation: Operation, header: str | None, value: Any) -> str:
    """The media type of a body of bytes: what is declared and is no JSON, else the file's own, else octets."""
    if header is not None:
        return header
    declared = next((media for media in operation.consumes if not is_json(bare(media)) and "*" not in media), "")
    return declared or (value.content_type if isinstance(value, File) else OCTETS)


def octets(value: Any) -> bytes:
    """A body of bytes. Raises Unfit for what is neither bytes nor text."""
    if isinstance(value, File):
        return value.content
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, str):
        return utf8(value)
    raise Unfit(f"must be bytes, a file or text, not {shown(value)}", "give the content of a file, or tieline.File(…)")


def read(value: Any, schema: Schema, media_type: str) -> Any:
    """The JSON value that a whole body argument stands for, where the media type has one; else the argument as it is.

    Text and bytes are JSON as typed, unless the schema wants text. Raises Unfit for text that is no JSON.
    """
    if not takes_value(media_type):
        return value
    if isinstance(value, File):
        value = value.content
    if isinstance(value, (bytes, bytearray, memoryview)):
        return parse_json(bytes(value))
    if not isinstance(value, str) or schema.type == "string":
        return value
    return parse_json(value) if schema.type else guess(value)


def verbatim(value: Any, media_type: str) -> bytes | None:
    """The bytes of a whole JSON body that may go as they are; None where it was no bytes or has a byte order mark."""
    if isinstance(value, File):
        value = value.content
    marked = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    usable = isinstance(value, bytes) and is_json(bare(media_type)) and not value.startswith(marked)
    return value if usable else None


def takes_value(media_type: str) -> bool:
    """Whether bodies of that media type are made from JSON values."""
    name = bare(media_type)
    return is_json(name) or name in (FORM, MULTIPART)


def encode(value: Any, media_type: str, parameter: Parameter) -> Encoded:
    """A completed body value as bytes. Raises Unfit when the media type cannot hold it."""
    name = bare(media_type)
    if name == FORM:
        return Encoded(data=urlencoded(fields_of(value, parameter.name)), content_type=media_type)
    if name == MULTIPART:
        return _multipart(fields_of(value, parameter.name), media_type)
    if is_json(name):
        return Encoded(data=dump(value), content_type=media_type)
    if isinstance(value, (File, bytes, bytearray, memoryview, str)):
        return Encoded(data=octets(value), content_type=media_type)
    if isinstance(value, (Mapping, list, tuple)):
        raise Unfit(
            f'is sent as "{media_type}", which Tieline cannot make from an object',
            "give the body as text, or @FILE with it",
        )
    return Encoded(data=utf8(to_text(value)), content_type=media_type)


def encode_form(fields: list[FormField], operation: Operation, header: str | None) -> Encoded:
    """Form parameters as bytes: as multipart when there is a file or the operation says so, else urlencoded."""
    declared = next((media for media in operation.consumes if bare(media) in (FORM, MULTIPART)), FORM)
    media_type = header if header is not None and bare(header) in (FORM, MULTIPART) else declared
    if any(isinstance(entry.value, File) for entry in fields):
        media_type = media_type if bare(media_type) == MULTIPART else MULTIPART
    if bare(media_type) == MULTIPART:
        return _multipart(fields, media_type)
    return Encoded(data=urlencoded(fields), content_type=media_type)


def _multipart(fields: list[FormField], media_type: str) -> Encoded:
    data, boundary = multipart(fields)
    return Encoded(data=data, content_type=f"{MULTIPART}; boundary={boundary}")
