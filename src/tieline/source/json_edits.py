"""One change of JSON text as patches, in the style of the text around it."""

from __future__ import annotations

import re
from functools import partial
from json import dumps

from . import bracket_edits
from .bracket_edits import Style
from .patch import Change, Patch, first_on_line, holder_of, indent_at, newline_of
from .text import Text
from .tree import Node

BLANK = re.compile(r"(?:[ \t\r\n]++|//[^\r\n]*+|/\*(?s:.*?)\*/)*+")
REST = re.compile(r"[ \t]*+(?:/\*[^\r\n]*?\*/[ \t]*+)*+(?://[^\r\n]*+)?(?=[\r\n]|\Z)")
SPACED_COMMA = re.compile(r",[ \t]")
COLON = re.compile(r"[ \t]?:[ \t]?")
HEAD = 10_000
"""Characters at the beginning that tell how commas are written."""


def patches(text: Text, root: Node, change: Change) -> list[Patch]:
    """The patches that make one change. Raises NoPatch where there are none."""
    style = style_of(text, root)
    if not change.keys:
        return [Patch(root.start, root.end, style.lines(change.value, indent_at(text.text, root.start)))]
    return bracket_edits.patches(text.text, holder_of(root, change.keys), change, style)


def style_of(text: Text, root: Node) -> Style:
    """The style of a JSON text, told from its root's first member and its beginning."""
    written = text.text
    first = next(iter(root.members), None)
    colon = written[first.key_end : first.node.start] if first and root.kind == "object" else ""
    unit = _unit(written, root)
    spaced = unit or colon.endswith(" ") or SPACED_COMMA.search(written, 0, HEAD) or not root.members
    return Style(
        newline=newline_of(written),
        unit=unit,
        comma=", " if spaced else ",",
        colon=colon if COLON.fullmatch(colon) else ": ",
        scalar=partial(dumps, ensure_ascii=text.ascii_only or (text.raw.isascii() and "\\u" in text.raw)),
        blank=BLANK,
        rest=REST,
    )


def _unit(text: str, root: Node) -> str:
    """One level of indentation; empty for a text on one line."""
    if text.find("\n", root.start, root.end) < 0 and text.find("\r", root.start, root.end) < 0:
        return ""
    first = next(iter(root.members), None)
    if first is None or not first_on_line(text, first.start):
        return "  "
    return indent_at(text, first.start).removeprefix(indent_at(text, root.start)) or "  "
