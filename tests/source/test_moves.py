"""Moving an element of an array: its text goes with it, everything between elements stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tieline.model import DocumentError, Route
from tieline.source import move, read

CASES = yaml.safe_load((Path(__file__).parent / "data" / "moves.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_move(case: dict[str, Any]) -> None:
    """A move gives the text that the case says, and the way back gives the first text; or its error."""
    document = read(case["before"].encode(), "x")
    route = Route("x", tuple(case["move"]))
    if "error" in case:
        with pytest.raises(DocumentError) as caught:
            move(document, route, case["to"])
        assert (caught.value.finding.rule, str(caught.value)) == (case["error"], case["message"])
        return
    moved = move(document, route, case["to"])
    assert moved.data.decode() == case["after"]
    assert move(moved, route.parent / case["to"], case["move"][-1]).data.decode() == case["before"]
    assert document.data.decode() == case["before"]


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
LAYOUTS = {
    "json": lambda value: json.dumps(value, indent=2),
    "tight": lambda value: json.dumps(value, separators=(",", ":")),
    "yaml": lambda value: yaml.safe_dump(value, allow_unicode=True, sort_keys=False),
}


@given(elements=st.lists(VALUES, min_size=1, max_size=5), layout=st.sampled_from(sorted(LAYOUTS)), data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_move(elements: list[Any], layout: str, data: st.DataObject) -> None:
    """Of any list any element goes anywhere and back."""
    document = read(LAYOUTS[layout]({"a": 1, "list": elements}).encode(), "x")
    before = document.value["list"]
    index, to = (data.draw(st.integers(0, len(before) - 1)) for _ in "ab")
    if layout == "yaml":
        # An anchor may come behind its alias then, which no move of the text can mend.
        assume("&id" not in document.text.text)
    moved = move(document, Route("x", ("list", index)), to)
    wanted = list(before)
    wanted.insert(to, wanted.pop(index))
    assert moved.value == {"a": 1, "list": wanted}
    assert move(moved, Route("x", ("list", to)), index).data == document.data
