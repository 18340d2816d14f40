"""New YAML text: as plain as possible, and the same value for every reader."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.source import read
from tieline.source.yaml_render import BlockStyle, scalar

STYLE = BlockStyle(newline="\n", unit=2, dash=2, ascii=False)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain text", "plain text"),
        ("https://a.example/b?c=d#e", "https://a.example/b?c=d#e"),
        ("#/definitions/Item", "'#/definitions/Item'"),
        ("it's", "it's"),
        ("Größe", "Größe"),
        ("", "''"),
        ("no", "'no'"),
        ("N", "'N'"),
        ("null", "'null'"),
        ("1.0", "'1.0'"),
        ("1.0.1", "1.0.1"),
        ("12:30", "'12:30'"),
        ("2024-01-01", "'2024-01-01'"),
        ("0x1F", "'0x1F'"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("- a", "'- a'"),
        ("*", "'*'"),
        ("{id}", "'{id}'"),
        ("...", "'...'"),
        ("a\nb", '"a\\nb"'),
        ("\x85", '"\\x85"'),
        ("😀", "😀"),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        ({}, "{}"),
    ],
)
def test_scalar(value: Any, written: str) -> None:
    """A scalar gets quotes only where it needs them."""
    assert scalar(value) == written


def test_quotes_stay() -> None:
    """The quotes that a text had before are kept, where the new text can have them."""
    assert scalar("a", quote="'") == "'a'"
    assert scalar("a", quote='"') == '"a"'
    assert scalar("it's", quote="'") == "'it''s'"
    assert scalar("a\n", quote="'") == '"a\\n"'
    assert scalar("a, b", flow=True) == "'a, b'"
    assert scalar("é😀", ascii=True) == '"\\xe9\\U0001f600"'


def test_block() -> None:
    """Containers are written in block style, texts of several lines as literal blocks."""
    value = {"a": [1, {"b": "x", "c": [[2], []]}], "text": "one\n\n two\n", "d": {"e": {}}}
    assert "\n".join(STYLE.lines(value, 0)) == (
        "a:\n  - 1\n  - b: x\n    c:\n      - - 2\n      - []\ntext: |\n  one\n\n   two\nd:\n  e: {}"
    )


@given(
    st.text(st.characters(codec="utf-8"), max_size=12), st.booleans(), st.booleans(), st.sampled_from(["", "'", '"'])
)
@settings(deadline=None, max_examples=500)
def test_any_text(value: str, flow: bool, ascii: bool, quote: str) -> None:
    """Any text reads as itself again, by our reader and by one that knows YAML 1.1 only, as value and as key."""
    written = scalar(value, flow=flow, ascii=ascii, quote=quote)
    text = f"a: [{written}, {{{written}: 1}}]\n" if flow else f"a:\n  - {written}\n  - {written}: 1\n"
    assert read(text.encode(), "x").value == {"a": [value, {value: 1}]}
    assert yaml.safe_load(text) == {"a": [value, {value: 1}]}
    assert not ascii or written.isascii()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab \n:#-'\"é", max_size=8),
        lambda children: (
            st.lists(children, max_size=3) | st.dictionaries(st.text("ab:- ", max_size=3), children, max_size=3)
        ),
        max_leaves=8,
    ),
    st.sampled_from([(2, 2), (2, 0), (4, 4), (4, 2), (3, 0)]),
)
@settings(deadline=None, max_examples=500)
def test_any_block(value: Any, indents: tuple[int, int]) -> None:
    """Any container in block style reads as itself again, however deep mappings and sequences are indented."""
    style = BlockStyle(newline="\n", unit=indents[0], dash=indents[1], ascii=False)
    text = "\n".join(style.lines({"root": value}, 0)) + "\n"
    assert read(text.encode(), "x").value == {"root": value}
    assert yaml.safe_load(text) == {"root": value}
