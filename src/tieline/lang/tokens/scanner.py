"""The pieces that tokens are made of: names, quoted texts, argument lists, property paths.

Each function takes a text and an offset and gives what stands there and the offset behind it, or raises
:class:`Malformed`. What lives here knows no function and no template.
"""

from __future__ import annotations

import re

from .nodes import Key

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
"""Name of a function."""

PROPERTY = re.compile(r"[\w$](?:[\w$-]*[\w$])?")
"""Property name behind a dot: letters, digits, ``_``, ``$``, and inside it ``-`` (inferred). Others need brackets."""

TYPOGRAPHIC = "\u2018\u2019\u201c\u201d\u201e\u00b4`"
"""Quotes of printed text."""

MOST_DIGITS = 9
"""Digits of an array index."""

_SPACE = re.compile(r"\s*")
_INDEX = re.compile(r"\d+", re.ASCII)


class Malformed(ValueError):
    """What stands in an expression cannot be read; caught where the whole expression is known."""

    def __init__(self, offset: int, message: str, remedy: str) -> None:
        """Takes the offset in the text, what is wrong there and what to do."""
        super().__init__(message)
        self.offset = offset
        self.message = message
        self.remedy = remedy


def skip(text: str, at: int) -> int:
    """The offset of the next character that is no space."""
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


def quoted(text: str, at: int) -> tuple[str, int]:
    """A text in single or double quotes; a doubled quote inside stands for one (inferred: no escape is documented)."""
    quote = text[at]
    parts = []
    start = at + 1
    while True:
        end = text.find(quote, start)
        if end < 0:
            raise Malformed(at, "a quote is not closed", f"close it with {quote}")
        parts.append(text[start:end])
        if text[end + 1 : end + 2] != quote:
            return quote.join(parts), end + 1
        start = end + 2


def arguments(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The quoted texts in a pair of parentheses that opens at ``at``."""
    found: list[str] = []
    here = skip(text, at + 1)
    if text[here : here + 1] == ")":
        return (), here + 1
    while True:
        if text[here : here + 1] not in ("'", '"'):
            raise _unquoted(text, at, here)
        value, here = quoted(text, here)
        found.append(value)
        here = skip(text, here)
        if text[here : here + 1] == ")":
            return tuple(found), here + 1
        if text[here : here + 1] != ",":
            raise _unquoted(text, at, here)
        here = skip(text, here + 1)


def _unquoted(text: str, opened: int, here: int) -> Malformed:
    if here >= len(text):
        return Malformed(opened, "a parenthesis is not closed", "close it with )")
    remedy = "give texts in single quotes, with commas between"
    if text[here] in TYPOGRAPHIC:  # the documentation's own samples have them
        remedy = "write ' for each quote, as a keyboard has it"
    return Malformed(here, f'"{text[here]}" is not expected here', remedy)


def keys(text: str, at: int) -> tuple[tuple[Key, ...], int]:
    """As many ``.name``, ``['name']`` and ``[0]`` as follow one another; a dot without a name ends them."""
    found: list[Key] = []
    while True:
        if text.startswith(".", at):
            name = PROPERTY.match(text, at + 1)
            if name is None:
                return tuple(found), at
            found.append(name.group())
            at = name.end()
        elif text.startswith("[", at):
            key, at = bracketed(text, at)
            found.append(key)
        else:
            return tuple(found), at


def bracketed(text: str, at: int) -> tuple[Key, int]:
    """A quoted name or an index in brackets."""
    here = skip(text, at + 1)
    key: Key
    if text[here : here + 1] in ("'", '"'):
        key, here = quoted(text, here)
    else:
        digits = _INDEX.match(text, here)
        if digits is None:
            if here >= len(text):
                raise Malformed(at, "a bracket is not closed", "close it with ]")
            raise Malformed(here, "a bracket holds neither a quoted name nor an index", "write ['name'] or [0]")
        if len(digits.group()) > MOST_DIGITS:
            raise Malformed(here, "an index is too large", f"use at most {MOST_DIGITS} digits")
        key, here = int(digits.group()), digits.end()
    here = skip(text, here)
    if text[here : here + 1] != "]":
        raise Malformed(at, "a bracket is not closed", "close it with ]")
    return key, here + 1
