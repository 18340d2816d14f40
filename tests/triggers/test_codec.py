"""What engines keep: everything that is written is read back the same."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import trigger_samples as samples
from hypothesis import given
from hypothesis import strategies as st

from tieline.model import BugError, DocumentError, Event, Receiver
from tieline.triggers import (
    CODEC,
    DeliveryState,
    PollState,
    WebhookState,
    decode,
    decode_command,
    decode_input,
    decode_state,
    encode,
    plan,
)
from tieline.triggers import protocol as p

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TIME = st.floats(min_value=-1, max_value=1e11)
HEADERS = st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)
ARGUMENTS = st.dictionaries(
    TEXT, TEXT | st.integers(-(2**63), 2**63) | st.none() | st.lists(TEXT, max_size=2), max_size=3
)
RECEIVERS = st.builds(Receiver, kind=st.sampled_from(["none", "http", "program", "python"]), target=TEXT, max_age=TIME)
EVENTS = st.builds(Event, id=TEXT, source=TEXT, type=TEXT, time=TIME, subject=TEXT, data=st.binary(max_size=20))
SUBSCRIPTIONS = st.builds(samples.subscription_of, st.just("Hook"), arguments=ARGUMENTS, server=TEXT, interval=TIME)
HOOK = samples.connector_of(samples.webhook())
POLL = samples.connector_of(samples.polling(parameter=True))
HOOK_PLAN = plan(HOOK, HOOK.definition.operations["Hook"], samples.subscription_of("Hook"))
POLL_PLAN = plan(POLL, POLL.definition.operations["Poll"], samples.subscription_of("Poll"))
DELIVERS = st.builds(p.Deliver, event=EVENTS, receiver=RECEIVERS)

INPUTS: dict[type[Any], st.SearchStrategy[Any]] = {
    p.Enable: st.builds(
        p.Enable, subscription=SUBSCRIPTIONS, plan=st.sampled_from([None, HOOK_PLAN, POLL_PLAN]), callback_url=TEXT
    ),
    p.Disable: st.builds(p.Disable, forget=st.booleans()),
    p.Notified: st.builds(p.Notified, body=st.binary(max_size=20), content_type=TEXT, id=TEXT),
    p.Called: st.builds(p.Called, tag=TEXT, status=st.integers(0, 599), headers=HEADERS, body=st.binary(max_size=20)),
    p.Pushed: st.builds(p.Pushed, ok=st.booleans(), problem=TEXT, retry_after=st.none() | TIME),
    p.Woken: st.builds(p.Woken, tag=TEXT),
    p.Fire: st.builds(p.Fire),
    p.Deliver: DELIVERS,
}
COMMANDS: dict[type[Any], st.SearchStrategy[Any]] = {
    p.Call: st.builds(p.Call, tag=TEXT, subscription=SUBSCRIPTIONS, operation=TEXT, arguments=ARGUMENTS, url=TEXT),
    p.Push: st.builds(p.Push, event=EVENTS, receiver=RECEIVERS, attempt=st.integers(1, 99)),
    p.Emit: st.builds(p.Emit, event=EVENTS),
    p.WakeAt: st.builds(p.WakeAt, when=TIME, tag=TEXT),
    p.Tell: st.builds(p.Tell, key=TEXT, input=st.one_of(list(INPUTS.values())), id=TEXT),
    p.Report: st.builds(p.Report, rule=TEXT, message=TEXT),
}
STATES: dict[type[Any], st.SearchStrategy[Any]] = {
    WebhookState: st.builds(
        WebhookState,
        status=st.sampled_from(["active", "failed"]),
        subscription=SUBSCRIPTIONS,
        plan=st.just(HOOK_PLAN),
        reply=st.binary(max_size=9),
        again=st.sampled_from([None, HOOK_PLAN]),
    ),
    PollState: st.builds(
        PollState, status=st.just("waiting"), subscription=SUBSCRIPTIONS, plan=st.just(POLL_PLAN), said=st.just(("a",))
    ),
    DeliveryState: st.builds(DeliveryState, status=st.just("dead"), event=EVENTS, receiver=RECEIVERS, problem=TEXT),
}


def test_every_type_is_tried() -> None:
    """No input or command is forgotten below."""
    assert set(INPUTS) == set(get_args(p.Input))
    assert set(COMMANDS) == set(get_args(p.Command))


@given(st.one_of([*INPUTS.values(), *COMMANDS.values(), *STATES.values(), st.sampled_from([HOOK_PLAN, POLL_PLAN])]))
def test_round_trip(value: Any) -> None:
    """What was written is read back equal, and only as what it is."""
    data = encode(value)
    assert decode(data) == value == CODEC.decode(CODEC.encode(value))
    readers = {decode_input: tuple(INPUTS), decode_command: tuple(COMMANDS), decode_state: tuple(STATES)}
    for read, kinds in readers.items():
        if isinstance(value, kinds):
            assert read(data) == value
        else:
            with pytest.raises(DocumentError):
                read(data)


@given(st.binary(max_size=60))
def test_other_bytes_are_refused(data: bytes) -> None:
    """Bytes that were not written here are a value of ours or a DocumentError, never anything else."""
    try:
        value = decode(data)
    except DocumentError:
        return
    assert encode(value)


@pytest.mark.parametrize("bad", [2**70, "\ud800", object(), {1, 2, object()}])
def test_arguments_that_cannot_be_kept(bad: Any) -> None:
    """Arguments that no record can hold are a DocumentError."""
    call = p.Call(tag="poll 1", subscription=samples.subscription_of("Poll"), operation="Poll", arguments={"a": bad})
    with pytest.raises(DocumentError, match="cannot be kept"):
        encode(call)


def test_other_values_are_bugs() -> None:
    """Only states, inputs, commands and plans are written."""
    with pytest.raises(BugError):
        encode("text")
