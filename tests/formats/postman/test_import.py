"""Collections through the functions that people use: import, show, mock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tieline.app.importing import ImportOptions, import_source
from tieline.app.load import load_connector
from tieline.formats.postman import RULES
from tieline.formats.selection import Selection
from tieline.mock import Backend
from tieline.model import Request

REPOSITORY = Path(__file__).resolve().parents[3]
COLLECTION = {
    "info": {"name": "Things of ours"},
    "item": [
        {"name": "List things", "request": "{{baseUrl}}/things", "response": [{"code": 200, "body": '[{"id": 7}]'}]},
        {"name": "Sign in", "request": {"method": "POST", "url": "https://login.example.com/token"}},
        {"name": "Get thing", "request": "{{baseUrl}}/things/:id"},
    ],
}


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A small collection on disk."""
    path = tmp_path / "things.postman_collection.json"
    path.write_text(json.dumps(COLLECTION), encoding="utf-8")
    return path


def test_import_writes_a_connector_folder(collection: Path, tmp_path: Path) -> None:
    """A collection becomes a folder of its name with the host that was given, and reads back as it was imported."""
    options = ImportOptions(output=tmp_path / "out", base_url="https://api.example.com/v2")
    result = import_source(str(collection), options)
    assert result.connector.name == "ThingsOfOurs"
    assert {"apiDefinition.swagger.json", "apiProperties.json"} <= set(result.files)
    connector = load_connector(tmp_path / "out")
    assert list(connector.definition.operations) == ["ListThings", "SignIn", "GetThing"]
    assert (connector.definition.host, connector.definition.base_path) == ("api.example.com", "/v2")
    assert [policy.template for policy in connector.properties.policies] == ["dynamichosturl"]
    assert {finding.rule for finding in result.findings} == {"missing-api-version", "missing-responses", "other-host"}


def test_a_collection_is_mocked_as_it_is(collection: Path) -> None:
    """The mock of a collection answers with its saved response, nothing imported before."""
    connector = load_connector(collection, base_url="https://api.example.com/v2")
    answer = Backend(connector).answer(Request(method="GET", url="http://mock/things"))
    assert answer.operation == "ListThings"
    assert json.loads(answer.reply.body) == [{"id": 7}]


def test_the_guide_imports_with_its_key(shared: Path, tmp_path: Path) -> None:
    """The guide's collection becomes a connector that asks for the key which its requests send."""
    source = shared / "guide" / "collection.postman_collection.json"
    result = import_source(str(source), ImportOptions(output=tmp_path / "out", base_url="http://localhost:8000"))
    (parameter,) = result.connector.properties.connection_parameters
    assert (parameter.name, parameter.secret) == ("api_key", True)
    (definition,) = result.connector.definition.security_definitions.values()
    assert (definition.type, definition.where, definition.key) == ("apiKey", "header", "X-API-Key")


def test_the_page_names_every_finding() -> None:
    """The manual page has a row for each kind of finding, and for no other."""
    page = (REPOSITORY / "docs" / "import-postman.md").read_text(encoding="utf-8")
    table = page.partition("## Findings")[2]
    rows = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(rows) == sorted(rule.id for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.what in page and rule.why in page for rule in RULES)


def test_findings_go_with_the_requests_that_are_left_out(tmp_path: Path) -> None:
    """Of a selection, nothing is said of requests, hosts and counts that belong to other operations."""
    host = "https://api.example.com"
    items = [
        {"name": "Kept", "request": {"url": f"{host}/kept", "header": [{"key": "Host", "value": "a"}]}},
        {"name": "Gone", "request": {"url": f"{host}/gone", "header": [{"key": "Expect", "value": "a"}]}},
        {"name": "Gone again", "request": {"url": f"{host}/gone", "header": [{"key": "Date", "value": "a"}]}},
        {"name": "Elsewhere", "request": "https://other.example.com/elsewhere"},
        {"name": "Kept too", "request": f"{host}/too"},
    ]
    path = tmp_path / "things.json"
    path.write_text(json.dumps({"info": {"name": "T", "version": "1"}, "item": items}), encoding="utf-8")
    whole = import_source(str(path), ImportOptions(output=tmp_path / "whole"))
    part = import_source(str(path), ImportOptions(output=tmp_path / "part", selection=Selection(only=("Kept*",))))
    gone = {"requests-merged", "reserved-parameter", "other-host"}
    assert gone <= {finding.rule for finding in whole.findings}
    assert not gone & {finding.rule for finding in part.findings}
    counted = {finding.rule: finding.message for finding in part.findings}
    assert '"Host"' in counted["transport-header"]
    assert '"Expect"' not in counted["transport-header"]
    assert "Gone" not in counted["missing-responses"]


def test_what_is_shown_has_the_policies_that_an_import_writes(collection: Path, tmp_path: Path) -> None:
    """A collection read as it is has the properties of the connector that would be written."""
    import_source(str(collection), ImportOptions(output=tmp_path / "out", base_url="https://api.example.com/v2"))
    written = load_connector(tmp_path / "out").properties
    shown = load_connector(collection, base_url="https://api.example.com/v2").properties
    assert [policy.template for policy in shown.policies] == ["dynamichosturl"]
    assert [policy.parameters for policy in shown.policies] == [policy.parameters for policy in written.policies]
    assert [one.name for one in shown.connection_parameters] == [one.name for one in written.connection_parameters]
