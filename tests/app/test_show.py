"""What a connector has, over the whole corpus."""

from __future__ import annotations

import json
from pathlib import Path

import orjson

from tieline.app.load import load_connector
from tieline.app.show import operation_json, operation_text, overview_json, overview_text, running_order


def test_every_connector_of_the_corpus_is_shown(shared: Path) -> None:
    """Overview and every operation, as text and as JSON, name what they show."""
    shown = 0
    for folder in sorted((shared / "corpus" / "connectors").glob("*/*")):
        connector = load_connector(folder)
        text = overview_text(connector)
        orjson.dumps(overview_json(connector))
        for operation in connector.definition.operations.values():
            assert operation.id in text
            assert operation.path in operation_text(connector, operation)
            orjson.dumps(operation_json(connector, operation))
            assert set(map(id, running_order(connector, operation))) == set(
                map(id, connector.policies_of(operation.id))
            )
            shown += 1
    assert shown >= 3_800


def test_what_is_wrong_inside_operations_is_shown(tmp_path: Path) -> None:
    """Findings of operations and of their policies are among those of the connector; an operation shows its own."""
    dangling = {"operationId": "A", "parameters": [{"$ref": "#/parameters/No"}]}
    paths = {"/a": {"get": dangling}, "/b": {"get": {"operationId": "B", "x-ms-visibility": "no"}}}
    definition = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": paths}
    policies = [{"templateId": "nope", "parameters": {"x-ms-apimTemplate-operationName": ["B"]}}]
    (tmp_path / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
    properties = {"properties": {"connectionParameters": {}, "policyTemplateInstances": policies}}
    (tmp_path / "apiProperties.json").write_text(json.dumps(properties), encoding="utf-8")
    connector = load_connector(tmp_path)
    everywhere = [finding["rule"] for finding in overview_json(connector)["findings"]]
    assert everywhere == ["missing-host", "dangling-ref", "unknown-value", "unknown-policy-template"]
    here = operation_json(connector, connector.definition.operations["A"])["findings"]
    assert [finding["rule"] for finding in here] == ["missing-host", "dangling-ref"]


def test_parameters_say_their_set(tmp_path: Path) -> None:
    """Where a connector has several ways to sign in, each parameter says of which it is."""
    definition = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "h", "paths": {}}
    (tmp_path / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
    sets = [{"name": name, "parameters": {"the key": {"type": "securestring"}}} for name in ("One", "Two")]
    properties = {"properties": {"connectionParameterSets": {"values": sets}}}
    (tmp_path / "apiProperties.json").write_text(json.dumps(properties), encoding="utf-8")
    connector = load_connector(tmp_path)
    shown = overview_json(connector)["connectionParameters"]
    assert [(parameter["set"], parameter["name"]) for parameter in shown] == [("One", "the key"), ("Two", "the key")]
    assert '--set "the key=VALUE"' in overview_text(connector)


def test_a_body_whose_reference_leads_nowhere_is_shown(tmp_path: Path) -> None:
    """The operation is shown all the same, and the reference where its properties would stand."""
    schema = {"type": "object", "properties": {"a": {"$ref": "#/definitions/No"}, "b": {"type": "string"}}}
    bodies = {"/x": schema, "/y": {"$ref": "#/definitions/No"}}
    paths = {
        path: {"post": {"operationId": f"Op{path[1]}", "parameters": [{"name": "q", "in": "body", "schema": body}]}}
        for path, body in bodies.items()
    }
    definition = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "h", "paths": paths}
    file = tmp_path / "api.json"
    file.write_text(json.dumps(definition), encoding="utf-8")
    connector = load_connector(file)
    shown = [operation_text(connector, connector.definition.operations[name]) for name in ("Opx", "Opy")]
    assert "a  (#/definitions/No, which leads nowhere)" in shown[0]
    assert "b  (string)" in shown[0]
    assert "#/definitions/No, which leads nowhere" in shown[1]
