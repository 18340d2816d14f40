"""Values that side requests of policies look for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tieline.lang.tokens import get
from tieline.mock.asked import with_values
from tieline.model import MISSING

VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)
PLACES = st.lists(st.one_of(st.sampled_from("abc"), st.integers(0, 5)), max_size=4).map(tuple)


@given(value=VALUES, place=PLACES)
def test_something_is_there_in_the_end(value: Any, place: tuple[str | int, ...]) -> None:
    """Whatever a body holds, there is something at the place, and a body that had it is the very same."""
    had = get(value, place) not in (MISSING, None)
    made = with_values(value, [place])
    assert get(made, place) not in (MISSING, None)
    assert (made is value) == had


def test_no_body_is_made_for_an_index_that_nobody_reaches() -> None:
    """An index of millions does not fill the memory."""
    assert with_values({"a": [1]}, [("a", 5_000_000, "b")]) == {"a": [1]}
