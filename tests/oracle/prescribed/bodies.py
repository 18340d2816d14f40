"""What a request carries: the body of a media type (3.1.1, "Media Type Object", "Encoding Object")."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from .description import Node
from .styles import Pair, of_path, of_query, plain, text_of
from .values import MISSING, Blob, Maker, Nodes, is_binary, shape_of

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
TEXT = "text/plain"
OCTETS = "application/octet-stream"

RAW_TEXT = "<a>b/é</a>"
RAW_BYTES = b"\x00\xff<a>"

Kind = Literal["json", "form", "multipart", "raw"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a multipart body."""

    name: str
    content: Any
    """Text or bytes; a JSON value where ``media_types`` is JSON."""
    media_types: tuple[str, ...]
    """One of these; may be ranges. A part without ``Content-Type`` is ``text/plain`` (RFC 7578)."""
    file: bool | None = False
    """Whether it has a file name; None for either."""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A body."""

    kind: Kind
    media_type: str
    """As the description has it; of a range, one that was chosen."""
    given: Any
    """The argument: a JSON value, the fields of a form, a text, bytes."""
    pairs: tuple[Pair, ...] = ()
    """Of a form."""
    parts: tuple[Part, ...] = ()
    """Of a multipart body."""


def essence(media_type: str) -> str:
    """A media type in lower case, without parameters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a body of that type is one JSON value."""
    name = essence(media_type)
    return name.endswith(("/json", "+json")) and not name.endswith("json-seq")


def fits(media_type: str, declared: str) -> bool:
    """Whether a media type is of a declared one, which may be a range."""
    name, wanted = essence(media_type), essence(declared)
    return name == wanted or wanted == "*/*" or (wanted.endswith("/*") and name.startswith(wanted[:-1]))


def chosen(content: Node, wanted: str) -> tuple[str, Node] | None:
    """The media type to use of a ``content`` object, and its node: the wanted one if it is declared, else JSON, else
    the first. None when there is none."""
    declared = [name for name in content.value if not name.startswith("x-")] if isinstance(content.value, dict) else []
    fitting = [name for name in declared if name == wanted] + [name for name in declared if fits(wanted, name)]
    if wanted and fitting:
        return wanted, content.at(fitting[0])
    declared.sort(key=lambda name: (essence(name) != JSON, not is_json(name)))
    return (declared[0], content.at(declared[0])) if declared else None


def content_of(media_type: str, node: Node, *, full: bool) -> Content:
    """A body of a media type with a value made for it."""
    name, schema = essence(media_type), node / "schema"
    if "*" in name:
        media_type = OCTETS if name not in ("*/*", "application/*") or _bytes(schema) else JSON
    if is_json(media_type):
        given = Maker("json", full=full).value(schema)
        return Content(kind="json", media_type=media_type, given={} if given is MISSING else given)
    if name == FORM:
        fields = _fields(Maker("form", full=full).value(schema))
        pairs = tuple(pair for key, value in fields.items() for pair in _pairs(key, value, node.at("encoding").at(key)))
        return Content(kind="form", media_type=media_type, given=fields, pairs=pairs)
    if name == MULTIPART:
        fields = _fields(Maker("multipart", full=full).value(schema))
        parts = tuple(part for key, value in fields.items() for part in _parts(key, value, node, full=full))
        return Content(kind="multipart", media_type=media_type, given=fields, parts=parts)
    return Content(kind="raw", media_type=media_type, given=_raw(name, schema))


def _bytes(schema: Node) -> bool:
    return is_binary(shape_of((schema,)).keywords)


def _raw(name: str, schema: Node) -> str | bytes:
    """A document of a format about which OpenAPI says nothing."""
    textual = name.startswith("text/") or name.endswith(("xml", "yaml", "javascript", "graphql"))
    return RAW_TEXT if textual and not _bytes(schema) else RAW_BYTES


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _pairs(name: str, value: Any, encoding: Node) -> Iterator[Pair]:
    """The pairs of one field of a form: by its style where it has one, else by its content type."""
    if any(encoding.get(key) is not None for key in ("style", "explode", "allowReserved")):
        style = str(encoding.get("style", "form"))
        yield from of_query(style, bool(encoding.get("explode", style == "form")), name, value, plain)
    elif is_json(str(encoding.get("contentType", ""))):
        yield name, text_of(value) if not isinstance(value, str) else f'"{value}"'
    else:
        for one in value if isinstance(value, list) else [value]:
            yield name, text_of(one)


def _parts(name: str, value: Any, media: Node, *, full: bool) -> Iterator[Part]:
    """The parts of one field: one for each element of a list."""
    encoding = media.at("encoding").at(name)
    if encoding.get("style") == "deepObject" and isinstance(value, dict):
        for key, text in of_query("deepObject", True, name, value, plain):
            yield Part(name=key, content=text, media_types=(TEXT,))
        return
    declared = tuple(one.strip() for one in str(encoding.get("contentType", "")).split(",") if one.strip())
    headers = tuple(_headers(encoding, full=full))
    either = _says_nothing(shape_of((media / "schema",)).properties.get(name, ()))
    for one in value if isinstance(value, list) else [value]:
        types = declared or _default_types(one, either=either)
        content = one.content if isinstance(one, Blob) else one if is_json(types[0]) else text_of(one)
        yield Part(
            name=name,
            content=content,
            media_types=types,
            file=None if either else isinstance(one, Blob),
            headers=headers,
        )


def _says_nothing(nodes: Nodes) -> bool:
    """Whether the schema of a part, or of the elements of a list of parts, says nothing. It is a text by one sentence
    of 3.1.0 ("a primitive") and bytes by another ("all other cases")."""
    shape = shape_of(nodes)
    if shape.type == "array" and shape.items:
        shape = shape_of(shape.items)
    return not shape.type and "enum" not in shape.keywords and "const" not in shape.keywords


def _default_types(value: Any, *, either: bool) -> tuple[str, ...]:
    """The media types of a part that declares none."""
    if either:
        return TEXT, OCTETS
    if isinstance(value, Blob):
        return (OCTETS,)
    return (JSON,) if isinstance(value, (dict, list)) else (TEXT,)


def _headers(encoding: Node, *, full: bool) -> Iterator[tuple[str, str]]:
    """The headers of a part."""
    for name, header in encoding.at("headers").members():
        if name.lower() != "content-type" and (full or header.get("required") is True):
            value = Maker("header", full=full).value(header / "schema")
            yield name, of_path("simple", header.get("explode") is True, name, value, plain)
