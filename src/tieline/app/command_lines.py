"""Command lines as the shells of a system write them: words made of a text, and a word that can be typed as it stands.

Pure functions; ``windows`` says which system is meant.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator

WINDOWS = sys.platform == "win32"

_PLAIN = re.compile(r"[\w+=:./\\~-]+")
"""Texts that neither cmd nor PowerShell reads anything into."""

_BACKSLASHES = re.compile(r'(\\*)("|$)')

_PART = re.compile(r'(\\*)"|[ \t]+|\\+|[^\\" \t]+')
"""Backslashes with the quote behind them, a gap, and what stands for itself."""


def words_of(text: str, *, windows: bool = WINDOWS) -> list[str]:
    """The words of a command line. Raises ValueError for a quote that does not end.

    On Windows a backslash is one of a path, except before a quote (learn.microsoft.com, "Parsing C++ command-line
    arguments"), and only ``"`` quotes.
    """
    return list(_windows_words(text)) if windows else shlex.split(text)


def quoted(word: str, *, windows: bool = WINDOWS) -> str:
    """A word as it is typed, in quotes where it needs them."""
    if not windows:
        return shlex.quote(word)
    if _PLAIN.fullmatch(word):
        return word
    doubled = _BACKSLASHES.sub(lambda found: found[1] * 2 + ('\\"' if found[2] else ""), word)
    return f'"{doubled}"'


def _windows_words(text: str) -> Iterator[str]:
    word: str | None = None
    inside = False
    for part in _PART.finditer(text):
        piece = part[0]
        if part[1] is not None:
            word = (word or "") + "\\" * (len(part[1]) // 2)
            if len(part[1]) % 2:
                word += '"'
            else:
                inside = not inside
        elif piece[0] in " \t" and not inside:
            if word is not None:
                yield word
            word = None
        else:
            word = (word or "") + piece
    if inside:
        raise ValueError("no closing quotation")
    if word is not None:
        yield word
