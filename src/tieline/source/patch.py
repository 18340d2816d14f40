"""Patches of a text, and what the JSON and the YAML editor both need to know about the text around a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .tree import Node


@dataclass(frozen=True, slots=True)
class Change:
    """One step: ``set`` an existing value, ``insert`` a key or an element before an index, or ``remove``."""

    action: Literal["set", "insert", "remove"]
    keys: tuple[str | int, ...]
    value: Any = None


@dataclass(frozen=True, slots=True)
class Patch:
    """The characters from ``start`` to ``end`` give way to ``text``."""

    start: int
    end: int
    text: str


class NoPatch(Exception):
    """A change that cannot be made without changing more than the value; its message says why."""


def apply(text: str, patches: Sequence[Patch]) -> str:
    """The text with patches applied; they must not overlap."""
    parts: list[str] = []
    at = 0
    for patch in sorted(patches, key=lambda one: (one.start, one.end)):
        if patch.start < at:
            raise NoPatch("patches overlap")
        parts += (text[at : patch.start], patch.text)
        at = patch.end
    return "".join([*parts, text[at:]])


def holder_of(root: Node, keys: tuple[str | int, ...]) -> Node:
    """The container that the last key names a member of. Raises NoPatch when it is an alias or inside one."""
    node = root
    for key in keys[:-1]:
        member = node.child(key)
        if member is None:
            raise NoPatch(f'"{key}" has no place of its own in the text')
        if member in node.merged:
            raise NoPatch(f'"{key}" comes from a merge key and is shared')
        node = member.node
    if node.shared:
        raise NoPatch("the value is an alias, so its text is shared")
    return node


def line_start(text: str, offset: int) -> int:
    """Where the line of an offset begins."""
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def line_end(text: str, offset: int) -> int:
    """Where the line of an offset ends, before its line end."""
    ends = [end for end in (text.find("\n", offset), text.find("\r", offset)) if end >= 0]
    return min(ends, default=len(text))


def next_line(text: str, offset: int) -> int:
    """Where the line after the one of an offset begins."""
    end = line_end(text, offset)
    return min(end + (2 if text.startswith("\r\n", end) else 1), len(text))


def indent_at(text: str, offset: int) -> str:
    """The white space that the line of an offset begins with."""
    start = line_start(text, offset)
    line = text[start:offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def first_on_line(text: str, offset: int) -> bool:
    """Whether only white space stands before an offset on its line."""
    return not text[line_start(text, offset) : offset].strip(" \t")


def newline_of(text: str) -> str:
    """The line end that a text uses; ``\\n`` for a text of one line."""
    end = line_end(text, 0)
    if text.startswith("\r\n", end):
        return "\r\n"
    return "\r" if text.startswith("\r", end) else "\n"
