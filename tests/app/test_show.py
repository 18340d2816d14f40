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
