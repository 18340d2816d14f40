"""What is doubtful about policies without a call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tieline.formats import folder
from tieline.model import Severity
from tieline.policy import chain_of, doubts

PREFIX = "x-ms-apimTemplateParameter."


def found(template: str, declared: dict[str, Any], **parameters: Any) -> list[tuple[str, str, str]]:
    """Message, remedy and place of what is found about one instance."""
    operations = parameters.pop("operations", [])
    written = {PREFIX + name: value for name, value in parameters.items()}
    instance = {"templateId": template, "parameters": {**written, "x-ms-apimTemplate-operationName": operations}}
    paths = {"/items": {"get": {"operationId": "List"}}, "/items/{id}": {"get": {"operationId": "Get"}}}
    definition = {"swagger": "2.0", "info": {"title": "Case", "version": "1"}, "host": "h.example.org", "paths": paths}
    properties = {"properties": {**declared, "policyTemplateInstances": [instance]}}
    files = {"apiDefinition.swagger.json": definition, "apiProperties.json": properties}
    connector = folder.read({name: json.dumps(value).encode() for name, value in files.items()}, "Case")
    findings = list(doubts(connector, chain_of(connector.properties.policies)))
    assert all(finding.severity is Severity.WARNING for finding in findings)
    return [(finding.message, finding.remedy, str(finding.route.keys[-1])) for finding in findings]


ONE = {"connectionParameters": {"api_key": {"type": "securestring"}}}
SETS = {
    "connectionParameterSets": {
        "values": [{"name": "a", "parameters": {"host": {"type": "string"}}}, {"name": "b", "parameters": {}}]
    }
}


@pytest.mark.parametrize(
    ("declared", "value", "remedies"),
    [
        (ONE, "@connectionParameters('api_key')", []),
        (ONE, "@connectionParameters('API_Key')", []),
        (ONE, "@connectionParameters('other','')@headers('other')", []),
        (SETS, "@connectionParameters('host')", []),
        (ONE, "a@connectionParameters('api_kye')b", ['did you mean "api_key"?']),
        (
            {},
            "@{connectionParameters('x')}@connectionParameters('y')",
            [
                f"declare it in apiProperties.json, or write @connectionParameters('{name}','default')"
                for name in ("x", "y")
            ],
        ),
    ],
)
def test_header(declared: dict[str, Any], value: str, remedies: list[str]) -> None:
    """A name that is not declared is found, with the nearest one; in any case, in any set, and not with a default."""
    rows = found("setheader", declared, name="X", value=value)
    assert [remedy for _, remedy, _ in rows] == remedies
    assert all(place == PREFIX + "value" for _, _, place in rows)


def test_a_policy_that_wraps_is_looked_at_once() -> None:
    """The expressions of a polling trigger count, too, and their place is that of the entry."""
    rows = found(
        "pollingtrigger",
        ONE,
        triggerConfig={"since": "@connectionParameters('start')"},
        triggerDataPath="@triggerBody()",
    )
    assert [(message, place) for message, _, place in rows] == [
        ('the connector has no connection parameter "start"', "since")
    ]


def test_what_a_policy_doubts_itself() -> None:
    """An expression that stays text is said where it stands."""
    rows = found(
        "setproperty",
        ONE,
        newPropertyParentPathTemplate="@body()",
        newPropertySubPathTemplate="key",
        propertyValuePathTemplate="@connectionParameters('api_key')",
    )
    assert [(message, place) for message, _, place in rows] == [
        (
            "setproperty writes \"@connectionParameters('api_key')\" as it is: it only evaluates body and item",
            PREFIX + "propertyValuePathTemplate",
        )
    ]


@pytest.mark.parametrize(
    ("path", "operations", "rows"),
    [
        ("/a/{id}?b={id}", ["Get"], []),
        ("/a/{ID}", ["Get", "Gone"], [("ID", "Get", 'did you mean "id"?')]),
        ("/a/{id}/{id}", [], [("id", "List", "leave it out, or name the operations that the policy is for")]),
    ],
)
def test_path_parameters(path: str, operations: list[str], rows: list[tuple[str, str, str]]) -> None:
    """One that an operation of the policy does not have is found once, with the operation."""
    assert found("routerequesttoendpoint", ONE, newPath=path, operations=operations) == [
        (
            f'"{path}" needs the path parameter "{name}", which operation "{operation}" does not have',
            remedy,
            PREFIX + "newPath",
        )
        for name, operation, remedy in rows
    ]
