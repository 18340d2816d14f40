"""One change inside brackets, as JSON and YAML's flow style both have them, in the style of the text around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .patch import Change, NoPatch, Patch, first_on_line, indent_at, line_start, next_line
from .tree import Member, Node

WIDEST_INLINE = 100
"""Characters of a container that takes the place of one written on one line and stays on one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a text is written."""

    newline: str
    unit: str
    """One level of indentation; empty when everything is on one line."""
    comma: str
    """Between members on one line: comma and space, or a comma alone."""
    colon: str
    scalar: Callable[[Any], str]
    """Writes a scalar or an empty container."""
    blank: re.Pattern[str]
    """White space and comments."""
    rest: re.Pattern[str]
    """What may stand behind a member on its line without being part of the structure."""

    def inline(self, value: Any) -> str:
        """A value on one line."""
        if isinstance(value, dict) and value:
            members = (f"{self.scalar(key)}{self.colon}{self.inline(item)}" for key, item in value.items())
            return "{" + self.comma.join(members) + "}"
        if isinstance(value, list) and value:
            return "[" + self.comma.join(self.inline(item) for item in value) + "]"
        return self.scalar(value)

    def lines(self, value: Any, indent: str) -> str:
        """A value with each member on its own line; ``indent`` is that of the line that it begins on."""
        if not isinstance(value, dict | list) or not value or not self.unit:
            return self.inline(value)
        deeper = indent + self.unit
        if isinstance(value, dict):
            parts = [f"{self.scalar(key)}{self.colon}{self.lines(item, deeper)}" for key, item in value.items()]
            opening, closing = "{}"
        else:
            parts = [self.lines(item, deeper) for item in value]
            opening, closing = "[]"
        body = f",{self.newline}{deeper}".join(parts)
        return f"{opening}{self.newline}{deeper}{body}{self.newline}{indent}{closing}"


def patches(text: str, holder: Node, change: Change, style: Style) -> list[Patch]:
    """The patches that make one change to a member of ``holder``. Raises NoPatch where there are none."""
    key = change.keys[-1]
    if change.action == "remove":
        return _removals(text, holder, key, style)
    if change.action == "insert":
        if holder.kind == "array":
            return _insertion(text, holder, int(key), "", change.value, style)
        return _insertion(text, holder, len(holder.members), style.scalar(key) + style.colon, change.value, style)
    member = holder.child(key)
    if member is None or member.node.start < 0:
        raise NoPatch("it has no place of its own in the text")
    return [_replacement(text, member, change.value, style)]


def _replacement(text: str, member: Member, value: Any, style: Style) -> Patch:
    """Puts a value in the place of another; on one line where that was and where it fits."""
    node = member.node
    old = text[node.start : node.end]
    gap = " " if not old and text[node.start - 1 : node.start] == ":" else ""
    if node.kind != "scalar" and node.members and "\n" not in old and "\r" not in old:
        short = style.inline(value)
        if len(short) <= WIDEST_INLINE:
            return Patch(node.start, node.end, short)
    return Patch(node.start, node.end, gap + style.lines(value, indent_at(text, member.start)))


def _insertion(text: str, holder: Node, at: int, head: str, value: Any, style: Style) -> list[Patch]:
    """Patches that put a member before the one at ``at``, or behind the last."""
    if not holder.members:
        return _first_member(text, holder, head, value, style)
    lines = style.unit and first_on_line(text, holder.members[0].start)
    indent = indent_at(text, holder.members[0].start)
    new = head + (style.lines(value, indent) if lines else style.inline(value))
    gap = style.newline + indent if lines else _gap(text, holder, style)
    if at < len(holder.members):
        start = holder.members[at].start
        return [Patch(start, start, f"{new},{gap}")]
    end = holder.members[-1].node.end
    comma = _comma_after(text, end, style)
    behind = end if comma < 0 else comma + 1
    rest = style.rest.match(text, behind)
    place = rest.end() if rest and lines else behind
    if comma >= 0:
        return [Patch(place, place, gap + new)]
    if place == end:
        return [Patch(end, end, f",{gap}{new}")]
    return [Patch(end, end, ","), Patch(place, place, gap + new)]


def _gap(text: str, holder: Node, style: Style) -> str:
    """The space behind the first comma of a container on one line."""
    comma = _comma_after(text, holder.members[0].node.end, style) if len(holder.members) > 1 else -1
    if comma < 0:
        return style.comma[1:]
    gap = text[comma + 1 : holder.members[1].start]
    return style.comma[1:] if gap.strip(" ") else gap


def _first_member(text: str, holder: Node, head: str, value: Any, style: Style) -> list[Patch]:
    """Patches that fill an empty container; a comment inside stays."""
    indent = indent_at(text, holder.start)
    opening, closing = text[holder.start], text[holder.end - 1]
    inside = text[holder.start + 1 : holder.end - 1]
    deeper = indent + style.unit
    new = head + (style.lines(value, deeper) if style.unit else style.inline(value))
    if closing not in "}]":
        raise NoPatch("the brackets around it do not match")
    if not style.unit:
        return [Patch(holder.start, holder.end, opening + new + closing)]
    if not inside.strip():
        body = f"{opening}{style.newline}{deeper}{new}{style.newline}{indent}{closing}"
        return [Patch(holder.start, holder.end, body)]
    place = holder.start + 1 + len(inside.rstrip())
    return [Patch(place, holder.end - 1, f"{style.newline}{deeper}{new}{style.newline}{indent}")]


def _removals(text: str, holder: Node, key: str | int, style: Style) -> list[Patch]:
    """Patches that take a member out, under every place where its key occurs, with its comma and its own line."""
    members = holder.members
    gone = [int(key)] if holder.kind == "array" else [at for at, one in enumerate(members) if one.key == key]
    if not gone:
        raise NoPatch("it has no place of its own in the text")
    if len(gone) == len(members):
        begin, end = holder.start + 1, holder.end - 1
        around = text[begin : members[0].start] + text[members[-1].node.end : end]
        if not around.strip(" \t\r\n,"):
            return [Patch(begin, end, "")]
    return [patch for at in gone for patch in _removal(text, members, at, gone, style)]


def _removal(text: str, members: list[Member], at: int, gone: list[int], style: Style) -> list[Patch]:
    """Patches that take one member out; when it is the last, the comma before it goes too."""
    start, end = members[at].start, members[at].node.end
    comma = _comma_after(text, end, style)
    behind = end if comma < 0 else comma + 1
    before = _comma_before(text, members, at, gone, style)
    found = [Patch(before, before + 1, "")] if before >= 0 else []
    rest = style.rest.match(text, behind)
    if first_on_line(text, start) and rest:
        return [*found, Patch(line_start(text, start), next_line(text, rest.end()), "")]
    if at + 1 < len(members):
        following = members[at + 1].start
        return [*found, Patch(start, behind if text[behind:following].strip(" \t") else following, "")]
    if found and not text[before + 1 : start].strip():
        return [Patch(before, behind, "")]
    return [*found, Patch(start, behind, "")]


def _comma_before(text: str, members: list[Member], at: int, gone: list[int], style: Style) -> int:
    """Where the comma before a member stands, if that comma separates it from nothing any more; otherwise -1."""
    nothing_follows = all(index in gone for index in range(at, len(members)))
    if not nothing_follows or at == 0 or at - 1 in gone or _comma_after(text, members[-1].node.end, style) >= 0:
        return -1
    return _comma_after(text, members[at - 1].node.end, style)


def _comma_after(text: str, offset: int, style: Style) -> int:
    """Where the comma behind a value stands, or -1."""
    blank = style.blank.match(text, offset)
    at = blank.end() if blank else offset
    return at if text.startswith(",", at) else -1
