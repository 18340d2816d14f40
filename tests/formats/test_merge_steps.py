"""The way from one value to another in steps that a patch of a text can follow."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.formats.merge import identified, same
from tieline.formats.merge_steps import misplaced, nearer
from tieline.model import Edit, Route
from tieline.source import edit, read
from tieline.source.arrange import arrange

CASES = yaml.safe_load((Path(__file__).parent / "data" / "merge_steps.yaml").read_text(encoding="utf-8"))
NAMED = st.fixed_dictionaries({"name": st.sampled_from("abcd")}, optional={"x": st.sampled_from("uv")})
VALUES = st.recursive(
    st.sampled_from(["a", "b", 1, True, None]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
        st.lists(NAMED, max_size=5),
    ),
    max_leaves=25,
)


def ordered(value: Any, keys: tuple[Any, ...], order: list[int]) -> Any:
    """The value with the elements of a list in another order."""
    if not keys:
        return [value[at] for at in order]
    copy = value.copy()
    copy[keys[0]] = ordered(value[keys[0]], keys[1:], order)
    return copy


def way(old: Any, new: Any) -> list[Any]:
    """The values on the way."""
    found: list[Any] = []
    while True:
        value = nearer(old, new)
        if value is old:
            for keys, order in misplaced(old, new).items():
                value = ordered(value, keys, order)
        if value is old:
            return found
        old = value
        found.append(old)
        assert len(found) < 100


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_way(case: dict[str, Any]) -> None:
    """The steps are those of the case."""
    found = way(case["old"], case["new"])
    assert len(found) == len(case["steps"]), found
    assert all(map(same, found, case["steps"])), found


def aligned(old: Any, new: Any) -> bool:
    """Whether lists have the same elements in the same order, wherever both values have something in common."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(aligned(value, new[key]) for key, value in old.items() if key in new)
    if isinstance(old, list) and isinstance(new, list):
        before, after = identified(old), identified(new)
        if not before.keys() & after.keys():
            return True
        return list(before) == list(after) and all(map(aligned, old, new))
    return True


@settings(max_examples=400, deadline=None)
@given(VALUES, VALUES)
def test_a_way_ends(old: Any, new: Any) -> None:
    """Whatever the values are, at the end their lists have the same elements in the same order."""
    found = way(old, new)
    assert aligned(found[-1] if found else old, new)


ELEMENTS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("uvw"), min_size=1)


@settings(max_examples=200, deadline=None)
@given(ELEMENTS, ELEMENTS)
def test_comments_stay_with_their_elements(old: dict[str, str], new: dict[str, str]) -> None:
    """A text that is patched step by step has the comment of each element that is left in that element."""
    lines = [f'  {{"name": "{name}" /* {name} */, "x": "{x}"}}' for name, x in old.items()]
    document = read(("[\n" + ",\n".join(lines) + "\n]\n").encode(), "a")
    wanted = [{"name": name, "x": x} for name, x in new.items()]
    while True:
        step = nearer(document.value, wanted)
        if step is not document.value:
            document = edit(document, [Edit(route=Route(), action="set", value=step)])
        elif orders := misplaced(document.value, wanted):
            document = arrange(document, orders)
        else:
            break
    document = edit(document, [Edit(route=Route(), action="set", value=wanted)])
    assert document.value == wanted
    found = re.findall(r'"name": "(.)" /\* (.) \*/', document.data.decode())
    assert found == [(name, name) for name in new if name in old] or not old.keys() & new.keys()
