"""Made-up arguments for operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tieline.mock import sample_arguments
from tieline.model import Connector

MakeConnector = Callable[..., Connector]

CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("required ones only", {"parameters": [{"name": "o", "in": "query", "type": "string"}]}, {}),
    (
        "typed values",
        {
            "parameters": [
                {"name": "a", "in": "query", "type": "integer", "required": True},
                {"name": "b", "in": "header", "type": "array", "items": {"type": "boolean"}, "required": True},
            ]
        },
        {"a": 1, "b": [True]},
    ),
    (
        "path values without slash, never empty",
        {
            "parameters": [
                {"name": "a", "in": "path", "required": True, "type": "string", "x-example": "x/y", "default": ""},
                {"name": "b", "in": "path", "required": True, "type": "string", "format": "uri"},
                {"name": "c", "in": "path", "required": True, "type": "string", "pattern": "^[^/]*$"},
            ]
        },
        {"a": "string", "b": "string", "c": "a"},
    ),
    (
        "a hidden parameter with a default is left to the caller",
        {
            "parameters": [
                {
                    "name": "v",
                    "in": "query",
                    "required": True,
                    "type": "string",
                    "default": "1",
                    "x-ms-visibility": "internal",
                },
                {"name": "w", "in": "query", "required": True, "type": "string", "x-ms-visibility": "internal"},
            ]
        },
        {"w": "string"},
    ),
    (
        "a body without what is read-only",
        {
            "parameters": [
                {
                    "name": "item",
                    "in": "body",
                    "required": True,
                    "schema": {
                        "type": "object",
                        "required": ["id", "n"],
                        "properties": {
                            "id": {"type": "integer", "readOnly": True},
                            "n": {"type": "integer", "x-ms-test-value": 7},
                        },
                    },
                }
            ]
        },
        {"item": {"n": 7}},
    ),
    (
        "files are bytes",
        {
            "consumes": ["multipart/form-data"],
            "parameters": [{"name": "f", "in": "formData", "required": True, "type": "file"}],
        },
        {"f": b"Tieline"},
    ),
    (
        "a body of bytes",
        {
            "consumes": ["application/octet-stream"],
            "parameters": [
                {"name": "b", "in": "body", "required": True, "schema": {"type": "string", "format": "binary"}}
            ],
        },
        {"b": b"Tieline"},
    ),
    (
        "headers that choose a media type",
        {
            "consumes": ["application/xml", "application/json"],
            "produces": ["text/csv"],
            "parameters": [
                {"name": "Content-Type", "in": "header", "required": True, "type": "string"},
                {"name": "accept", "in": "header", "required": True, "type": "string"},
            ],
        },
        {"Content-Type": "application/json", "accept": "text/csv"},
    ),
    (
        "a content type that suits a form",
        {
            "parameters": [
                {"name": "Content-Type", "in": "header", "required": True, "type": "string"},
                {"name": "f", "in": "formData", "required": True, "type": "string"},
            ]
        },
        {"Content-Type": "application/x-www-form-urlencoded", "f": "string"},
    ),
]


@pytest.mark.parametrize(("what", "operation", "expected"), CASES, ids=[case[0] for case in CASES])
def test_arguments(
    what: str, operation: dict[str, Any], expected: dict[str, Any], make_connector: MakeConnector
) -> None:
    """The arguments of an operation are the expected ones."""
    paths = {"/x/{a}/{b}/{c}": {"post": {"operationId": "X", "responses": {}, **operation}}}
    found = sample_arguments(make_connector({"paths": paths}).definition.operations["X"])
    declared = {parameter["name"] for parameter in operation["parameters"]}
    assert {name: value for name, value in found.items() if name in declared} == expected


def test_optional_arguments(make_connector: MakeConnector) -> None:
    """With ``optional`` everything that a person may give is there."""
    parameters = [
        {"name": "a", "in": "query", "type": "string"},
        {"name": "h", "in": "query", "type": "string", "x-ms-visibility": "internal"},
    ]
    connector = make_connector(
        {"paths": {"/x": {"get": {"operationId": "X", "responses": {}, "parameters": parameters}}}}
    )
    assert sample_arguments(connector.definition.operations["X"], optional=True) == {"a": "string"}
