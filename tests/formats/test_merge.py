"""Three versions of a value become one."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.formats.merge import Manners, merge, same
from tieline.model import MISSING, Route

CASES = yaml.safe_load((Path(__file__).parent / "data" / "merges.yaml").read_text(encoding="utf-8"))
GATHERING = Manners(gathers=lambda keys: len(keys) == 1, stays_out=lambda keys: len(keys) == 2)

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from("ab"),
)
NAMED = st.fixed_dictionaries(
    {"name": st.sampled_from("abc")}, optional={"in": st.sampled_from(["query", "header"]), "x": SCALARS}
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["a", "b", "c", "paths", "get", "name"]), inner, max_size=4),
        st.lists(NAMED, max_size=4),
    ),
    max_leaves=20,
)
MANNERS = st.sampled_from([Manners(), Manners(theirs=True), GATHERING])


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_merge(case: dict[str, Any]) -> None:
    """Three versions become what the case says, in the order that it says, and no version is changed."""
    versions = case.get("base", MISSING), case["ours"], case["theirs"]
    before = copy.deepcopy(versions[1:])
    merged = merge(*versions)
    assert same(merged.value, case["merged"]), merged.value
    assert repr(merged.value) == repr(case["merged"])
    assert [Route("", conflict.our_keys).pointer for conflict in merged.conflicts] == case.get("conflicts", [])
    theirs = merge(*versions, Manners(theirs=True))
    assert repr(theirs.value) == repr(case.get("merged-theirs", case["merged"]))
    assert [conflict.our_keys for conflict in theirs.conflicts] == [one.our_keys for one in merged.conflicts]
    assert before == versions[1:]


def test_conflicts_name_both_places() -> None:
    """A conflict knows where its value stands in each of the two versions."""
    base = [{"name": "a", "x": 1}, {"name": "b", "x": 1}]
    ours = [{"name": "new"}, {"name": "a", "x": 1}, {"name": "b", "x": 2}]
    theirs = [{"name": "b", "x": 3}, {"name": "a", "x": 1}]
    (conflict,) = merge(base, ours, theirs).conflicts
    assert (conflict.our_keys, conflict.their_keys) == ((2, "x"), (0, "x"))
    assert (conflict.ours, conflict.theirs) == (2, 3)


def test_what_stays_out() -> None:
    """What may be taken out as a whole stays out without a conflict, and is told apart."""
    manners = Manners(stays_out=lambda keys: keys == ("a",))
    merged = merge({"a": 1, "b": 1}, {}, {"a": 2, "b": 2}, manners)
    assert merged.value == {}
    assert merged.left_out == (("a",),)
    assert [conflict.our_keys for conflict in merged.conflicts] == [("b",)]


def test_what_only_gathers() -> None:
    """An object that only gathers others is no whole: a change in one of them does not keep the others."""
    base = {"g": {"x": 1, "y": 1}}
    merged = merge(base, {"g": {"x": 2, "y": 1}}, {}, GATHERING)
    assert merged.value == {"g": {"x": 2}}
    assert [conflict.our_keys for conflict in merged.conflicts] == [("g", "x")]
    merged = merge(base, {}, {"g": {"x": 1, "y": 1, "z": 1}}, GATHERING)
    assert merged.value == {"g": {"z": 1}}


def test_deep_values() -> None:
    """Values as deep as a document may be are merged."""
    versions: list[Any] = [1, 1, 2]
    for _ in range(125):
        versions = [{"a": [version]} for version in versions]
    assert same(merge(*versions).value, versions[2])


@settings(max_examples=300, deadline=None)
@given(VALUES, VALUES, MANNERS)
def test_one_side_changed(base: Any, changed: Any, manners: Manners) -> None:
    """Where only one side changed, or both the same, the result is that side, and there is nothing to say."""
    for ours, theirs in ((base, changed), (changed, base), (changed, changed)):
        merged = merge(base, ours, theirs, manners)
        assert same(merged.value, changed)
        assert merged.conflicts == ()
        assert merged.left_out == ()


def leaves(value: Any, keys: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """The scalars and empty containers of a value of objects, by their keys."""
    if isinstance(value, dict) and value:
        return {place: leaf for key, item in value.items() for place, leaf in leaves(item, (*keys, key)).items()}
    return {keys: value}


OBJECTS = st.recursive(
    SCALARS, lambda inner: st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3), max_leaves=12
).map(lambda value: {"root": value})


@settings(max_examples=300, deadline=None)
@given(OBJECTS, OBJECTS, OBJECTS)
def test_no_edit_is_lost(base: Any, ours: Any, theirs: Any) -> None:
    """Every change of either side is in the result, or below or above a conflict; the author's always is."""
    merged = merge(base, ours, theirs)
    places = [conflict.our_keys for conflict in merged.conflicts]
    before, mine, yours, result = map(leaves, (base, ours, theirs, merged.value))
    for place in before.keys() | mine.keys() | yours.keys():
        old, own, other = (version.get(place, MISSING) for version in (before, mine, yours))
        near = any(place[: len(keys)] == keys[: len(place)] for keys in places)
        if not same(old, own) and own is not MISSING:
            assert same(result.get(place, MISSING), own) or place_holds_more(result, place)
        if not same(old, other) and other is not MISSING and not near:
            assert same(result.get(place, MISSING), other) or place_holds_more(result, place)


def place_holds_more(result: dict[tuple[Any, ...], Any], place: tuple[Any, ...]) -> bool:
    """Whether an empty object got members of the other side."""
    return any(keys[: len(place)] == place and len(keys) > len(place) for keys in result)


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_the_same_again(base: Any, ours: Any, theirs: Any) -> None:
    """A merge gives the same each time, and merging its result again changes nothing."""
    once = merge(base, ours, theirs)
    assert repr(once) == repr(merge(base, ours, theirs))
    again = merge(theirs, once.value, theirs)
    assert same(again.value, once.value)
    assert again.conflicts == ()


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), SCALARS), st.data())
def test_disjoint_edits(base: dict[str, Any], data: st.DataObject) -> None:
    """Edits of different keys are all in the result."""
    keys = sorted("abcdefgh")
    mine = data.draw(st.dictionaries(st.sampled_from(keys[::2]), SCALARS))
    yours = data.draw(st.dictionaries(st.sampled_from(keys[1::2]), SCALARS))
    merged = merge(base, {**base, **mine}, {**base, **yours})
    assert same(merged.value, {**base, **mine, **yours})
    assert merged.conflicts == ()
