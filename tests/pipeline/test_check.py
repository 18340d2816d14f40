"""Checking: what of a reply is not as declared becomes findings, whatever the reply or the schema holds."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.model import Finding, Reply, Severity
from tieline.pipeline import check, output_response


def lines(findings: tuple[Finding, ...]) -> list[str]:
    """Findings on one line each."""
    return [f"{finding.severity} {finding.rule} {finding.message}" for finding in findings]


def test_replies(case: dict[str, Any], read_case: Any, answer: Any) -> None:
    """Every case of ``check-replies.yaml`` gives its findings."""
    _, operation = read_case(case)
    checked = check(operation, answer(case["reply"]))
    shown = lines(checked.findings)
    if "count" in case:
        assert len(shown) == case["count"]
        assert shown[-1].startswith(case["last"])
        return
    expected = case.get("findings", [])
    assert len(shown) == len(expected), shown
    for finding, line in zip(shown, expected, strict=True):
        severity, rule, part = line.split(" ", 2)
        assert finding.startswith(f"{severity} {rule} "), shown
        assert part in finding, shown
    if "route" in case:
        assert checked.findings[0].route.pointer == case["route"]
    if "title" in case:
        assert checked.entry.title == case["title"]
    assert checked.entry.step == "check"


@pytest.mark.parametrize(
    ("codes", "chosen"),
    [
        (["200"], "200"),
        (["207"], "207"),
        (["default"], "default"),
        (["404"], None),
        (["201", "200"], "200"),
        (["202", "201"], "201"),
        (["202", "default"], "default"),
        (["202", "204"], None),
        ([], None),
    ],
)
def test_output_response(build: Any, codes: list[str], chosen: str | None) -> None:
    """The platform's choice: the only good one; else 200, 201, default; else none."""
    connector = build({"responses": {code: {"description": code} for code in codes}})
    response = output_response(connector.definition.operations["Op"])
    assert (response.code if response else None) == chosen


SCHEMAS = st.recursive(
    st.one_of(
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["string", "integer", "Number", "file", "guid", None, 5, ["string", "null"]]),
                "format": st.sampled_from(["int32", "date-time", "int64", 3, ""]),
                "enum": st.one_of(st.just([]), st.lists(st.integers(0, 3), max_size=2), st.just("x")),
                "required": st.sampled_from([True, [], ["a"], ["a", "a"], "a"]),
                "pattern": st.sampled_from(["a+", "(", "(?<!x)y", 7]),
                "minimum": st.sampled_from([0, "1", None]),
                "exclusiveMinimum": st.sampled_from([True, 3]),
                "x-nullable": st.booleans(),
            },
        ),
        st.sampled_from([{"$ref": "#/definitions/Node"}, {"$ref": "#/nowhere"}, {"$ref": 5}, 5, []]),
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"items": inner}),
        st.fixed_dictionaries({"allOf": st.lists(inner, max_size=2)}),
        st.fixed_dictionaries({"properties": st.dictionaries(st.sampled_from(["a", "0", "pattern"]), inner)}),
        st.fixed_dictionaries({"additionalProperties": inner}),
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["a", "0", "pattern", "b"]), inner, max_size=2)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCHEMAS, VALUES)
def test_any_schema(build: Any, schema: Any, value: Any) -> None:
    """Any schema against any value gives findings with a rule, a message and a place; never an exception."""
    node = {"type": "object", "properties": {"a": {"$ref": "#/definitions/Node"}}}
    connector = build(
        {"responses": {"200": {"description": "ok", "schema": schema}}}, root={"definitions": {"Node": node}}
    )
    reply = Reply(status=200, headers=(("Content-Type", "application/json"),), body=orjson.dumps(value))
    for finding in check(connector.definition.operations["Op"], reply).findings:
        assert finding.rule
        assert finding.message
        assert finding.route.document
        assert finding.severity is not Severity.ERROR


def test_a_reply_in_another_encoding(build: Any) -> None:
    """JSON that is not UTF-8 is said to be just that."""
    connector = build({"responses": {"200": {"description": "ok", "schema": {"type": "object"}}}})
    reply = Reply(status=200, headers=(("Content-Type", "application/json"),), body=b'{"a": "\xe9"}')
    findings = check(connector.definition.operations["Op"], reply).findings
    assert [finding.message.rpartition(": ")[2] for finding in findings] == ["it is not encoded in UTF-8"]


def test_a_million_differences_take_no_minute(build: Any) -> None:
    """A reply whose every row drifts is one finding, and only so many of its rows are looked at."""
    schema = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}
    connector = build({"responses": {"200": {"description": "ok", "schema": schema}}})
    body = b"[" + b",".join([b'{"a":1}'] * 100_000) + b"]"
    reply = Reply(status=200, headers=(("Content-Type", "application/json"),), body=body)
    (finding,) = check(connector.definition.operations["Op"], reply).findings
    assert "(and 1999 or more others like it)" in finding.message
