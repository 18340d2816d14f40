"""The parts of pollingtrigger that whoever polls on a schedule uses, and what its URLs may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.formats import folder
from tieline.lang.tokens import parse, parse_path
from tieline.model import BugError, Connection, Connector, DocumentError, Reply, Request, Sent
from tieline.policy import Context, Passed, Passing, chain, outgoing, run_reply, run_request
from tieline.policy.json_body import JsonBody
from tieline.policy.polling_trigger import PollingTrigger, build, read_state, state_of, write_state
from tieline.policy.scope import MessageScope

BASE = "https://api.example.com/v1"
CALLED = outgoing(Request(method="GET", url=f"{BASE}/trigger/items?kind=a"), BASE)
TRIGGER = build(
    config={"since": parse("@{triggerBody().items[0].at}"), "size": parse("50")},
    data=parse_path("@triggerBody().items", roots=("triggerBody",)),
)


def connector() -> Connector:
    """A connector with one polling trigger."""
    parameters = {
        "x-ms-apimTemplateParameter.triggerConfig": {"since": "@{triggerBody().items[0].at}"},
        "x-ms-apimTemplateParameter.triggerDataPath": "@triggerBody().items",
    }
    files = {
        "apiDefinition.swagger.json": {
            "swagger": "2.0",
            "info": {"title": "Case", "version": "1"},
            "host": "api.example.com",
            "basePath": "/v1",
            "paths": {"/trigger/items": {"get": {"operationId": "Do", "responses": {"200": {"description": "ok"}}}}},
        },
        "apiProperties.json": {
            "properties": {"policyTemplateInstances": [{"templateId": "pollingtrigger", "parameters": parameters}]}
        },
    }
    return folder.read({name: json.dumps(value).encode() for name, value in files.items()}, "Case")


def scope_of(body: Any, called: Any = CALLED) -> MessageScope:
    """What a reply with that body shows."""
    context = Context(connector=connector(), connection=Connection(), method="GET", called=called)
    reply = Reply(status=200, body=json.dumps(body).encode())
    return MessageScope(context, reply, CALLED, JsonBody())


def ended(steps: Passing) -> Passed:
    """What policies without side requests made."""
    with pytest.raises(StopIteration) as stop:
        next(steps)
    passed: Passed = stop.value.value
    return passed


def test_an_engine_polls_without_any_reply_of_its_own() -> None:
    """Request changes, items, decision and next state are plain values."""
    first = TRIGGER.asked(CALLED, None)
    assert first.request.url == f"{BASE}/items?kind=a"
    found = TRIGGER.poll(scope_of({"items": [{"at": 3}, {"at": 2}]}), None)
    assert (found.fires, found.items, found.state) == (False, ({"at": 3}, {"at": 2}), {"since": "3", "size": "50"})
    assert TRIGGER.asked(CALLED, found.state).request.url == f"{BASE}/items?kind=a&since=3&size=50"
    quiet = TRIGGER.poll(scope_of({"items": []}), found.state)
    assert (quiet.fires, quiet.items, quiet.state) == (False, (), found.state)
    new = TRIGGER.poll(scope_of({"items": [{"at": 5}, {"at": 4}]}), found.state)
    assert (new.fires, new.items, new.state) == (True, ({"at": 5}, {"at": 4}), {"since": "5", "size": "50"})


def test_a_request_that_needs_no_change_is_the_same() -> None:
    """Nothing is copied for nothing."""
    plain = outgoing(Request(method="GET", url=f"{BASE}/items"), BASE)
    assert TRIGGER.asked(plain, None) is plain


def test_other_names_in_a_state_are_not_sent() -> None:
    """A state from before the configuration was changed sets only what is configured now."""
    asked = TRIGGER.asked(CALLED, {"since": "1", "other": "2"})
    assert asked.request.url == f"{BASE}/items?kind=a&since=1"


def test_the_credential_is_not_in_the_location() -> None:
    """An API key in the query of the signed request does not get into the state's URL."""
    links = chain(connector(), connector().definition.operations["Do"])
    context = Context(connector=connector(), connection=Connection(), method="GET", called=CALLED)
    signed = outgoing(Request(method="GET", url=f"{CALLED.request.url}&key=k1"), BASE)
    passed = ended(run_request(links, signed, context))
    assert passed.outgoing.request.url == f"{BASE}/items?kind=a&key=k1"
    reply = Reply(status=200, body=b'{"items":[{"at":"3"}]}')
    answer = ended(run_reply(links, passed.outgoing, Sent(reply=reply), context)).reply
    assert answer is not None
    assert answer.header("location") == f"{BASE}/trigger/items?kind=a&triggerState={write_state({'since': '3'})}"


def test_following_location_goes_on_where_the_last_call_ended() -> None:
    """The URL of one reply is the next call, until nothing is new."""
    links = chain(connector(), connector().definition.operations["Do"])
    called, statuses, asked = CALLED, [], []
    for items in ([{"at": 1}], [{"at": 3}, {"at": 2}], [], [{"at": 4}]):
        context = Context(connector=connector(), connection=Connection(), method="GET", called=called)
        out = ended(run_request(links, called, context)).outgoing
        asked.append(out.query)
        body = json.dumps({"items": items}).encode()
        answer = ended(run_reply(links, out, Sent(reply=Reply(status=200, body=body)), context)).reply
        assert answer is not None
        statuses.append(answer.status)
        called = outgoing(Request(method="GET", url=answer.header("location") or ""), BASE)
    assert statuses == [202, 200, 202, 200]
    assert asked == ["kind=a", "kind=a&since=1", "kind=a&since=3", "kind=a&since=3"]


def test_a_reply_without_its_call_is_a_bug() -> None:
    """Whoever runs the policies must say how the trigger was called: its state is nowhere else."""
    scope = scope_of({"items": []}, called=None)
    with pytest.raises(BugError, match="without the request"):
        TRIGGER.apply(Reply(status=200), scope)


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=4))
def test_any_state_survives_a_url(state: dict[str, str]) -> None:
    """What is written into Location is read from the next call."""
    trigger = PollingTrigger(config={}, data=TRIGGER.data)
    url = f"{BASE}/trigger?triggerState={write_state(state)}"
    called = outgoing(Request(method="GET", url=url), BASE)
    assert state_of(called) == state
    assert trigger.asked(called, state).request.url == f"{BASE}/"


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
@settings(max_examples=300)
def test_any_text_is_a_state_or_an_error(text: str) -> None:
    """A state that somebody made up gives an error of ours and nothing else."""
    try:
        state = read_state(text)
    except DocumentError:
        return
    assert all(isinstance(value, str) for value in state.values())
