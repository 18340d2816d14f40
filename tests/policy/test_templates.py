"""Every policy on messages given as data: ``data/<template>.json`` for one policy, ``data/chains/*.json`` for several.

A case holds what differs from a plain call:

- ``policies``: instances as in ``apiProperties.json``; or ``parameters`` (names without prefix), with ``section``, for
  one of the file's template
- ``declared``: ``connectionParameters`` as in the file; ``connection``: values of the connection
- ``method``, ``path`` (template), ``pathParameters`` (encoded), ``query``, ``headers``, and ``body`` (JSON) or ``text``
- ``scheme``, ``basePath``, ``server``, ``callerBase``, ``settings``
- ``reply``: status, headers, ``body`` or ``text``; or ``failure`` for none. Without both, only Request runs
- ``side``: side requests in order, each ``request`` (what must be sent) and ``reply`` or ``failure``

and what must come of it:

- ``sent``, ``received``: parts of request and reply after the policies; without it, the very same message
- ``did``: titles of the trace, one for each instance; ``findings``: rules, or objects with some fields of a finding
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from tieline.formats import folder
from tieline.lang import tokens
from tieline.model import Connection, Connector, Failure, Headers, Reply, Request, Secret, Sent
from tieline.policy import POLICIES, Context, Passed, Passing, Settings, chain, outgoing, run_reply, run_request

DATA = Path(__file__).parent / "data"
PREFIX = "x-ms-apimTemplateParameter."
KEYS = {
    *("name", "why", "policies", "parameters", "section", "declared", "connection", "method", "path", "pathParameters"),
    *("query", "headers", "body", "text", "scheme", "basePath", "server", "callerBase", "settings", "reply", "failure"),
    *("side", "sent", "received", "did", "findings"),
}


def cases() -> list[Any]:
    """Every case, named by file and name."""
    return [
        pytest.param(file.stem, case, id=f"{file.stem}: {case['name']}")
        for file in sorted(DATA.rglob("*.json"))
        for case in json.loads(file.read_text(encoding="utf-8"))
    ]


def connector_of(template: str, case: dict[str, Any]) -> Connector:
    """A connector with the case's policies, read from its files."""
    instances = case.get("policies")
    if instances is None:
        written = {PREFIX + name: value for name, value in case["parameters"].items()}
        if "section" in case:
            written["x-ms-apimTemplate-policySection"] = case["section"]
        if template == "pollingtrigger":
            written["x-ms-apimTemplate-operationName"] = ["Do"]
        instances = [{"templateId": template, "title": "", "parameters": written}]
    method, path = case.get("method", "GET").lower(), case.get("path", "/items")
    definition = {
        "swagger": "2.0",
        "info": {"title": "Case", "version": "1"},
        "host": "api.example.com",
        "basePath": case.get("basePath", "/v1"),
        "schemes": [case.get("scheme", "https")],
        "paths": {path: {method: {"operationId": "Do", "responses": {"200": {"description": "ok"}}}}},
    }
    properties = {
        "properties": {
            "connectionParameters": case.get("declared", {}),
            "policyTemplateInstances": instances,
        }
    }
    files = {"apiDefinition.swagger.json": definition, "apiProperties.json": properties}
    return folder.read({name: json.dumps(value).encode() for name, value in files.items()}, "Case")


def headers_of(part: dict[str, Any]) -> Headers:
    """Headers given as an object or as a list of pairs; JSON bodies have their type."""
    given = part.get("headers", {})
    headers = tuple((name, value) for name, value in (given.items() if isinstance(given, dict) else given))
    if "body" in part and not any(name.lower() == "content-type" for name, _ in headers):
        headers = (*headers, ("Content-Type", "application/json"))
    return headers


def body_of(part: dict[str, Any]) -> bytes:
    """A body given as JSON or as text."""
    return orjson.dumps(part["body"]) if "body" in part else part.get("text", "").encode()


def sent_of(part: dict[str, Any]) -> Sent:
    """What comes of a send."""
    if "failure" in part:
        return Sent(failure=Failure(kind="connect", message=part["failure"]))
    reply = part["reply"]
    return Sent(reply=Reply(status=reply.get("status", 200), headers=headers_of(reply), body=body_of(reply)))


