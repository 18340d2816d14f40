"""Extensions of the platform that a description has already: they stay, but for what the platform refuses.

Rules: reference, limits-and-certification, sections 3, 4 and 9.
"""

from __future__ import annotations

from typing import Any

from ...model import JsonObject
from .lowering import Lowering
from .place import Place

DYNAMIC = ("x-ms-dynamic-values", "x-ms-dynamic-schema", "x-ms-dynamic-list", "x-ms-dynamic-properties")
"""Extensions that name an operation."""

VALUES = "x-ms-enum-values"
"""Names for the values of an enum."""

PAGES = "x-ms-pageable"
"""Where the link to the next page is."""

NEXT_LINKS = ("nextLink", "@odata.nextLink")
"""What that link may be called."""


def dynamic(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """A step: choices or a shape that another operation gives; left out where there is no such operation."""
    id = value.get("operationId") if isinstance(value, dict) else None
    if isinstance(id, str) and low.ids is not None and id not in low.ids:
        low.notes.add("extension-refused", (at, key), f'"{key}" names the operation "{id}", which is not there')
    else:
        out[key] = value


def enum_values(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """A step for a whole schema: names of values; those of other values, of none and further ones are left out."""
    given = schema[VALUES]
    allowed = out.get("enum", ())
    kept: list[Any] = []
    for entry in given if isinstance(given, list) else ():
        named = isinstance(entry, dict) and isinstance(entry.get("displayName"), str)
        if named and entry.get("value") in allowed and all(entry["value"] != other["value"] for other in kept):
            kept.append(entry)
    if not isinstance(given, list) or len(kept) < len(given):
        message = f'"{VALUES}" names values twice, without "displayName" or not in "enum"; these are left out'
        low.notes.add("extension-refused", (at, VALUES), message)
    if kept:
        out[VALUES] = kept


def of_operation(extensions: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """The extensions of an operation."""
    pages = extensions.get(PAGES)
    if not isinstance(pages, dict) or pages.get("nextLinkName") in NEXT_LINKS:
        return extensions
    message = f'"{PAGES}" must name the next link "{NEXT_LINKS[0]}" or "{NEXT_LINKS[1]}"; it is left out'
    low.notes.add("extension-refused", (at, PAGES), message)
    return {key: value for key, value in extensions.items() if key != PAGES}


def of_parameter(extensions: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """The extensions of a parameter."""
    if extensions.keys().isdisjoint(DYNAMIC):
        return extensions
    out: JsonObject = {}
    for key, value in extensions.items():
        if key in DYNAMIC:
            dynamic(out, key, value, at, low)
        else:
            out[key] = value
    return out


def of_body(body: JsonObject, extensions: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A body parameter with its extensions; those about its shape stand in its schema."""
    kept = of_parameter(extensions, at, low)
    shape = {key: value for key, value in kept.items() if key in DYNAMIC}
    if not shape:
        return {**body, **kept}
    schema = {"allOf": [body["schema"]]} if "$ref" in body["schema"] else body["schema"]
    rest = {key: value for key, value in kept.items() if key not in shape}
    return {**body, "schema": {**schema, **shape}, **rest}
