"""A small connector whose properties a test writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

OPERATIONS = {
    "/items/{id}": ("GetItem", [{"name": "id", "in": "path", "required": True, "type": "string"}]),
    "/items": ("ListItems", []),
}

DEFINITION = {
    "swagger": "2.0",
    "info": {"title": "Items", "version": "1"},
    "host": "example.com",
    "paths": {
        path: {"get": {"operationId": name, "parameters": parameters, "responses": {"200": {"description": ""}}}}
        for path, (name, parameters) in OPERATIONS.items()
    },
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
}


@pytest.fixture
def connector_folder(tmp_path: Path) -> Callable[..., Path]:
    """Makes a connector folder with these properties, or without any."""

    def make(properties: bytes | None = None, name: str = "apiProperties.json") -> Path:
        (tmp_path / "apiDefinition.swagger.json").write_text(json.dumps(DEFINITION), encoding="utf-8")
        if properties is not None:
            (tmp_path / name).write_bytes(properties)
        return tmp_path

    return make