def settings_of(given: dict[str, Any]) -> Settings:
    """Settings, those of tokens among them."""
    own = {name: given[name] for name in given.keys() & Settings.__dataclass_fields__.keys()}
    inner = {name: given[name] for name in given.keys() - own.keys()}
    return Settings(**own, tokens=tokens.Settings(**inner))


def drive(steps: Passing, side: list[dict[str, Any]]) -> Passed:
    """Answer side requests from the script; each must be as expected, and all must be sent."""
    answer: Sent | None = None
    while True:
        try:
            request = next(steps) if answer is None else steps.send(answer)
        except StopIteration as stop:
            passed: Passed = stop.value
            return passed
        assert side, f"an unexpected side request: {request.method} {request.url}"
        expected = side.pop(0)
        check_message(request, expected["request"])
        answer = sent_of(expected)


def check_message(message: Request | Reply, expected: dict[str, Any]) -> None:
    """The parts of a message that are given are as given."""
    for name, value in expected.items():
        match name:
            case "headers":
                assert [list(pair) for pair in message.headers] == [list(pair) for pair in headers_of(expected)]
            case "body":
                assert orjson.loads(message.body) == value
            case "text":
                assert message.body.decode() == value
            case _:
                assert getattr(message, name) == value


@pytest.mark.parametrize(("template", "case"), cases())
def test_case(template: str, case: dict[str, Any]) -> None:
    """What a case says comes of its policies."""
    assert case.keys() <= KEYS, f"unknown keys: {case.keys() - KEYS}"
    connector = connector_of(template, case)
    operation = connector.definition.operations["Do"]
    parameters = case.get("pathParameters", {})
    path = operation.path
    for name, value in parameters.items():
        path = path.replace(f"{{{name}}}", value)
    base = f"{case.get('scheme', 'https')}://api.example.com{case.get('basePath', '/v1')}".rstrip("/")
    query = f"?{case['query']}" if "query" in case else ""
    request = Request(method=operation.method, url=f"{base}{path}{query}", headers=headers_of(case), body=body_of(case))
    context = Context(
        connector=connector,
        connection=Connection(values={name: Secret(value) for name, value in case.get("connection", {}).items()}),
        method=operation.method,
        path_parameters=parameters,
        server=case.get("server"),
        caller_base=case.get("callerBase", ""),
        called=outgoing(request, base),
        settings=settings_of(case.get("settings", {})),
    )
    side = list(case.get("side", ()))
    links = chain(connector, operation)

    passed = drive(run_request(links, outgoing(request, base), context), side)
    assert not side or "reply" in case
    did = [entry.title.partition(": ")[2] for entry in passed.trace if entry.step == "policy"]
    findings = list(passed.findings)
    if "sent" in case:
        check_message(passed.outgoing.request, case["sent"])
    else:
        assert passed.outgoing.request is request
    if not passed.stopped and ("reply" in case or "failure" in case):
        sent = sent_of(case)
        answered = drive(run_reply(links, passed.outgoing, sent, context), side)
        did += [entry.title.partition(": ")[2] for entry in answered.trace if entry.step == "policy"]
        findings += answered.findings
        if "received" in case:
            assert answered.reply is not None
            check_message(answered.reply, case["received"])
        else:
            assert answered.reply is sent.reply
    assert did == case["did"]
    check_findings(findings, case.get("findings", []))


def check_findings(findings: list[Any], expected: list[Any]) -> None:
    """As many findings as expected, each with the expected fields."""
    assert [finding.rule for finding in findings] == [
        entry if isinstance(entry, str) else entry["rule"] for entry in expected
    ], [finding.message for finding in findings]
    for finding, entry in zip(findings, expected, strict=True):
        for name, value in entry.items() if isinstance(entry, dict) else ():
            found = finding.route.pointer if name == "route" else getattr(finding, name)
            assert found == value


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.template)
def test_every_policy_has_cases(policy: Any) -> None:
    """A policy without cases in its data file is not done."""
    file = DATA / f"{policy.template}.json"
    assert file.is_file(), f"write {file}"
    assert len(json.loads(file.read_text(encoding="utf-8"))) >= 3


def test_every_data_file_has_a_policy() -> None:
    """A data file without policy is left over."""
    assert {file.stem for file in DATA.glob("*.json")} <= {policy.template for policy in POLICIES}
