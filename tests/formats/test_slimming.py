"""A connector with some of its operations, and nothing that these do not reach."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.formats import convert, folder, openapi2
from tieline.formats.reach import SHARED
from tieline.formats.selection import Selection
from tieline.formats.slimming import selected, slimmed
from tieline.model import MISSING, DocumentError, Route, Severity
from tieline.source import SourceDocument, dump, read

DATA = yaml.safe_load((Path(__file__).parent / "data" / "slimming.yaml").read_text(encoding="utf-8"))
DEFINITION, PROPERTIES = DATA["connector"]["definition"], DATA["connector"]["properties"]
ROUTE = Route("shop.json")


def ids(definition: Any) -> list[str]:
    """The operationIds of a definition."""
    return list(openapi2.read(read(dump(definition), "x.json")).operations)


def unlike(value: Any, expected: Any, where: str = "") -> list[str]:
    """What of a case's expectation does not hold; null says that a part is not there."""
    if expected is None:
        return [] if value is MISSING else [f"{where} is there"]
    if value is MISSING:
        return [f"{where} is not there"]
    if not isinstance(expected, dict):
        return [] if value == expected else [f"{where} is {value}"]
    return [line for key, part in expected.items() for line in unlike(value.get(key, MISSING), part, f"{where}/{key}")]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in DATA["cases"]])
def test_selected(case: dict[str, Any]) -> None:
    """A selection keeps what the case says, and what it takes from is not changed."""
    definition, properties = copy.deepcopy(DEFINITION), copy.deepcopy(PROPERTIES)
    selection = Selection(only=tuple(case["only"]), exclude=tuple(case.get("exclude", ())))
    slim = selected(definition, properties, selection, ROUTE)
    assert (definition, properties) == (DEFINITION, PROPERTIES)
    assert sorted(ids(slim.definition)) == sorted(case["kept"])
    assert slim.dropped == set(ids(DEFINITION)) - set(case["kept"])
    assert unlike(slim.definition, case.get("expect", {})) == []
    if "needed" in case:
        assert [finding.message for finding in slim.findings if finding.rule == "needed-operation"] == [case["needed"]]
    assert {finding.severity for finding in slim.findings} <= {Severity.INFO}
    inner = slim.properties["properties"]
    instances = {entry["title"]: entry["parameters"] for entry in inner["policyTemplateInstances"]}
    assert list(instances) == case.get("policies", list(instances))
    for title, names in case.get("names", {}).items():
        assert instances[title]["x-ms-apimTemplate-operationName"] == names
    assert unlike(inner, case.get("properties", {})) == []


def test_nothing_is_asked_for_that_nothing_needs() -> None:
    """Connection parameters go with the way of signing in, and with the policy, that they are for."""
    made = convert(read(dump(DEFINITION), "shop.json"))
    properties = copy.deepcopy(made.properties)
    properties["properties"]["connectionParameters"]["host"] = {"type": "string"}
    properties["properties"]["policyTemplateInstances"] = PROPERTIES["properties"]["policyTemplateInstances"]
    assert set(properties["properties"]["connectionParameters"]) == {"api_key", "token", "host"}
    slim = selected(DEFINITION, properties, Selection(only=("ListItems",)), ROUTE)
    assert set(slim.properties["properties"]["connectionParameters"]) == {"api_key"}
    slim = selected(DEFINITION, properties, Selection(only=("CreateOrder",)), ROUTE)
    assert set(slim.properties["properties"]["connectionParameters"]) == {"api_key", "host"}


def test_ways_of_signing_in_to_choose_from_all_stay() -> None:
    """Where a person chooses how to sign in, none of the ways is taken out."""
    properties = {"properties": {"connectionParameterSets": {"values": [{"name": "a", "parameters": {}}]}}}
    slim = selected(DEFINITION, properties, Selection(only=("ListItems",)), ROUTE)
    assert set(slim.definition["securityDefinitions"]) == {"key", "login"}
    assert slim.properties == properties


def test_security_of_the_root_that_no_kept_operation_has() -> None:
    """When every kept operation signs in its own way, the root's requirement goes with its definition."""
    definition = {key: value for key, value in DEFINITION.items() if key != "x-ms-capabilities"}
    slim = selected(definition, PROPERTIES, Selection(only=("CreateItem",)), ROUTE)
    assert set(slim.definition["securityDefinitions"]) == {"login"}
    assert "security" not in slim.definition


