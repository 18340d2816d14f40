"""Which JSON file of Postman's is a collection that can be read, and what the others are.

What lives here looks at root keys only.
"""

from __future__ import annotations

import re
from typing import Any

from ...model import Document, DocumentError, Route
from ..fields import Fields

WRAPPER = "collection"
"""The key around a collection that was fetched from Postman's own API."""

EXPORT = 'in Postman choose "Export" on the collection, and the format "Collection v2.1"'
"""What to do about a file that cannot be read."""

OTHER_FILES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"requests", "order"}), "a Postman collection of format 1"),
    (frozenset({"values", "_postman_variable_scope"}), "a Postman environment, not a collection"),
    (frozenset({"collections", "environments"}), "a Postman data dump, not a collection"),
)
"""Root keys of other files that Postman writes -> what they are."""

_VERSION = re.compile(r"/v([0-9][0-9.]*)/")
_KNOWN = re.compile(r"2(\.[01](\.[0-9]+)?)?")


def refuse(document: Document) -> None:
    """Raise DocumentError ``unsupported-version`` or ``not-a-collection`` for a file of Postman's that is none of its
    collections of format 2; return for all other files."""
    value = document.value
    for keys, kind in OTHER_FILES:
        if isinstance(value, dict) and keys <= value.keys():
            raise DocumentError(
                "unsupported-version" if "format 1" in kind else "not-a-collection",
                f'"{document.name}" is {kind}; collections of the formats 2.0 and 2.1 can be read',
                remedy=EXPORT,
                route=Route(document.name),
            )


def collection_of(value: Any, route: Route) -> tuple[dict[str, Any], Route]:
    """The collection in a document's value and where it stands: the root, or inside of a wrapper.

    Raises DocumentError ``not-a-collection`` for anything else.
    """
    found = value
    if isinstance(value, dict) and "item" not in value and WRAPPER in value:
        found, route = value[WRAPPER], route / WRAPPER
    if isinstance(found, dict) and isinstance(found.get("item"), list) and isinstance(found.get("info"), dict):
        return found, route
    raise DocumentError(
        "not-a-collection",
        f'"{route.document}" is no Postman collection: it needs "info", an object, and "item", a list',
        remedy=EXPORT,
        route=route,
    )


def unknown_version(info: Fields) -> str:
    """The version that ``info.schema`` names when it is none that is known; empty when it is known or not said."""
    schema = info.get("schema")
    found = _VERSION.search(schema) if isinstance(schema, str) else None
    return "" if found is None or _KNOWN.fullmatch(found[1]) else found[1]
