"""Swagger 2.0: data cases, every real document, and anything at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.formats import openapi2, read_definition
from tieline.model import Definition, DocumentError, Finding
from tieline.source import SourceDocument, dump, read

DATA = Path(__file__).parent / "data" / "openapi2"
SKELETON = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "api.example.com", "paths": {}}


def cases() -> list[Any]:
    """Every case of every file, called by its file and its sentence."""
    return [
        pytest.param(case, id=f"{path.stem}: {case['what']}")
        for path in sorted(DATA.glob("*.yaml"))
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def document(value: Any) -> SourceDocument:
    """A document with a value."""
    return read(dump(value), "api.json")


def findings_of(definition: Definition) -> list[Finding]:
    """Findings of the definition and of all its operations."""
    inside = [finding for operation in definition.operations.values() for finding in operation.findings]
    return [*definition.findings, *inside]


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any], unlike: Callable[[Any, Any], list[str]]) -> None:
    """A document is read into the model and the findings that the case says, or refused as it says."""
    value = case["document"] if case.get("whole") else SKELETON | case.get("document", {})
    if "error" in case:
        with pytest.raises(DocumentError) as caught:
            openapi2.read(document(value))
        assert caught.value.finding.rule == case["error"]
        assert caught.value.finding.remedy
        return
    definition = openapi2.read(document(value), base_url=case.get("base_url", ""))
    assert unlike(definition, case.get("definition", {})) == []
    assert unlike(definition.operations, case.get("operations", {})) == []
    found = [f"{finding.rule} at {finding.route.pointer or '/'}" for finding in findings_of(definition)]
    assert found == case.get("findings", [])


def test_outlines_agree_with_operations() -> None:
    """What a list shows of an operation is what the operation itself says."""
    value = SKELETON | {
        "paths": {"/a/{id}": {"Get": {"summary": "Do", "x-ms-visibility": "Advanced", "deprecated": True}}}
    }
    definition = openapi2.read(document(value))
    (outline,) = definition.operations.outlines
    operation = definition.operations[outline.id]
    for name in ("id", "method", "path", "summary", "kind", "visibility", "deprecated", "route"):
        assert getattr(outline, name) == getattr(operation, name), name


def test_operations_are_read_once_and_late() -> None:
    """An operation is the same object each time, and a broken neighbour does not matter to it."""
    value = SKELETON | {
        "paths": {"/a": {"get": {"operationId": "A"}}, "/b": {"get": {"operationId": "B", "parameters": 5}}}
    }
    operations = openapi2.read(document(value)).operations
    assert operations["A"] is operations["A"]
    assert [finding.rule for finding in operations["B"].findings] == ["wrong-type"]


def test_made_up_ids_can_be_written_back() -> None:
    """A missing operationId comes with the edit that adds the id that Tieline uses."""
    definition = openapi2.read(document(SKELETON | {"paths": {"/items/{id}": {"get": {"responses": {}}}}}))
    (finding,) = definition.findings
    assert [(edit.route.pointer, edit.value) for edit in finding.fix] == [
        ("/paths/~1items~1{id}/get/operationId", "GetItemsById")
    ]


@pytest.mark.corpus
def test_every_swagger_document_loads(shared: Path) -> None:
    """All Swagger 2.0 documents of the corpus load with their operations; files that they lack are findings."""
    loaded = operations = 0
    for path in sorted((shared / "corpus" / "swagger2").rglob("*")):
        if not path.is_file():
            continue
        definition, _ = read_definition(read(path.read_bytes(), path.name))
        loaded += 1
        operations += len(list(definition.operations.values()))
        assert all(finding.remedy for finding in findings_of(definition)), path
    assert loaded >= 12
    assert operations >= 36
