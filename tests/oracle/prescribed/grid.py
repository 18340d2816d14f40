"""Every combination of place, style, explode and type of a parameter that OpenAPI 3.1.1 defines ("Style Values")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form",),
}
"""The styles that each place has."""

SCHEMAS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "list": {"type": "array", "items": {"type": "integer"}},
    "object": {"type": "object", "properties": {"x": {"type": "integer"}, "y": {"type": "boolean"}}},
}


def combinations() -> Iterator[tuple[str, dict[str, Any]]]:
    """A name and a description in short for each combination."""
    for place, styles in STYLES.items():
        for style in styles:
            for explode in (False, True):
                for kind in SCHEMAS:
                    if is_defined(place, style, kind, explode=explode):
                        name = f"style: {place} {style} {'exploded ' if explode else ''}{kind}"
                        yield name, described(place, style, kind, explode=explode)


def is_defined(place: str, style: str, kind: str, *, explode: bool) -> bool:
    """Whether OpenAPI says what a combination is: not where its table has n/a, and not of several values in a cookie,
    for which it warns of ``form`` (Appendix D)."""
    single = kind in ("text", "number")
    if place == "cookie":
        return single
    if style == "deepObject":
        return kind == "object" and explode
    return style not in ("spaceDelimited", "pipeDelimited") or not (single or explode)


def described(place: str, style: str, kind: str, *, explode: bool) -> dict[str, Any]:
    """A description in short whose operation has that parameter."""
    parameter = {"name": "a", "in": place, "style": style, "explode": explode, "schema": SCHEMAS[kind]}
    if place == "path":
        return {"path": "/things/{a}/x", "operation": {"parameters": [{**parameter, "required": True}]}}
    return {"operation": {"parameters": [parameter]}}
