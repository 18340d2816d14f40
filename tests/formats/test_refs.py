"""References: JSON Pointers inside a document and into others."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.formats.refs import LocalRefs
from tieline.model import DocumentError, Route
from tieline.source import SourceDocument, dump, read

ROOT: dict[str, Any] = {
    "definitions": {
        "Product": {"type": "object", "properties": {"a": {"type": "string"}}},
        "Alias": {"$ref": "#/definitions/Product"},
        "Alias2": {"$ref": "#/definitions/Alias"},
        "Odd/Name~": {"type": "string"},
        "With Space": {"type": "integer"},
        "100%25": {"type": "number"},
        "Loop": {"$ref": "#/definitions/Pool"},
        "Pool": {"$ref": "#/definitions/Loop"},
    },
    "list": [{"a": 1}, {"b": 2}],
}
OTHERS = {
    "schemas/pet.json": {"Pet": {"$ref": "#/Base"}, "Base": {"owner": {"$ref": "../people.json#/Owner"}}},
    "people.json": {"Owner": {"pet": {"$ref": "schemas/pet.json#/Pet"}, "web": {"$ref": "https://x/y.json"}}},
}


def other(name: str) -> SourceDocument:
    """The other documents of the description."""
    return read(dump(OTHERS[name]), name)


@pytest.mark.parametrize(
    ("ref", "keys"),
    [
        ("#/definitions/Product", ("definitions", "Product")),
        ("#/definitions/Odd~1Name~0", ("definitions", "Odd/Name~")),
        ("#/definitions/With%20Space", ("definitions", "With Space")),
        ("#/definitions/With Space", ("definitions", "With Space")),
        ("#/definitions/100%25", ("definitions", "100%25")),
        ("#/definitions/Alias", ("definitions", "Alias")),
        ("#/definitions/Alias/properties/a", ("definitions", "Product", "properties", "a")),
        ("#/definitions/Alias2/properties/a", ("definitions", "Product", "properties", "a")),
        ("#/list/1/b", ("list", 1, "b")),
        ("#", ()),
        ("", ()),
    ],
)
def test_local_reference(ref: str, keys: tuple[str | int, ...]) -> None:
    """A reference leads to its value and tells where that stands."""
    value, route = LocalRefs(ROOT, Route("a.json")).resolve(ref)
    expected: Any = ROOT
    for key in keys:
        expected = expected[key]
    assert value is expected
    assert route == Route("a.json", keys)


@pytest.mark.parametrize(
    ("ref", "rule", "remedy"),
    [
        ("#/definitions/Produkt", "dangling-ref", 'did you mean "Product"?'),
        ("#/definitions/Product/a/b", "dangling-ref", 'known are "type", "properties"'),
        ("#/list/2", "dangling-ref", "add what it points to, or take the reference out"),
        ("#/list/-1", "dangling-ref", "add what it points to, or take the reference out"),
        ("#/definitions/Loop/properties", "ref-loop", "let one of them be a value of its own"),
        ("other.json#/Pet", "dangling-ref", "a reference inside it starts with"),
        ("Product", "dangling-ref", "a reference inside it starts with"),
    ],
)
def test_reference_that_leads_nowhere(ref: str, rule: str, remedy: str) -> None:
    """A reference that cannot be followed says why and what to do, and does so each time."""
    refs = LocalRefs(ROOT, Route("a.json"))
    for _ in range(2):
        with pytest.raises(DocumentError) as caught:
            refs.resolve(ref)
        assert caught.value.finding.rule == rule
        assert caught.value.finding.remedy.startswith(remedy)


def test_references_to_other_documents() -> None:
    """References inside another document are relative to it, and become relative to the main one."""
    refs = LocalRefs(ROOT, Route("a.json"), other)
    value, route = refs.resolve("schemas/pet.json#/Pet")
    assert value == {"$ref": "schemas/pet.json#/Base"}
    assert route == Route("schemas/pet.json", ("Pet",))
    value, _ = refs.resolve(value["$ref"])
    assert value == {"owner": {"$ref": "people.json#/Owner"}}
    value, route = refs.resolve(value["owner"]["$ref"])
    assert value == {"pet": {"$ref": "schemas/pet.json#/Pet"}, "web": {"$ref": "https://x/y.json"}}
    assert route.document == "people.json"
    value, route = refs.resolve("schemas/pet.json#/Pet/owner")
    assert route == Route("schemas/pet.json", ("Base", "owner"))


def test_urls_are_not_fetched() -> None:
    """A reference to a URL is not given to the loader."""
    with pytest.raises(DocumentError) as caught:
        LocalRefs(ROOT, Route("a.json"), other).resolve("https://x/y.json#/Pet")
    assert caught.value.finding.rule == "dangling-ref"


def test_walks_do_not_multiply() -> None:
    """References that lead through each other at every step end soon, found or refused."""
    count = 30
    definitions: dict[str, Any] = {f"d{n}": {"$ref": f"#/definitions/d{n + 1}/x/x/x"} for n in range(count)}
    definitions[f"d{count}"] = {"x": {"x": {"x": {"x": {"x": {"x": 1}}}}}}
    refs = LocalRefs({"definitions": definitions}, Route("a.json"))
    with pytest.raises(DocumentError) as caught:
        refs.resolve("#/definitions/d0/x/x/x")
    assert caught.value.finding.rule in ("dangling-ref", "ref-loop")
