"""Following ``$ref`` through the documents of one description.

What lives here finds values; it reads no file itself (a loader is given) and says what is wrong without noting it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import unquote

from ...model import Document, DocumentError, keys_of_pointer, nearest
from .place import Place, Source, route_of, source_of

Loader: TypeAlias = Callable[[str], Document]
"""Gives another document of the description by its path relative to the main one (forward slashes); raises
DocumentError when there is none. Whoever gives it refuses paths that lead out of the description's folder."""

MOST_HOPS = 32
"""References that one pointer may pass through on its way; the corpus needs two."""

MOST_NAMES = 2_000
"""Names that are searched for one like a misspelt one; among more it would take too long."""

MOST_HINTS = 20
"""Broken references for which a like name is searched; who has more does not need a hint."""

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_NOTHING = object()

Found: TypeAlias = tuple[Any, Place]
"""A value and where it stands."""


class Broken(NamedTuple):
    """Why a reference leads nowhere."""

    rule: str
    """Id of the kind of finding."""
    message: str
    remedy: str = ""


class Target(NamedTuple):
    """What a reference says, without looking whether it is there."""

    file: str
    """Path of the document relative to the main document's folder."""
    fragment: str
    """What follows the ``#``, as written."""


class References:
    """Finds what references point to, each once."""

    __slots__ = ("_found", "_hints", "_load", "_sources", "main")

    def __init__(self, main: Source, load: Loader | None) -> None:
        """Takes the main document and the loader of the others; None when there is nowhere to load them from."""
        self.main = main
        self._load = load
        self._hints = MOST_HINTS
        self._sources: dict[str, Source | Broken] = {main.file: main}
        self._found: dict[tuple[str, str], Found | Broken] = {}

    def find(self, ref: str, source: Source) -> Found | Broken:
        """What ``ref``, written in ``source``, points to: a value that may be a reference again."""
        key = (source.file, ref)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(ref, source, MOST_HOPS)
        return found

    def target(self, ref: str, source: Source) -> Target:
        """What ``ref``, written in ``source``, says. A URL stays as it is in the place of the file."""
        file, _, fragment = ref.partition("#")
        if not file:
            return Target(source.file, fragment)
        if _REMOTE.match(file):
            return Target(file, fragment)
        return Target(posixpath.normpath(posixpath.join(posixpath.dirname(source.file), unquote(file))), fragment)

    def _find(self, ref: str, source: Source, hops: int) -> Found | Broken:
        """Find a reference of which ``hops`` others may still stand on the way."""
        if hops == 0:
            return Broken("ref-loop", f'reference "{ref}" passes through references that only lead back to each other')
        if _REMOTE.match(ref):
            return self._of_url(ref, source, hops)
        target = self.target(ref, source)
        holder = self._source(target.file, ref)
        if isinstance(holder, Broken):
            return holder
        if target.fragment and not target.fragment.startswith("/"):
            return self._anchor(ref, target.fragment, holder)
        return self._walk(ref, target.fragment, (holder.value, holder), hops)

    def _of_url(self, ref: str, source: Source, hops: int) -> Found | Broken:
        """What a URL leads to: a schema of the document that has it as ``$id``, or something inside of one."""
        url, _, fragment = ref.partition("#")
        anchors = self._anchors(source)
        found = anchors.get(ref) or anchors.get(url)
        if found is None:
            return Broken("remote-ref", f'reference "{ref}" is a URL, which is not fetched')
        if ref in anchors or not fragment:
            return found
        return self._walk(ref, fragment, found, hops) if fragment[0] == "/" else self._anchor(ref, fragment, source)

    def _source(self, file: str, ref: str) -> Source | Broken:
        """The document behind a path, loaded once."""
        known = self._sources.get(file)
        if known is None:
            known = self._sources[file] = self._loaded(file, ref)
        return known

    def _loaded(self, file: str, ref: str) -> Source | Broken:
        """Load a document."""
        if self._load is None:
            return Broken(
                "unloadable-ref", f'reference "{ref}" leads to another file, and there is no folder to look in'
            )
        try:
            document = self._load(file)
        except DocumentError as error:
            return Broken("unloadable-ref", f'reference "{ref}" cannot be read: {error}', error.finding.remedy)
        return Source(name=document.name, value=document.value, file=file)

    def _walk(self, ref: str, fragment: str, found: Found, hops: int) -> Found | Broken:
        """Walk a JSON Pointer from a value. A reference on the way is followed, one at the end given back as it is."""
        for key in keys_of_pointer(fragment):
            holder = self._through(found, key, hops)
            if isinstance(holder, Broken):
                return holder
            child = _step(*holder, key)
            if child is None:
                return self._dangling(ref, holder, unquote(key))
            found = child
        return found

    def _dangling(self, ref: str, holder: Found, key: str) -> Broken:
        """Say that a reference leads nowhere because an object has no such key, and which key is like it."""
        value, at = holder
        known = [name for name in value if isinstance(name, str)] if isinstance(value, dict) else []
        self._hints -= 1
        close = nearest(key, known) if self._hints >= 0 and len(known) <= MOST_NAMES else ()
        hint = "did you mean " + " or ".join(f'"{name}"' for name in close) + "?" if close else ""
        where = route_of(at).pointer or "/"
        return Broken("dangling-ref", f'reference "{ref}" leads nowhere: there is no "{key}" in "{where}"', hint)

    def _through(self, holder: Found, key: str, hops: int) -> Found | Broken:
        """A value from which a pointer goes on with ``key``: what is behind it where it is a reference."""
        value, at = holder
        while isinstance(value, dict) and isinstance(ref := value.get("$ref"), str) and key not in value:
            hops -= 1
            found = self._find(ref, source_of(at), hops)
            if isinstance(found, Broken):
                return found
            value, at = found
        return value, at

    def _anchor(self, ref: str, name: str, source: Source) -> Found | Broken:
        """What carries the ``$anchor`` called ``name``."""
        found = self._anchors(source).get("#" + unquote(name))
        return found or Broken(
            "dangling-ref", f'reference "{ref}" leads nowhere: there is no "$anchor" called "{name}"'
        )

    def _anchors(self, source: Source) -> dict[str, Found]:
        """Everything in a document that is called by ``$anchor`` or ``$id``; the first of a name counts."""
        if source.anchors is None:
            source.anchors = {}
            for name, found in _named(source):
                source.anchors.setdefault(name, found)
        return source.anchors


