"""``tieline connections`` as a user meets it: real processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tieline.model import Connection, Grant, Secret, StoredConnection
from tieline.store.connections import ConnectionStore
from tieline.store.key import key_of_text

SECRETS = ("s3cret-value", "s3cret-access", "s3cret-refresh")
PHRASE = "s3cret-phrase"


@pytest.fixture
def store(tmp_path: Path) -> ConnectionStore:
    """A store with two connections, one of which signed in."""
    store = ConnectionStore(tmp_path / "home", lambda: key_of_text(tmp_path / "home", PHRASE))
    values = {"api_key": Secret(SECRETS[0])}
    grant = Grant(type="password", access_token=Secret(SECRETS[1]), refresh_token=Secret(SECRETS[2]), expires=5e9)
    for name, given in (("plain", None), ("Signed In", grant)):
        connection = Connection(name=name, values=values, grant=given)
        store.save(StoredConnection(connection=connection, connector="Inventory"))
    return store


@pytest.fixture
def run(tieline: Callable[..., Any], store: ConnectionStore) -> Callable[..., Any]:
    """``tieline connections`` on that store; its output never has a secret."""
    keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}

    def words(*words: str, key: str = PHRASE, **env: str) -> Any:
        whole = {"TIELINE_HOME": str(store.home), "TIELINE_KEY": key, **keyring, **env}
        ran = tieline("connections", *words, env=whole)
        said = ran.out.decode() + ran.talk
        assert "s3cret" not in said
        assert "Traceback" not in said
        return ran

    return words


def test_list(run: Callable[..., Any]) -> None:
    """One line for each, as text and as JSON."""
    ran = run("list")
    assert ran.code == 0, ran.talk
    lines = ran.out.decode().splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == ["plain", "Signed In"]
    assert "expires in" in lines[1]
    shown = run("list", "--format", "json").json
    assert shown["version"] == 1
    assert [(entry["name"], entry["grant"]) for entry in shown["connections"]] == [
        ("plain", None),
        ("Signed In", "password"),
    ]


def test_an_empty_list(run: Callable[..., Any], tmp_path: Path) -> None:
    """It says what makes one; with -q nothing."""
    home = {"TIELINE_HOME": str(tmp_path / "none")}
    ran = run("list", **home)
    assert (ran.code, ran.out) == (0, b"")
    assert "tieline connect" in ran.talk
    assert run("list", "-q", **home).talk == ""
    assert run("list", "--format", "json", **home).json == {"version": 1, "connections": []}


def test_show(run: Callable[..., Any]) -> None:
    """What there is, with secrets hidden."""
    ran = run("show", "signed in")
    assert ran.code == 0, ran.talk
    assert "api_key=***" in ran.out.decode()
    assert "can be renewed" in ran.out.decode()
    shown = run("show", "plain", "--format", "json").json
    assert (shown["version"], shown["values"], shown["grant"]) == (1, {"api_key": "***"}, None)


def test_unknown_names(run: Callable[..., Any]) -> None:
    """Exit code 2 and the nearest name, from every command."""
    for words in (["show"], ["expire"], ["remove", "--yes"], ["rename", "x"]):
        ran = run(*words[:1], "plian", *words[1:])
        assert ran.code == 2, words
        assert 'did you mean "plain"?' in ran.talk
    shown = run("show", "plian", "--format", "json")
    assert (shown.code, shown.json["findings"][0]["rule"]) == (2, "unknown-connection")


def test_expire(run: Callable[..., Any], store: ConnectionStore) -> None:
    """The token counts as expired; a connection without one is exit code 2."""
    ran = run("expire", "Signed In")
    assert (ran.code, ran.out) == (0, b"")
    assert ran.talk.strip() == 'the next call with "Signed In" renews its access token'
    assert "has expired" in run("show", "Signed In").out.decode()
    assert run("expire", "plain").code == 2
    assert run("expire", "Signed In", "--format", "json").json == {"version": 1, "expired": "Signed In"}


def test_rename_and_remove(run: Callable[..., Any], store: ConnectionStore) -> None:
    """A name changes; nothing is removed without a yes."""
    assert run("rename", "plain", "Ünïcode", "-q").talk == ""
    assert run("rename", "Ünïcode", "signed in").code == 2
    asked = run("remove", "Ünïcode")
    assert asked.code == 2
    assert "--yes" in asked.talk
    assert store.names() == ("Signed In", "Ünïcode")
    assert run("remove", "ÜNÏCODE", "--yes").talk.strip() == 'removed "ÜNÏCODE"'
    assert store.names() == ("Signed In",)


def test_what_cannot_be_read(run: Callable[..., Any], store: ConnectionStore) -> None:
    """The list has it with exit code 1 and what to do; with a wrong key everything is listed so."""
    (store.home / "connections" / "x.json").write_text("{", encoding="utf-8")
    ran = run("list")
    assert ran.code == 1
    assert "plain" in ran.out.decode()
    assert 'tieline connections remove "x.json"' in ran.talk
    listed = {entry["name"]: entry for entry in run("list", "--format", "json").json["connections"]}
    assert (listed["x.json"]["created"], listed["x.json"]["changed"]) == (None, None)
    assert run("remove", "x.json", "--yes").code == 0
    assert run("list").code == 0
    wrong = run("list", "--format", "json", key="another")
    assert wrong.code == 1
    assert {entry["unreadable"]["rule"] for entry in wrong.json["connections"]} == {"wrong-key"}
    assert run("show", "plain", key="another").code == 2


def test_what_cannot_be_written(run: Callable[..., Any], tmp_path: Path) -> None:
    """A home that is a file is exit code 3 for writing."""
    (tmp_path / "file").touch()
    ran = run("rotate-key", TIELINE_HOME=str(tmp_path / "file"))
    assert ran.code == 3
    assert str(tmp_path / "file") in ran.talk


def test_rotate_key(run: Callable[..., Any], store: ConnectionStore) -> None:
    """To a key in a file of this machine, and to one that a variable names."""
    ran = run("rotate-key")
    assert ran.code == 0, ran.talk
    assert "2 connections encrypted anew" in ran.talk
    assert "unset TIELINE_KEY" in ran.talk
    assert run("list").code == 1
    assert run("list", key="").code == 0
    moved = run("rotate-key", "--new-key", "env:NEXT", "--format", "json", key="", NEXT="s3cret-next")
    assert (moved.json["version"], moved.json["connections"], moved.json["key"]) == (1, 2, "TIELINE_KEY")
    assert run("list", key="s3cret-next").code == 0
    assert run("list", key="").code == 1
    refused = run("rotate-key", "--new-key", "s3cret-typed", key="s3cret-next")
    assert refused.code == 2
    assert json.loads(run("list", "--format", "json", key="s3cret-next").out)["connections"][0]["unreadable"] is None
