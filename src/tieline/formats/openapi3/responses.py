"""Responses and their headers, as Swagger 2.0 has them."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, NamedTuple

from ...model import JsonObject
from .bodies import MEDIA_KNOWN, body_schema
from .definitions import flat
from .directions import REPLY, in_direction
from .finishing import finished_schema
from .lowering import Lowering, Part
from .media import JSON, chosen, example_of
from .place import Place
from .schemas import lower_schema
from .values import is_object, kept, value_fields, with_description

KNOWN = frozenset({"description", "summary", "headers", "content", "links"})
"""Fields of a response object."""

HEADER_KNOWN = frozenset(
    {"description", "required", "deprecated", "style", "explode", "schema", "example", "examples"}
) | frozenset({"content"})
"""Fields of a header object."""

_CODE = re.compile(r"[1-5][0-9][0-9]")
_RANGE = re.compile(r"[1-5][Xx][Xx]")


class Responses(NamedTuple):
    """What an operation may be answered."""

    value: JsonObject
    """Code -> Swagger response."""
    places: dict[str, Place]
    """Code -> where the response is written."""
    media_types: list[str]
    """Of all bodies, each once."""


class Response(NamedTuple):
    """One response."""

    value: JsonObject
    media_type: str
    """Empty for no body."""


def lower_responses(value: JsonObject, at: Place, low: Lowering) -> Responses:
    """The responses of an operation."""
    out = Responses({}, {}, [])
    for written, code in _codes(value, at, low).items():
        part = low.follow(value[written], (at, written))
        if part is None:
            continue
        shared = isinstance(value[written], dict) and "$ref" in value[written]
        response = low.once(lower_response, *part) if shared else lower_response(*part, low)
        out.value[code] = _described(response.value, code)
        out.places[code] = part[1]
        if response.media_type and response.media_type not in out.media_types:
            out.media_types.append(response.media_type)
    if not out.value:
        low.notes.add("missing-responses", at, "no response is declared; an empty one is added")
        out.value["default"] = {"description": "Any reply"}
    out.value.update({key: child for key, child in value.items() if key.startswith("x-")})
    return out


def _codes(value: JsonObject, at: Place, low: Lowering) -> dict[str, str]:
    """Code as written -> code in Swagger, in order of writing. A range takes the lowest code that is free."""
    written = [code for code in value if not code.startswith("x-")]
    taken = {code for code in written if _CODE.fullmatch(code)}
    codes: dict[str, str] = {}
    for code in written:
        if code == "default" or code in taken:
            codes[code] = code
        elif _RANGE.fullmatch(code):
            first = int(code[0]) * 100
            free = next((text for text in map(str, range(first, first + 100)) if text not in taken), "")
            taken.add(free)
            codes |= {code: free} if free else {}
            message = f'stands at "{free}"' if free else "is left out, since every code of it is declared"
            low.notes.add("response-range", (at, code), f'the response for "{code}" {message}')
        else:
            low.notes.add("bad-response-code", (at, code), f'"{code}" is no response code; the response is left out')
    return codes


def _described(response: JsonObject, code: str) -> JsonObject:
    """A response with the description that Swagger requires: where it has none, the usual words for the code."""
    if response["description"] or not code.isdigit():
        return response
    try:
        return {**response, "description": HTTPStatus(int(code)).phrase}
    except ValueError:
        return response


def lower_response(value: JsonObject, at: Place, low: Lowering) -> Response:
    """One response."""
    out: JsonObject = {"description": low.text_at(value, at, "description") or low.text_at(value, at, "summary")}
    content = low.object_at(value, at, "content")
    choice = chosen(content, low, reply=True)
    name = ""
    if choice is not None:
        name, (media, place) = choice
        schema = lower_schema(media.get("schema", {}), (place, "schema"), low)
        if "*" in name:
            name = "application/octet-stream" if schema.get("format") == "binary" else JSON
        whole = in_direction(body_schema(name, schema, (media, place), low), REPLY, low)
        out["schema"] = finished_schema(whole, (place, "schema"), low)
        out |= low.extras(media, place, MEDIA_KNOWN)
    headers = _headers(low.object_at(value, at, "headers"), low)
    if headers:
        out["headers"] = headers
    for example in example_of(media, place, low) if choice is not None else ():
        out["examples"] = {name: example}
    return Response({**out, **low.extras(value, at, KNOWN)}, name)


def _headers(headers: Part, low: Lowering) -> JsonObject:
    """The headers of a response. ``Content-Type`` is ignored, as OpenAPI says."""
    out: JsonObject = {}
    for name, written in headers[0].items():
        if any(name.lower() == known.lower() for known in out):
            low.notes.add("duplicate-header", (headers[1], name), f'the header "{name}" occurred before')
            continue
        part = low.follow(written, (headers[1], name)) if name.lower() != "content-type" else None
        if part is not None:
            out[name] = low.once(_header, *part)
    return out


def _header(value: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """One header."""
    value = low.with_flags(value, at, ("required", "deprecated"))
    schema: Any = flat(lower_schema(value.get("schema", {}), (at, "schema"), low), low)
    if is_object(schema) or "content" in value:
        low.notes.add("parameter-style", at, "the header holds an object; it becomes a text")
        schema = {}
    out = value_fields(schema, (at, "schema"), low)
    out = with_description(out, value.get("description"), schema.get("description"))
    out |= {"x-required": True} if value.get("required") is True else {}
    return {**out, **low.extras(value, at, HEADER_KNOWN), **kept(value, at, low)}
