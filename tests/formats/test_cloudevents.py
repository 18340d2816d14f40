"""Events as CloudEvents 1.0 JSON, and back."""

from __future__ import annotations

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.formats import cloudevents
from tieline.model import DocumentError, Event

EVENT = Event(
    id="e1",
    source="/connectors/Shop/operations/OnOrder",
    type="tieline.webhook.OnOrder",
    time=1_700_000_000.25,
    subject="4711",
    subscription="s1",
    data=b'{"id": 4711}',
)


def test_json_data_stands_as_it_is() -> None:
    """An event with JSON is one object with all attributes in the spec's names."""
    assert cloudevents.value_of(EVENT) == {
        "specversion": "1.0",
        "id": "e1",
        "source": "/connectors/Shop/operations/OnOrder",
        "type": "tieline.webhook.OnOrder",
        "time": "2023-11-14T22:13:20.250000Z",
        "subject": "4711",
        "subscription": "s1",
        "datacontenttype": "application/json",
        "data": {"id": 4711},
    }


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("text/plain", b"hello"),
        ("application/octet-stream", b"\xff\0"),
        ("application/json", b"{not json"),
        ("application/json", b"NaN"),
        ("application/json", b'{"n": 1e400}'),
    ],
)
def test_other_data_is_carried_as_bytes(content_type: str, data: bytes) -> None:
    """What is not JSON, or only said to be, stands in ``data_base64`` and comes back as it was."""
    event = Event(id="e", source="/s", type="t", time=0.0, content_type=content_type, data=data)
    value = cloudevents.value_of(event)
    assert base64.b64decode(value["data_base64"]) == data
    assert "data" not in value
    assert cloudevents.read(cloudevents.dump(event)) == event


def test_integers_of_any_size_survive() -> None:
    """A payload with an integer over 64 bits is written as it came."""
    data = b'{"n": 99999999999999999999999}'
    event = Event(id="e", source="/s", type="t", time=0.0, data=data)
    assert b'"data":{"n":99999999999999999999999}' in cloudevents.dump(event)


@pytest.mark.parametrize(
    "data",
    [b'{"n": 99999999999999999999999}', b'{"s": "\\ud800"}', b"[" * 400 + b"]" * 400, b'"' + b"\xed\xa0\x80" + b'"'],
)
def test_what_is_shown_can_be_read_by_anyone(data: bytes) -> None:
    """Data that some JSON readers refuse or round stands in base64 where events are listed; nothing of it is lost."""
    event = Event(id="e", source="/s", type="t", time=0.0, data=data)
    value = orjson.loads(orjson.dumps(cloudevents.shown(event)))
    assert base64.b64decode(value["data_base64"]) == data
    assert cloudevents.shown(EVENT) == cloudevents.value_of(EVENT)


def test_every_depth_can_be_written() -> None:
    """JSON of any depth is one line: as it is, or as bytes."""
    for depth in range(900, 1100):
        event = Event(id="e", source="/s", type="t", time=0.0, data=b"[" * depth + b"]" * depth)
        assert b"\n" not in cloudevents.dump(event)


@given(
    st.text(min_size=1, max_size=20),
    st.floats(min_value=-2_000_000_000, max_value=35_000_000_000),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    ),
)
def test_what_is_written_is_read(name: str, time: float, payload: object) -> None:
    """Writing and reading gives the same event, times of any century to the microsecond."""
    name = name.encode("utf-8", "replace").decode()
    event = Event(id=name, source="/s", type="t", time=time, data=orjson.dumps(payload))
    again = cloudevents.read(cloudevents.dump(event))
    assert (again.id, again.data) == (event.id, event.data)
    assert again.time == pytest.approx(time, abs=1e-5)


@given(
    st.binary(max_size=60)
    | st.sampled_from([b"[]", b"{}", b'{"id": 1}', b'{"id":"a","source":"b","type":"c","time":5}'])
)
def test_anything_else_is_refused(data: bytes) -> None:
    """Any bytes are an event or a DocumentError."""
    try:
        event = cloudevents.read(data)
    except DocumentError:
        return
    assert event.id
