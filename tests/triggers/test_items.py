"""Items: splitting, identities, the time that orders them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tieline.triggers.items import Item, identities, split, time_property

CASES = yaml.safe_load((Path(__file__).parent / "data" / "items.yaml").read_text(encoding="utf-8"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_split(case: dict[str, Any]) -> None:
    """A body gives the payloads of the data, with what they call themselves."""
    keys = tuple(case["keys"]) if "keys" in case else None
    found = split(case["body"].encode(), case.get("type", "application/json"), keys, 1000)
    assert [item.data.decode() for item in found.items] == case["items"]
    assert [name for _, name in identities(found.items, "WhenOrderIsNew", "")] == case["names"]


@given(body=st.binary(max_size=80), keys=st.none() | st.lists(st.text(max_size=3), max_size=2))
def test_any_body_is_split(body: bytes, keys: list[str] | None) -> None:
    """Any bytes give items, each with an identity."""
    found = split(body, "", None if keys is None else tuple(keys), 10)
    assert len(identities(found.items, "x", "")) == len(found.items)


@given(value=JSON)
def test_identity_does_not_know_the_order_of_properties(value: Any) -> None:
    """The same JSON in another order of properties is the same item."""
    one = Item(data=b"", value=value)
    turned = Item(data=b"", value=json.loads(json.dumps(value), object_pairs_hook=lambda pairs: dict(reversed(pairs))))
    assert identities([one], "x", "") == identities([turned], "x", "")


def test_deep_element_leaves_the_body_whole() -> None:
    """What is nested too deeply to be written alone is not lost."""
    body = b"[" * 1000 + b"]" * 1000
    found = split(body, "", (), 10)
    assert [item.data for item in found.items] == [body] or len(found.items) == 1


def test_more_than_the_limit_is_counted() -> None:
    """Elements above the limit are no items and are counted."""
    found = split(b"[1,2,3,4,5]", "", (), 3)
    assert (len(found.items), found.left) == (3, 2)


def test_items_that_share_an_id_are_told_apart_by_content() -> None:
    """Two items of one reply with the same id and other content are two items."""
    found = split(b'[{"id":1,"a":1},{"id":1,"a":2}]', "", (), 10)
    assert len({identity for identity, _ in identities(found.items, "x", "")}) == 2


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ('[{"updatedAt":"2026-01-01T00:00:00Z","createdAt":"2026-01-01T00:00:00Z"}]', "createdAt"),
        ('[{"dueDate":"2026-01-01T00:00:00Z"}]', ""),
        ('[{"created":"2026-01-01T00:00:00Z"},{"created":"soon"}]', ""),
        ('[{"modified":"2026-01-01 00:00"}]', "modified"),
        ("[1]", ""),
    ],
)
def test_time_property(body: str, name: str) -> None:
    """The time that orders items is one that all have, by its name one of creation or change."""
    assert time_property(split(body.encode(), "", (), 10).items) == name
