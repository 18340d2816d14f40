"""One document of several: what references lead to in other files is put into the main document.

The platform takes a definition as one file. What lives here follows references and knows where Swagger 2.0 keeps shared
parameters, responses and schemas.
"""

from __future__ import annotations

import re
from dataclasses import replace
from posixpath import basename, splitext
from typing import Any

from ..model import DocumentError, Finding, JsonObject, Refs, Route

Keys = tuple[str | int, ...]

_UNUSABLE = re.compile(r"[^0-9A-Za-z_.-]+")


def bundled(root: JsonObject, refs: Refs, document: str, notes: list[Finding]) -> JsonObject:
    """A Swagger 2.0 root object without references to other files; ``root`` itself when it has none.

    ``refs`` follows its references; ``document`` is its name for findings. A reference that leads nowhere is noted and
    stays as it is.
    """
    bundle = _Bundle(root, refs, document, notes)
    return bundle.run()


class _Bundle:
    """The state of one bundling."""

    def __init__(self, root: JsonObject, refs: Refs, document: str, notes: list[Finding]) -> None:
        self._root = root
        self._refs = refs
        self._document = document
        self._notes = notes
        self._places: dict[tuple[str, str], str] = {}
        """Section and reference -> the reference that stands for it."""
        self._added: dict[str, JsonObject] = {"definitions": {}, "parameters": {}, "responses": {}}
        self._waiting: list[tuple[str, str, Any]] = []
        """Section, name and value of what was named and not walked yet."""

    def run(self) -> JsonObject:
        """The bundled root."""
        root = self._walk(self._root, ())
        while self._waiting:
            section, name, value = self._waiting.pop()
            self._added[section][name] = self._walk(value, (section, name))
        if not self._places:
            return self._root
        for section, added in self._added.items():
            if added:
                root[section] = {**_object(root.get(section)), **added}
        result: JsonObject = root
        return result

    def _walk(self, value: Any, keys: Keys) -> Any:
        """A copy of ``value`` with its references replaced."""
        if isinstance(value, list):
            return [self._walk(item, (*keys, index)) for index, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        ref = value.get("$ref")
        if isinstance(ref, str) and ref and not ref.startswith("#"):
            return self._replaced(ref, value, keys)
        return {key: self._walk(item, (*keys, key)) for key, item in value.items()}

    def _replaced(self, ref: str, value: JsonObject, keys: Keys) -> JsonObject:
        """What stands in the place of a reference to another file."""
        section = _section(keys)
        place = self._places.get((section, ref))
        if place is None:
            try:
                found, _ = self._refs.resolve(ref)
            except DocumentError as error:
                self._notes.append(replace(error.finding, route=Route(self._document, keys) / "$ref"))
                return value
            if section == "paths":
                self._places[section, ref] = ""
                return _object(self._walk(found, keys))
            name = self._name(section, ref)
            place = self._places[section, ref] = f"#/{section}/{name}"
            self._waiting.append((section, name, found))
        return {**value, "$ref": place} if place else value

    def _name(self, section: str, ref: str) -> str:
        """A free name for what a reference leads to: its last key, or its file's name."""
        file, _, pointer = ref.partition("#")
        words = (pointer.rpartition("/")[2], splitext(basename(file))[0])
        stem = next((word for word in (_UNUSABLE.sub("_", word).strip("_") for word in words) if word), "Shared")
        taken = {**_object(self._root.get(section)), **self._added[section]}
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}_{number}"
        self._added[section][name] = {}
        return name


def _section(keys: Keys) -> str:
    """Where what a reference at ``keys`` leads to belongs: a section of the root, or ``paths`` for a path item."""
    match keys:
        case ("paths", _):
            return "paths"
        case ("paths", _, "parameters", _) | ("paths", _, _, "parameters", _) | ("parameters", _):
            return "parameters"
        case ("paths", _, _, "responses", _) | ("responses", _):
            return "responses"
        case _:
            return "definitions"


def _object(value: Any) -> JsonObject:
    """``value`` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
