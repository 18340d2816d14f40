"""Parents of properties: one object, or each object of a collection."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.lang.tokens import parse_path
from tieline.policy.parents import count_parents, each_parent


@pytest.mark.parametrize(
    ("body", "path", "expected", "count"),
    [
        ({"a": 1}, "@body()", {"a": 1, "x": 1}, 1),
        ({"p": {"a": 1}, "q": 2}, "@body().p", {"p": {"a": 1, "x": 1}, "q": 2}, 1),
        ({"p": [{}, 5, {"a": 1}]}, "@body().p", {"p": [{"x": 1}, 5, {"a": 1, "x": 1}]}, 2),
        ([{}, {}], "@body()", [{"x": 1}, {"x": 1}], 2),
        ({"p": []}, "@body().p", {"p": []}, 0),
        ({"p": None}, "@body().p", {"p": None}, 0),
        ({"p": "text"}, "@body().p", {"p": "text"}, 0),
        ({}, "@body().p.q", {}, 0),
        (5, "@body()", 5, 0),
    ],
)
def test_each_parent(body: Any, path: str, expected: Any, count: int) -> None:
    """Every parent is visited; what is none, or not there, is left alone."""
    parent = parse_path(path)
    assert each_parent(body, parent, lambda holder: {**holder, "x": 1}) == expected
    assert count_parents(body, parent) == count


@pytest.mark.parametrize("body", [{"p": {"a": 1}}, {"p": [{"a": 1}, {}]}, {"p": 5}, {}])
def test_nothing_changed_is_the_very_same(body: Any) -> None:
    """Visits that change nothing give back the body itself."""
    assert each_parent(body, parse_path("@body().p"), lambda holder: holder) is body
