"""Whether .NET can read a regular expression, as far as the descriptions of APIs go.

Python's own reader judges, after what .NET writes differently was put into its words; what only others read is refused
first. That the platform reads patterns as .NET does is inferred (section 9).
"""

from __future__ import annotations

import re
import warnings

ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[pP]\{\^?[\w-]+\}|c.|k<\w+>|[^uxpPck])", re.DOTALL)
LETTERS = frozenset("abBAcdDefnpPrsSktuvwWxzZG")
"""Letters (and digits) that may stand behind a backslash."""
CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
POSSESSIVE = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})\+")
"""A quantifier of another one, to .NET."""

IN_PYTHON = (
    (re.compile(r"\\[pP]\{[^}]*\}|\\c.|\\e"), "a"),
    (re.compile(r"\(\?<(?=[A-Za-z_])"), "(?P<"),
    (re.compile(r"\\k<(\w+)>"), r"(?P=\1)"),
    (re.compile(r"\\[zG]"), ""),
)
"""Notations of .NET that Python has not, and what stands for them."""


def readable(pattern: str) -> bool:
    """Whether .NET reads a pattern."""
    rest = pattern
    while (at := rest.find("\\")) >= 0:
        match = ESCAPE.match(rest, at)
        if match is None or ((match[0][1].isalpha() or match[0][1] == "_") and match[0][1] not in LETTERS):
            return False
        rest = rest[match.end() :]
    bare = CLASS.sub("c", ESCAPE.sub("e", pattern))
    if "(?P" in bare or POSSESSIVE.search(bare):
        return False
    for found, instead in IN_PYTHON:
        pattern = found.sub(instead, pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return "look-behind requires fixed-width" in str(error)
    return True
