"""Descriptions that are small and mean a lot: references that multiply, lead in circles or never end."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.formats import openapi3
from tieline.source import dump, read


def _ref(name: object) -> dict[str, str]:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def _chain(link: dict[str, Any], length: int) -> dict[str, Any]:
    """Schemas of which each is made of the next by ``link`` (its marks ``@`` are the number of the next)."""
    text = dump(link).decode()
    chain = {str(number): read(text.replace("@", str(number + 1)).encode(), "x").value for number in range(length)}
    return {**chain, str(length): {"type": "object", "properties": {"end": {"type": "string"}}}}


def _nested(inner: Any, levels: int, key: str) -> Any:
    """A schema inside schemas."""
    for _ in range(levels):
        inner = {"oneOf": [{"properties": {"x": inner}}, {"properties": {"y": {}}}]} if key else {"items": inner}
    return inner


KINDS = 30

DESCRIPTIONS: dict[str, dict[str, Any]] = {
    "references one after another": _chain(_ref("@"), 2_000),
    "parts of parts": _chain({"description": "D", "allOf": [_ref("@")]}, 2_000),
    "parts that double": _chain({"allOf": [_ref("@"), _ref("@")]}, 60),
    "choices that double": _chain({"oneOf": [_ref("@"), {"properties": {"a": _ref("@")}}]}, 200),
    "choices of one": _chain({"anyOf": [_ref("@"), {"type": "null"}]}, 1_000),
    "kinds that hold each other": {
        str(kind): {
            "properties": {
                "kind": {"const": str(kind)},
                **{f"p{place}": {"oneOf": [_ref(other) for other in range(KINDS)]} for place in range(3)},
            }
        }
        for kind in range(KINDS)
    },
    "properties that differ at every level": {
        **{
            str(number): {"properties": {f"p{place}": _ref((number * 7 + place * 3 + 1) % 40) for place in range(20)}}
            for number in range(40)
        },
        "All": {"oneOf": [_ref(number) for number in range(40)]},
    },
    "a choice between thousands": {
        **{str(number): {"properties": {"a": {"const": number}}} for number in range(3_000)},
        "All": {"anyOf": [_ref(number) for number in range(3_000)]},
    },
    "thousands of references to nothing": {
        str(number): {"properties": {f"p{place}": _ref(f"{number}x{place}") for place in range(20)}}
        for number in range(200)
    },
    "lists in lists": {"0": _nested({"type": "string"}, 100, "")},
    "choices in choices": {"0": _nested({"type": "string"}, 50, "oneOf")},
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_it_comes_to_an_end(name: str) -> None:
    """Each is lowered, whole and lazily, with a result that is not much larger than the description."""
    value = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {
            "/p": {
                "get": {
                    "operationId": "Op",
                    "parameters": [{"name": "q", "in": "query", "style": "deepObject", "schema": _ref(0)}],
                    "responses": {"200": {"description": "OK", "content": {"application/json": {"schema": _ref(0)}}}},
                }
            }
        },
        "components": {"schemas": DESCRIPTIONS[name]},
    }
    document = read(dump(value), "api.json")
    lowered = openapi3.lower(document)
    assert set(DESCRIPTIONS[name]) <= set(lowered.definition["definitions"])
    assert len(dump(lowered.definition)) < 20 * len(document.data) + 200_000
    assert openapi3.read(document).operations["Op"].raw == lowered.definition["paths"]["/p"]["get"]


def test_what_is_not_looked_at_any_more_is_said() -> None:
    """Where a limit ends the work, a finding says so and anything is accepted."""
    for name, rule in (("references one after another", "too-deep"), ("a choice between thousands", "union-opened")):
        value = {"openapi": "3.1.0", "paths": {}, "components": {"schemas": DESCRIPTIONS[name]}}
        findings = openapi3.lower(read(dump(value), "api.json")).findings
        assert rule in {finding.rule for finding in findings}
