"""Routes: where in a document something stands, as keys and indices.

A route costs nothing to make and to carry. It becomes a line and a column only when somebody looks at it
(``source.document.SourceDocument.position``). What lives here must not read files or know a text format.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a text, as editors count: the first character of a file is line 1, column 1."""

    line: int
    """1-based line."""
    column: int
    """1-based column, in characters."""


@dataclass(frozen=True, slots=True)
class Route:
    """Keys and indices from the root of one document to one value."""

    document: str = ""
    """Name of the document as the user knows it, for example ``apiDefinition.swagger.json``; empty when unknown."""
    keys: tuple[str | int, ...] = ()
    """Object keys (str) and array indices (int), outermost first; empty for the whole document."""

    def __truediv__(self, key: str | int) -> Route:
        """The route of a child: ``route / "paths" / "/items" / 0``."""
        return Route(self.document, (*self.keys, key))

    def join(self, *keys: str | int) -> Route:
        """The route of a deeper value, several steps at once."""
        return Route(self.document, self.keys + keys)

    @property
    def parent(self) -> Route:
        """The route of the value that holds this one; the root is its own parent."""
        return Route(self.document, self.keys[:-1])

    @property
    def pointer(self) -> str:
        """The route as a JSON Pointer (RFC 6901), for example ``/paths/~1items/get``; empty for the root."""
        return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in self.keys)

    def __str__(self) -> str:
        return f"{self.document}#{self.pointer}" if self.keys else self.document


def keys_of_pointer(pointer: str) -> tuple[str, ...]:
    """The keys of a JSON Pointer (``/a/b~1c`` or ``#/a/b~1c``), unescaped; array indices stay text.

    Percent-escapes are not touched: a URI fragment must be decoded by whoever took it from a URI.
    """
    text = pointer.removeprefix("#")
    if not text:
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in text.removeprefix("/").split("/"))
