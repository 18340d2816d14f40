"""The list of a connector's policies, and the templates that there are."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tieline.app.policies import list_policies, template_named, template_text, templates_json, templates_text
from tieline.model import DocumentError
from tieline.policy import POLICIES

PREFIX = "x-ms-apimTemplateParameter."
PROPERTIES = """{
  "properties": {
    "policyTemplateInstances": [
      {
        "templateId": "updatenextlink", "title": "Next page",
        "parameters": {"x-ms-apimTemplateParameter.nextLinkPropertyName": "nextLink"}
      },
      "no policy",
      {
        "templateId": "SetHeader", "title": "Key\\n\\u001b[31m",
        "parameters": {
          "x-ms-apimTemplateParameter.name": "X-Unit", "x-ms-apimTemplateParameter.value": "@headers('a',\\n'b')",
          "x-ms-apimTemplate-policySection": "Request",
          "x-ms-apimTemplate-operationName": ["GetItem", "A", "B", "C", "D"]
        }
      },
      {"templateId": "setheader", "title": "Broken", "parameters": {"x-ms-apimTemplateParameter.name": "a"}},
      {"templateId": "setheadr", "parameters": {"x-ms-apimTemplate-operationName": [{}]}},
      {
        "templateId": "pollingtrigger", "title": "Poll", "type": "PollingTrigger",
        "parameters": {
          "x-ms-apimTemplateParameter.triggerConfig": {"since": "@{triggerBody().value[0].id}"},
          "x-ms-apimTemplateParameter.triggerDataPath": "@triggerBody().value",
          "x-ms-apimTemplate-operationName": ["ListItems"]
        }
      }
    ]
  }
}
"""
Make = Callable[..., Path]


def test_list(connector_folder: Make) -> None:
    """Every entry of the file has its number, its place and what it does or why it cannot."""
    found = list_policies(connector_folder(PROPERTIES.encode()))
    shown: list[dict[str, Any]] = found.json()["policies"]
    assert [(row["number"], row["line"], row["template"], row["section"]) for row in shown] == [
        (1, 4, "updatenextlink", "response"),
        (2, 8, "", ""),
        (3, 9, "setheader", "request"),
        (4, 17, "setheader", ""),
        (5, 18, "setheadr", ""),
        (6, 19, "pollingtrigger", "request"),
    ]
    assert [row["operations"] for row in shown] == [None, [], ["GetItem", "A", "B", "C", "D"], None, [], ["ListItems"]]
    assert shown[2]["description"] == "X-Unit = @headers('a', 'b')"
    assert shown[3]["description"] == 'policy "setheader": the parameter "value" is missing'
    assert {"wrong-type", "policy-parameter-missing", "unknown-policy-template", "unknown-operation-in-policy"} <= {
        finding["rule"] for finding in found.json()["findings"]
    }
    assert json.dumps(found.json())


def test_text(connector_folder: Make) -> None:
    """On a terminal each policy has two lines, and nothing in the file drives the terminal."""
    text = list_policies(connector_folder(PROPERTIES.encode())).text()
    assert text.splitlines()[:6] == [
        "  1  updatenextlink (response): nextLink of @body()",
        "     Next page, for all operations, apiProperties.json:4",
        "  2  an entry that is no policy",
        "     for no operation, apiProperties.json:8",
        "  3  setheader (request): X-Unit = @headers('a', 'b')",
        "     Key \\x1b[31m, for GetItem, A, B, 2 more, apiProperties.json:9",
    ]
    assert len(text.splitlines()) == 12
    assert all(line.isprintable() for line in text.splitlines())


def test_list_of_an_operation(connector_folder: Make) -> None:
    """Those of an operation come in the order in which they run: the poll around all others."""
    folder = connector_folder(PROPERTIES.encode())
    found = list_policies(folder, "ListItems")
    assert [(row.number, row.section) for row in found.rows] == [(6, "request"), (1, "response"), (6, "response")]
    assert {finding.rule for finding in found.findings} == {"policy-parameter-missing", "policy-section"}
    assert [row.number for row in list_policies(folder, "GetItem").rows] == [3, 1]


def test_list_of_an_unknown_operation(connector_folder: Make) -> None:
    """An unknown operation is an error with the nearest name."""
    with pytest.raises(DocumentError, match='no operation "Getitem"') as caught:
        list_policies(connector_folder(PROPERTIES.encode()), "Getitem")
    assert "GetItem" in caught.value.finding.remedy


@pytest.mark.parametrize(
    ("properties", "rules"),
    [
        (b"[]", {"wrong-type"}),
        (b'{"properties": [{}]}', {"wrong-type"}),
        (b'{"properties": {"policyTemplateInstances": [{}], "policyTemplateInstances": []}}', {"duplicate-key"}),
        (b'{"properties": {"policyTemplateInstances": []}', {"unclosed-object"}),
        (b'{"properties": {/* none */"policyTemplateInstances": [], "x": 1}}', set()),
    ],
)
def test_what_may_have_cost_policies_is_found(properties: bytes, rules: set[str], connector_folder: Make) -> None:
    """What is wrong with the file around the list is said with the list, and with that of an operation."""
    folder = connector_folder(properties)
    for found in (list_policies(folder), list_policies(folder, "GetItem")):
        assert {finding.rule for finding in found.findings} == rules


@pytest.mark.parametrize("properties", [None, b"{}", b'{"properties": {"policyTemplateInstances": []}}', b"[]"])
def test_a_connector_without_policies(properties: bytes | None, connector_folder: Make) -> None:
    """Without policies the list is empty, whatever the file looks like."""
    found = list_policies(connector_folder(properties))
    assert found.rows == ()
    assert found.text() == ""


def test_templates() -> None:
    """Every template is shown with all its parameters, as text and as JSON, and is found by both of its names."""
    for policy in POLICIES:
        text = template_text(policy)
        assert policy.template in templates_text()
        assert template_named(policy.id) is template_named(policy.template.upper()) is policy
        for parameter in policy.parameters:
            assert parameter.name in text
            assert ("required" in text.split(parameter.name + "  (")[1].split("\n")[0]) == parameter.required
    shown = templates_json()["templates"]
    assert [entry["template"] for entry in shown] == [policy.template for policy in POLICIES]
    assert json.loads(json.dumps(shown)) == shown


@pytest.mark.corpus
def test_corpus(shared: Path) -> None:
    """Every policy of every published connector is listed, with its number, its line and a description."""
    rows = 0
    for folder in sorted({path.parent for path in (shared / "corpus" / "connectors").rglob("apiProperties.json")}):
        found = list_policies(folder).json()["policies"]
        assert [row["number"] for row in found] == list(range(1, len(found) + 1))
        assert all(row["line"] and row["section"] and row["description"] for row in found), folder
        rows += len(found)
    assert rows >= 288