def test_slimmed_takes_out_what_nothing_reaches() -> None:
    """Without a selection only shared parts go that no operation reaches, and a finding counts them."""
    slim, findings = slimmed(DEFINITION, ROUTE)
    assert set(DEFINITION["definitions"]) - set(slim["definitions"]) == {"Orphan"}
    assert ids(slim) == ids(DEFINITION)
    assert [finding.message for finding in findings] == [
        "the definition is over a limit, so what no operation reaches was left out: 1 of the definitions"
    ]
    assert findings[0].severity is Severity.INFO
    again, none = slimmed(slim, ROUTE)
    assert again is slim
    assert none == ()


def padded(length: int) -> SourceDocument:
    """A description with an orphan of that length."""
    value = {**DEFINITION, "definitions": {**DEFINITION["definitions"], "Orphan": {"description": "x" * length}}}
    return read(dump(value), "shop.json")


def test_slimming_is_automatic_only_over_the_limit() -> None:
    """A description of a usual size keeps its bytes; one that is too long loses what nothing reaches, and says so."""
    small = padded(900_000)
    assert convert(small).files["apiDefinition.swagger.json"] == small.data
    large = convert(padded(1_100_000))
    assert "slimmed" in [finding.rule for finding in large.findings]
    assert "Orphan" not in large.definition["definitions"]
    assert len(large.files["apiDefinition.swagger.json"]) < 100_000


def test_odd_definitions() -> None:
    """Wrong types where a definition should have objects and lists stop nothing."""
    odd: dict[str, Any] = {
        **DEFINITION,
        "definitions": [],
        "parameters": None,
        "tags": "x",
        "securityDefinitions": 3,
        "x-ms-capabilities": [],
    }
    slim = selected(odd, {"properties": 3}, Selection(only=("CreateOrder",)), ROUTE)
    assert ids(slim.definition) == ["CreateOrder"]
    assert slim.definition["definitions"] == []
    with pytest.raises(DocumentError):
        selected({"paths": None}, {}, Selection(only=("*",)), ROUTE)


def missing(definition: Any) -> set[str]:
    """The local references of a definition that lead nowhere."""
    refs = {f"#/{section}/{name}" for section in SHARED for name in definition.get(section) or ()}
    found: set[str] = set()

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            ref = value.get("$ref")
            if isinstance(ref, str) and ref.startswith("#/") and ref.count("/") == 2:
                found.add(ref)
            for item in value.values():
                walk(item)
        elif isinstance(value, list):
            for item in value:
                walk(item)

    walk(definition)
    return found - refs


def check_each(document: SourceDocument, load: Any, some: Callable[[list[str]], list[str]]) -> int:
    """Select some operations of a description one by one: each is what it is in the whole, and nothing is missing."""
    whole = convert(document, load, base_url="https://example.com/base")
    everything = folder.read(whole.files).definition.operations
    names = some(list(everything))
    for name in names:
        part = convert(document, load, base_url="https://example.com/base", selection=Selection(only=(name,)))
        kept = folder.read(part.files).definition.operations
        assert name in kept, name
        assert kept[name].raw == everything[name].raw, name
        assert missing(part.definition) <= missing(whole.definition), name
        unselected = {"needed-operation"}
        said = {(finding.rule, finding.route, finding.message) for finding in whole.findings}
        for finding in part.findings:
            known = (finding.rule, finding.route, finding.message) in said
            assert known or finding.rule in unselected, finding
    return len(names)


@pytest.mark.corpus
def test_swagger_corpus(shared: Path) -> None:
    """Every operation of the Swagger 2.0 corpus can be imported alone."""
    checked = 0
    for path in sorted((shared / "corpus" / "swagger2").rglob("*")):
        if path.is_file():
            checked += check_each(read(path.read_bytes(), path.name), None, lambda names: names)
    assert checked >= 40


@pytest.mark.corpus
def test_openapi3_corpus(shared: Path) -> None:
    """The first, the middle and the last operation of every OpenAPI 3 document can be imported alone."""
    checked = 0
    for path in sorted((shared / "corpus" / "openapi" / "npm").rglob("*.json")):
        if path.stat().st_size > 1_000_000:
            continue
        document = read(path.read_bytes(), path.name)
        checked += check_each(document, None, lambda names: sorted({names[0], names[len(names) // 2], names[-1]}))
    assert checked >= 50
