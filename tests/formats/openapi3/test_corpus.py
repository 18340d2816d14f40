"""Real descriptions: all are lowered, what comes of them is valid Swagger 2.0, nothing is lost in silence."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator

from tieline.formats import openapi3
from tieline.model import Document, DocumentError, Severity
from tieline.source import dump, read

pytestmark = pytest.mark.corpus

DOCUMENTS = 59
OPERATIONS = 1_238
"""Operations that come of them; may only rise."""

GONE = frozenset({"oneOf", "anyOf", "not", "nullable", "const", "if", "prefixItems", "patternProperties", "$defs"})
"""Keywords that Swagger 2.0 does not have."""


@pytest.fixture(scope="module")
def lowered(shared: Path) -> dict[str, tuple[Document, openapi3.Loader, openapi3.Lowered]]:
    """Every description of the corpus, by path."""
    found = {}
    for name in _tags(shared):
        path = shared / "corpus" / name
        document, load = read(path.read_bytes(), path.name), _loader(path.parent)
        found[name] = (document, load, openapi3.lower(document, load))
    return found


def test_all_are_lowered(lowered: dict[str, Any]) -> None:
    """Every description of the corpus becomes a definition."""
    operations = sum(len(list(_operations(result.definition))) for _, _, result in lowered.values())
    assert len(lowered) == DOCUMENTS
    assert operations >= OPERATIONS


def test_what_comes_of_them_is_valid(lowered: dict[str, Any]) -> None:
    """openapi-spec-validator finds nothing in any of the definitions."""
    for name, (_, _, result) in lowered.items():
        assert _faults(result) == [], name


def test_each_operation_read_alone_is_the_same(lowered: dict[str, Any]) -> None:
    """Operations that are lowered when they are asked for equal those of the whole document."""
    for name, (document, load, result) in lowered.items():
        definition = openapi3.read(document, load)
        whole = dict(_operations(result.definition))
        assert {id: operation.raw for id, operation in definition.operations.items()} == whole, name


def test_the_same_input_gives_the_same_bytes(lowered: dict[str, Any]) -> None:
    """Lowering again gives the same definition, properties and findings."""
    for name, (document, load, result) in lowered.items():
        again = openapi3.lower(document, load)
        assert dump(again.definition) == dump(result.definition), name
        assert (again.properties, again.findings) == (result.properties, result.findings), name


def test_nothing_changes_in_the_document(shared: Path, lowered: dict[str, Any]) -> None:
    """The value of a document is what it was; only parts in which nothing changed are shared with it."""
    for name, (document, _, _) in lowered.items():
        assert document.value == read((shared / "corpus" / name).read_bytes(), document.name).value


def test_broken_ones_say_where(shared: Path, lowered: dict[str, Any]) -> None:
    """Each description that is wrong on purpose has an error at a place that has a line."""
    broken = [name for name, tags in _tags(shared).items() if "bad" in tags["features"]]
    assert len(broken) == 2
    for name in broken:
        document, _, result = lowered[name]
        errors = [finding for finding in result.findings if finding.severity is Severity.ERROR]
        assert errors, name
        assert all(document.position(finding.route) is not None for finding in errors), name


def test_every_place_of_a_finding_is_in_the_description(lowered: dict[str, Any]) -> None:
    """Findings point into their document; a missing field has the place where it would be."""
    for name, (document, _, result) in lowered.items():
        for finding in result.findings:
            if finding.route.document == document.name:
                assert _reaches(document.value, finding.route.keys[:-1]), f"{name}: {finding.route}"


def test_no_keyword_is_left_that_swagger_does_not_have(lowered: dict[str, Any]) -> None:
    """Choices, conditions and the like are gone from all schemas, and the findings speak of choices."""
    rules: Counter[str] = Counter()
    for name, (_, _, result) in lowered.items():
        assert not _keywords(result.definition["definitions"]) & GONE, name
        rules.update(finding.rule for finding in result.findings)
    assert rules["union-flattened"] + rules["union-opened"] >= 200


def test_every_further_media_type_is_noted(lowered: dict[str, Any]) -> None:
    """Of each content object of an operation all media types but one are in the findings."""
    for name, (document, _, result) in lowered.items():
        dropped = {finding.route.keys for finding in result.findings if finding.rule == "content-type-dropped"}
        for keys, content in _contents(document.value):
            left_out = {key for key in content if (*keys, key) in dropped}
            assert len(content) - len(left_out) <= 1, f"{name}: {keys}"


@pytest.mark.long
def test_githubs_description() -> None:
    """GitHub's description is valid, whole and read operation by operation.

    It is generated/api.github.com.json of npm's @octokit/openapi 23.0.2; TIELINE_GITHUB names the file.
    """
    path = os.environ.get("TIELINE_GITHUB")
    if not path:
        pytest.skip("TIELINE_GITHUB does not name GitHub's description")
    document = read(Path(path).read_bytes(), "api.github.com.json")
    result = openapi3.lower(document)
    whole = dict(_operations(result.definition))
    definition = openapi3.read(document)
    assert _faults(result) == []
    assert len(whole) == 1_223
    assert {id: operation.raw for id, operation in definition.operations.items()} == whole


def _tags(shared: Path) -> dict[str, Any]:
    """What the corpus says of each description, by its path."""
    tags = json.loads((shared / "corpus" / "TAGS.json").read_text(encoding="utf-8"))
    return dict(tags["openapi"])


def _loader(folder: Path) -> openapi3.Loader:
    """Gives the files of a folder."""

    def load(path: str) -> Document:
        file = folder / path
        if not file.is_file():
            raise DocumentError("no-such-file", f'there is no "{path}"')
        return read(file.read_bytes(), path)

    return load


def _faults(result: openapi3.Lowered) -> list[str]:
    """What openapi-spec-validator finds in a definition."""
    return [str(fault) for fault in OpenAPIV2SpecValidator(orjson.loads(dump(result.definition))).iter_errors()]


def _operations(definition: Any) -> Iterator[tuple[str, Any]]:
    """The operations of a Swagger document by id."""
    for path, item in definition["paths"].items():
        for key, operation in item.items() if path.startswith("/") else ():
            if not key.startswith("x-"):
                yield operation["operationId"], operation


def _reaches(value: Any, keys: tuple[str | int, ...]) -> bool:
    """Whether keys lead to a value, through references where there are any."""
    for key in keys:
        if isinstance(value, dict) and isinstance(value.get("$ref"), str) and key not in value:
            return True
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _keywords(schemas: Any) -> set[str]:
    """All keywords of named schemas and of the schemas in them."""
    found: set[str] = set()
    stack = list(schemas.values())
    while stack:
        schema = stack.pop()
        found |= set(schema)
        stack += [*schema.get("properties", {}).values(), *schema.get("allOf", ())]
        stack += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return found


def _contents(document: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The content objects of bodies and replies that stand in operations, with their keys."""
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items() if "$ref" not in item else ():
            if method not in ("get", "put", "post", "delete", "options", "head", "patch"):
                continue
            at = ("paths", path, method)
            if method not in ("get", "head") and "content" in operation.get("requestBody", {}):
                yield (*at, "requestBody", "content"), operation["requestBody"]["content"]
            for code, response in operation.get("responses", {}).items():
                if isinstance(response, dict) and "content" in response:
                    yield (*at, "responses", code, "content"), response["content"]
