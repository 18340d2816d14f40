"""The chain of an operation: read once, described in one line each, whatever stands in the file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.formats import folder
from tieline.model import Connector, Severity
from tieline.policy import POLICIES, chain, describe

PREFIX = "x-ms-apimTemplateParameter."

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 999),
    st.sampled_from(
        ["", "null", "true", "append", "@body()", "@item().x", "@headers('x')", "@headers('", "a.b", "{id}"]
    ),
    st.text(max_size=8),
    st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=2),
)
NAMES = st.sampled_from(
    sorted({parameter.name for policy in POLICIES for parameter in policy.parameters} | {"other", "Name", ""})
)
INSTANCES = st.fixed_dictionaries(
    {
        "templateId": st.sampled_from([*(policy.template for policy in POLICIES), "SetHeader", "nothing"]),
        "parameters": st.dictionaries(NAMES.map(lambda name: PREFIX + name), SCALARS, max_size=5),
        "section": st.sampled_from(["Request", "response", "Failure", "", "Elsewhere"]),
    }
)


def connector_of(instances: list[dict[str, Any]], operations: tuple[str, ...] = ("Do",)) -> Connector:
    """A connector with policies, read from its files."""
    definition = {
        "swagger": "2.0",
        "info": {"title": "Case", "version": "1"},
        "host": "api.example.com",
        "paths": {f"/{name}": {"get": {"operationId": name, "responses": {}}} for name in operations},
    }
    properties = {"properties": {"connectionParameters": {}, "policyTemplateInstances": instances}}
    files = {"apiDefinition.swagger.json": definition, "apiProperties.json": properties}
    return folder.read({name: json.dumps(value).encode() for name, value in files.items()}, "Case")


def instance(template: str, section: str = "Request", **parameters: Any) -> dict[str, Any]:
    """An instance as in the file."""
    written = {PREFIX + name: value for name, value in parameters.items()}
    return {"templateId": template, "parameters": {**written, "x-ms-apimTemplate-policySection": section}}


def test_a_chain_is_worked_out_once() -> None:
    """The second call of an operation finds its chain; another operation has its own."""
    connector = connector_of([instance("setheader", name="A", value="1")], ("Do", "Other"))
    operations = connector.definition.operations
    first = chain(connector, operations["Do"])
    assert chain(connector, operations["Do"]) is first
    assert len(first.request) == 1
    assert chain(connector, operations["Other"]) is not first


def test_without_policies_there_is_one_empty_chain() -> None:
    """A connector without policies costs nothing."""
    connector = connector_of([])
    links = chain(connector, connector.definition.operations["Do"])
    assert (links.request, links.response, links.failure, links.findings) == ((), (), (), ())


@pytest.mark.parametrize(
    ("written", "line"),
    [
        (
            instance("SetHeader", name="X", value="Bearer @connectionParameters('k')", existsAction="skip"),
            "setheader (request): X = Bearer @connectionParameters('k') (skip)",
        ),
        (instance("setheader", name="Authorization", value="hidden"), "setheader (request): Authorization = ***"),
        (instance("setqueryparameter", name="api_key", value="hidden"), "setqueryparameter (request): api_key = ***"),
        (instance("dynamichosturl", urlTemplate="@headers('a',\n'b')"), "dynamichosturl (request): @headers('a', 'b')"),
        (instance("setheader", "Response", name="X", value="shown"), "setheader (response): X = shown"),
        (
            instance("setqueryparameter", name="$top", value="5", existsAction="append"),
            "setqueryparameter (request): $top = 5 (append)",
        ),
        (instance("dynamichosturl", urlTemplate="https://x"), "dynamichosturl (request): https://x"),
        (instance("dynamicsubdomain", urlTemplate="https://x"), "dynamicsubdomain (request): https://x"),
        (instance("routerequesttoendpoint", newPath="/a"), "routerequesttoendpoint (request): /a"),
        (
            instance("routerequesttoendpoint", newPath="/a", httpMethod="PUT"),
            "routerequesttoendpoint (request): PUT /a",
        ),
        (
            instance(
                "setvaluefromurl",
                parameterTemplate="@headers('If-Match')",
                parameterValueUrl="/t/{id}",
                parameterValuePathTemplate="@body()['@odata.etag']",
            ),
            "setvaluefromurl (request): @headers('If-Match') = @body()['@odata.etag'] of GET /t/{id}",
        ),
        (
            instance("setconnectionstatustounauthenticated", "", statusCode=401),
            "setconnectionstatustounauthenticated (response): on status 401",
        ),
        (
            instance("updatenextlink", "", nextLinkPropertyName="next"),
            "updatenextlink (response): next of @body()",
        ),
        (
            instance("setproperty", "Failure", newPropertyParentPathTemplate="@body()"),
            'setproperty: policy "setproperty" cannot run in "failure"',
        ),
        (instance("nothing"), 'nothing: there is no policy template "nothing"'),
        (
            instance("setheader", name="X"),
            'setheader (request): policy "setheader": the parameter "value" is missing',
        ),
    ],
)
def test_a_line_for_each_instance(written: dict[str, Any], line: str) -> None:
    """An instance is described by what it does, in the words of the file; secrets in constants are hidden."""
    assert describe(connector_of([written]).properties.policies[0]) == line


@settings(max_examples=150, deadline=None)
@given(st.lists(INSTANCES, max_size=4))
def test_any_instance_is_read(written: list[dict[str, Any]]) -> None:
    """Whatever an instance holds, it runs or has an error that names it and says what to do, and it has a line."""
    instances = [instance(entry["templateId"], entry["section"]) | {"x": entry} for entry in written]
    for made, entry in zip(instances, written, strict=True):
        made["parameters"] |= entry["parameters"]
    connector = connector_of(instances)
    links = chain(connector, connector.definition.operations["Do"])
    running = len(links.request) + len(links.response) + len(links.failure)
    errors = {finding.route.keys[:3] for finding in links.findings if finding.severity is Severity.ERROR}
    assert running + len(errors) == len(written)
    for finding in links.findings:
        assert finding.route.document == "apiProperties.json"
        assert finding.message
    for policy in connector.properties.policies:
        assert describe(policy).startswith(policy.template)
        assert "\n" not in describe(policy)
