"""Connectors for the tests of ``mock``, made the way a folder is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from tieline.formats import folder
from tieline.model import Connector, Schema

MakeConnector = Callable[..., Connector]
MakeSchema = Callable[..., Schema]


def connector_of(
    definition: dict[str, Any],
    *,
    policies: list[dict[str, Any]] | None = None,
    connection: dict[str, Any] | None = None,
    script: bool = False,
) -> Connector:
    """A connector with this Swagger definition (``swagger``, ``info`` and ``host`` are filled in)."""
    whole = {"swagger": "2.0", "info": {"title": "Test", "version": "1"}, "host": "example.com", **definition}
    properties = {
        "iconBrandColor": "#da3b01",
        "connectionParameters": connection or {},
        "policyTemplateInstances": policies or [],
    }
    files = {
        "apiDefinition.swagger.json": orjson.dumps(whole),
        "apiProperties.json": orjson.dumps({"properties": properties}),
    }
    if script:
        files["script.csx"] = b"public class Script : ScriptBase {}"
    return folder.read(files, "Test")


def schema_of(schema: dict[str, Any], definitions: dict[str, Any] | None = None) -> Schema:
    """A schema as the body of a reply."""
    responses = {"200": {"description": "", "schema": schema}}
    paths = {"/x": {"get": {"operationId": "X", "responses": responses}}}
    connector = connector_of({"paths": paths, "definitions": definitions or {}})
    found = connector.definition.operations["X"].responses[0].schema
    assert found is not None
    return found


@pytest.fixture(scope="session")
def make_connector() -> MakeConnector:
    """Makes connectors of Swagger objects."""
    return connector_of


@pytest.fixture(scope="session")
def make_schema() -> MakeSchema:
    """Makes schemas of Swagger schema objects."""
    return schema_of
