"""Strict JSON at the speed of orjson: the value, and later the place of a value without reading the whole text again.

Only text that orjson accepts comes here. What a strict parser would swallow in silence (a key that occurs twice, an
integer that does not fit 64 bits) is noticed here and left to the tolerant reader, which keeps it and says so.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from .limits import Limits
from .tree import Member, Node

DIGITS = bytes.maketrans(b"123456789", b"000000000")
NINETEEN_DIGITS = b"0" * 19
ORJSON_DEPTH = 254
"""Levels that orjson writes; observed with 3.13, and its documented limit."""

SPACE = re.compile(r"[ \t\r\n]*+")
KEY = re.compile(r'[ \t\r\n,]*+("(?:[^"\\]++|\\.)*+")[ \t\r\n]*+:[ \t\r\n]*+')
ELEMENT = re.compile(r"[ \t\r\n,]*+(?=[^\]])")
SCAN = json.JSONDecoder(strict=False).scan_once  # type: ignore[attr-defined]


class NotPlain(Exception):
    """The bytes are not strict JSON, or hold what orjson would lose; the tolerant reader has to look."""


def loads(data: bytes, limits: Limits) -> Any:
    """The value of strict JSON. Raises NotPlain for everything else, and for values beyond the limits."""
    try:
        value = orjson.loads(data)
        compact = orjson.dumps(value)
    except (orjson.JSONDecodeError, TypeError):
        raise NotPlain from None
    if _loses_keys(data, compact) or _loses_digits(data, value) or not _fits(data, value, limits):
        raise NotPlain
    return value


def _loses_keys(data: bytes, compact: bytes) -> bool:
    """Whether some key occurs twice, told from the number of quotes.

    Text and rewritten value hold the same strings, hence the same quotes, unless a member was dropped because its key
    came again; each such member takes at least the two quotes of its key with it. A quote may also be written as an
    escape that the rewritten value spells with a quote: then this way of telling is not sound, and the answer is yes.
    """
    return data.count(b'"') != compact.count(b'"') or b"\\u0022" in data


def _loses_digits(data: bytes, value: Any) -> bool:
    """Whether an integer beyond 64 bits was turned into a float."""
    # A run of 19 digits covers at least three of every sixth byte, so most texts need no look at every byte.
    if b"000" not in data[::6].translate(DIGITS) or NINETEEN_DIGITS not in data.translate(DIGITS):
        return False
    level = [value]
    while level:
        following: list[Any] = []
        for item in level:
            if type(item) is dict:
                following += item.values()
            elif type(item) is list:
                following += item
            elif type(item) is float and abs(item) >= 2.0**63:
                return True
        level = following
    return False


def _fits(data: bytes, value: Any, limits: Limits) -> bool:
    """Whether a value keeps to the limits. Every value but one has a comma or an opening bracket before it."""
    may_be_many = len(data) > limits.nodes * 2
    if may_be_many and data.count(b",") + data.count(b"{") + data.count(b"[") + 1 > limits.nodes:
        return False
    return limits.depth >= ORJSON_DEPTH or depth(value) <= limits.depth


def depth(value: Any) -> int:
    """Levels of nesting of a value: 0 for a scalar, 1 for an object of scalars."""
    levels = 0
    level = [value]
    while level := [item for item in level if type(item) is dict or type(item) is list]:
        levels += 1
        level = [child for item in level for child in (item.values() if type(item) is dict else item)]
    return levels


class StrictNode(Node):
    """A node of strict JSON text that finds its members when they are first asked for, each skipped at C speed."""

    __slots__ = ("_text",)

    def __init__(self, text: str, start: int, end: int) -> None:
        """Takes the text and where the value begins and ends in it."""
        first = text[start]
        super().__init__("object" if first == "{" else "array" if first == "[" else "scalar", start, end)
        self._text = text
        self._members = None

    @property
    def members(self) -> list[Member]:
        """Members or elements in order of writing."""
        if self._members is None:
            self._members = self._object() if self.kind == "object" else self._array() if self.kind == "array" else []
        return self._members

    def _object(self) -> list[Member]:
        text, found, seen = self._text, [], self.start + 1
        while match := KEY.match(text, seen):
            start, key_end = match.span(1)
            _, seen = SCAN(text, match.end())
            node = StrictNode(text, match.end(), seen)
            found.append(Member(json.loads(match.group(1), strict=False), start, key_end, node))
        return found

    def _array(self) -> list[Member]:
        text, found, seen = self._text, [], self.start + 1
        while match := ELEMENT.match(text, seen):
            start = match.end()
            _, seen = SCAN(text, start)
            found.append(Member("", start, start, StrictNode(text, start, seen)))
        return found


def tree(text: str) -> Node:
    """The root of the tree of strict JSON text."""
    blank = SPACE.match(text)
    start = blank.end() if blank else 0
    _, end = SCAN(text, start)
    return StrictNode(text, start, end)
