"""One change of YAML text as patches, in the style of the text around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any

from . import bracket_edits
from .bracket_edits import Style
from .patch import (
    Change,
    NoPatch,
    Patch,
    first_on_line,
    holder_of,
    line_end,
    line_start,
    newline_of,
    next_line,
)
from .text import Text
from .tree import Member, Node
from .yaml_render import BlockStyle, scalar

BLANK = re.compile(r"(?:[ \t\r\n]++|#[^\r\n]*+)*+")
REST = re.compile(r"[ \t]*+(?:(?<=[ \t])#[^\r\n]*+)?(?=[\r\n]|\Z)")
COLON = re.compile(r"[ \t\r\n]*+:")
ANCHOR = re.compile(r"&[^\s,\[\]{}]++[ \t]++")
NODES_LOOKED_AT = 2000
"""Values at the beginning that tell how a text is indented."""


def patches(text: Text, root: Node, change: Change) -> list[Patch]:
    """The patches that make one change. Raises NoPatch where there are none."""
    written = text.text
    block = style_of(text, root)
    if not change.keys:
        return [Patch(root.start, root.end, _whole(written, root, change.value, block))]
    holder = holder_of(root, change.keys)
    key = change.keys[-1]
    own = [member for member in holder.members if member.key == key] if holder.kind == "object" else []
    if holder.flow:
        if change.action == "insert" and not holder.members and _in_block(root, change.keys[:-1]):
            value = {str(key): change.value} if holder.kind == "object" else [change.value]
            return patches(text, root, Change("set", change.keys[:-1], value))
        return bracket_edits.patches(written, holder, change, _flow_style(written, holder, block))
    if holder.kind == "object" and change.action != "insert" and not own:
        if change.action == "remove":
            raise NoPatch("it comes from a merge key and is shared")
        return _insert(written, holder, change, block)
    if change.action == "insert":
        return _insert(written, holder, change, block)
    if change.action == "set":
        member = holder.child(key)
        if member is None:
            raise NoPatch("it has no place of its own in the text")
        return _set(written, holder, member, change.value, block)
    gone = own or [holder.members[int(key)]]
    if len(gone) == len(holder.members) and not holder.merged:
        return patches(text, root, Change("set", change.keys[:-1], {} if holder.kind == "object" else []))
    return [_removal(written, holder, member) for member in gone]


def style_of(text: Text, root: Node) -> BlockStyle:
    """The style of a YAML text: indentation is that of the first mapping and the first sequence inside a mapping."""
    written = text.text
    unit, dash = 0, -1
    for member, inner in islice(_nested(root), NODES_LOOKED_AT):
        column = _column(written, _key(written, member))
        if inner.kind == "object" and not unit:
            unit = _column(written, _key(written, inner.members[0])) - column
        if inner.kind == "array" and dash < 0:
            dash = _column(written, _dash(written, inner.members[0])) - column
        if unit and dash >= 0:
            break
    unit = unit if unit > 0 else 2
    return BlockStyle(newline=newline_of(written), unit=unit, dash=dash if dash >= 0 else unit, ascii=text.ascii_only)


def _nested(root: Node) -> Iterator[tuple[Member, Node]]:
    """Members of block mappings whose value is a non-empty block collection, outermost first."""
    level = [root]
    while level:
        following = []
        for node in level:
            for member in node.members:
                inner = member.node
                if inner.flow or inner.shared or not inner.members:
                    continue
                following.append(inner)
                if node.kind == "object" and not node.flow:
                    yield member, inner
        level = following


def _flow_style(text: str, holder: Node, block: BlockStyle) -> Style:
    """The style of what is written in brackets; strings are quoted where the keys or elements around them are."""
    span = text[holder.start : holder.end]
    first = holder.members[0] if holder.members else None
    quote = text[first.start] if first and text[first.start] in "\"'" else ""
    return Style(
        newline=block.newline,
        unit=" " * block.unit if "\n" in span or "\r" in span else "",
        comma=", ",
        colon=": ",
        scalar=partial(scalar, flow=True, ascii=block.ascii, quote=quote),
        blank=BLANK,
        rest=REST,
    )


def _in_block(root: Node, keys: tuple[str | int, ...]) -> bool:
    """Whether a value stands in a block collection."""
    return bool(keys) and not holder_of(root, keys).flow


def _whole(text: str, root: Node, value: Any, block: BlockStyle) -> str:
    """The text of a new root value."""
    if isinstance(value, dict | list) and value:
        return block.newline.join(block.lines(value, _column(text, root.start))).lstrip(" ")
    return scalar(value, ascii=block.ascii)


def _set(text: str, holder: Node, member: Member, value: Any, block: BlockStyle) -> list[Patch]:
    """Patches that put a value in the place of another inside a block collection."""
    node = member.node
    filled = isinstance(value, dict | list) and bool(value)
    if node.kind != "scalar" and node.flow and node.members:
        flow = _flow_style(text, node, block)
        return [Patch(node.start, node.end, flow.inline(value) if filled else scalar(value, ascii=block.ascii))]
    rest = REST.match(text, node.end)
    alone = rest is not None and not rest.group().strip()
    if filled or (isinstance(value, str) and alone and len(block.scalar_lines(value, 0)) > 1):
        return _set_lines(text, holder, member, value, block)
    quote = text[node.start] if node.kind == "scalar" and text[node.start : node.start + 1] in ("'", '"') else ""
    new = scalar(value, ascii=block.ascii, quote=quote)
    if holder.kind == "object" and not (node.kind == "scalar" or node.flow):
        return [Patch(_behind_colon(text, member), node.end, f" {new}")]
    anchor = ANCHOR.match(text, node.start, node.end)
    start = anchor.end() if anchor else node.start
    gap = " " if node.start == node.end and text[start - 1 : start] not in (" ", "\t") else ""
    return [Patch(start, node.end, gap + new)]


def _set_lines(text: str, holder: Node, member: Member, value: Any, block: BlockStyle) -> list[Patch]:
    """Patches that put a value of several lines in the place of another inside a block collection."""
    node = member.node
    if holder.kind == "array":
        dash = _dash(text, member)
        lines = block.element(value, _column(text, dash))
        return [Patch(dash, node.end, block.newline.join(lines).lstrip(" "))]
    first, *more = block.entry("", value, _column(text, _key(text, member)))
    body = "".join(block.newline + line for line in more)
    start = _behind_colon(text, member)
    head = first.lstrip(" ")[1:]
    if "\n" in text[start : node.end] or not text[node.end : line_end(text, node.end)].strip():
        return [Patch(start, node.end, head + body)]
    place = line_end(text, node.end)
    return [Patch(start, node.end, head), Patch(place, place, body)]


def _insert(text: str, holder: Node, change: Change, block: BlockStyle) -> list[Patch]:
    """Patches that put a member into a block collection, on its own lines."""
    key = change.keys[-1]
    if holder.kind == "object":
        column = _column(text, _key(text, holder.members[0]) if holder.members else holder.start)
        lines = block.entry(scalar(str(key), ascii=block.ascii), change.value, column)
    else:
        dash = _dash(text, holder.members[0])
        column = _column(text, dash)
        lines = block.element(change.value, column)
        if int(key) < len(holder.members):
            place = _dash(text, holder.members[int(key)])
            return [Patch(place, place, block.newline.join(lines).lstrip(" ") + block.newline + " " * column)]
    end = holder.members[-1].node.end if holder.members else line_end(text, holder.start)
    rest = REST.match(text, end)
    if rest is None:
        raise NoPatch("something else stands behind the last member on its line")
    return [Patch(rest.end(), rest.end(), "".join(block.newline + line for line in lines))]


def _removal(text: str, holder: Node, member: Member) -> Patch:
    """The patch that takes a member out of a block collection, with its own lines."""
    start = _key(text, member) if holder.kind == "object" else _dash(text, member)
    rest = REST.match(text, member.node.end)
    if rest is None:
        raise NoPatch("something else stands behind it on its line")
    if first_on_line(text, start):
        begin, end = line_start(text, start), next_line(text, rest.end())
        if end == len(text) and not text.endswith(("\n", "\r")) and begin > 0:
            begin -= 2 if text.startswith("\r\n", begin - 2) else 1
        return Patch(begin, end, "")
    at = holder.members.index(member)
    if at + 1 == len(holder.members):
        raise NoPatch("something else stands before it on its line")
    following = holder.members[at + 1]
    return Patch(start, _key(text, following) if holder.kind == "object" else _dash(text, following), "")


def _column(text: str, offset: int) -> int:
    """Characters before an offset on its line."""
    return offset - line_start(text, offset)


def _key(text: str, member: Member) -> int:
    """Where a block mapping's member begins: its key, or the question mark before it."""
    before = text[line_start(text, member.start) : member.start].rstrip(" \t")
    question = line_start(text, member.start) + len(before) - 1
    return question if before.endswith("?") and before.strip("-? \t") == "" else member.start


def _behind_colon(text: str, member: Member) -> int:
    """The offset behind the colon of a mapping's member."""
    colon = COLON.match(text, member.key_end)
    if colon is None:
        raise NoPatch("its key is not followed by a colon")
    return colon.end()


def _dash(text: str, member: Member) -> int:
    """Where the dash of a block sequence's element stands."""
    before = len(text[: member.start].rstrip(" \t\r\n")) - 1
    if before < 0 or text[before] != "-":
        raise NoPatch("a comment stands between the dash and the element")
    return before
