"""Many changes at once are what they are one after the other."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import Edit, Route
from tieline.source import SourceDocument, dump, edit, read

COMMENTED = """{
  // the first
  "a": 1, // one
  "b": {"x": 1, "y": [1, 2, 3]},
  "c": [
    {"name": "p"}, // p
    {"name": "q"}
  ],
  "d": {}, "e": 5
}
"""
KEYS = st.sampled_from(["a", "b", "c", "d", "e", "f", "x", "y", "name"])
VALUES = st.recursive(
    st.one_of(st.integers(0, 3), st.sampled_from(["p", "q", "two words", "# no comment"]), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=15,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=6)


def whole(document: SourceDocument, value: Any) -> SourceDocument:
    """The document with another value, in one edit."""
    return edit(document, [Edit(route=Route(), action="set", value=value)])


def test_comments_and_order_stay() -> None:
    """One edit of a whole document changes only what is not the same, in however many places."""
    document = read(COMMENTED.encode(), "a.json")
    value = {
        "a": 2,
        "b": {"x": 9, "y": [1, 3], "z": True},
        "c": [{"name": "p", "more": 1}, {"name": "r"}, {"name": "s"}],
        "d": {"new": 1},
        "f": 1,
        "g": 2,
    }
    edited = whole(document, value)
    assert edited.value == value
    assert (
        edited.data.decode()
        == """{
  // the first
  "a": 2, // one
  "b": {"x": 9, "y": [1, 3], "z": true},
  "c": [
    {"name": "p", "more": 1}, // p
    {"name": "r"},
    {
      "name": "s"
    }
  ],
  "d": {
    "new": 1
  },
  "f": 1,
  "g": 2
}
"""
    )


@pytest.mark.parametrize("layout", ["indented", "plain", "yaml", "commented"])
@settings(max_examples=150, deadline=None)
@given(before=OBJECTS, after=OBJECTS)
def test_any_change(layout: str, before: Any, after: Any) -> None:
    """Any value becomes any other one in one edit, in every layout, and no repair is needed to read the result."""
    texts = {
        "indented": json.dumps(before, indent=2),
        "plain": json.dumps(before),
        "yaml": yaml.safe_dump(before, sort_keys=False),
        "commented": json.dumps(before, indent=2).replace("\n", " // a comment\n"),
    }
    document = read(texts[layout].encode(), "a")
    edited = whole(document, after)
    assert edited.value == after
    assert {finding.rule for finding in edited.findings} <= {finding.rule for finding in document.findings}


@settings(max_examples=150, deadline=None)
@given(before=OBJECTS, changes=st.dictionaries(KEYS, st.integers(10, 20), max_size=5))
def test_the_same_text(before: dict[str, Any], changes: dict[str, int]) -> None:
    """Keys set together give the text that they give one after the other."""
    document = read(json.dumps({"": 0, **before}, indent=2).encode(), "a.json")
    singly = edit(
        document, [Edit(route=Route("", (key,)), action="set", value=value) for key, value in changes.items()]
    )
    assert whole(document, {"": 0, **before, **changes}).data == singly.data


def test_thousands_of_changes() -> None:
    """A document in which everything changes is edited in one go."""
    before = {f"k{number}": {"a": number, "b": [number]} for number in range(3000)}
    after = {key: {"a": -value["a"], "b": [*value["b"], 1]} for key, value in before.items()}
    after |= {f"n{number}": number for number in range(3000)}
    document = read(dump(before), "a.json")
    started = time.perf_counter()
    assert whole(document, after).value == after
    assert time.perf_counter() - started < 20
