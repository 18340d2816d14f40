"""Values as new YAML text: plain where that reads as the same text everywhere, quoted where not.

"Everywhere" includes readers of YAML 1.1, for which ``no``, ``1:30`` and ``2024-01-01`` are no text.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .text import Repairs
from .yaml_scalars import plain

FIRST = frozenset("-?:,[]{}#&*!|>'\"%@`=<~")
"""No plain text of ours begins with these; some of them could, in some places."""
NOT_IN_FLOW = re.compile(r"[,\[\]{}:?]")
"""Marks of flow style; readers that know ``?`` only as a mark take it for one behind a text too."""
NOT_PLAIN = re.compile(r":(?:\s|\Z)|\s#")
ODD = re.compile(r"[^\x20-\x7e\xa1-\u1fff\u2070-\ud7ff\uf900-\ufdff\U00010000-\U0010ffff]")
"""Characters that are written as escapes, or could be mistaken for something else."""
OLD_VALUES = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null)"
    r"|[-+]?(?:[0-9][0-9_,]*)?(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?0[xob][0-9a-fA-F_]+"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?"
    r"|[-+]?\.(?i:inf|nan)|\.\.\..*"
)
"""What some reader takes for a boolean, a number, a date or the end of the document."""
ESCAPED = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")
LITERAL = re.compile(r"[^\s\x00-\x1f][^\r\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockStyle:
    """How a YAML text is written."""

    newline: str
    unit: int
    """Columns that a mapping inside a mapping is indented by."""
    dash: int
    """Columns that a sequence inside a mapping is indented by."""
    ascii: bool
    """Whether text beyond ASCII is written as escapes."""

    def lines(self, value: Any, column: int) -> list[str]:
        """A non-empty container in block style, as lines without line ends; each begins with its indentation."""
        found: list[str] = []
        if isinstance(value, dict):
            for key, item in value.items():
                found += self.entry(scalar(key, ascii=self.ascii), item, column)
        else:
            for item in value:
                found += self.element(item, column)
        return found

    def entry(self, key: str, value: Any, column: int) -> list[str]:
        """One member of a mapping; ``key`` is written already."""
        start = " " * column + key + ":"
        if isinstance(value, dict | list) and value:
            return [start, *self.lines(value, column + (self.unit if isinstance(value, dict) else self.dash))]
        first, *more = self.scalar_lines(value, column + self.unit)
        return [f"{start} {first}", *more]

    def element(self, value: Any, column: int) -> list[str]:
        """One element of a sequence."""
        start = " " * column + "- "
        if isinstance(value, dict | list) and value:
            first, *more = self.lines(value, column + 2)
            return [start + first.lstrip(" "), *more]
        first, *more = self.scalar_lines(value, column + 2)
        return [start + first, *more]

    def scalar_lines(self, value: Any, column: int) -> list[str]:
        """A scalar; a text of several lines as a literal block whose lines begin at ``column``, if it can be one."""
        if not isinstance(value, str) or not is_literal(value) or (self.ascii and not value.isascii()):
            return [scalar(value, ascii=self.ascii)]
        lines = value.removesuffix("\n").split("\n")
        header = "|" if value.endswith("\n") else "|-"
        return [header, *(" " * column + line if line else "" for line in lines)]


def is_literal(value: str) -> bool:
    """Whether a text has several lines and reads the same from a literal block."""
    if "\n" not in value.removesuffix("\n") or value.endswith("\n\n") or not LITERAL.fullmatch(value):
        return False
    return all(line == "" or not line.isspace() for line in value.split("\n"))


def scalar(value: Any, *, flow: bool = False, ascii: bool = False, quote: str = "") -> str:
    """A scalar or an empty container on one line; ``quote`` is the quote that a text had before, if any."""
    if not isinstance(value, str):
        return json.dumps(value)
    if ascii and not value.isascii():
        return _double(value, ascii=True)
    if quote != '"' and not ODD.search(value):
        return value if not quote and _is_plain(value, flow) else "'" + value.replace("'", "''") + "'"
    return _double(value, ascii=ascii)


def _is_plain(value: str, flow: bool) -> bool:
    """Whether a text of harmless characters needs no quotes."""
    if not value or value[0] in FIRST or value != value.strip() or OLD_VALUES.fullmatch(value):
        return False
    if NOT_PLAIN.search(value):
        return False
    if flow and NOT_IN_FLOW.search(value):
        return False
    return isinstance(plain(value, 0, Repairs()), str)


def _double(value: str, *, ascii: bool) -> str:
    """A text in double quotes; JSON's escapes are YAML's too, but YAML knows no surrogate pairs."""
    return (BEYOND_ASCII if ascii else ESCAPED).sub(_escape, json.dumps(value, ensure_ascii=False))


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
