"""Where in a description a part of the definition that was made of it comes from.

What lives here goes by ids and names, so that it can be told afterwards; below an operation or a shared part the keys
are taken to be the same, and a route that is not there stands for its nearest ancestor (``Document.position``).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..model import Document, Outline, Route

Keys = tuple[str | int, ...]

COMPONENTS = {"definitions": "schemas", "parameters": "parameters", "responses": "responses"}
"""Section of a Swagger 2.0 document -> the kind of component that OpenAPI 3 has in its place."""


def origin_of(keys: Keys, document: Document, outlines: Iterable[Outline]) -> Route:
    """The route in a description of the place ``keys`` of its definition; ``outlines`` are its operations."""
    if keys[:1] == ("paths",) and len(keys) > 1:
        return _operation(keys, document, outlines)
    if keys and isinstance(document.value, dict) and "openapi" in document.value and keys[0] in COMPONENTS:
        return Route(document.name, ("components", COMPONENTS[str(keys[0])], *keys[1:]))
    return Route(document.name, keys)


def _operation(keys: Keys, document: Document, outlines: Iterable[Outline]) -> Route:
    """The same for a place in or around an operation."""
    path, method = keys[1], str(keys[2]).upper() if len(keys) > 2 else ""
    for outline in outlines:
        if outline.path == path and outline.method == method:
            return outline.route.join(*keys[3:])
    return Route(document.name, keys)
