"""What a person does with stored connections."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tieline.app.connection_view import LAST_YEAR, date, entries_json, entries_lines, lasting
from tieline.app.connections import expire, list_connections, remove, rename, rotate_key, show_connection
from tieline.model import Connection, ConnectionState, DocumentError, Grant, Login, Secret, StoredConnection
from tieline.store.connections import ConnectionStore, default_store

CLEAR = {"clearText": True}
PARAMETERS: dict[str, dict[str, Any]] = {
    "region": {"type": "string", "uiDefinition": {"constraints": CLEAR}},
    "unsaid": {"type": "string"},
    "masked": {"type": "string", "uiDefinition": {"constraints": {"clearText": False}}},
    "secured": {"type": "securestring", "uiDefinition": {"constraints": CLEAR}},
    "count": {"type": "int", "uiDefinition": {"constraints": CLEAR}},
    "x-key": {"type": "string", "uiDefinition": {"constraints": CLEAR}},
    "token": {
        "type": "oauthSetting",
        "oAuthSettings": {
            "identityProvider": "oauth2",
            "redirectMode": "Direct",
            "redirectUrl": "https://global.consent.azure-apim.net/redirect",
        },
    },
}
SHOWN = {"region": "value-of-region"}


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


@pytest.fixture
def stored(connector_folder: Callable[..., Path]) -> StoredConnection:
    """A connection that signed in, with a value for every parameter of the connector in its folder."""
    folder = connector_folder(json.dumps({"properties": {"connectionParameters": PARAMETERS}}).encode())
    connection = Connection(
        name="prod",
        values={name: Secret(f"value-of-{name}") for name in PARAMETERS},
        grant=Grant(
            type="authorization_code",
            access_token=Secret("access-1"),
            refresh_token=Secret("refresh-2"),
            expires=10_000.0,
            scope="read write",
        ),
        login=Login(client_id="client-3", client_secret=Secret("secret-4"), server="http://127.0.0.1:1"),
    )
    return StoredConnection(connection=connection, connector=folder.name, folder=str(folder))


def test_show_hides_what_is_secret(stored: StoredConnection) -> None:
    """Only a string that the connector says is clear text, and whose name is not that of a secret, is shown."""
    default_store().save(stored)
    view = show_connection("PROD", now=9_000.0)
    assert view.values == {name: SHOWN.get(name, "***") for name in PARAMETERS}
    assert (view.name, view.connector, view.folder) == ("prod", stored.connector, stored.folder)
    assert (view.grant, view.scope, view.lasts) == ("authorization_code", "read write", "expires in 16 min")
    assert (view.expires, view.renewable) == ("1970-01-01T02:46:40Z", True)
    assert (view.redirect_mode, view.login_server) == ("Direct", "http://127.0.0.1:1")
    assert view.redirect_urls == ("https://global.consent.azure-apim.net/redirect",)
    secrets = [secret.reveal() for secret in stored.connection.secrets if secret.reveal() not in SHOWN.values()]
    for shown in (view.text(), json.dumps(view.json()), repr(view)):
        assert [secret for secret in secrets if secret in shown] == []
        assert "client-3" not in shown
    assert view.json()["parameterSet"] == ""
    assert "region=value-of-region" in view.text()


def test_without_its_connector_nothing_is_shown(stored: StoredConnection, tmp_path: Path) -> None:
    """A folder that is gone, is damaged, or holds another connector says nothing of what may be shown."""
    hidden = dict.fromkeys(PARAMETERS, "***")
    for folder, connector in (("", "a"), (str(tmp_path / "none"), "a"), (stored.folder, "other"), ("\0", "a")):
        default_store().save(replace(stored, folder=folder, connector=connector))
        assert show_connection("prod").values == hidden
    (Path(stored.folder) / "apiDefinition.swagger.json").write_bytes(b"\xff{")
    default_store().save(stored)
    assert show_connection("prod").values == hidden


def test_a_connection_without_sign_in(stored: StoredConnection) -> None:
    """Its view has no token."""
    connection = replace(stored.connection, grant=None, login=None)
    default_store().save(replace(stored, connection=connection))
    view = show_connection("prod")
    assert (view.grant, view.lasts, view.expires, view.renewable) == (None, "", None, False)
    assert "token:" not in view.text()


def test_expire(stored: StoredConnection) -> None:
    """The access token counts as expired; all else is as it was."""
    default_store().save(stored)
    expire("Prod")
    expired = default_store().load("prod")
    assert stored.connection.grant is not None
    assert expired.connection.grant == replace(stored.connection.grant, expires=0.0)
    assert expired.connection.values == stored.connection.values
    assert expired.connection.login == stored.connection.login
    assert show_connection("prod").lasts == "has expired"


def test_nothing_to_expire(stored: StoredConnection) -> None:
    """A connection without a token says so."""
    default_store().save(replace(stored, connection=replace(stored.connection, grant=None)))
    with pytest.raises(DocumentError) as caught:
        expire("prod")
    assert caught.value.finding.rule == "nothing-to-expire"


def test_unknown_names(stored: StoredConnection) -> None:
    """Whatever is done with a name that is not there says which are near, and makes no lock for it."""
    default_store().save(stored)
    locks = sorted((default_store().home / "locks").iterdir())
    for action in (show_connection, expire, remove):
        with pytest.raises(DocumentError) as caught:
            action("prot")
        assert caught.value.finding.rule == "unknown-connection"
        assert caught.value.finding.remedy == 'did you mean "prod"?'
    assert sorted((default_store().home / "locks").iterdir()) == locks


def test_list_rename_remove(stored: StoredConnection) -> None:
    """A list follows what is done; one that cannot be read is in it."""
    default_store().save(stored)
    rename("prod", "live")
    (default_store().home / "connections" / "x.json").write_bytes(b"x")
    entries = list_connections()
    assert entries_lines(entries, 9_000.0) == [
        f"live    {stored.connector}  ready       expires in 16 min",
        f"x.json  {'-':{len(stored.connector)}}  unreadable  damaged-connection",
    ]
    shown = entries_json(entries)
    assert shown["version"] == 1
    assert [entry["name"] for entry in shown["connections"]] == ["live", "x.json"]
    assert shown["connections"][1]["unreadable"]["rule"] == "damaged-connection"
    assert shown["connections"][0]["expires"] == "1970-01-01T02:46:40Z"
    remove("x.json")
    remove("live")
    assert list_connections() == ()
    assert entries_lines((), 0.0) == []


def test_a_problem_is_one_line(stored: StoredConnection) -> None:
    """What a provider said takes one line of the list, however many it has, and stands whole in the view."""
    default_store().save(replace(stored, state=ConnectionState.BROKEN, problem="invalid_grant:\n  expired\n"))
    assert entries_lines(list_connections(), 0.0) == [f"prod  {stored.connector}  broken  invalid_grant: expired"]
    assert show_connection("prod").problem == "invalid_grant:\n  expired\n"


def test_a_new_random_key(stored: StoredConnection) -> None:
    """Everything stays readable, the file has another key, and the number is told."""
    default_store().save(stored)
    before = (default_store().home / "key").read_bytes()
    change = rotate_key()
    assert (change.connections, change.source, change.remedy) == (1, f'the file "{default_store().home / "key"}"', "")
    assert (default_store().home / "key").read_bytes() != before
    assert default_store().load("prod").connection == stored.connection


def test_from_a_file_to_a_passphrase_and_back(stored: StoredConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that a reference names is not kept; one that the machine keeps needs no variable."""
    default_store().save(stored)
    monkeypatch.setenv("NEXT", "correct horse")
    change = rotate_key("env:NEXT")
    assert (change.connections, change.source) == (1, "TIELINE_KEY")
    assert "TIELINE_KEY" in change.remedy
    assert not (default_store().home / "key").exists()
    with pytest.raises(DocumentError) as caught:
        default_store().load("prod")
    assert caught.value.finding.rule == "no-key"
    monkeypatch.setenv("TIELINE_KEY", "correct horse")
    assert default_store().load("prod").connection == stored.connection
    change = rotate_key()
    assert "unset TIELINE_KEY" in change.remedy
    with pytest.raises(DocumentError):
        default_store().load("prod")
    monkeypatch.delenv("TIELINE_KEY")
    assert default_store().load("prod").connection == stored.connection


