"""One pass: its steps in order, and what keeps it from being made."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.model import Failure, Request, Sent, Severity
from tieline.pipeline import Options, run

REQUEST = Request(method="GET", url="https://api.example.com/v1/things?a=1", headers=(("Accept", "application/json"),))

POLICY = {
    "templateId": "setheader",
    "title": "Add one",
    "parameters": {
        "x-ms-apimTemplateParameter.name": "X",
        "x-ms-apimTemplateParameter.value": "1",
        "x-ms-apimTemplateParameter.existsAction": "override",
        "x-ms-apimTemplate-policySection": "Request",
    },
}
LATER = {
    **POLICY,
    "title": "Later",
    "parameters": {**POLICY["parameters"], "x-ms-apimTemplate-policySection": "Response"},
}  # type: ignore[dict-item]


@pytest.mark.parametrize("status", [200, 202, 302, 401, 429, 500])
def test_whatever_comes_back_is_returned(build: Any, world: Any, answer: Any, status: int) -> None:
    """A pass sends once and returns the reply of any status; errors are read."""
    connector = build({})
    script = world(answer({"status": status, "headers": {"Location": "/x", "Retry-After": "1"}}))
    exchange = script.drive(run(connector, connector.definition.operations["Op"], REQUEST))
    assert script.sent == [REQUEST]
    assert exchange.reply is not None
    assert exchange.reply.status == status
    assert (exchange.error is not None) == (status >= 400)


def test_failure_is_returned(build: Any, world: Any) -> None:
    """No reply is data on the exchange, and the trace says so."""
    connector = build({})
    failure = Failure(kind="connect", message="refused", sent=False)
    script = world(Sent(failure=failure))
    exchange = script.drive(run(connector, connector.definition.operations["Op"], REQUEST))
    assert exchange.failure is failure
    assert (exchange.reply, exchange.error, exchange.ok) == (None, None, False)
    assert [(entry.step, entry.title, entry.failure) for entry in exchange.trace] == [
        ("send", "GET: no reply", failure)
    ]


def test_credential_is_put_on_first(build: Any, world: Any, answer: Any, connect: Any) -> None:
    """The credential is on the request that is sent, and the trace shows it without its value."""
    connector = build(
        {},
        root={"securityDefinitions": {"k": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
        properties={"connectionParameters": {"api_key": {"type": "securestring"}}},
    )
    script = world(answer({"status": 200}))
    steps = run(connector, connector.definition.operations["Op"], REQUEST, connect({"api_key": "s3cret"}))
    exchange = script.drive(steps)
    assert script.sent[0].headers == (("Accept", "application/json"), ("X-Key", "s3cret"))
    first = exchange.trace[0]
    assert (first.step, first.before, first.after) == ("credential", REQUEST, script.sent[0])
    assert first.route is not None
    assert first.route.pointer == "/securityDefinitions/k"
    assert "s3cret" not in repr(exchange)
    assert [secret.reveal() for secret in exchange.secrets] == ["s3cret"]


def test_server_replaces_host_and_base_path(build: Any, world: Any, answer: Any) -> None:
    """``server`` takes the place of scheme, host and base path, and keeps what stands below it."""
    connector = build({})
    script = world(answer({"status": 200}))
    options = Options(server="http://localhost:8080/mock/")
    exchange = script.drive(run(connector, connector.definition.operations["Op"], REQUEST, options=options))
    assert script.sent[0].url == "http://localhost:8080/mock/things?a=1"
    assert exchange.request == script.sent[0]


def test_policies_run_on_both_ways(build: Any, world: Any, answer: Any) -> None:
    """Request policies change the signed request, Response policies the reply; each is a step with its place."""
    connector = build({}, properties={"policyTemplateInstances": [LATER, POLICY]})
    script = world(answer({"status": 200}))
    exchange = script.drive(run(connector, connector.definition.operations["Op"], REQUEST))
    assert script.sent[0].headers == (("Accept", "application/json"), ("X", "1"))
    assert exchange.reply is not None
    assert exchange.reply.header("X") == "1"
    assert [entry.step for entry in exchange.trace] == ["policy", "send", "policy", "check"]
    routes = [entry.route.pointer for entry in exchange.trace if entry.step == "policy" and entry.route is not None]
    assert routes == ["/properties/policyTemplateInstances/1", "/properties/policyTemplateInstances/0"]
    assert exchange.findings == ()


def test_a_policy_that_cannot_run_stops_the_pass(build: Any, world: Any) -> None:
    """A value that is missing is an error at the instance, and nothing is sent."""
    value = {**POLICY["parameters"], "x-ms-apimTemplateParameter.value": "@connectionParameters('region')"}
    connector = build({}, properties={"policyTemplateInstances": [{**POLICY, "parameters": value}]})
    exchange = world().drive(run(connector, connector.definition.operations["Op"], REQUEST))
    (finding,) = exchange.findings
    assert finding.severity is Severity.ERROR
    assert "region" in finding.message
    assert finding.route.pointer.startswith("/properties/policyTemplateInstances/0")
    assert (exchange.request, exchange.reply) == (None, None)


def test_policies_can_be_skipped(build: Any, world: Any, answer: Any) -> None:
    """With ``skip_policies`` each is in the trace as skipped, at its place, and a note says so."""
    connector = build({}, properties={"policyTemplateInstances": [LATER, POLICY]})
    script = world(answer({"status": 200}))
    options = Options(skip_policies=True)
    exchange = script.drive(run(connector, connector.definition.operations["Op"], REQUEST, options=options))
    assert [(entry.step, entry.title) for entry in exchange.trace] == [
        ("policy", "skipped: setheader Add one"),
        ("send", "GET: 200"),
        ("policy", "skipped: setheader Later"),
        ("check", "no declared body to check against"),
    ]
    assert [(finding.rule, finding.severity) for finding in exchange.findings] == [("policy-skipped", Severity.INFO)]


def test_scripts_that_do_not_run_stop_the_pass(build: Any, world: Any) -> None:
    """An operation with custom code is not sent until that runs."""
    connector = build({}, script="public class Script : ScriptBase {}")
    exchange = world().drive(run(connector, connector.definition.operations["Op"], REQUEST))
    (finding,) = exchange.findings
    assert (finding.rule, finding.severity) == ("script-not-run", Severity.ERROR)
    assert "--skip-script" in finding.remedy


def test_scripts_can_be_skipped(build: Any, world: Any, answer: Any) -> None:
    """With ``skip_script`` the request is sent as it is, and trace and findings say so."""
    connector = build({}, script="public class Script : ScriptBase {}")
    script = world(answer({"status": 200}))
    options = Options(skip_script=True)
    exchange = script.drive(run(connector, connector.definition.operations["Op"], REQUEST, options=options))
    assert [entry.step for entry in exchange.trace] == ["script", "send", "check"]
    assert [finding.rule for finding in exchange.findings] == ["script-skipped"]


def test_missing_credential_stops_the_pass(build: Any, world: Any) -> None:
    """Nothing is sent without a credential that is needed."""
    connector = build(
        {},
        root={"securityDefinitions": {"k": {"type": "basic"}}},
        properties={"connectionParameters": {"username": {"type": "string"}, "password": {"type": "securestring"}}},
    )
    exchange = world().drive(run(connector, connector.definition.operations["Op"], REQUEST))
    assert [finding.remedy for finding in exchange.findings] == ["add --set username=VALUE", "add --set password=VALUE"]
