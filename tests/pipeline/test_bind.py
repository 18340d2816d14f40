"""Binding: arguments by name become one exact request, or findings that name what is wrong."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.formats import folder
from tieline.mock import sample_arguments
from tieline.model import Severity
from tieline.pipeline import Bound, File, Options, bind

BOUNDARY = re.compile(r"tieline-[0-9a-f]{32}")


def run_case(case: dict[str, Any], read_case: Any) -> None:
    """Bind the case's arguments and compare request and findings with what it expects."""
    connector, operation = read_case(case)
    bound = bind(connector, operation, case["arguments"], Options(**case.get("options", {})))
    assert_findings(bound, case)
    if bound.request is None:
        assert "request" not in case
        return
    request = bound.request
    if "request" in case:
        assert f"{request.method} {request.url}" == case["request"]
    if "headers" in case:
        assert {name: BOUNDARY.sub("BOUNDARY", value) for name, value in request.headers} == case["headers"]
    if "body" in case:
        assert BOUNDARY.sub("BOUNDARY", request.body.decode()) == case["body"]


def assert_findings(bound: Bound, case: dict[str, Any]) -> None:
    """Each expected finding is ``severity rule part of the message``; none is missing, none is more."""
    expected = case.get("findings", [])
    shown = [f"{finding.severity} {finding.rule} {finding.message}" for finding in bound.findings]
    assert len(shown) == len(expected), shown
    for finding, line in zip(shown, expected, strict=True):
        severity, rule, part = line.split(" ", 2)
        assert finding.startswith(f"{severity} {rule} "), shown
        assert part in finding, shown
    if "remedy" in case:
        assert bound.findings[0].remedy == case["remedy"]
    assert (bound.request is None) == any(finding.severity is Severity.ERROR for finding in bound.findings)


def test_places(case: dict[str, Any], read_case: Any) -> None:
    """Every case of ``bind-places.yaml`` gives its request."""
    run_case(case, read_case)


def test_values(case: dict[str, Any], read_case: Any) -> None:
    """Every case of ``bind-values.yaml`` gives its request or its findings."""
    run_case(case, read_case)


def test_bodies(case: dict[str, Any], read_case: Any) -> None:
    """Every case of ``bind-bodies.yaml`` gives its body or its findings."""
    run_case(case, read_case)


@pytest.mark.parametrize(
    ("value", "format", "text"),
    [
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2))), "date-time", "2024-01-02T01:04:05Z"),
        (datetime(2024, 1, 2, 3, 4, 5, 600_000, tzinfo=UTC), "date-time", "2024-01-02T03:04:05.600000Z"),
        (datetime(2024, 1, 2, 3, 4, 5), "date-time", "2024-01-02T03:04:05Z"),
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "date-no-tz", "2024-01-02T03:04:05"),
        (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "date", "2024-01-02"),
        (date(2024, 1, 2), "date", "2024-01-02"),
        ("2024-01-02T03:04:05+02:00", "date-time", "2024-01-02T03:04:05+02:00"),
    ],
)
def test_dates(build: Any, value: Any, format: str, text: str) -> None:
    """Dates are written as the platform writes them; text stays as it was given."""
    connector = build({"parameters": [{"name": "d", "in": "header", "type": "string", "format": format}]})
    bound = bind(connector, connector.definition.operations["Op"], {"d": value})
    assert bound.request is not None
    assert bound.request.header("d") == text


def test_dates_in_a_whole_body(build: Any) -> None:
    """They are written as everywhere else: in UTC; a time that has none in UTC is refused."""
    connector = build({"parameters": [{"name": "b", "in": "body", "schema": {"type": "object"}}]}, method="post")
    operation = connector.definition.operations["Op"]
    zone = timezone(timedelta(hours=2))
    bound = bind(connector, operation, {"body": {"a": datetime(2024, 1, 2, 3, tzinfo=zone), "b": date(2024, 1, 2)}})
    assert bound.request is not None
    assert bound.request.body == b'{"a":"2024-01-02T01:00:00Z","b":"2024-01-02"}'
    refused = bind(connector, operation, {"body": {"a": datetime(1, 1, 1, tzinfo=zone)}})
    assert [finding.rule for finding in refused.findings] == ["wrong-type"]
    assert "years 1 to 9999" in refused.findings[0].message


