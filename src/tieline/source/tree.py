"""Where each value and key stands in a text: nodes with start and end offsets.

Built only when somebody asks for a position or edits. Knows neither JSON nor YAML; the readers build it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["object", "array", "scalar"]


class Node:
    """One value in the text. A container's members may be found only when they are first asked for (see subclasses)."""

    __slots__ = ("_by_key", "_members", "end", "flow", "kind", "merged", "shared", "start", "value")

    def __init__(self, kind: Kind, start: int, end: int = -1, value: Any = None) -> None:
        """Takes what the reader knows when it meets the value; it fills in the rest."""
        self.kind: Kind = kind
        self.start = start
        """Offset of the first character."""
        self.end = end
        """Offset behind the last character."""
        self.value = value
        """The JSON value; of a lazily read node it stays None."""
        self.flow = True
        """Whether it is written with brackets or as one scalar token; False for YAML's block style."""
        self.shared = False
        """Whether it is a YAML alias: its members' text stands elsewhere."""
        self.merged: list[Member] = []
        """Members that YAML's ``<<`` brings in; their text stands elsewhere."""
        self._members: list[Member] | None = None if kind == "scalar" else []
        self._by_key: dict[str, Member] | None = None

    @property
    def members(self) -> list[Member]:
        """Members of an object or elements of an array in order of writing; a key that occurs twice is here twice."""
        return [] if self._members is None else self._members

    def share(self, other: Node) -> None:
        """Makes this node an alias: what is below it is what is below the other."""
        self.shared = True
        self._members = other._members
        self.merged = other.merged

    def child(self, key: str | int) -> Member | None:
        """The member that counts for a key (the last one of that name), or the element at an index."""
        if self.kind == "array":
            index = _index(key)
            return self.members[index] if index is not None and index < len(self.members) else None
        if self._by_key is None:
            self._by_key = {member.key: member for member in self.merged}
            self._by_key.update((member.key, member) for member in self.members)
        return self._by_key.get(str(key))


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object, or one element of an array."""

    key: str
    """The key; empty for an element."""
    start: int
    """Offset where the member begins: its key, or the element itself."""
    key_end: int
    """Offset behind the key; ``start`` for an element."""
    node: Node
    """The value."""


def _index(key: str | int) -> int | None:
    """An array index from a route's key; text digits count, since JSON Pointers have no numbers."""
    if isinstance(key, int):
        return key if key >= 0 else None
    return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None


def walk(root: Node, keys: Sequence[str | int]) -> list[Member]:
    """The members on the way from the root along ``keys``, as far as they exist."""
    found: list[Member] = []
    node = root
    for key in keys:
        member = node.child(key)
        if member is None:
            break
        found.append(member)
        node = member.node
    return found


def offset_of(root: Node, keys: Sequence[str | int]) -> int:
    """Where a route stands: the key of an object member, an element itself, or of its nearest existing ancestor."""
    way = walk(root, keys)
    return way[-1].start if way else root.start
