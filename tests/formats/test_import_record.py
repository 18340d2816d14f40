"""What a folder remembers of its last import."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.formats.connector_merge import Imported
from tieline.formats.import_record import NAME, ImportRecord, read, remembered, write
from tieline.formats.selection import Selection
from tieline.model import MISSING, DocumentError

RECORD = ImportRecord(
    source="api.yaml",
    imported=Imported(definition={"swagger": "2.0", "host": "ü"}, properties={"properties": {"a": [1, 2.0, True]}}),
    selection=Selection(only=("Get*",), tags=("Items",), exclude=("GetOld",)),
    base_url="https://example.com/v1",
)


def test_what_is_written_is_read() -> None:
    """A record is the same after writing and reading, and a reader of the file sees what it is."""
    data = write(RECORD)
    assert read(data, NAME) == RECORD
    assert read(data, NAME).says(RECORD)
    value = json.loads(data)
    assert (value["version"], value["source"]) == (1, "api.yaml")
    assert value["options"] == {
        "only": ["Get*"],
        "tag": ["Items"],
        "exclude": ["GetOld"],
        "host": "https://example.com/v1",
    }
    assert write(RECORD) == data


def test_little_to_remember() -> None:
    """An import of everything without properties is remembered as that."""
    record = ImportRecord(source="a", imported=Imported(definition={}, properties=MISSING))
    assert read(write(record), NAME) == record
    assert json.loads(write(record))["options"] == {}
    assert not record.says(RECORD)


def test_secrets_are_not_remembered() -> None:
    """A client secret is in no record, at whatever depth and in whatever case it stands."""
    parameter = {"oAuthSettings": {"clientId": "me", "clientSecret": "hush-hush", "more": [{"ClientSecret": "hush-2"}]}}
    imported = Imported(definition={}, properties={"properties": {"connectionParameters": {"token": parameter}}})
    packed = zlib.decompress(
        base64.b64decode(json.loads(write(ImportRecord(source="a", imported=imported)))["imported"])
    )
    assert b"hush" not in packed
    assert b"clientId" in packed
    again = read(write(ImportRecord(source="a", imported=imported)), NAME).imported
    assert again == remembered(imported)


def packed(value: Any) -> str:
    """A value as a record holds it."""
    return base64.b64encode(zlib.compress(json.dumps(value).encode())).decode()


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        {"version": 2, "imported": packed({})},
        {"version": 1},
        {"version": 1, "imported": "no base64!"},
        {"version": 1, "imported": base64.b64encode(b"not packed").decode()},
        {"version": 1, "imported": packed([])},
        {"version": 1, "imported": base64.b64encode(zlib.compress(b"[" * 1000)).decode()},
        {"version": 1, "imported": base64.b64encode(zlib.compress(b" " * 40_000_000)).decode()},
    ],
)
def test_what_cannot_be_read(value: Any) -> None:
    """A file that somebody broke, made of another version or made to explode is refused, with what to do."""
    with pytest.raises(DocumentError) as caught:
        read(json.dumps(value).encode(), NAME)
    finding = caught.value.finding
    assert finding.rule == "import-record-unreadable"
    assert NAME in finding.message
    assert "delete it" in finding.remedy


def rule_of(data: bytes) -> str | None:
    """Why a file cannot be read, or None when it can."""
    try:
        read(data, NAME)
    except DocumentError as error:
        return error.finding.rule
    return None


OPTIONS = st.dictionaries(st.sampled_from(["only", "host"]), st.lists(st.none()))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Any bytes are read or refused."""
    assert rule_of(data) in (None, "import-record-unreadable")


@given(
    st.fixed_dictionaries(
        {"version": st.just(1), "imported": st.sampled_from([packed({}), packed({"definition": 1}), "x", None])},
        optional={
            "options": st.one_of(st.none(), st.dictionaries(st.sampled_from(["only", "host"]), st.lists(st.none())))
        },
    )
)
def test_any_record(value: Any) -> None:
    """Any object of that version is read or refused."""
    assert rule_of(json.dumps(value).encode()) in (None, "import-record-unreadable")