def test_python_values_of_a_whole_body(build: Any) -> None:
    """Decimals are numbers; what has no order or no end is refused, as an argument and inside a body."""
    parameters = [
        {"name": "b", "in": "body", "schema": {"type": "object"}},
        {"name": "q", "in": "query", "type": "array"},
    ]
    connector = build({"parameters": parameters}, method="post")
    operation = connector.definition.operations["Op"]
    bound = bind(connector, operation, {"body": {"a": Decimal("1.50")}})
    assert bound.request is not None
    assert bound.request.body == b'{"a":1.5}'
    for arguments in ({"body": {"a": Decimal("NaN")}}, {"body": {"a": {1}}}, {"q": {1, 2}}, {"q": iter([1])}):
        assert [finding.rule for finding in bind(connector, operation, arguments).findings] == ["wrong-type"]


@pytest.mark.parametrize("value", [Path("photo.png"), io.BytesIO(b"x")])
def test_what_only_stands_for_a_file_is_refused(build: Any, value: Any) -> None:
    """A path or an open file is not sent as its own name."""
    connector = build({"parameters": [{"name": "f", "in": "formData", "type": "file"}]}, method="post")
    bound = bind(connector, connector.definition.operations["Op"], {"f": value})
    assert bound.request is None
    assert [finding.rule for finding in bound.findings] == ["wrong-type"]


def test_file_keeps_its_name_and_type(build: Any) -> None:
    """A File says how its part is called and what it is; quotes and line breaks cannot break out of the head."""
    connector = build({"parameters": [{"name": "f", "in": "formData", "type": "file"}]}, method="post")
    upload = File(name='a"b\r\n.png', content=b"\x89PNG", content_type="image/png")
    bound = bind(connector, connector.definition.operations["Op"], {"f": upload})
    assert bound.request is not None
    assert b'filename="a%22b%0D%0A.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n' in bound.request.body


def test_boundary_is_made_from_the_content(build: Any) -> None:
    """The same form is the same bytes each time, and its boundary does not occur in what it parts."""
    connector = build({"parameters": [{"name": "f", "in": "formData", "type": "file"}]}, method="post")
    operation = connector.definition.operations["Op"]
    first, again, other = (bind(connector, operation, {"f": content}).request for content in (b"a", b"a", b"b"))
    assert first is not None
    assert other is not None
    assert first == again
    assert first.header("content-type") != other.header("content-type")
    boundary = (first.header("content-type") or "").partition("boundary=")[2].encode()
    assert first.body.count(b"--" + boundary) == 2
    nested = bind(connector, operation, {"f": first.body}).request
    assert nested is not None
    assert nested.body.count(b"--" + boundary) == 2


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_not_sent(build: Any, mark: str) -> None:
    """A body saved with a byte order mark goes as plain UTF-8 JSON."""
    connector = build({"parameters": [{"name": "b", "in": "body", "schema": {"type": "object"}}]}, method="post")
    bound = bind(connector, connector.definition.operations["Op"], {"b": '{"a": "ø"}'.encode(mark)})
    assert bound.request is not None
    assert bound.request.body == '{"a":"ø"}'.encode()


def test_arguments_are_not_changed(build: Any) -> None:
    """A body that a caller gave is the same after defaults and properties were put into what is sent."""
    schema = {
        "type": "object",
        "required": ["k"],
        "properties": {"k": {"type": "string", "default": "d"}, "o": {"type": "object", "properties": {"x": {}}}},
    }
    connector = build({"parameters": [{"name": "b", "in": "body", "schema": schema}]}, method="post")
    body: dict[str, Any] = {"o": {"y": 1}}
    bound = bind(connector, connector.definition.operations["Op"], {"body": body, "o.x": 2})
    assert bound.request is not None
    assert bound.request.body == b'{"o":{"y":1,"x":2},"k":"d"}'
    assert body == {"o": {"y": 1}}


