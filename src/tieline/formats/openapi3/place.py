"""Places: where a value of a description stands, in a form that costs next to nothing to make.

A walk over a large description makes one for every value and shows hardly any, so a place is the place above and one
key. It becomes a ``Route`` when a finding needs one. What lives here knows nothing of OpenAPI.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from ...model import Route


class Source:
    """One document of a description; itself the place of the document's root."""

    __slots__ = ("anchors", "file", "name", "value")

    def __init__(self, *, name: str, value: Any, file: str) -> None:
        """Takes the name that routes show, the JSON value, and the path relative to the main document's folder."""
        self.name = name
        self.value = value
        self.file = file
        """With forward slashes, without ``.`` and where possible without ``..``, for example ``schemas/pet.yaml``."""
        self.anchors: dict[str, tuple[Any, Place]] | None = None
        """``$anchor`` and ``$id`` texts with what carries them; None until somebody asks."""


Place: TypeAlias = "Source | tuple[Place, str | int]"
"""A document, or the place above and a key or index."""


def route_of(at: Place) -> Route:
    """The route of a place."""
    keys: list[str | int] = []
    while isinstance(at, tuple):
        at, key = at
        keys.append(key)
    return Route(at.name, tuple(reversed(keys)))


def source_of(at: Place) -> Source:
    """The document that a place is in."""
    while isinstance(at, tuple):
        at = at[0]
    return at


def key_of(at: Place) -> str:
    """The last key of a place as text; the document's name for its root."""
    return str(at[1]) if isinstance(at, tuple) else at.name