def test_a_new_key_before_any_connection(stored: StoredConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty store takes a key as well."""
    monkeypatch.setenv("NEXT", "correct horse")
    assert rotate_key("env:NEXT").connections == 0
    monkeypatch.setenv("TIELINE_KEY", "correct horse")
    default_store().save(stored)
    assert ConnectionStore(default_store().home).load("prod").connection == stored.connection


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        (None, "lasts until it is refused"),
        (0.0, "has expired"),
        (100.0, "has expired"),
        (100.5, "expires in 0 s"),
        (159.9, "expires in 59 s"),
        (160.0, "expires in 1 min"),
        (3_700.0, "expires in 1 h"),
        (1e300, "expires in thousands of years"),
    ],
)
def test_how_long_a_token_lasts(expires: float | None, said: str) -> None:
    """In the largest unit that fits, rounded down."""
    assert lasting(expires, 100.0).startswith(said)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, None),
        (-1.0, None),
        (1e300, None),
        (0.0, "1970-01-01T00:00:00Z"),
        (1.9, "1970-01-01T00:00:01Z"),
        (LAST_YEAR, "9999-12-31T23:59:59Z"),
    ],
)
def test_dates(seconds: float | None, said: str | None) -> None:
    """In UTC, without fractions; none for a time that no calendar has."""
    assert date(seconds) == said
