"""Findings that still say something when only some operations are wanted."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.formats.relevance import relevant
from tieline.model import Finding, Outline, Route
from tieline.source import dump, read

ROOT: dict[str, Any] = {
    "paths": {
        "/a": {
            "parameters": [{"$ref": "#/components/parameters/P"}],
            "get": {"x": {"$ref": "#/components/schemas/A"}},
            "post": {"x": {"$ref": "#/components/schemas/C%20D"}},
        },
        "/b": {"get": {"x": {"$ref": "other.json#/B"}, "y": {"$ref": "#/paths/~1a/post/x"}}},
        "/c": {"get": {"discriminator": {"propertyName": "k", "mapping": {"m": "M", "n": "#/components/schemas/N"}}}},
        "/d": {"get": {"x": {"$ref": "#anchor"}}},
    },
    "webhooks": {"w": {"post": {}}, "v": {"post": {}}},
    "components": {
        "schemas": {
            "A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
            "B": {"items": [{"$ref": "#/components/schemas/A"}]},
            "C D": {},
            "M": {},
            "N": {},
        },
        "parameters": {"P": {"schema": {"$ref": "#/components/schemas/Z"}}},
        "securitySchemes": {"key": {}},
    },
}
OTHER = {"B": {"$ref": "sub/more.json#/X"}, "C": {}}
MORE = {"X": {"$ref": "../api.json#/components/schemas/N"}, "Y": {}}
DOCUMENTS = {
    name: read(dump(value), name)
    for name, value in (("api.json", ROOT), ("other.json", OTHER), ("sub/more.json", MORE))
}
PLACES = {
    "a-get": ("paths", "/a", "get"),
    "a-post": ("paths", "/a", "post"),
    "b-get": ("paths", "/b", "get"),
    "c-get": ("paths", "/c", "get"),
    "d-get": ("paths", "/d", "get"),
    "w-post": ("webhooks", "w", "post"),
}
OUTLINES = [
    Outline(id=name, method=name[2:].upper(), path=f"/{name[0]}", route=Route("api.json", keys))
    for name, keys in PLACES.items()
]
FINDINGS = {
    text: Finding(rule="r", route=Route(document, tuple(keys)), message=text)
    for text, document, *keys in (
        ("root", "api.json"),
        ("info", "api.json", "info", "title"),
        ("a-get", "api.json", "paths", "/a", "get", "x"),
        ("a-post", "api.json", "paths", "/a", "post"),
        ("a-post-x", "api.json", "paths", "/a", "post", "x", "y"),
        ("a", "api.json", "paths", "/a", "summary"),
        ("b", "api.json", "paths", "/b"),
        ("A", "api.json", "components", "schemas", "A", "type"),
        ("B", "api.json", "components", "schemas", "B"),
        ("C D", "api.json", "components", "schemas", "C D"),
        ("M", "api.json", "components", "schemas", "M"),
        ("N", "api.json", "components", "schemas", "N"),
        ("P", "api.json", "components", "parameters", "P"),
        ("schemas", "api.json", "components", "schemas"),
        ("key", "api.json", "components", "securitySchemes", "key"),
        ("w", "api.json", "webhooks", "w", "post"),
        ("v", "api.json", "webhooks", "v"),
        ("other B", "other.json", "B"),
        ("other C", "other.json", "C"),
        ("more X", "sub/more.json", "X"),
        ("more Y", "sub/more.json", "Y"),
        ("elsewhere", "unknown.json", "Y"),
    )
}
ALWAYS = {"root", "info", "schemas", "key", "elsewhere"}


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("a-get", {"a-get", "a", "A", "B", "P"}),
        ("a-post", {"a-post", "a-post-x", "a", "C D", "P"}),
        ("b-get", {"b", "a-post-x", "other B", "more X", "N", "C D"}),
        ("c-get", {"M", "N"}),
        ("w-post", {"w"}),
        ("d-get", set(FINDINGS) - {"other C", "more Y"} - ALWAYS),
    ],
)
def test_what_stays(kept: str, said: set[str]) -> None:
    """A finding stays when it is about a kept operation, what that leads to, or the description as a whole."""
    dropped = set(PLACES) - {kept}
    found = relevant(FINDINGS.values(), DOCUMENTS["api.json"], DOCUMENTS, OUTLINES, dropped)
    assert {finding.message for finding in found} == said | ALWAYS


def test_all_stay_when_all_are_kept() -> None:
    """What nothing leads to is not said even then; everything else is."""
    found = relevant(FINDINGS.values(), DOCUMENTS["api.json"], DOCUMENTS, OUTLINES, set())
    assert {finding.message for finding in found} == set(FINDINGS) - {"other C", "more Y"}
