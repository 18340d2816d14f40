"""Changing the key: wherever it ends, every connection stays readable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tieline.model import DocumentError, StoredConnection
from tieline.store.connections import ConnectionStore
from tieline.store.key import Key, keep_key
from tieline.store.ring import bridged, unfinished

Made = Callable[..., StoredConnection]
OLD, NEW, THIRD = (Key(bytes([number]) * 32) for number in (1, 2, 3))
NAMES = ("a", "b", "c")


class Stopped(Exception):
    """What ends a rotation in a test."""


def values(home: Path, key: Key) -> list[str | None]:
    """What all connections hold, read with a key."""
    store = ConnectionStore(home, lambda: key)
    return [store.load(name).connection.value("api_key") for name in NAMES]


@pytest.fixture
def filled(home: Path, made: Made) -> Path:
    """A home with three connections under the old key."""
    store = ConnectionStore(home, lambda: OLD)
    for name in NAMES:
        store.save(made(name))
    return home


def stop_at(number: int) -> Callable[[str], None]:
    """A hook that ends the rotation at its n-th step."""
    steps = iter(range(100))

    def step(done: str) -> None:
        if next(steps) == number:
            raise Stopped(done)

    return step


EXPECTED = ["value-of-a", "value-of-b", "value-of-c"]


def test_a_new_key(filled: Path) -> None:
    """All connections open with the new key and none with the old; nothing of the rotation is left."""
    kept: list[Key] = []
    assert ConnectionStore(filled, lambda: OLD).rotate(NEW, adopt=kept.append) == 3
    assert kept == [NEW]
    assert values(filled, NEW) == EXPECTED
    assert not unfinished(filled)
    with pytest.raises(DocumentError, match="which is not the one in use"):
        ConnectionStore(filled, lambda: OLD).load("a")


@pytest.mark.parametrize("number", range(5))
def test_a_rotation_that_ends_early(filled: Path, made: Made, number: int) -> None:
    """After each step (bridge, three records, adopted) old and new key open all; saving works; a next one finishes."""
    store = ConnectionStore(filled, lambda: OLD)
    with pytest.raises(Stopped):
        store.rotate(NEW, step=stop_at(number))
    assert unfinished(filled)
    for key in (OLD, NEW):
        assert values(filled, key) == EXPECTED
        ConnectionStore(filled, lambda key=key: key).save(made(f"of {key.id}"))
    assert values(filled, OLD) == values(filled, NEW) == EXPECTED
    assert store.load("b").connection.value("api_key") == "value-of-b"
    held = NEW if number == 4 else OLD
    assert ConnectionStore(filled, lambda: held).rotate(THIRD) == 5
    assert values(filled, THIRD) == EXPECTED
    assert not unfinished(filled)
    for key in (OLD, NEW):
        with pytest.raises(DocumentError):
            values(filled, key)


@pytest.mark.parametrize("first", range(5))
@pytest.mark.parametrize("second", range(5))
def test_two_rotations_that_end_early(filled: Path, first: int, second: int) -> None:
    """All three keys open all records after two rotations that did not end."""
    with pytest.raises(Stopped):
        ConnectionStore(filled, lambda: OLD).rotate(NEW, step=stop_at(first))
    with pytest.raises(Stopped):
        ConnectionStore(filled, lambda: NEW).rotate(THIRD, step=stop_at(second))
    for key in (OLD, NEW, THIRD):
        assert values(filled, key) == EXPECTED


def test_a_key_that_cannot_be_kept(filled: Path) -> None:
    """When the new key finds no place, the old one still opens everything."""

    def refuse(key: Key) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        ConnectionStore(filled, lambda: OLD).rotate(NEW, adopt=refuse)
    assert values(filled, OLD) == EXPECTED


def test_the_bridge_shows_no_key(filled: Path) -> None:
    """The bridge is of use only to those who have one of the keys."""
    with pytest.raises(Stopped):
        ConnectionStore(filled, lambda: OLD).rotate(NEW, step=stop_at(0))
    text = (filled / "rotation.json").read_text(encoding="utf-8")
    assert OLD.text() not in text
    assert NEW.text() not in text
    assert set(bridged(filled, THIRD)) == {THIRD.id}
    assert set(bridged(filled, OLD)) == set(bridged(filled, NEW)) == {OLD.id, NEW.id}


def test_a_damaged_bridge(filled: Path) -> None:
    """A bridge with any part changed or cut is said to be damaged; without it the key in use opens what is its own."""
    with pytest.raises(Stopped):
        ConnectionStore(filled, lambda: OLD).rotate(NEW, step=stop_at(1))
    file = filled / "rotation.json"
    whole = json.loads(file.read_bytes())
    broken = [{**link, "sealed": link["sealed"][::-1]} for link in whole["links"]]
    for data in (b"", b"{}", file.read_bytes()[:-9], json.dumps({**whole, "links": broken}).encode()):
        file.write_bytes(data)
        for entry in ConnectionStore(filled, lambda: OLD).entries():
            assert entry.unreadable is not None
            assert entry.unreadable.rule == "damaged-vault"
    file.unlink()
    found = [entry.unreadable for entry in ConnectionStore(filled, lambda: OLD).entries()]
    assert [finding.rule for finding in found if finding is not None] == ["wrong-key"]


def test_an_open_store_follows(home: Path, made: Made) -> None:
    """A store that another process has given a new key to reads and writes with that."""
    store = ConnectionStore(home)
    store.save(made("a"))
    ConnectionStore(home).rotate(NEW, adopt=lambda key: keep_key(home, key) and None)
    assert store.load("a").connection.value("api_key") == "value-of-a"
    ConnectionStore(home).rotate(THIRD, adopt=lambda key: keep_key(home, key) and None)
    store.save(made("b"))
    assert ConnectionStore(home, lambda: THIRD).load("b").connection.value("api_key") == "value-of-b"


def test_a_process_with_the_old_passphrase_writes_nothing(home: Path, made: Made) -> None:
    """A key that was changed elsewhere does not come back by a store that still has it."""
    store = ConnectionStore(home, lambda: OLD)
    store.save(made("a"))
    assert store.load("a").connection.name == "a"
    ConnectionStore(home, lambda: OLD).rotate(NEW)
    with pytest.raises(DocumentError) as caught:
        store.save(made("b"))
    assert caught.value.finding.rule == "wrong-key"


def test_readers_meet_no_gap(filled: Path) -> None:
    """A process that reads all the time while keys are changed finds every connection readable at every moment."""
    keep_key(filled, OLD)
    code = """
import sys
from tieline.store.connections import default_store
print("go", flush=True)
count = 0
while True:
    faults = [entry.unreadable for entry in default_store().entries() if entry.unreadable]
    if faults:
        sys.exit(f"{count}: {faults}")
    count += 1
    if (default_store().home / "end").exists():
        sys.exit(0 if count > 3 else "too few")
"""
    reader = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "TIELINE_HOME": str(filled)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "go\n"
    for _ in range(30):
        ConnectionStore(filled).rotate(Key.random(), adopt=lambda key: keep_key(filled, key) and None)
    (filled / "end").touch()
    _, said = reader.communicate(timeout=60)
    assert reader.returncode == 0, said
