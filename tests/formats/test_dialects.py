"""Which dialect a description is in."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.formats import FORMATS, Format, format_of, read_definition
from tieline.model import DocumentError
from tieline.source import dump, read

VERSIONS = {"openapi2": "2.0", "openapi3": "3.0.0"}


def described(format: Format) -> dict[str, Any]:
    """A small description in a dialect."""
    if format.id == "postman":
        return {"info": {"name": "T"}, "item": [{"name": "A", "request": "{{baseUrl}}/a"}]}
    operation = {"operationId": "A", "responses": {"200": {"description": "Fine"}}}
    return {
        format.key: VERSIONS[format.id],
        "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": operation}},
    }


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.id)
def test_every_dialect_is_known_by_its_key(format: Format) -> None:
    """A description of each dialect is read by its own reader into the same model."""
    document = read(dump(described(format)), "api.json")
    assert format_of(document) is format
    definition, findings = read_definition(document, base_url="http://api.example.com")
    assert list(definition.operations) == ["A"]
    assert (definition.host, definition.base_path, definition.schemes) == ("api.example.com", "/", ("http",))
    assert findings == definition.findings


def test_ids_and_keys_are_unique() -> None:
    """No two dialects have one id or one key."""
    assert len({format.id for format in FORMATS}) == len({format.key for format in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize("value", [None, [], "swagger", {"paths": {}}, {"Swagger": "2.0"}])
def test_anything_else_is_refused(value: Any) -> None:
    """A value of no dialect is refused with the document's name and a remedy."""
    with pytest.raises(DocumentError) as caught:
        read_definition(read(dump({"value": value}) if not isinstance(value, dict) else dump(value), "x.json"))
    assert caught.value.finding.rule == "not-an-api-description"
    assert "x.json" in caught.value.finding.message
    assert caught.value.finding.remedy


def test_other_files_need_a_folder() -> None:
    """Without a loader, a reference to another file is a finding where it is needed."""
    value = described(FORMATS[0]) | {"paths": {"/a": {"get": {"operationId": "A", "parameters": [{"$ref": "b.json"}]}}}}
    definition, _ = read_definition(read(dump(value), "api.json"))
    (finding,) = definition.operations["A"].findings
    assert finding.rule == "dangling-ref"
    assert finding.remedy
