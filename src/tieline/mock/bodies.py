"""Bodies: which media type a reply has, and a value in that type.

What lives here: choosing by ``produces`` and ``Accept``, and writing JSON, text, XML and small valid files. What must
not: which value is written.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

from ..model import Response, Schema
from ..model.media_type import bare
from ..pipeline.forms import OCTETS as BYTES
from ..pipeline.media import JSON, is_json, preferred
from .scalar import PICTURE

FILES = {
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
    "application/pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    "application/zip": b"PK\x05\x06" + bytes(18),
}
"""A small valid file for media types that have one; other images are a PNG, everything else is a few bytes."""
SOME_BYTES = b"Tieline"
"""Content of a file of no type that is known here."""


def is_xml(media: str) -> bool:
    """Whether a media type is XML but not a picture."""
    kind = bare(media)
    return kind.endswith(("/xml", "+xml")) and kind != "image/svg+xml"


def is_plain(media: str) -> bool:
    """Whether a media type is text that a sample text is an example of."""
    return bare(media).startswith("text/") or bare(media) == "application/text"


def is_file(schema: Schema) -> bool:
    """Whether a resolved schema stands for the bytes of a file."""
    return schema.type == "file" or (schema.type == "string" and schema.value.get("format") == "binary")


def media_of(response: Response, schema: Schema | None, produces: tuple[str, ...], accept: str | None) -> str:
    """The media type of a reply.

    Declared are ``produces``, else the response's examples, else JSON (for a file: bytes). Among those that ``accept``
    admits JSON goes first, since the platform reads JSON; when it admits none, it is not heeded.
    """
    usual = BYTES if schema is not None and is_file(schema) else JSON
    declared = [usual if "*" in media else media.strip() for media in produces if "/" in media]
    offered = declared or [media for media in response.examples if "/" in media] or [usual]
    admitted = [media for media in offered if _admits(accept, media)] or offered
    if usual == BYTES:
        return next((media for media in admitted if not is_json(bare(media))), admitted[0])
    return preferred(tuple(admitted))


def _admits(accept: str | None, media: str) -> bool:
    if not accept or "*/*" in accept:
        return True
    kind = bare(media)
    wanted = [bare(entry) for entry in accept.split(",") if "q=0;" not in entry + ";"]
    return kind in wanted or f"{kind.partition('/')[0]}/*" in wanted


def dump(value: Any) -> bytes:
    """A JSON value as bytes, whatever size its numbers have."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return json.dumps(value, ensure_ascii=True, default=str).encode()


def encode(value: Any, media: str, *, name: str = "item") -> bytes:
    """A value in a media type; ``name`` is the root element of XML."""
    if is_json(bare(media)):
        return dump(value)
    if is_xml(media):
        if isinstance(value, str) and value.lstrip().startswith("<"):
            return value.encode("utf-8", "replace")
        root, content = (f"{name}List", {name: value}) if isinstance(value, list) else (name, value)
        return ('<?xml version="1.0" encoding="UTF-8"?>' + "".join(_elements(root, content))).encode("utf-8", "replace")
    if is_plain(media) or not isinstance(value, str):
        return value.encode("utf-8", "replace") if isinstance(value, str) else dump(value)
    return file_of(media)


def file_of(media: str) -> bytes:
    """A small file of a media type."""
    kind = bare(media)
    if kind in FILES:
        return FILES[kind]
    return base64.b64decode(PICTURE) if kind.startswith("image/") else SOME_BYTES


def _elements(name: str, value: Any) -> Iterator[str]:
    """A value as XML: properties are elements, an array repeats its element."""
    tag = name if name.replace("_", "a").replace("-", "a").isalnum() and not name[0].isdigit() else "item"
    attribute = "" if tag == name else f" name={quoteattr(name)}"
    if isinstance(value, list):
        for entry in value:
            yield from _elements(name, entry)
    elif isinstance(value, dict):
        yield f"<{tag}{attribute}>"
        for key, part in value.items():
            yield from _elements(str(key), part)
        yield f"</{tag}>"
    else:
        text = "" if value is None else value if isinstance(value, str) else dump(value).decode()
        yield f"<{tag}{attribute}>{escape(text)}</{tag}>"