RICH: dict[str, Any] = {
    "consumes": ["application/json"],
    "parameters": [
        {"name": "id", "in": "path", "required": True, "type": "string"},
        {"name": "n", "in": "query", "type": "number"},
        {"name": "i", "in": "query", "type": "integer", "enum": [1, 2]},
        {"name": "b", "in": "query", "type": "boolean"},
        {"name": "a", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "multi"},
        {"name": "d", "in": "query", "type": "string", "format": "date-time"},
        {"name": "X-H", "in": "header", "type": "string"},
        {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Node"}},
    ],
}
NODE = {
    "type": "object",
    "required": ["k"],
    "properties": {
        "k": {"type": "string", "default": "x"},
        "next": {"$ref": "#/definitions/Node"},
        "list": {"type": "array", "items": {"$ref": "#/definitions/Node"}},
        "when": {"type": "string", "format": "date-time"},
    },
}
NAMES = ["id", "ID", "path.id", "n", "i", "b", "a", "d", "X-H", "body", "k", "next.k", "next.next.k", "body.k", "list"]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=8),
    st.text(st.characters(categories=["Cs", "L"]), max_size=4),
    st.binary(max_size=8),
    st.datetimes(),
    st.decimals(),
    st.just(object()),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.text(max_size=3), st.sampled_from(NAMES)), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), VALUES, max_size=6), st.booleans())
def test_any_arguments(build: Any, arguments: dict[str, Any], form: bool) -> None:
    """Whatever the arguments are, a request with a URL that parses comes out, or an error finding."""
    consumes = {"consumes": ["application/x-www-form-urlencoded"]} if form else {}
    connector = build({**RICH, **consumes}, path="/things/{id}", method="post", root={"definitions": {"Node": NODE}})
    bound = bind(connector, connector.definition.operations["Op"], arguments)
    if bound.request is None:
        assert any(finding.severity is Severity.ERROR for finding in bound.findings)
        return
    parts = urlsplit(bound.request.url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "api.example.com", "")
    assert bound.request.url.isascii()
    assert not re.search(r"[\s\0]", bound.request.url)
    assert not any(re.search(r"[\r\n\0]", name + value) for name, value in bound.request.headers)


def test_endless_values_are_refused(build: Any) -> None:
    """A value that holds itself is refused, whether its place is declared or not."""
    endless: dict[str, Any] = {}
    endless.update(next=endless, other=endless)
    connector = build(
        {**RICH, "parameters": RICH["parameters"][-1:]}, method="post", root={"definitions": {"Node": NODE}}
    )
    bound = bind(connector, connector.definition.operations["Op"], {"body": endless})
    assert [finding.rule for finding in bound.findings] == ["wrong-type"]


BOUND = 8_000
"""Floor of the operations of the corpus that bind, once with required and once with all arguments; may only rise."""


@pytest.mark.corpus
def test_every_operation_of_the_corpus_binds(shared: Path) -> None:
    """Made-up arguments of every published operation give a request; where not, the definition has no usable host."""
    counts: Counter[str] = Counter()
    for path in sorted((shared / "corpus" / "connectors").glob("*/*")):
        connector = folder.read({file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}, path.name)
        for operation in connector.definition.operations.values():
            for optional in (False, True):
                bound = bind(connector, operation, sample_arguments(operation, optional=optional))
                counts["bound"] += bound.request is not None
                for finding in bound.findings:
                    counts[f"{finding.severity} {finding.rule}"] += 1
    assert counts["bound"] >= BOUND
    assert {rule for rule in counts if rule.startswith("error")} <= {"error bad-host"}
    assert counts["warning body-mismatch"] <= 4
