"""Records: every part of a connection comes back, and nothing that was changed opens."""

from __future__ import annotations

import base64
import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import (
    Connection,
    ConnectionState,
    DocumentError,
    Grant,
    Login,
    Secret,
    StoredConnection,
)
from tieline.store import records
from tieline.store.key import Key
from tieline.store.ring import Ring

KEY = Key(bytes(range(32)))
TEXTS = st.text(max_size=20)
SECRETS = TEXTS.map(Secret)
TIMES = st.floats(0, 1e12)
CONNECTIONS = st.builds(
    Connection,
    name=st.just("a"),
    values=st.dictionaries(TEXTS, SECRETS, max_size=4),
    parameter_set=TEXTS,
    grant=st.none()
    | st.builds(
        Grant,
        type=st.sampled_from(["authorization_code", "client_credentials", "password", "given"]),
        access_token=SECRETS,
        refresh_token=st.none() | SECRETS,
        obtained=TIMES,
        expires=st.none() | TIMES,
        scope=TEXTS,
    ),
    login=st.none()
    | st.builds(
        Login,
        client_id=TEXTS,
        client_secret=st.none() | SECRETS,
        certificate=st.none() | SECRETS,
        placeholders=st.dictionaries(TEXTS, TEXTS, max_size=3),
        server=TEXTS,
        user=TEXTS,
        password=st.none() | SECRETS,
        assertion=st.none() | SECRETS,
    ),
)
STORED = st.builds(
    StoredConnection,
    connection=CONNECTIONS,
    connector=TEXTS,
    folder=TEXTS,
    state=st.sampled_from(ConnectionState),
    created=TIMES,
    changed=TIMES,
)


def written(folder: Path, stored: StoredConnection) -> Path:
    """The connection as a record's file."""
    file = folder / "abc.json"
    file.write_bytes(records.encode(stored, "abc", KEY))
    return file


def read_back(file: Path) -> StoredConnection:
    """The connection in a record's file."""
    record = records.read(file)
    assert record is not None
    return records.opened(record, Ring(file.parent, lambda: KEY))


@settings(max_examples=100, deadline=None)
@given(STORED)
def test_every_connection_comes_back(tmp_path_factory: pytest.TempPathFactory, stored: StoredConnection) -> None:
    """What was encoded is read as the same value."""
    assert read_back(written(tmp_path_factory.mktemp("records"), stored)) == stored


@pytest.mark.parametrize(
    ("model", "disk"), [(Grant, records.SealedGrant), (Login, records.SealedLogin)], ids=["Grant", "Login"]
)
def test_no_field_is_forgotten(model: type, disk: type[msgspec.Struct]) -> None:
    """Every field of the model stands in the record."""
    assert {field.name for field in dataclasses.fields(model)} == set(disk.__struct_fields__)


def test_no_field_of_a_connection_is_forgotten() -> None:
    """Every field of a connection and of a stored one stands in header or sealed part; what is worked out does not."""
    fields = {field.name for field in (*dataclasses.fields(Connection), *dataclasses.fields(StoredConnection))}
    kept = {*records.Header.__struct_fields__, *records.Sealed.__struct_fields__}
    assert fields - {"compiled", "connection"} == kept - {"version", "id", "key"}


def test_the_header_is_all_that_is_plain(tmp_path: Path, full: StoredConnection) -> None:
    """Values, grant, login, folder and set are inside the sealed part."""
    plain = json.loads(written(tmp_path, full).read_bytes())
    assert set(plain) == {*records.Header.__struct_fields__, "sealed"}
    assert plain["version"] == 1


def test_a_problem_holds_no_secret(tmp_path: Path, full: StoredConnection) -> None:
    """A provider that repeats a secret in its error does not bring it into the plain header."""
    stored = dataclasses.replace(full, problem="token refresh-token-4 (cmVmcmVzaC10b2tlbi00) and \udc80 refused")
    assert read_back(written(tmp_path, stored)).problem == "token *** (***) and \\udc80 refused"


def test_times_that_json_does_not_have(tmp_path: Path, full: StoredConnection) -> None:
    """A token that never ends is one whose end nobody knows."""
    assert full.connection.grant is not None
    grant = dataclasses.replace(full.connection.grant, expires=math.inf, obtained=math.nan)
    stored = dataclasses.replace(full, connection=dataclasses.replace(full.connection, grant=grant), created=math.nan)
    back = read_back(written(tmp_path, stored))
    assert back.connection.grant is not None
    assert (back.connection.grant.expires, back.connection.grant.obtained, back.created) == (None, 0.0, 0.0)


@pytest.mark.parametrize("value", ["s3cret-\udc80", "s3cret" * 1_000_000])
def test_what_cannot_be_stored_is_refused(full: StoredConnection, value: str) -> None:
    """Bytes that are no text, and values without end; the error does not hold them in any corner."""
    connection = dataclasses.replace(full.connection, values={"api_key": Secret(value)})
    with pytest.raises(DocumentError) as caught:
        records.encode(dataclasses.replace(full, connection=connection), "abc", KEY)
    assert caught.value.finding.rule == "unstorable-connection"
    assert "s3cret" not in repr(caught.value.finding)
    assert caught.value.__context__ is None


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_changed_byte_is_believed(
    tmp_path_factory: pytest.TempPathFactory, full: StoredConnection, data: st.DataObject
) -> None:
    """With any byte changed the record is refused, or it says what it said (white space, the spelling of an escape)."""
    file = written(tmp_path_factory.mktemp("records"), full)
    whole = file.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255))
    file.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
    refused: DocumentError | None = None
    try:
        assert read_back(file) == full
    except DocumentError as error:
        refused = error
    if refused is not None:
        assert refused.finding.rule in ("damaged-connection", "wrong-key", "newer-store")
        assert str(file) in refused.finding.message or refused.finding.rule == "wrong-key"
        assert refused.__context__ is None


