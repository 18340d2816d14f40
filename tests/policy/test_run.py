"""The runner: what the trace holds, what stops, and that no secret is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tieline.formats import folder
from tieline.model import Connection, Connector, Failure, Reply, Request, Secret, Sent
from tieline.policy import Context, Passed, Passing, chain, outgoing, run_reply, run_request

PREFIX = "x-ms-apimTemplateParameter."
BASE = "https://api.example.com/v1"
CALL = Request(method="GET", url=f"{BASE}/items")
SECRET = "s3cr3t-value"


def instance(template: str, section: str = "Request", **parameters: Any) -> dict[str, Any]:
    """An instance as in the file."""
    written = {PREFIX + name: value for name, value in parameters.items()}
    return {"templateId": template, "parameters": {**written, "x-ms-apimTemplate-policySection": section}}


TOKEN = instance(
    "setvaluefromurl",
    parameterTemplate="@headers('X')",
    parameterValueUrl="/token",
    parameterValuePathTemplate="@body().x",
)


def connector_of(*instances: dict[str, Any]) -> Connector:
    """A connector with policies, read from its files."""
    definition = {
        "swagger": "2.0",
        "info": {"title": "Case", "version": "1"},
        "host": "api.example.com",
        "basePath": "/v1",
        "paths": {"/items": {"get": {"operationId": "Do", "responses": {}}}},
    }
    properties = {"properties": {"connectionParameters": {}, "policyTemplateInstances": list(instances)}}
    files = {"apiDefinition.swagger.json": definition, "apiProperties.json": properties}
    return folder.read({name: json.dumps(value).encode() for name, value in files.items()}, "Case")


def drive(steps: Passing, *answers: Sent) -> tuple[Passed, list[Request]]:
    """The result of a section whose side requests are answered in order, and those requests."""
    asked: list[Request] = []
    waiting = list(answers)
    answer: Sent | None = None
    while True:
        try:
            request = next(steps) if answer is None else steps.send(answer)
        except StopIteration as stop:
            return stop.value, asked
        asked.append(request)
        answer = waiting.pop(0)


def go(connector: Connector, *answers: Sent, **values: str) -> tuple[Passed, list[Request]]:
    """The Request section of the operation."""
    links = chain(connector, connector.definition.operations["Do"])
    return drive(run_request(links, outgoing(CALL, BASE), context_of(connector, **values)), *answers)


def context_of(connector: Connector, **values: str) -> Context:
    """A call with connection parameters."""
    connection = Connection(values={name: Secret(value) for name, value in values.items()})
    return Context(connector=connector, connection=connection, method="GET")


def test_the_trace_has_each_step_with_the_message_before_and_after() -> None:
    """An entry's after is the next one's before; the place is that of the instance."""
    passed, _ = go(connector_of(instance("setheader", name="A", value="1"), instance("setheader", name="B", value="2")))
    first, second = passed.trace
    assert first.before is CALL
    assert first.after is second.before
    assert second.after is passed.outgoing.request
    assert [entry.step for entry in passed.trace] == ["policy", "policy"]
    assert second.route is not None
    assert second.route.pointer == "/properties/policyTemplateInstances/1"
    assert first.title == 'setheader: header "A" set'


def test_a_side_request_stands_before_its_policy() -> None:
    """A side request is a send in the trace, with its reply and the place of the instance."""
    reply = Reply(status=200, body=b'{"x":"1"}')
    passed, asked = go(connector_of(TOKEN), Sent(reply=reply))
    send, policy = passed.trace
    assert (send.step, policy.step) == ("send", "policy")
    assert send.title == "setvaluefromurl: side request GET"
    assert send.before is asked[0]
    assert send.after is reply
    assert send.route == policy.route
    assert policy.before is CALL


@pytest.mark.parametrize(
    ("target", "name", "secret"),
    [
        ("@headers('Authorization')", "x", True),
        ("@queryParameters('access_token')", "x", True),
        ("@headers('X')", "access_token", True),
        ("@headers('If-Match')", "@odata.etag", False),
    ],
)
def test_a_token_that_is_fetched_is_a_secret(target: str, name: str, secret: bool) -> None:
    """A value that a side request gives is hidden like a connection's, when its names say that it is one."""
    path = f"@body()['{name}']"
    parameters = {"parameterTemplate": target, "parameterValueUrl": "/t", "parameterValuePathTemplate": path}
    reply = Reply(status=200, body=json.dumps({"token": 1, name: "t0ken"}).encode())
    passed, _ = go(connector_of(instance("setvaluefromurl", **parameters)), Sent(reply=reply))
    assert {entry.reveal() for entry in passed.secrets} == ({"t0ken"} if secret else set())


