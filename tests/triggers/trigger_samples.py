"""Connectors, subscriptions and values for the tests of triggers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tieline.formats import folder
from tieline.model import Connector, Subscription

SWAGGER = {"swagger": "2.0", "info": {"title": "Things", "version": "1"}, "host": "api.example.com", "basePath": "/v1"}


def connector_of(definition: Mapping[str, Any], properties: Mapping[str, Any] | None = None) -> Connector:
    """A connector of a Swagger definition, whose head may be left out."""
    files = {"apiDefinition.swagger.json": json.dumps({**SWAGGER, "schemes": ["https"], **definition}).encode()}
    if properties is not None:
        files["apiProperties.json"] = json.dumps({"properties": properties}).encode()
    return folder.read(files, "Things")


def subscription_of(operation: str, **more: Any) -> Subscription:
    """A subscription with one receiver."""
    usual: dict[str, Any] = {"id": "sub1", "name": "mine", "connector": "Things", "folder": "/things"}
    return Subscription(**{**usual, "operation": operation, **more})


def webhook(*, batch: bool = False, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A definition with a webhook trigger ``Hook`` and a DELETE operation below its path."""
    url = {"type": "string", "x-ms-notification-url": True, "x-ms-visibility": "internal"}
    body = {"type": "object", "required": ["url"], "properties": {"url": url, "event": {"type": "string"}}}
    content = {"type": "array", "items": {"type": "object"}} if batch else {"type": "object"}
    hook = {
        "operationId": "Hook",
        "x-ms-trigger": "batch" if batch else "single",
        "parameters": [{"name": "body", "in": "body", "schema": body}],
        "responses": {"201": {"description": "made"}},
    }
    remove = {
        "operationId": "Unhook",
        "parameters": [{"name": "hookId", "in": "path", "required": True, "type": "string"}],
        "responses": {"204": {"description": "gone"}},
    }
    paths = {
        "/hooks": {"x-ms-notification-content": {"schema": content}, "post": hook},
        "/hooks/{hookId}": {"delete": remove},
    }
    return {"paths": {**paths, **(extra or {})}}


def polling(*, parameter: bool = False, single: bool = False) -> dict[str, Any]:
    """A definition with a polling trigger ``Poll`` that answers with an array."""
    since = {"name": "since", "in": "query", "type": "string", "format": "date-time"}
    operation = {
        "operationId": "Poll",
        "x-ms-trigger": "single" if single else "batch",
        "parameters": [{**since, "x-ms-trigger-metadata": "triggerState"}] if parameter else [],
        "responses": {"200": {"description": "ok", "schema": {"type": "array", "items": {"type": "object"}}}},
    }
    return {"paths": {"/things": {"get": operation}}}
