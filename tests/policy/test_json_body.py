"""JSON bodies: what is one, and that nothing of it is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.model import MISSING, DocumentError, Reply
from tieline.policy import json_body
from tieline.policy.json_body import JsonBody, dump, edit, is_json, parse, read, why_none
from tieline.policy.message import with_headers

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


def reply(body: bytes, media_type: str = "application/json") -> Reply:
    """A reply of a media type; of none for an empty one."""
    return Reply(status=200, headers=(("content-type", media_type),) if media_type else (), body=body)


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("text/json", True),
        ("application/vnd.api+json", True),
        ("", True),
        ("text/plain", False),
        ("application/x-www-form-urlencoded", False),
        ("application/jsonl", False),
    ],
)
def test_media_types(media_type: str, expected: bool) -> None:
    """JSON by its media type; a body without one may be."""
    assert is_json(media_type) is expected


@given(VALUES)
def test_what_is_written_reads_back(value: Any) -> None:
    """Any JSON value survives writing and reading, integers of any size included."""
    assert read(reply(dump(value))) == value


@pytest.mark.parametrize(
    ("body", "media_type", "why"),
    [
        (b"", "application/json", "no body"),
        (b"{}", "text/plain; charset=utf-8", 'the body is "text/plain", not JSON'),
        (b"{", "application/json", "the body cannot be read as JSON"),
        (b"\xff\xfe{\x00}\x00", "application/json", "the body cannot be read as JSON"),
        (b'{"a": NaN, "b": 12345678901234567890123}', "application/json", "the body cannot be read as JSON"),
        (b'{"a": 1e999, "b": 12345678901234567890123}', "application/json", "the body cannot be read as JSON"),
        (b'"\\ud800"', "", "the body cannot be read as JSON"),
        (b"[" * 100_000, "", "the body cannot be read as JSON"),
        (b"9" * 5000, "", "the body cannot be read as JSON"),
    ],
)
def test_what_is_no_json_body(body: bytes, media_type: str, why: str) -> None:
    """Such a body is left alone, with a reason."""
    message = reply(body, media_type)
    assert read(message) is MISSING
    assert why_none(message) == why
    outcome = edit(message, JsonBody(), lambda value: (1, "changed"))
    assert outcome.message is message
    assert outcome.did == f"{why}; nothing to do"


def test_byte_order_mark() -> None:
    """A mark before the JSON does not matter."""
    assert read(reply(b"\xef\xbb\xbf[1]")) == [1]


@given(st.binary(max_size=30))
def test_any_bytes_are_read(body: bytes) -> None:
    """Any bytes are a JSON value or none."""
    value = read(reply(body))
    assert value is MISSING or json.loads(body.removeprefix(b"\xef\xbb\xbf")) == value


def test_a_value_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of changes parses the body once, and what it changed not at all."""
    reads = []

    def counted(data: bytes) -> Any:
        reads.append(data)
        return parse(data)

    monkeypatch.setattr(json_body, "parse", counted)
    body = JsonBody()
    first = reply(b'{"a":1}')
    second = edit(first, body, lambda value: ({**value, "b": 2}, "b set")).message
    third = edit(second, body, lambda value: ({**value, "c": 3}, "c set")).message
    assert third.body == b'{"a":1,"b":2,"c":3}'
    assert edit(third, body, lambda value: (value, "kept")).message is third
    assert len(reads) == 1


def test_the_media_type_as_it_is_now_counts() -> None:
    """A header that changes between two policies decides anew whether a body is JSON."""
    body = JsonBody()
    text = reply(b"[1]", "text/plain")
    assert body.of(text) is MISSING
    json_reply = with_headers(text, (("Content-Type", "application/json"),))
    assert body.of(json_reply) == [1]
    assert body.of(text) is MISSING


def test_deep_values() -> None:
    """What is nested too deeply to be written is refused with an error of ours."""
    value: Any = 0
    for _ in range(300):
        value = [value]
    assert read(reply(dump(value))) == value
    for _ in range(100_000):
        value = [value]
    with pytest.raises(DocumentError, match="nested too deeply"):
        dump(value)
