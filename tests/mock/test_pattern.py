"""Texts for regular expressions: expressions of the wild, and any text as expression."""

from __future__ import annotations

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.mock.pattern import LONGEST_TEXT, texts

READABLE = [
    "abc",
    "^abc$",
    "a|b",
    "^(red|green)$",
    "[a-z]",
    "[^a-z]",
    "[^a-zA-Z0-9 ]",
    r"[\w.-]+@[\w-]+\.[a-z]{2,}",
    r"^\d{3}-\d{4}$",
    r"^\D\W\S$",
    r"[\d\s]{3}",
    r"[^\d\s]{3}",
    r"^d\d{1,8}c\d{1,8}v\d{1,8}$",
    r"^/Date\(\d{13}[+-]+\d{4}\)/$",
    r"^\/companies\/[^/]+$",
    "(<svg)([^<]*|[^>]*)",
    "^[0-9a-fA-F]{24}$",
    r"^((?!((us|eu)-(central|(north|south)?(east|west)?)-\d+))[a-zA-Z0-9-]{1,30})$",
    r"(\w)\1{3}",
    r"(?<year>\d{4})",
    "a+?b*?c??",
    "^.{5,10}$",
    "^.{2,}$",
    r"\x41B\t\.\/\-",
    r"\p{L}+",
    "x{0}y{0,2}z{3}",
    "^$",
    r"^[\[\]\\^-]+$",
    r"\bword\b",
]
UNREADABLE = [
    "(",
    "[a",
    "a)",
    "[z-a]",
    "[]",
    "a{3,1}",
    r"\x4",
    "a{100000}{100000}",
    "(?#comment)",
    "(" * 100,
    "a" * 3000,
]


@pytest.mark.parametrize("pattern", READABLE)
def test_texts_match(pattern: str) -> None:
    """The shortest text matches."""
    validator = jsonschema_rs.Draft4Validator({"pattern": pattern})
    found = list(texts(pattern))
    assert len(found) == 1
    assert validator.is_valid(found[0]), found[0]


@pytest.mark.parametrize(
    ("pattern", "least"), [("^[a-z]+$", 12), (r"^\d{2,9}x*$", 15), ("^(ab)*c$", 9), ("a{1,4}b+", 20)]
)
def test_longer_texts_match(pattern: str, least: int) -> None:
    """Where repetitions have room, a text of the wanted length comes too."""
    *_, longest = texts(pattern, least=least)
    assert len(longest) >= least
    assert jsonschema_rs.Draft4Validator({"pattern": pattern}).is_valid(longest)


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_what_cannot_be_read_gives_nothing(pattern: str) -> None:
    """Broken and bloated expressions give no text and no error."""
    assert list(texts(pattern)) == []


@settings(max_examples=500, deadline=None)
@given(pattern=st.text("ab1^$.|()[]{}*+?\\d,-w:=!<>P", max_size=24), least=st.integers(0, 50))
def test_any_text_is_an_expression(pattern: str, least: int) -> None:
    """Any text at all gives texts of bounded size, or none."""
    for text in texts(pattern, least=least):
        assert len(text) <= 2 * LONGEST_TEXT