def test_every_region_is_protected(tmp_path: Path, full: StoredConnection) -> None:
    """A changed member of the header, of any kind, is refused: name, connector, state, problem, times."""
    file = written(tmp_path, full)
    plain = json.loads(file.read_bytes())
    other: dict[str, Any] = {"name": "b", "connector": "Other", "state": "ready", "problem": "", "created": 1.0}
    for member, value in {**other, "changed": 1.0, "more": 1}.items():
        file.write_text(json.dumps({**plain, member: value}), encoding="utf-8")
        with pytest.raises(DocumentError, match="changed or cut short"):
            read_back(file)
    for member in plain:
        file.write_text(json.dumps({name: plain[name] for name in plain if name != member}), encoding="utf-8")
        with pytest.raises(DocumentError):
            read_back(file)


@pytest.mark.parametrize("name", ["", "a\nb", "../a", "x" * 1_000_000, "\u001b[2J", 1, None])
def test_a_header_that_lies_about_its_name(tmp_path: Path, full: StoredConnection, name: object) -> None:
    """What could be no name is not shown as one: the record goes by the name of its file."""
    file = written(tmp_path, full)
    file.write_text(json.dumps({**json.loads(file.read_bytes()), "name": name}), encoding="utf-8")
    record = records.read(file)
    assert record is not None
    assert record.name == "abc.json"
    with pytest.raises(DocumentError, match=r'connection "abc.json" cannot be read'):
        read_back(file)


def test_no_truncated_record_is_read(tmp_path: Path, full: StoredConnection) -> None:
    """Cut at any length but the last line end, a record is damaged and says so."""
    file = written(tmp_path, full)
    whole = file.read_bytes()
    for length in range(len(whole) - 1):
        file.write_bytes(whole[:length])
        with pytest.raises(DocumentError) as caught:
            read_back(file)
        assert caught.value.finding.rule == "damaged-connection"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200) | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_a_record_or_damaged(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Whatever stands in a file, reading it raises nothing, and opening it a DocumentError."""
    file = tmp_path_factory.mktemp("records") / "abc.json"
    file.write_bytes(data)
    with pytest.raises(DocumentError):
        read_back(file)


@pytest.mark.parametrize("data", [b'{"a":' * 100_000, b"[" * 1_000_000, b'{"version": 1e999}', b'{"version": true}'])
def test_hostile_json_is_damaged(tmp_path: Path, data: bytes) -> None:
    """Deep and odd JSON neither overflows nor passes."""
    file = tmp_path / "abc.json"
    file.write_bytes(data)
    with pytest.raises(DocumentError):
        read_back(file)


def older(folder: Path) -> Path:
    """A record as a made-up version 1 would have written it: ``token`` where version 2 has a grant."""
    header = {"version": 1, "id": "abc", "title": "old", "key": KEY.id}
    associated = b"tieline connection " + msgspec.json.encode(header, order="sorted")
    sealed = KEY.seal(msgspec.json.encode({"token": "access-1"}), associated)
    file = folder / "abc.json"
    file.write_text(json.dumps({**header, "sealed": base64.b64encode(sealed).decode()}), encoding="utf-8")
    return file


def to_two(header: dict[str, Any], sealed: dict[str, Any]) -> records.Parts:
    """The step from the made-up version 1."""
    plain = {"connector": "Inventory", "state": "ready", "problem": "", "created": 1.0, "changed": 2.0}
    kept = {"id": header["id"], "key": header["key"], "name": header["title"], "version": 2}
    grant = {"type": "given", "access_token": sealed["token"], "refresh_token": None, "obtained": 0.0}
    inside = {"values": {}, "parameter_set": "", "folder": "", "login": None}
    return {**plain, **kept}, {**inside, "grant": {**grant, "expires": None, "scope": ""}}


def test_an_older_version_is_upgraded(tmp_path: Path) -> None:
    """Each step makes one version of the one before; the file is not touched by reading it."""
    file = older(tmp_path)
    before = file.read_bytes()
    record = records.read(file, versions=2)
    assert record is not None
    stored = records.opened(record, Ring(tmp_path, lambda: KEY), upgrades=(to_two,))
    assert stored.connection.name == "old"
    assert stored.connection.grant is not None
    assert stored.connection.grant.access_token.reveal() == "access-1"
    assert file.read_bytes() == before


def test_a_newer_version_is_refused(tmp_path: Path, full: StoredConnection) -> None:
    """It says which version it is, keeps its name, and stays as it is."""
    file = written(tmp_path, full)
    file.write_bytes(file.read_bytes().replace(b'"version": 1', b'"version": 2'))
    before = file.read_bytes()
    record = records.read(file)
    assert record is not None
    assert record.name == "full"
    with pytest.raises(DocumentError, match="version 2") as caught:
        records.opened(record, Ring(tmp_path, lambda: KEY))
    assert caught.value.finding.rule == "newer-store"
    assert file.read_bytes() == before
