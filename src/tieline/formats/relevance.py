"""Which findings about a description still say something when only some of its operations are wanted.

What lives here knows where descriptions of any dialect keep what several operations share; it follows references no
further than to tell what is out of reach. Where that cannot be told a finding stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from posixpath import dirname, join, normpath
from typing import Any
from urllib.parse import unquote

from ..model import Document, Finding, Outline, Route, keys_of_pointer

Keys = tuple[str | int, ...]

SHARED = {
    "definitions": 2,
    "parameters": 2,
    "responses": 2,
    "components": 3,
}
"""Section of a description for shared parts -> how many keys name one of them."""

REFERRING = ("$ref", "$dynamicRef")
"""Keys whose text leads somewhere else."""

HOLDING = frozenset({"paths", "webhooks", "x-webhooks"})
"""Sections of a description whose members hold operations."""

UNREFERRED = frozenset({"securitySchemes"})
"""Components that are used by name and not by reference."""


def relevant(
    findings: Iterable[Finding],
    document: Document,
    documents: Mapping[str, Document],
    outlines: Iterable[Outline],
    dropped: Collection[str],
) -> tuple[Finding, ...]:
    """The findings without those about dropped operations, and about shared parts that only these use.

    ``document`` is the description, ``documents`` it and the others that belong to it; ``outlines`` are its operations,
    ``dropped`` the ids of those that are not wanted.
    """
    reached = _Reached(document, documents)
    places: dict[Keys, bool] = {}
    holders: set[Keys] = set()
    for outline in outlines:
        kept = outline.id not in dropped
        if kept:
            reached.enter(outline.route.document, outline.route.keys)
            reached.enter(outline.route.document, (outline.route.parent / "parameters").keys)
            holders |= {("paths", outline.path), ("paths", outline.path[1:]), outline.route.keys[:2]}
        if outline.route.document == document.name:
            places[outline.route.keys] = kept or places.get(outline.route.keys, False)
    return tuple(finding for finding in findings if _stays(finding.route, document.name, places, holders, reached))


def _stays(route: Route, main: str, places: Mapping[Keys, bool], holders: Collection[Keys], reached: _Reached) -> bool:
    """Whether a finding at a route concerns what is kept: ``places`` are all operations and whether they are,
    ``holders`` what holds a kept one."""
    keys = route.keys
    if route.document != main or not keys:
        return reached.holds(route.document, keys)
    own = next((places[keys[:length]] for length in range(len(keys), 0, -1) if keys[:length] in places), None)
    if own is not None:
        return own or reached.covers(main, keys)
    if len(keys) > 1 and keys[0] in HOLDING:
        return keys[:2] in holders or reached.holds(main, keys)
    length = SHARED.get(str(keys[0]))
    if length is None or len(keys) < length or keys[1] in UNREFERRED:
        return True
    return reached.holds(main, keys[:length])


class _Reached:
    """The places that operations lead to by reference."""

    def __init__(self, main: Document, documents: Mapping[str, Document]) -> None:
        self._main = main.name
        self._documents = documents
        self._places: dict[str, set[Keys]] = {}
        self._above: dict[str, set[Keys]] = {}

    def holds(self, document: str, keys: Keys) -> bool:
        """Whether a place is inside of one that was reached, or holds one."""
        if document not in self._documents or not keys:
            return True
        return self.covers(document, keys) or keys in self._above.get(document, ())

    def covers(self, document: str, keys: Keys) -> bool:
        """Whether a place is one that was reached, or inside of one."""
        places = self._places.get(document, ())
        return any(keys[:length] in places for length in range(len(keys) + 1))

    def enter(self, document: str, keys: Keys) -> None:
        """Note a place and all that it leads to."""
        waiting = [(document, keys)]
        while waiting:
            document, keys = waiting.pop()
            places = self._places.setdefault(document, set())
            if keys in places or document not in self._documents:
                continue
            places.add(keys)
            self._above.setdefault(document, set()).update(keys[:length] for length in range(len(keys)))
            value = _value_at(self._documents[document].value, keys)
            waiting.extend(self._target(ref, document) for ref in _refs(value))

    def _target(self, ref: str, document: str) -> tuple[str, Keys]:
        """The document and the place that a reference of a document leads to; the whole document where that cannot be
        told from the text of the reference."""
        file, _, pointer = ref.partition("#")
        if file:
            base = "" if document == self._main else dirname(document)
            document = normpath(join(base, unquote(file)))
        if document not in self._documents or not pointer.startswith("/"):
            return document, ()
        return document, _settled(self._documents[document].value, keys_of_pointer(pointer))


def _refs(value: Any) -> list[str]:
    """Every reference inside a value, also those that a discriminator maps to."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
            found.extend(ref for key in REFERRING if isinstance(ref := here.get(key), str))
            mapping = here.get("mapping")
            if isinstance(mapping, dict) and "propertyName" in here:
                found.extend(_mapped(target) for target in mapping.values() if isinstance(target, str))
        elif isinstance(here, list):
            waiting.extend(here)
    return found


def _mapped(target: str) -> str:
    """What a discriminator maps to, as a reference: it may be a name only."""
    return target if any(mark in target for mark in "#/.") else f"#/components/schemas/{target}"


def _settled(value: Any, pointer: Iterable[str]) -> Keys:
    """The keys of a pointer as the document has them: indices as numbers, percent-escapes decoded."""
    keys: list[str | int] = []
    for key in pointer:
        name = key if isinstance(value, dict) and key in value else unquote(key)
        keys.append(int(name) if isinstance(value, list) and name.isdecimal() else name)
        value = _value_at(value, keys[-1:])
    return tuple(keys)


def _value_at(value: Any, keys: Iterable[str | int]) -> Any:
    """The value at some keys; None where there is nothing."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return value
