"""The user's list of subscriptions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tieline.model import DocumentError, Receiver, Subscription
from tieline.store.database import open_to_write
from tieline.store.subscriptions import Subscriptions

ONE = Subscription(
    id="abc",
    name="New orders",
    connector="Shop",
    folder="/shop",
    operation="OnOrder",
    connection="mine",
    arguments={"since": "2026", "deep": {"list": [1, 2.5, None, True]}},
    receivers=(Receiver(kind="http", target="http://localhost/x", secret="env:KEY"), Receiver(kind="none")),
    interval=60.0,
    created=1800000000.5,
)


@pytest.fixture
def known(tmp_path: Path) -> Subscriptions:
    """An empty list without a file."""
    return Subscriptions(tmp_path / "tieline.db")


def test_what_is_added_comes_back(known: Subscriptions) -> None:
    """A subscription is found by name in any case and by id, as it was."""
    assert known.all() == []
    known.add(ONE)
    known.add(replace(ONE, id="def", name="another"))
    assert [one.name for one in known.all()] == ["another", "New orders"]
    assert known.get("NEW ORDERS") == known.get("abc") == ONE


@pytest.mark.parametrize("again", [{"id": "other", "name": "NEW orders"}, {"id": "abc", "name": "other"}])
def test_a_name_or_id_is_taken_once(known: Subscriptions, again: dict[str, str]) -> None:
    """The same name in another case, or the same id, is refused, and the first one stays."""
    known.add(ONE)
    with pytest.raises(DocumentError) as refused:
        known.add(replace(ONE, id=again["id"], name=again["name"]))
    assert refused.value.finding.rule == "subscription-exists"
    assert known.all() == [ONE]


def test_replace_and_remove(known: Subscriptions) -> None:
    """One is changed and removed by its id."""
    with pytest.raises(DocumentError, match="no subscription"):
        known.replace(ONE)
    known.add(ONE)
    known.add(replace(ONE, id="def", name="another"))
    known.replace(replace(ONE, name="Orders", interval=90.0))
    assert known.get("orders").interval == 90.0
    with pytest.raises(DocumentError, match="already"):
        known.replace(replace(ONE, name="ANOTHER"))
    assert known.remove("abc")
    assert not known.remove("abc")
    assert [one.id for one in known.all()] == ["def"]


def test_an_unknown_name_suggests_the_nearest(known: Subscriptions) -> None:
    """The error names what there is."""
    known.add(ONE)
    with pytest.raises(DocumentError) as refused:
        known.get("New ordes")
    assert "New orders" in refused.value.finding.remedy


def test_what_json_cannot_hold_is_refused(known: Subscriptions) -> None:
    """Arguments that are no JSON are a DocumentError."""
    with pytest.raises(DocumentError, match="cannot be kept"):
        known.add(replace(ONE, arguments={"x": object()}))


def test_a_damaged_entry_is_told(known: Subscriptions, tmp_path: Path) -> None:
    """An entry that was changed by another hand is a DocumentError."""
    connection = open_to_write(tmp_path / "tieline.db")
    connection.execute("INSERT INTO subscriptions VALUES ('i', 'n', '{')")
    connection.close()
    with pytest.raises(DocumentError, match="cannot be read"):
        known.all()
