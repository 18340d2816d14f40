"""Whether the platform can read a regular expression.

OpenAPI writes patterns as JavaScript does, the platform reads them as .NET does (reference: limits-and-certification,
section 9, ``PatternShouldBeValidRegularExpression``; that it is .NET is inferred). What lives here walks over a pattern
once and knows what .NET refuses; it matches nothing.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(
    r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[pP]\{\w[\w-]*\}|c[A-Za-z@\[\\\]^_]|k(?:<\w+>|'\w+')|[^uxpPckA-Za-z_]"
    r"|[abBAdDefGnrsStvwWzZ])"
)
_GROUP = re.compile(r"\((?:\?(?:[:=!>]|<[=!]|<[A-Za-z_]\w*>|'[A-Za-z_]\w*'|\d*\(|[imnsx-]*[:)]|#[^)]*\)))?")
_CLASS_END = re.compile(r"\]?+(?:\\.|[^\\\]])*\]", re.DOTALL)
_PLACES = frozenset({"\\b", "\\B", "\\A", "\\G", "\\z", "\\Z"})
_WIDE_END = re.compile(r"(?:[^\\-]|\\[^dDsSwWpP])-\\[dDsSwWpP]")
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")


def is_readable(pattern: str) -> bool:
    """Whether .NET takes a pattern."""
    at, depth, repeatable = 0, 0, False
    while at < len(pattern):
        step = _step(pattern, at, repeatable)
        if step is None:
            return False
        end, repeatable = step
        depth += (pattern[at] == "(" and pattern[end - 1] != ")") - (pattern[at] == ")")
        if depth < 0:
            return False
        at = end
    return depth == 0


def _step(pattern: str, at: int, repeatable: bool) -> tuple[int, bool] | None:
    """Where the part at ``at`` ends, and whether it may be repeated; None when it cannot be read."""
    char = pattern[at]
    if char == "\\":
        match = _ESCAPE.match(pattern, at)
        return (match.end(), match[0] not in _PLACES) if match else None
    if char == "[":
        return _class(pattern, at)
    if char == "(":
        match = _GROUP.match(pattern, at)
        whole = match is not None and (pattern[match.end() : match.end() + 1] != "?" or match[0] != "(")
        return (match.end(), False) if match and whole else None
    count = _COUNT.match(pattern, at)
    if char in "*+?" or count:
        return _repeated(pattern, count.end() if count else at + 1, count) if repeatable else None
    return at + 1, char not in "|^$"


def _class(pattern: str, at: int) -> tuple[int, bool] | None:
    """A class of characters."""
    start = at + 2 if pattern[at + 1 : at + 2] == "^" else at + 1
    match = _CLASS_END.match(pattern, start)
    if match is None:
        return None
    inner, here = match[0], 0
    while (here := inner.find("\\", here)) >= 0:
        escape = _ESCAPE.match(inner, here)
        if escape is None:
            return None
        here = escape.end()
    reversed_range = any(
        first > last for first, last in re.findall(r"(?<![\\-])(\w)-(\w)", inner) if first.isalnum() and last.isalnum()
    )
    return None if reversed_range or _WIDE_END.search(inner) else (match.end(), True)


def _repeated(pattern: str, end: int, count: re.Match[str] | None) -> tuple[int, bool] | None:
    """A quantifier, which may be lazy; another one behind it is none that .NET reads."""
    if count and count[2] and int(count[2]) < int(count[1]):
        return None
    return (end + 1 if pattern[end : end + 1] == "?" else end), False
