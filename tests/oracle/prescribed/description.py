"""An OpenAPI 3 description as plain values, and its references.

What lives here reads files and follows ``$ref``; it knows nothing of what an object means. Nothing of Tieline is used.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

MOST_HOPS = 40
"""References in a row that are followed; more of them lead in a circle."""


class Yaml12Loader(yaml.CSafeLoader):
    """YAML as OpenAPI wants it: no dates, and of the words only ``true`` and ``false`` are booleans."""


Yaml12Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
Yaml12Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def parsed(text: str, name: str) -> Any:
    """The value of a JSON or YAML text."""
    return json.loads(text) if name.endswith(".json") else yaml.load(text, Yaml12Loader)


class Description:
    """The documents of one description, each read when it is first needed."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        """Takes the main document's name and what gives the value of a document by its path beside the main one."""
        self.name = name
        self._read = read
        self._values: dict[str, Any] = {}

    @property
    def root(self) -> Node:
        """The main document."""
        return Node(self.document(self.name), self.name, (), self)

    def document(self, name: str) -> Any:
        """The value of a document; None when there is none."""
        if name not in self._values:
            try:
                self._values[name] = self._read(name)
            except (OSError, ValueError, yaml.YAMLError):
                self._values[name] = None
        return self._values[name]


def of_file(path: Path) -> Description:
    """The description whose main document is that file."""
    return Description(path.name, lambda name: parsed((path.parent / name).read_text(encoding="utf-8-sig"), name))


def of_value(value: Any) -> Description:
    """The description that is one value."""
    return Description("api.json", lambda name: value if name == "api.json" else None)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A value and where it stands."""

    value: Any
    """None for nothing."""
    file: str
    keys: tuple[str | int, ...]
    description: Description

    def __truediv__(self, key: str | int) -> Node:
        """A member or an element as it is written; nothing when there is none."""
        value = None
        if isinstance(self.value, dict):
            value = self.value.get(key)
        elif isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            value = self.value[key]
        return Node(value, self.file, (*self.keys, key), self.description)

    def at(self, key: str | int) -> Node:
        """A member or an element behind its reference."""
        return (self / key).followed()

    def get(self, key: str, default: Any = None) -> Any:
        """The plain value of a member; ``default`` when there is none, or one of another type than the default's."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        fits = found is not None and (default is None or isinstance(found, type(default)))
        return found if fits else default

    def names(self, key: str) -> list[str]:
        """The texts in the list that a member is."""
        return [one for one in self.get(key, []) if isinstance(one, str)]

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of an object, behind their references."""
        for key in self.value if isinstance(self.value, dict) else ():
            yield str(key), self.at(key)

    def elements(self) -> Iterator[Node]:
        """The elements of a list, as they are written."""
        for index in range(len(self.value) if isinstance(self.value, list) else 0):
            yield self / index

    @property
    def ref(self) -> str | None:
        """The reference that this is."""
        ref = self.get("$ref")
        return ref if isinstance(ref, str) else None

    def followed(self) -> Node:
        """What is behind the reference, or this; nothing where it leads nowhere."""
        here, hops = self, 0
        while (ref := here.ref) is not None:
            hops += 1
            here = here.target(ref) if hops < MOST_HOPS else here.nothing()
        return here

    def target(self, ref: str) -> Node:
        """What a reference that stands here points to; nothing where it leads nowhere."""
        file, _, fragment = ref.partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(self.file), unquote(file))) if file else self.file
        if "://" in file or self.description.document(name) is None:
            return self.nothing()
        here = Node(self.description.document(name), name, (), self.description)
        if fragment and not fragment.startswith("/"):
            return next((found for found in _all(here) if found.get("$anchor") == unquote(fragment)), self.nothing())
        for key in fragment.split("/")[1:]:
            here = _step(here, unquote(key).replace("~1", "/").replace("~0", "~"))
        return here

    def nothing(self) -> Node:
        """No value, here."""
        return Node(None, self.file, self.keys, self.description)


def _step(here: Node, key: str) -> Node:
    """One step of a pointer; a reference on the way is followed."""
    if here.ref is not None and key not in here.value:
        here = here.followed()
    return here / (int(key) if isinstance(here.value, list) and key.isdigit() else key)


def _all(node: Node) -> Iterator[Node]:
    """A node and all nodes in it."""
    yield node
    inside = node.value if isinstance(node.value, dict) else range(len(node.value)) if _is_list(node.value) else ()
    for key in inside:
        yield from _all(node / key)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)
