"""What doctor says of the store and its key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tieline.app.doctor import Check, examine
from tieline.model import Connection, Secret, StoredConnection
from tieline.store.connections import default_store
from tieline.store.key import Key

STORED = StoredConnection(connection=Connection(name="a", values={"k": Secret("s3cret")}), connector="Inventory")


@pytest.fixture(autouse=True)
def no_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the user's own key, keyring or home."""
    monkeypatch.delenv("TIELINE_KEY", raising=False)
    monkeypatch.setenv("TIELINE_HOME", str(tmp_path / "home"))
    try:
        from keyring.backends import fail
    except ImportError:
        return
    monkeypatch.setattr("keyring.core._keyring_backend", fail.Keyring())


def checks() -> dict[str, Check]:
    """The report's lines by name."""
    return {check.name: check for check in examine()}


def test_nothing_is_made_by_looking() -> None:
    """Before the first connection all is well, and stays untouched."""
    found = checks()
    assert found["store"].state == found["key"].state == "ok"
    assert found["key"].detail == "made with the first connection"
    assert found["keyring"].state == "optional"
    assert not default_store().home.exists()


def test_a_store_in_use() -> None:
    """The folder, how many connections, and where the key is."""
    default_store().save(STORED)
    found = checks()
    assert found["store"].detail == f"{default_store().home}: 1 connections"
    assert found["key"].detail == f'the file "{default_store().home / "key"}"'


def test_a_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named, not its value; a wrong one is a missing thing."""
    monkeypatch.setenv("TIELINE_KEY", "s3cret phrase")
    default_store().save(STORED)
    found = checks()
    assert (found["key"].state, found["key"].detail) == ("ok", "TIELINE_KEY")
    monkeypatch.setenv("TIELINE_KEY", "other phrase")
    found = checks()
    assert found["store"].state == "missing"
    assert "phrase" not in repr(found)
    monkeypatch.delenv("TIELINE_KEY")
    found = checks()
    assert (found["store"].state, found["key"].state) == ("missing", "missing")
    assert "TIELINE_KEY" in found["key"].remedy


def test_damage_is_found() -> None:
    """A record, a key and a vault that cannot be read are each named with a remedy."""
    default_store().save(STORED)
    for name in ("connections/x.json", "key", "vault.json"):
        file = default_store().home / name
        before = file.read_bytes() if file.exists() else None
        file.write_bytes(b"x")
        found = checks()["store"]
        assert found.state == "missing"
        assert file.name in found.detail
        assert found.remedy
        file.unlink() if before is None else file.write_bytes(before)
    assert checks()["store"].state == "ok"


def test_a_change_of_key_that_did_not_end() -> None:
    """It is said how to finish it."""

    def stop(done: str) -> None:
        raise KeyboardInterrupt

    default_store().save(STORED)
    with pytest.raises(KeyboardInterrupt):
        default_store().rotate(Key.random(), step=stop)
    found = checks()["store"]
    assert (found.state, found.remedy) == ("missing", "tieline connections rotate-key")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_key_file_that_others_read() -> None:
    """Permissions that somebody widened are said."""
    default_store().save(STORED)
    (default_store().home / "key").chmod(0o640)
    assert "chmod 600" in checks()["key"].remedy
