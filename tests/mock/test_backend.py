"""The backend: requests and replies as data, its log, and requests of any kind."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.mock import Answer, Backend
from tieline.mock.log import KEPT
from tieline.model import Connector, DocumentError, Operation, Operations, Outline, Request

DATA = Path(__file__).parent / "data"
GROUPS: list[dict[str, Any]] = [
    group for name in ("replies.yaml", "policies.yaml") for group in yaml.safe_load((DATA / name).read_text("utf-8"))
]
CASES = [(group, number) for group in GROUPS for number in range(len(group["exchanges"]))]

MakeConnector = Callable[..., Connector]


def name_of(case: tuple[dict[str, Any], int]) -> str:
    """What a case is about and what it asks."""
    group, number = case
    return f"{group['what']}: {number + 1} {group['exchanges'][number]['request']}"


def policy(entry: dict[str, Any]) -> dict[str, Any]:
    """A policy instance as files write it, of the short form of a case."""
    parameters = dict(entry["parameters"])
    written: dict[str, Any] = {}
    for name, key in (
        ("operationName", "x-ms-apimTemplate-operationName"),
        ("section", "x-ms-apimTemplate-policySection"),
    ):
        if name in parameters:
            written[key] = parameters.pop(name)
    written |= {f"x-ms-apimTemplateParameter.{name}": value for name, value in parameters.items()}
    return {"templateId": entry["templateId"], "title": "t", "parameters": written}


def backend_of(group: dict[str, Any], make_connector: MakeConnector) -> Backend:
    """The backend of a group of cases."""
    connector = make_connector(
        group["definition"],
        policies=[policy(entry) for entry in group.get("policies", ())],
        connection=group.get("connection"),
        script=group.get("script", False),
    )
    return Backend(connector)


def request_of(exchange: dict[str, Any]) -> Request:
    """The request of a case."""
    method, _, path = exchange["request"].partition(" ")
    headers = tuple((exchange.get("headers") or {}).items())
    body = exchange.get("text", "").encode()
    if "body" in exchange:
        body = orjson.dumps(exchange["body"])
        headers = (*headers, ("Content-Type", "application/json"))
    return Request(method=method, url=f"http://mock:1{path}", headers=headers, body=body)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_reply(case: tuple[dict[str, Any], int], make_connector: MakeConnector) -> None:
    """A request gets what its case says."""
    group, number = case
    exchange = group["exchanges"][number]
    backend = backend_of(group, make_connector)
    request = request_of(exchange)
    first, again = backend.answer(request), backend.answer(request)
    assert first == again, "the same request gets the same answer"
    compare(first, exchange["gives"])


def compare(answer: Answer, gives: dict[str, Any]) -> None:
    """Compare what a case says of an answer."""
    reply = answer.reply
    if "status" in gives:
        assert reply.status == gives["status"], reply.body
    if "operation" in gives:
        assert answer.operation == gives["operation"]
    if "findings" in gives:
        assert [finding.rule for finding in answer.findings] == gives["findings"]
    if "json" in gives:
        assert orjson.loads(reply.body) == gives["json"]
    if "has" in gives:
        value = orjson.loads(reply.body)
        assert {key: value.get(key) for key in gives["has"]} == gives["has"]
    if "text" in gives:
        assert reply.body.decode() == gives["text"]
    if "starts" in gives:
        assert reply.body.startswith(bytes.fromhex(gives["starts"]))
    for name, value in gives.get("headers", {}).items():
        assert reply.header(name) == value, name


ITEMS = {"paths": {"/items": {"get": {"operationId": "List", "responses": {"200": {"description": ""}}}}}}


def test_the_log_lists_what_came(make_connector: MakeConnector) -> None:
    """The list of requests is bounded, newest last, without queries, and can be emptied; looking at it adds nothing."""
    backend = Backend(make_connector(ITEMS))
    for _ in range(KEPT + 5):
        backend.answer(Request(method="GET", url="http://h/items?secret=1"))
    backend.answer(Request(method="GET", url="http://h/other"))
    listed = orjson.loads(backend.answer(Request(method="GET", url="http://h/.tieline/requests")).reply.body)
    assert listed["version"] == 1
    assert len(listed["requests"]) == KEPT
    assert listed["requests"][0]["n"] == 7
    assert listed["requests"][-2:] == [
        {"n": KEPT + 5, "method": "GET", "path": "/items", "operation": "List", "status": 200, "findings": []},
        {"n": KEPT + 6, "method": "GET", "path": "/other", "operation": None, "status": 404, "findings": []},
    ]
    assert backend.answer(Request(method="DELETE", url="http://h/.tieline/requests")).reply.status == 204
    assert backend.log.entries == ()
    assert backend.answer(Request(method="GET", url="http://h/.tieline/other")).reply.status == 404


def test_an_operation_that_cannot_be_read_is_a_500(make_connector: MakeConnector) -> None:
    """An error inside of one operation becomes a reply with a finding, and the others go on."""
    connector = make_connector({"paths": {**ITEMS["paths"], "/bad": {"get": {"operationId": "Bad", "responses": {}}}}})
    backend = Backend(connector)
    backend.served("Bad").replies.made[0, None, None] = object()  # type: ignore[assignment]
    failed = backend.answer(Request(method="GET", url="http://h/bad"))
    assert failed.reply.status == 500
    assert [finding.rule for finding in failed.findings] == ["mock-failed"]
    assert backend.answer(Request(method="GET", url="http://h/items")).reply.status == 200


def test_a_definition_that_cannot_be_read_further_is_a_500(make_connector: MakeConnector) -> None:
    """What an operation's reader refuses is said with its own finding."""
    connector = make_connector(ITEMS)

    def refuse(outline: Outline) -> Operation:
        raise DocumentError("broken-part", "this part is broken", route=outline.route)

    operations = Operations(connector.definition.operations.outlines, refuse)
    backend = Backend(replace(connector, definition=replace(connector.definition, operations=operations)))
    answer = backend.answer(Request(method="GET", url="http://h/items"))
    assert answer.reply.status == 500
    assert [finding.rule for finding in answer.findings] == ["broken-part"]


names = st.text(string.printable, max_size=12)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "TRACE", "", "x y"]),
    path=st.sampled_from(["/items", "/items/5", "/v1/items", "/.tieline/requests", ""]) | names,
    query=names,
    headers=st.dictionaries(st.sampled_from(["Content-Type", "Prefer", "Accept", "X-Kind", "Authorization"]), names),
    body=st.binary(max_size=30) | st.sampled_from([b"{}", b"[1]", b"--X\r\n", b'{"name": 1}']),
)
def test_any_request_is_answered(
    method: str, path: str, query: str, headers: dict[str, str], body: bytes, make_connector: MakeConnector
) -> None:
    """Whatever comes in, a reply goes out, and it is no failure of the mock's own."""
    backend = backend_of(GROUPS[0], make_connector)
    request = Request(method=method, url=f"http://h{path}?{query}", headers=tuple(headers.items()), body=body)
    reply = backend.answer(request).reply
    assert 200 <= reply.status < 500
