"""Places in JSON values. The cases are data."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.lang.tokens import get, parse_keys, parse_path, put, remove
from tieline.model import MISSING, DocumentError, Route

CASES = json.loads((Path(__file__).parent / "data" / "paths.json").read_text(encoding="utf-8"))
ROUTE = Route("apiProperties.json", ("properties", "x"))

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
KEYS = st.lists(st.sampled_from(["a", "b", "c", 0, 1]), max_size=4).map(tuple)


def read(case: dict[str, Any]) -> tuple[str | None, list[str | int]]:
    """Root and keys of a case's path; no root for a sub path."""
    if "sub" in case:
        return None, list(parse_keys(case["sub"], ROUTE))
    path = parse_path(case["path"], ROUTE, tuple(case.get("roots", ("body", "item"))))
    assert path.text == case["path"].strip()
    return path.root, list(path.keys)


@pytest.mark.parametrize("case", [case for case in CASES if "value" not in case], ids=lambda case: case["name"])
def test_reading(case: dict[str, Any]) -> None:
    """A path is read as the case says, or refused."""
    if "error" in case:
        with pytest.raises(DocumentError) as refused:
            read(case)
        finding = refused.value.finding
        assert finding.rule == case["error"]
        assert finding.message == case.get("message", finding.message)
        assert finding.remedy == case.get("remedy", finding.remedy) != ""
        assert finding.route == ROUTE
    else:
        assert read(case) == (case.get("root"), case["keys"])


@pytest.mark.parametrize("case", [case for case in CASES if "value" in case], ids=lambda case: case["name"])
def test_using(case: dict[str, Any]) -> None:
    """A place is read or written as the case says, and the value given stays as it was."""
    value, at = case["value"], tuple(case["at"])
    before = copy.deepcopy(value)
    if "get" in case:
        found = get(value, at)
        assert (found if found is not MISSING else "MISSING") == case["get"]
        return
    new = remove(value, at) if case.get("remove") else put(value, at, case["put"], create=case.get("create", False))
    if case["result"] == "SAME":
        assert new is value
    else:
        assert new == case["result"]
        assert list(new) == list(case["result"]) if isinstance(new, dict) else True
    assert value == before


@given(value=VALUES, keys=KEYS, new=VALUES, create=st.booleans())
def test_writing_is_what_reading_finds(value: Any, keys: tuple[str | int, ...], new: Any, create: bool) -> None:
    """What was put is found there, what was removed is not, and the value that was given never changes."""
    before = copy.deepcopy(value)
    changed = put(value, keys, new, create=create)
    if changed is not value:
        assert get(changed, keys) is new
    less = remove(value, keys)
    if less is not value and isinstance(keys[-1], str):
        assert get(less, keys) is MISSING
    assert value == before


@given(text=st.text(alphabet="ab.[]'\"0 @(){}", max_size=20))
def test_any_text_is_a_path_or_is_refused(text: str) -> None:
    """Any text is read as keys and as a path, or refused with a DocumentError."""
    for reader in (parse_keys, parse_path):
        try:
            reader(text)
        except DocumentError:
            continue


def test_names_of_any_case() -> None:
    """The exact name comes first, then any case, when that is asked for."""
    assert get({"A": 1, "a": 2}, ("a",), any_case=True) == 2
    assert get({"A": 1}, ("a",), any_case=True) == 1
    assert get({"A": 1}, ("a",)) is MISSING


def test_deep_paths() -> None:
    """A path of any depth is walked without recursion."""
    value: Any = 0
    for _ in range(5000):
        value = {"a": value}
    changed = put(value, ("a",) * 5000, 1)
    assert get(changed, ("a",) * 5000) == 1
    assert get(remove(changed, ("a",) * 5000), ("a",) * 5000) is MISSING
