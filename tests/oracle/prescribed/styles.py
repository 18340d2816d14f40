"""How a value becomes text: the styles of OpenAPI 3 (3.1.1, "Style Values" and "Style Examples").

What lives here turns JSON values into texts and pairs; percent-encoding is the caller's function.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote

Encode = Callable[[str], str]

Pair = tuple[str, str]

RESERVED = ":/?@!$'()*,;"
"""Reserved characters that ``allowReserved`` leaves alone in a query: those of RFC 3986 that a query may hold and that
mean nothing to the pairs of a form."""

DELIMITERS = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}
"""What stands between the parts of a value that is one parameter of a query."""


def encoded(text: str) -> str:
    """Everything but unreserved characters percent-encoded."""
    return quote(text, safe="")


def encoded_reserved(text: str) -> str:
    """The same but for reserved characters."""
    return quote(text, safe=RESERVED)


def plain(text: str) -> str:
    """Text as it is, for headers and forms."""
    return text


def text_of(value: Any) -> str:
    """A single value as text; what is no single value as JSON (OpenAPI leaves nesting open)."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def of_path(style: str, explode: bool, name: str, value: Any, encode: Encode = encoded) -> str:
    """A value in a path: ``simple``, ``label`` or ``matrix``. In a header: ``simple``."""
    mark, between = {"label": (".", "."), "matrix": (";", ";")}.get(style, ("", ","))
    named = style == "matrix"
    if not isinstance(value, (dict, list)):
        text = encode(text_of(value))
        return mark + (name if not text else f"{name}={text}") if named else mark + text
    if not explode:
        return (f"{mark}{name}=" if named else mark) + ",".join(_flat(value, encode))
    if isinstance(value, dict):
        return mark + between.join(f"{encode(key)}={encode(text_of(inner))}" for key, inner in value.items())
    return mark + between.join(f"{name}={text}" if named else text for text in _flat(value, encode))


def of_query(style: str, explode: bool, name: str, value: Any, encode: Encode = encoded) -> Iterator[Pair]:
    """A value in a query, a cookie or a form as pairs; an empty list or object is no pair at all."""
    here = encoded(name) if encode is not plain else name
    if not isinstance(value, (dict, list)):
        yield here, encode(text_of(value))
    elif style == "deepObject":
        yield from _deep(name, value, encode)
    elif value and explode and isinstance(value, list):
        yield from ((here, text) for text in _flat(value, encode))
    elif value and explode and style == "form" and isinstance(value, dict):
        yield from ((encode(key), encode(text_of(one))) for key, inner in value.items() for one in _each(inner))
    elif value:
        delimiter = DELIMITERS.get(style, ",")
        yield here, (unquote(delimiter) if encode is plain else delimiter).join(_flat(value, encode))


def _flat(value: Any, encode: Encode) -> list[str]:
    """The elements of a list, or names and values of an object in turn."""
    if isinstance(value, list):
        return [encode(text_of(inner)) for inner in value]
    return [encode(text) for key, inner in value.items() for text in (key, text_of(inner))]


def _each(value: Any) -> list[Any]:
    """The values that travel under one name; OpenAPI leaves lists inside of objects open, and most services take them
    repeated."""
    return value if isinstance(value, list) else [value]


def _deep(name: str, value: Any, encode: Encode) -> Iterator[Pair]:
    """``name[key]``; below that, which OpenAPI leaves open, as most services take it."""
    for key, inner in value.items() if isinstance(value, dict) else ():
        here = f"{name}[{key}]"
        if isinstance(inner, dict):
            yield from _deep(here, inner, encode)
        else:
            for one in _each(inner):
                yield (encode(here) if encode is not encoded_reserved else encoded(here)), encode(text_of(one))
