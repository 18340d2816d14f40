"""Following ``$ref`` inside one document, and from it into others.

What lives here walks JSON Pointers. It reads no file itself and copies nothing of the main document.
"""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote

from ..model import Document, DocumentError, Route, did_you_mean, keys_of_pointer

MOST_HOPS = 32
"""References that one walk may pass through before it counts as a loop; the corpus needs none."""

_NOTHING = object()


class LocalRefs:
    """Follows references of one document, like ``#/definitions/Product``; implements ``model.Refs``.

    With a loader it follows references to other documents too, like ``schemas/pet.json#/Pet``. Those are loaded when
    first needed, and the references inside them are made relative to the main document, so that the text of a reference
    says all.
    """

    __slots__ = ("_found", "_load", "_others", "_root", "_route")

    def __init__(self, root: Any, route: Route, load: Callable[[str], Document] | None = None) -> None:
        """Takes the document's root value and route, and what loads another document by its relative path."""
        self._root = root
        self._route = route
        self._load = load
        self._found: dict[str, tuple[Any, Route]] = {}
        self._others: dict[str, tuple[Any, Route]] = {}

    def resolve(self, ref: str) -> tuple[Any, Route]:
        """The value that ``ref`` points to and its route, remembered for the next time.

        A reference that stands on the way is followed; one at the end is given back as it is. Raises DocumentError:
        ``dangling-ref`` when nothing is there or the other document cannot be had, ``ref-loop`` when references on the
        way only lead to each other, and what the loader raises.
        """
        return self._resolved(ref, MOST_HOPS)

    def _resolved(self, ref: str, hops: int) -> tuple[Any, Route]:
        """The same, where ``hops`` references may still be passed through. Each reference is walked once only."""
        found = self._found.get(ref)
        if found is None:
            found = self._found[ref] = self._walked(ref, hops)
        return found

    def _walked(self, ref: str, hops: int) -> tuple[Any, Route]:
        """Walk a pointer from the root of the document that it is about."""
        file, _, pointer = ref.partition("#")
        value, here = self._other(file) if file else (self._root, self._route)
        for key in keys_of_pointer(pointer):
            while isinstance(value, dict) and isinstance(inner := value.get("$ref"), str) and key not in value:
                hops -= 1
                self._check_hops(ref, hops)
                value, here = self._resolved(inner, hops)
            value, here = self._step(ref, value, here, key)
        return value, here

    def _check_hops(self, ref: str, hops: int) -> None:
        """Raises DocumentError when no further reference may be passed through."""
        if hops < 0:
            raise DocumentError(
                "ref-loop",
                f'reference "{ref}" leads through references that only lead to each other',
                remedy="let one of them be a value of its own",
                route=self._route,
            )

    def _other(self, file: str) -> tuple[Any, Route]:
        """The root of another document, its references made relative to the main one."""
        found = self._others.get(file)
        if found is not None:
            return found
        if self._load is None or "://" in file:
            raise DocumentError(
                "dangling-ref",
                f'reference to "{file}" leads out of the document',
                remedy='a reference inside it starts with "#/", for example "#/definitions/Product"',
                route=self._route,
            )
        document = self._load(unquote(file))
        found = self._others[file] = _rebased(document.value, file), Route(document.name)
        return found

    def _step(self, ref: str, value: Any, here: Route, key: str) -> tuple[Any, Route]:
        """One step of a walk. A key is tried as RFC 6901 wants it (percent-decoded), then as it is written."""
        for name in (unquote(key), key) if "%" in key else (key,):
            child = _child(value, name)
            if child is not _NOTHING:
                return child, here / (int(name) if isinstance(value, list) else name)
        known = [name for name in value if isinstance(name, str)] if isinstance(value, dict) else []
        raise DocumentError(
            "dangling-ref",
            f'reference "{ref}" leads nowhere: there is no "{key}" in "{here.pointer or "/"}"',
            remedy=did_you_mean(unquote(key), known) or "add what it points to, or take the reference out",
            route=self._route,
        )


def _child(value: Any, name: str) -> Any:
    """A member or element of a JSON value, or the marker for nothing."""
    if isinstance(value, dict):
        return value.get(name, _NOTHING)
    if isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 10 and int(name) < len(value):
        return value[int(name)]
    return _NOTHING


def _rebased(value: Any, base: str) -> Any:
    """A copy of ``value``, which stands in the document ``base``, with references relative to the main document."""
    if isinstance(value, list):
        return [_rebased(item, base) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: _rebased(item, base) for key, item in value.items()}
    ref = copy.get("$ref")
    if isinstance(ref, str):
        file, mark, pointer = ref.partition("#")
        if "://" not in file:
            copy["$ref"] = (normpath(join(dirname(base), file)) if file else base) + mark + pointer
    return copy
