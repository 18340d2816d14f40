"""Routes and JSON Pointers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tieline.model import Route, keys_of_pointer


@given(st.lists(st.text()))
def test_pointers_come_back(keys: list[str]) -> None:
    """A route's pointer read again gives its keys."""
    route = Route("d", tuple(keys))
    assert keys_of_pointer(route.pointer) == tuple(keys)
    assert keys_of_pointer("#" + route.pointer) == tuple(keys)


def test_steps() -> None:
    """Children, deeper values and parents."""
    route = Route("d") / "paths" / "/a" / 0
    assert route.pointer == "/paths/~1a/0"
    assert route.parent == Route("d").join("paths", "/a")
    assert str(route) == "d#/paths/~1a/0"
    assert str(Route("d")) == "d"
