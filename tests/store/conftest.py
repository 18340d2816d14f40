"""A vault of its own for every test, and no keyring but one that the test puts there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tieline.model import Connection, ConnectionState, Grant, Login, Secret, StoredConnection
from tieline.store.connections import ConnectionStore
from tieline.store.key import Key

FULL = StoredConnection(
    connection=Connection(
        name="full",
        values={"api key": Secret('value-"1"-ä/+='), "token": Secret("access-token-3")},
        parameter_set="set-one",
        grant=Grant(
            type="authorization_code",
            access_token=Secret("access-token-3"),
            refresh_token=Secret("refresh-token-4"),
            obtained=1_700_000_000.25,
            expires=1_700_003_600.5,
            scope="read write",
        ),
        login=Login(
            client_id="client-id-5",
            client_secret=Secret("client-secret-6"),
            certificate=Secret("-----BEGIN KEY-----\ncertificate-7\n-----END KEY-----\n"),
            placeholders={"tenant": "tenant-8"},
            server="https://login-9.example",
            user="user-10@example.com",
            password=Secret("password 11 & more"),
            assertion=Secret("assertion.12.x"),
        ),
    ),
    connector="Inventory",
    folder="/home/someone/Inventory",
    state=ConnectionState.BROKEN,
    problem="invalid_grant: the refresh token is not known",
    created=1_700_000_000.0,
)


@pytest.fixture(autouse=True)
def no_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the user's own key, keyring or home."""
    monkeypatch.delenv("TIELINE_KEY", raising=False)
    monkeypatch.setenv("TIELINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    try:
        import keyring
        from keyring.backends import fail
    except ImportError:
        return
    before = keyring.get_keyring()
    monkeypatch.setattr("keyring.core._keyring_backend", fail.Keyring())
    assert keyring.get_keyring() is not before or isinstance(before, fail.Keyring)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def key() -> Key:
    """The key of the store under test."""
    return Key(bytes(range(32)))


@pytest.fixture
def store(home: Path, key: Key) -> ConnectionStore:
    """An empty store with a key of its own."""
    return ConnectionStore(home, lambda: key)


@pytest.fixture(scope="session")
def full() -> StoredConnection:
    """A connection that has everything a connection can have."""
    return FULL


@pytest.fixture
def made() -> Callable[..., StoredConnection]:
    """Makes a small connection of a name."""

    def make(name: str, value: str = "value-of-{name}") -> StoredConnection:
        connection = Connection(name=name, values={"api_key": Secret(value.format(name=name))})
        return StoredConnection(connection=connection, connector="Inventory")

    return make