@pytest.mark.parametrize("path", ["@body().acces_token", "@body().lines"])
def test_what_a_side_request_gives_is_hidden_when_its_policy_fails(path: str) -> None:
    """A misspelt path, or a value that no header can hold, leaves the reply in the trace: its secrets are known."""
    parameters = {
        "parameterTemplate": "@headers('Authorization')",
        "parameterValueUrl": "/t",
        "parameterValuePathTemplate": path,
    }
    body = {"access_token": "first", "more": [{"refreshToken": "second", "token": 3}], "lines": "a\nb", "id": "known"}
    passed, _ = go(
        connector_of(instance("setvaluefromurl", **parameters)),
        Sent(reply=Reply(status=200, body=json.dumps(body).encode())),
    )
    assert passed.stopped
    assert {entry.reveal() for entry in passed.secrets} == {"first", "second"}


@pytest.mark.parametrize(
    ("template", "name", "value", "secret"),
    [
        ("setheader", "Bb-Api-Subscription-Key", "0123456789", True),
        ("setqueryparameter", "subscriptionKey", "0123456789", True),
        ("setheader", "X-Auth-Kind", "basic", False),
        ("setheader", "X-Version", "2022-07-20", False),
        ("setheader", "X-Key", "@headers('X-Version','2022-07-20')", False),
    ],
)
def test_a_constant_is_as_secret_as_its_name_says(template: str, name: str, value: str, secret: bool) -> None:
    """A key that the connector's author wrote into the file is hidden in all that is shown of the call."""
    passed, _ = go(connector_of(instance(template, name=name, value=value)))
    assert [entry.reveal() for entry in passed.secrets] == ([value] if secret else [])


def test_a_failed_side_request_stops() -> None:
    """The trace has the failed send and the failed policy; what would follow does not run."""
    failure = Failure(kind="dns", message="no such host", remedy="check the name")
    passed, _ = go(connector_of(TOKEN, instance("setheader", name="A", value="1")), Sent(failure=failure))
    assert passed.stopped
    assert [entry.title for entry in passed.trace] == ["setvaluefromurl: side request GET", "setvaluefromurl: failed"]
    assert passed.trace[0].failure is failure
    assert passed.trace[1].after is passed.trace[1].before is CALL
    assert passed.findings[-1].remedy == "check the name"
    assert passed.outgoing.request is CALL


def test_a_policy_of_the_reply_that_fails_keeps_the_reply() -> None:
    """The reply comes back as the last policy that worked left it, with the error beside it."""
    connector = connector_of(
        instance("setheader", "Response", name="A", value="1"),
        instance("setheader", "Response", name="B", value="@connectionParameters('none')"),
        instance("setheader", "Response", name="C", value="3"),
    )
    links = chain(connector, connector.definition.operations["Do"])
    sent = Sent(reply=Reply(status=200))
    passed, _ = drive(run_reply(links, outgoing(CALL, BASE), sent, context_of(connector)))
    assert passed.stopped
    assert passed.reply is not None
    assert passed.reply.headers == (("A", "1"),)
    assert passed.findings[-1].rule == "missing-connection-parameter"


def test_findings_about_the_file_come_once() -> None:
    """What is wrong with how instances are written is said on the way out, not again on the way back."""
    connector = connector_of(instance("setheader", "", name="A", value="1"))
    links = chain(connector, connector.definition.operations["Do"])
    passed, _ = go(connector)
    assert [finding.rule for finding in passed.findings] == ["policy-section"]
    answered, _ = drive(run_reply(links, passed.outgoing, Sent(reply=Reply(status=200)), context_of(connector)))
    assert answered.findings == ()


def test_no_secret_is_told() -> None:
    """Titles and findings hold names and expressions, never the values of a connection."""
    good = connector_of(
        instance("setheader", name="A", value="x @connectionParameters('k')"),
        instance("setqueryparameter", name="q", value="@connectionParameters('k')"),
        instance(
            "dynamichosturl", urlTemplate="https://@connectionParameters('k').example.org/@connectionParameters('k')"
        ),
        instance("routerequesttoendpoint", newPath="/@connectionParameters('k')"),
    )
    bad = connector_of(
        instance("dynamichosturl", urlTemplate="https://@connectionParameters('k'):@connectionParameters('k')")
    )
    broken = connector_of(instance("setheader", name="A", value="@connectionParameters('k')\n"))
    for connector, stops in ((good, False), (bad, True), (broken, True)):
        passed, _ = go(connector, k=SECRET)
        assert passed.stopped is stops
        told = [entry.title for entry in passed.trace]
        told += [finding.message + finding.remedy for finding in passed.findings]
        assert told
        assert not [text for text in told if SECRET in text]
        assert SECRET not in repr(passed)


def test_a_body_that_is_nested_too_deeply_is_no_text() -> None:
    """A reply that a parser takes and no writer does fails the policy that puts it into a text, with the place."""
    connector = connector_of(instance("setheader", "Response", name="A", value="@body()"))
    links = chain(connector, connector.definition.operations["Do"])
    sent = Sent(reply=Reply(status=200, body=b'{"a":' * 1000 + b"1" + b"}" * 1000))
    passed, _ = drive(run_reply(links, outgoing(CALL, BASE), sent, context_of(connector)))
    assert passed.reply is sent.reply
    assert passed.findings[-1].rule == "value-too-deep"
    assert passed.findings[-1].route.pointer == "/properties/policyTemplateInstances/0"
