"""A call reads as a conversation: what goes out, what comes back, what is done then."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.model import (
    Connection,
    Exchange,
    Failure,
    Finding,
    Grant,
    Route,
    Secret,
    Sent,
    Severity,
    TraceEntry,
)
from tieline.pipeline import Options, Renew, Renewed, call, merged, pages

URL = "https://api.example.com/v1/things"


def test_talks(case: dict[str, Any], read_case: Any, answer: Any, connect: Any, world: Any) -> None:
    """Every case of ``call-talks.yaml`` asks for what it says, in that order, and ends as it says."""
    connector, operation = read_case(case)
    script = world(*[_answer(line, answer) for line in case["answers"]])
    steps = call(
        connector, operation, case.get("arguments", {}), connect(case.get("values")), Options(**case.get("options", {}))
    )
    exchange = script.drive(steps)
    assert script.talk == case["talk"]
    _assert_end(exchange, case)


def _answer(line: dict[str, Any], answer: Any) -> Any:
    """An answer of the world: a reply, or a failure as ``{failure: kind, sent: …}``."""
    if "failure" in line:
        return Sent(failure=Failure(kind=line["failure"], message="it failed", sent=line.get("sent", True)))
    return answer(line)


def _assert_end(exchange: Exchange, case: dict[str, Any]) -> None:
    expected = case.get("end", 200)
    if isinstance(expected, int):
        assert exchange.reply is not None
        assert exchange.reply.status == expected
    else:
        assert exchange.failure is not None
        assert exchange.failure.kind == expected
    shown = [f"{finding.severity} {finding.rule}" for finding in exchange.findings]
    assert shown == case.get("findings", []), [finding.message for finding in exchange.findings]
    assert [entry.step for entry in exchange.trace].count("send") == sum(
        not line.startswith("wait") for line in case["talk"]
    )


def test_trace_tells_every_step(build: Any, world: Any, answer: Any) -> None:
    """The trace has each step with the message before and after it, over all tries."""
    connector = build({"parameters": [{"name": "a", "in": "query", "type": "string"}]})
    script = world(answer({"status": 503}), answer({"status": 200, "json": {}}))
    exchange = script.drive(call(connector, connector.definition.operations["Op"], {"a": "1"}))
    assert [(entry.step, entry.title) for entry in exchange.trace] == [
        ("bind", "1 argument"),
        ("send", "GET: 503"),
        ("check", "no declared body to check against"),
        ("retry", "status 503: try 2 after 0.5 s"),
        ("send", "GET: 200"),
        ("check", "no declared body to check against"),
    ]
    assert exchange.trace[0].after == script.sent[0]
    assert exchange.trace[1].after is exchange.trace[2].before


def test_bad_arguments_send_nothing(build: Any, world: Any) -> None:
    """Wrong arguments and a missing credential are told together, and nothing is asked of the world."""
    key = {"securityDefinitions": {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    properties = {"connectionParameters": {"api_key": {"type": "securestring"}}}
    connector = build(
        {"parameters": [{"name": "a", "in": "query", "type": "integer"}]}, root=key, properties=properties
    )
    script = world()
    exchange = script.drive(call(connector, connector.definition.operations["Op"], {"a": "x"}))
    assert script.talk == []
    assert (exchange.request, exchange.reply, exchange.failure) == (None, None, None)
    assert [finding.rule for finding in exchange.findings] == ["wrong-type", "missing-credential"]
    assert exchange.findings[1].remedy == "add --set api_key=VALUE"


def test_findings_hide_secrets_that_a_reply_repeats(build: Any, world: Any, answer: Any, connect: Any) -> None:
    """A service that sends the key back, in a place where it is not as declared, does not get it into a message."""
    key = {"securityDefinitions": {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    properties = {"connectionParameters": {"api_key": {"type": "securestring"}}}
    responses = {"200": {"description": "ok", "schema": {"type": "object", "properties": {"a": {"type": "integer"}}}}}
    connector = build({"responses": responses}, root=key, properties=properties)
    script = world(answer({"status": 200, "json": {"a": "s3cret-key"}}))
    connection = connect({"api_key": "s3cret-key"})
    exchange = script.drive(call(connector, connector.definition.operations["Op"], {}, connection))
    assert [finding.rule for finding in exchange.findings] == ["response-mismatch"]
    assert "s3cret" not in exchange.findings[0].message
    assert "***" in exchange.findings[0].message


def test_pages_in_one(build: Any, world: Any, answer: Any) -> None:
    """All pages can be had one by one, or merged into the last one with all elements."""
    connector = build({"x-ms-pageable": {"nextLinkName": "nextLink"}})
    script = world(
        answer({"status": 200, "json": {"value": [1, 2], "total": 5, "nextLink": f"{URL}?p=2"}}),
        answer({"status": 503, "headers": {"Retry-After": "1"}}),
        answer({"status": 200, "json": {"value": [3], "total": 6, "nextLink": f"{URL}?p=3"}}),
        answer({"status": 200, "json": {"value": [4], "total": 6}}),
    )
    exchange = script.drive(call(connector, connector.definition.operations["Op"], {}, options=Options(pages=9)))
    assert [reply.status for reply in pages(exchange)] == [200, 200, 200]
    assert merged(exchange) == {"value": [1, 2, 3, 4], "total": 6}


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([{"value": [1]}], {"value": [1]}),
        ([[1], [2]], [[1], [2]]),
        ([{"items": [1], "next": "x"}, {"items": [2]}], {"items": [1, 2]}),
        ([{"a": [1], "b": [1]}, {"a": [2], "b": [2]}], [{"a": [1], "b": [1]}, {"a": [2], "b": [2]}]),
        ([{"a": [1]}, {"b": [2]}], [{"a": [1]}, {"b": [2]}]),
    ],
)
def test_merged(bodies: list[Any], expected: Any, answer: Any) -> None:
    """Pages become one where it is plain which array they share; else they stay apart."""
    replies = [answer({"status": 200, "json": body}) for body in bodies]
    trace = tuple(TraceEntry(step="check", title="", before=reply, after=reply) for reply in replies)
    assert merged(Exchange(reply=replies[-1], trace=trace)) == expected


def test_no_reply_has_no_pages() -> None:
    """A call without reply has no page and no body."""
    assert pages(Exchange()) == ()
    assert merged(Exchange()) is None


KEY = {"securityDefinitions": {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
KEY_PROPERTIES = {"connectionParameters": {"api_key": {"type": "securestring"}}}
TOKEN = {"securityDefinitions": {"o": {"type": "oauth2"}}}
TOKEN_PROPERTIES = {"connectionParameters": {"token": {"type": "oauthSetting", "oAuthSettings": {}}}}


def granted(token: str) -> Connection:
    """A connection that signed in and was given this access token."""
    return Connection().with_grant("token", Grant(type="authorization_code", access_token=Secret(token)))


def test_renewed_once_after_a_401(build: Any, world: Any, answer: Any) -> None:
    """After a 401 the token is renewed and the pass runs again; a second 401 is the answer."""
    connector = build({}, method="post", root=TOKEN, properties=TOKEN_PROPERTIES)
    script = world(answer({"status": 401}), answer({"status": 401}))
    told = TraceEntry(step="refresh", title="renewed")
    script.renewals = [Renewed(connection=granted("fresh"), trace=(told,), secrets=(Secret("former"),))]
    exchange = script.drive(call(connector, connector.definition.operations["Op"], {}, granted("stale")))
    assert script.talk == [f"POST {URL}", "renew", f"POST {URL}"]
    assert [request.header("Authorization") for request in script.sent] == ["Bearer stale", "Bearer fresh"]
    assert exchange.reply is not None
    assert exchange.reply.status == 401
    steps = [entry.step for entry in exchange.trace if entry.step in ("credential", "send", "refresh")]
    assert steps == ["credential", "send", "refresh", "credential", "send"]
    assert {secret.reveal() for secret in exchange.secrets} == {"stale", "fresh", "former"}


def test_not_renewed_leaves_the_401(build: Any, world: Any, answer: Any) -> None:
    """When the token cannot be renewed the 401 is the answer, with one trace of it and the reason."""
    connector = build({}, root=TOKEN, properties=TOKEN_PROPERTIES)
    script = world(answer({"status": 401}))
    script.renewals = [Renewed(connection=None, findings=(REFUSED,))]
    exchange = script.drive(call(connector, connector.definition.operations["Op"], {}, granted("stale")))
    assert exchange.reply is not None
    assert exchange.reply.status == 401
    assert [entry.step for entry in exchange.trace].count("send") == 1
    assert REFUSED in exchange.findings


def test_nothing_is_sent_with_an_ended_connection(build: Any, answer: Any) -> None:
    """Where the connection has ended and cannot be renewed nothing is sent, and the reason is an error."""
    connector = build({}, root=TOKEN, properties=TOKEN_PROPERTIES)
    steps = call(connector, connector.definition.operations["Op"], {}, granted("ended"))
    assert isinstance(next(steps), Renew)
    with pytest.raises(StopIteration) as stop:
        steps.send(Renewed(connection=None, findings=(REFUSED,)))
    exchange = stop.value.value
    assert exchange.request is None
    assert exchange.findings == (REFUSED,)
    assert Secret("ended") in exchange.secrets


REFUSED = Finding(rule="sign-in-refused", route=Route(), message="no", severity=Severity.ERROR)


def test_key_cannot_be_renewed(build: Any, world: Any, answer: Any, connect: Any) -> None:
    """A 401 with an API key is the answer: nothing else is asked."""
    connector = build({}, root=KEY, properties=KEY_PROPERTIES)
    script = world(answer({"status": 401}))
    exchange = script.drive(call(connector, connector.definition.operations["Op"], {}, connect({"api_key": "stale"})))
    assert script.talk == [f"GET {URL}"]
    assert [entry.step for entry in exchange.trace] == ["bind", "credential", "send", "check"]


ANSWERS = st.lists(
    st.builds(
        lambda status, location, after, body: {
            "status": status,
            "headers": {"Location": location, "Retry-After": after, "Content-Type": "application/json"},
            "text": body,
        },
        st.sampled_from([200, 202, 202, 303, 401, 429, 500, 503]),
        st.one_of(st.text(max_size=12), st.sampled_from(["/x", "http://[", "https://api.example.com/v1/y", "//h", ""])),
        st.one_of(st.text(max_size=4), st.sampled_from(["0", "1.5", "9" * 400, "-1"])),
        st.sampled_from(["", "{}", "[]", '{"nextLink": "/v1/n"}', '{"nextLink": 5}', '{"nextLink": "\\ud800"}', "\0"]),
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANSWERS, st.sampled_from(["none", "safe", "platform"]), st.booleans())
def test_any_answers(build: Any, world: Any, answer: Any, answers: list[Any], retry: Any, server: bool) -> None:
    """Whatever the service answers, the call ends with a reply, and every URL asked for is one."""
    connector = build({"x-ms-pageable": {"nextLinkName": "nextLink"}}, method="post")
    options = Options(retry=retry, pages=4, follow_seconds=90, server="http://localhost:1" if server else None)
    script = world(*map(answer, answers), endless=answer({"status": 200}))
    exchange = script.drive(call(connector, connector.definition.operations["Op"], {}, options=options))
    assert exchange.reply is not None
    assert all(urlsplit(request.url).hostname for request in script.sent)
    if server:
        assert {urlsplit(request.url).netloc for request in script.sent} == {"localhost:1"}
