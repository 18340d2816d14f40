"""Query strings: only what is meant changes."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote

from hypothesis import given
from hypothesis import strategies as st

from tieline.policy import query

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
QUERIES = st.lists(st.tuples(NAMES, VALUES), max_size=5).map(
    lambda pairs: "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
)


@given(old=QUERIES, name=NAMES, value=VALUES)
def test_a_pair_that_was_set_is_the_only_one_of_its_name(old: str, name: str, value: str) -> None:
    """The value reads back, no other pair of that name is left, all others are as they were."""
    written = quote(name, safe="")
    new = query.with_pair(old, written, value)
    assert query.value_of(new, name) == value
    read = parse_qsl(new, keep_blank_values=True)
    assert [pair for pair in read if pair[0] == name] == [(name, value)]
    others = [pair for pair in parse_qsl(old, keep_blank_values=True) if pair[0] != name]
    assert [pair for pair in read if pair[0] != name] == others


@given(old=QUERIES, name=NAMES)
def test_a_pair_that_was_left_out_is_gone(old: str, name: str) -> None:
    """No pair of a dropped name is left, and only those are gone."""
    new = query.without(old, [name])
    assert not query.has(new, name)
    assert query.has(old, name) == (new != old)


def test_pairs_without_value_and_empty_ones() -> None:
    """A name without ``=`` is a name; empty pairs are none; a plus is a space."""
    assert query.has("a&b=1", "a")
    assert query.value_of("a&b=1", "a") == ""
    assert query.value_of("a+b=c+d", "a b") == "c d"
    assert query.value_of("", "") is None
    assert query.with_pair("&&a=1&", "b", "") == "a=1&b="


def test_two_queries_in_one() -> None:
    """Either may be empty."""
    assert query.added("a=1", "b=2") == "a=1&b=2"
    assert query.added("", "b=2") == "b=2"
    assert query.added("a=1", "") == "a=1"
    assert query.added("", "") == ""


def test_a_name_stays_as_its_author_wrote_it() -> None:
    """Encoded names stay encoded, ``$`` stays, what would break the query is encoded."""
    assert query.pair_of("%24top", "1") == "%24top=1"
    assert query.pair_of("$top", "1") == "$top=1"
    assert query.pair_of("a&b=c", "1") == "a%26b%3Dc=1"
