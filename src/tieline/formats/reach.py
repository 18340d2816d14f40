"""What some operations of a definition need: the shared parts that they refer to, and the operations that they lean on.

What lives here looks at a Swagger 2.0 document and changes nothing. Reference: openapi-extensions, sections 2 and 3,
and triggers, section 1.2.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from ..model import DocumentError, JsonObject, Refs, keys_of_pointer
from .openapi2.outline import Listed

SHARED = ("definitions", "parameters", "responses")
"""Sections of a definition whose members are there to be referred to."""

DYNAMIC = frozenset(f"x-ms-dynamic-{kind}" for kind in ("values", "list", "schema", "properties", "tree"))
"""Extensions that take something from the reply of another operation, which they name with ``operationId``."""

RELATED = frozenset({"x-ms-operation-context", "x-ms-notification"})
"""Other extensions that name an operation which the platform calls."""

CALLING = DYNAMIC | RELATED
"""All of these."""

CAPABILITIES = "x-ms-capabilities"
"""Where the root of a definition names operations for two purposes."""

TEST = "testConnection"
"""The one: an operation that says whether a connection works."""

FILE_PICKER = "file-picker"
"""The other: operations that show files to pick from, for every value of the capability of that name."""

NOTIFICATION = "x-ms-notification-content"
"""Where a path item says what a webhook trigger is sent."""


class Reach:
    """What operations need, collected while they are entered one by one."""

    def __init__(self, root: JsonObject, refs: Refs, listed: Sequence[Listed]) -> None:
        """Takes the definition, what follows its references, and its operations."""
        self.shared: dict[str, set[str]] = {section: set() for section in SHARED}
        """Section -> names in it that are needed."""
        self.operations: dict[str, str] = {}
        """Id of an operation that another one needs -> why, in words."""
        self.picks_files = False
        """Whether an operation lets its user pick a file by the operations that the root names for it."""
        self._refs = refs
        self._listed = {entry.outline.id: entry for entry in listed}
        self._declared = {str(entry.operation.get("operationId")): name for name, entry in self._listed.items()}
        self._capabilities = _object(root.get(CAPABILITIES))
        self._seen: set[int] = set()
        self._entered: set[str] = set()

    def enter(self, names: Iterable[str]) -> None:
        """Collect what the operations of these ids need, and what the operations that they need do, and so on."""
        waiting = deque(names)
        while waiting:
            name = waiting.popleft()
            if name in self._entered:
                continue
            self._entered.add(name)
            entry = self._listed[name]
            found = dict(self._named(entry.operation, name))
            for key, value in entry.path_item.items():
                if key == "parameters" or key.startswith("x-"):
                    found |= self._named(value, name)
            found |= self._removers(entry)
            self._need(found)
            waiting.extend(found)

    def enter_root(self) -> None:
        """Collect what the root names, whatever operations there are: that which tests a connection."""
        test = self._declared.get(str(_object(self._capabilities.get(TEST)).get("operationId")))
        if test is not None:
            self._need({test: "it tests a connection"})
            self.enter([test])

    def _need(self, found: Mapping[str, str]) -> None:
        for name, reason in found.items():
            self.operations.setdefault(name, reason)

    def _named(self, value: Any, name: str) -> Iterator[tuple[str, str]]:
        """The operations that a value names, with what its references lead to; the parts it reaches are noted."""
        waiting: list[Any] = [value]
        while waiting:
            here = waiting.pop()
            if isinstance(here, dict):
                if id(here) in self._seen:
                    continue
                self._seen.add(id(here))
                waiting.extend(here.values())
                if isinstance(ref := here.get("$ref"), str):
                    waiting.append(self._followed(ref))
                    yield from self._inside(ref, name)
                if not CALLING.isdisjoint(here):
                    for key in (key for key in here if key in CALLING):
                        yield from self._called(key, _object(here[key]), name)
            elif isinstance(here, list):
                waiting.extend(here)

    def _called(self, key: str, value: JsonObject, name: str) -> Iterator[tuple[str, str]]:
        """The operations that one extension names."""
        places = [value, *(_object(value.get(part)) for part in ("open", "browse", "simulate"))]
        if value.get("capability") == FILE_PICKER:
            self.picks_files = True
            picker = _object(self._capabilities.get(FILE_PICKER))
            places += [_object(picker.get(part)) for part in ("open", "browse")]
        for place in places:
            called = self._declared.get(str(place.get("operationId")))
            if called is not None and called != name:
                yield called, f'"{name}" calls it ({key})'

    def _followed(self, ref: str) -> Any:
        """What a reference leads to, noted as needed; None when it leads nowhere."""
        keys = keys_of_pointer(ref.partition("#")[2])
        if len(keys) > 1 and keys[0] in self.shared:
            self.shared[keys[0]] |= {keys[1], unquote(keys[1])}
        try:
            return self._refs.resolve(ref)[0]
        except DocumentError:
            return None

    def _inside(self, ref: str, name: str) -> Iterator[tuple[str, str]]:
        """The operation that a reference leads into, if it does that."""
        keys = keys_of_pointer(ref.partition("#")[2])
        if len(keys) > 3 and keys[0] == "paths":
            place = (unquote(keys[1]), keys[2].upper())
            for other, entry in self._listed.items():
                if (entry.outline.path, entry.outline.method) == place and other != name:
                    yield other, f'"{name}" refers to it'

    def _removers(self, entry: Listed) -> dict[str, str]:
        """The operation that ends the subscription of a webhook trigger: the DELETE below the same path, on the same
        path, or the only one that there is."""
        if "x-ms-trigger" not in entry.operation or NOTIFICATION not in entry.path_item:
            return {}
        own = _segments(entry.outline.path)
        deletes = {
            name: _segments(one.outline.path) for name, one in self._listed.items() if one.outline.method == "DELETE"
        }
        below = [name for name, path in deletes.items() if path and path[:-1] == own and path[-1].startswith("{")]
        same = [name for name, path in deletes.items() if path == own]
        found = (below or same or (list(deletes) if len(deletes) == 1 else []))[:1]
        return dict.fromkeys(found, f'it ends what "{entry.outline.id}" begins')


def _segments(path: str) -> list[str]:
    return [segment for segment in path.split("/") if segment]


def _object(value: Any) -> JsonObject:
    """``value`` when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