def _named(source: Source) -> Iterator[tuple[str, Found]]:
    """The names of ``$anchor`` (with ``#``) and ``$id`` in document order, each with what carries it."""
    stack: list[Found] = [(source.value, source)]
    while stack:
        value, at = stack.pop()
        if isinstance(value, dict):
            for key, mark in (("$anchor", "#"), ("$dynamicAnchor", "#"), ("$id", "")):
                if isinstance(name := value.get(key), str):
                    yield mark + name, (value, at)
            stack.extend((child, (at, key)) for key, child in reversed(value.items()))
        elif isinstance(value, list):
            stack.extend((child, (at, index)) for index, child in reversed(list(enumerate(value))))


def _step(value: Any, at: Place, key: str) -> Found | None:
    """One step of a pointer. A key is tried as RFC 6901 wants it (percent-decoded), then as it is written."""
    for name in (unquote(key), key) if "%" in key else (key,):
        child = _child(value, name)
        if child is not _NOTHING:
            return child, (at, int(name) if isinstance(value, list) else name)
    return None


def _child(value: Any, name: str) -> Any:
    """A member or element of a JSON value, or the marker for nothing."""
    if isinstance(value, dict):
        return value.get(name, _NOTHING)
    if isinstance(value, list) and name.isascii() and name.isdigit() and len(name) < 10 and int(name) < len(value):
        return value[int(name)]
    return _NOTHING
