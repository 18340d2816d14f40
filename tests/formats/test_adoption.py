"""A connector folder as something to import."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tieline.formats import folder
from tieline.formats.adoption import adopted
from tieline.formats.selection import Selection
from tieline.source import dump

DEFINITION: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Items", "version": "1"},
    "host": "example.com",
    "paths": {
        "/a": {"get": {"operationId": "A", "responses": {"200": {"description": ""}}}},
        "/b": {"get": {"operationId": "B", "responses": {"200": {"description": ""}}, "parameters": 3}},
    },
}
PROPERTIES: dict[str, Any] = {"properties": {"iconBrandColor": "#123456", "connectionParameters": {}}}


def test_a_folder_stays_as_it_is() -> None:
    """Without a selection every file keeps its name and its bytes."""
    files = {
        "apiDefinition.json": json.dumps(DEFINITION, indent=7).encode(),
        "ApiProperties.json": dump(PROPERTIES),
        "script.csx": b"code",
        "readme.md": b"# Items",
    }
    made = adopted(files, name="Items")
    assert made.files == files
    assert (made.title, made.definition, made.properties) == ("Items", DEFINITION, PROPERTIES)


def test_a_selection_writes_the_two_documents_anew() -> None:
    """With one, definition and properties get their usual names, and the other files stay."""
    files = {"apiDefinition.json": dump(DEFINITION), "ApiProperties.json": dump(PROPERTIES), "readme.md": b"# Items"}
    made = adopted(files, selection=Selection(only=("A",)))
    assert set(made.files) == {"apiDefinition.swagger.json", "apiProperties.json", "readme.md"}
    assert list(folder.read(made.files).definition.operations) == ["A"]
    assert json.loads(made.files["apiProperties.json"]) == PROPERTIES


def test_findings_of_dropped_operations_are_dropped() -> None:
    """What is wrong with an operation that is not selected is not said."""
    definition = {**DEFINITION, "paths": {**DEFINITION["paths"], "/c": {"get": 3}}}
    files = {"apiDefinition.json": dump(definition)}
    assert [finding.rule for finding in adopted(files).findings] == ["wrong-type"]
    assert adopted(files, selection=Selection(only=("A",))).findings == ()


def test_an_openapi_3_definition_is_converted() -> None:
    """A folder whose definition is OpenAPI 3 becomes one that the platform takes; its own properties stay."""
    description = {
        "openapi": "3.0.3",
        "info": {"title": "Items", "version": "1"},
        "servers": [{"url": "https://example.com"}],
        "paths": DEFINITION["paths"],
    }
    files = {"openapi.json": dump(description), "apiProperties.json": dump(PROPERTIES), "icon.png": b"png"}
    made = adopted(files)
    assert set(made.files) == {"apiDefinition.swagger.json", "apiProperties.json", "icon.png"}
    assert made.files["apiProperties.json"] == files["apiProperties.json"]
    assert made.definition["swagger"] == "2.0"
    alone = adopted({"openapi.json": dump(description)}, selection=Selection(only=("B",)))
    assert list(folder.read(alone.files).definition.operations) == ["B"]


@pytest.mark.corpus
def test_published_connectors_in_part(shared: Path) -> None:
    """One operation of each published connector, with what it needs, is a connector with nothing new to complain
    about."""
    parts = needing = 0
    for path in sorted((shared / "corpus" / "connectors").glob("*/*")):
        files = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
        whole = folder.read(files, path.name)
        names = list(whole.definition.operations)
        if not names:
            continue
        name = names[len(names) // 2]
        made = adopted(files, name=path.name, selection=Selection(only=(name,)))
        part = folder.read(made.files, path.name)
        assert name in part.definition.operations, path
        assert part.definition.operations[name].raw == whole.definition.operations[name].raw, path
        known = {finding.rule for finding in folder.check(whole)} | {"unknown-operation-in-script"}
        assert {finding.rule for finding in folder.check(part)} <= known, path
        parts += 1
        needing += len(part.definition.operations) > 1
    assert parts >= 248
    assert needing >= 30
