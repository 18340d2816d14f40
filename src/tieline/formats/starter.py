"""The files of a new connector: small, valid and ready to be called once its host is right."""

from __future__ import annotations

import re
from typing import Any

from ..model import DocumentError, JsonObject, Route, did_you_mean
from ..source import dump
from .derived_properties import properties_for
from .fields import Fields
from .openapi2 import security_definitions, server_of

HOST = "api.example.com"
"""The host of a connector for which none was named."""

_ADDRESS = re.compile(r"(https?://)?(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:(?P<port>\d{1,5}))?(/[^?#\s]*)?", re.IGNORECASE)
"""A host, or a base URL of http or https."""

LARGEST_PORT = 65_535

AUTHENTICATIONS = ("none", "api-key", "basic", "oauth2")
"""Ways of signing in that a new connector can start with."""


def new_connector_files(name: str, host: str = "", auth: str = "none") -> dict[str, bytes]:
    """The files of a minimal connector with one example operation, by file name.

    ``name`` becomes the title; ``host`` may be a host or a base URL. Raises DocumentError for an empty name
    (``empty-name``) or an unprintable one (``bad-name``), a host that is none (``bad-host``) and an unknown ``auth``
    (``unknown-authentication``).
    """
    title = name.strip()
    if not title:
        raise DocumentError("empty-name", "a connector needs a name", remedy="for example: tieline new Inventory")
    if not title.isprintable():
        said = "the name holds characters that cannot be shown"
        raise DocumentError("bad-name", said, remedy="for example: tieline new Inventory")
    address = _checked(host.strip() or HOST)
    security = _security(auth, address)
    definition = _definition(title, address, security)
    properties = properties_for(security_definitions(security, Route(), []))
    return {
        "apiDefinition.swagger.json": dump(definition),
        "apiProperties.json": dump(properties),
        "readme.md": _readme(title).encode(),
    }


def _checked(address: str) -> str:
    """A host or base URL as it is; one with a user name or a query is refused: no definition can hold it."""
    found = _ADDRESS.fullmatch(address)
    if found is None or int(found["port"] or 0) > LARGEST_PORT:
        shown = "that" if "@" in address else f'"{address}"'  # it may hold a password
        raise DocumentError(
            "bad-host",
            f"{shown} is neither a host nor a base URL of http or https",
            remedy="for example: --host api.example.com, or --host https://api.example.com/v1",
        )
    return address


def _security(auth: str, host: str) -> JsonObject:
    """The ``securityDefinitions`` value of a way of signing in."""
    match auth:
        case "none":
            return {}
        case "api-key":
            return {"api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
        case "basic":
            return {"basic_auth": {"type": "basic"}}
        case "oauth2":
            name = server_of(Fields({"host": host}, Route(), [])).host
            urls = {"authorizationUrl": f"https://{name}/oauth/authorize", "tokenUrl": f"https://{name}/oauth/token"}
            return {"oauth2_auth": {"type": "oauth2", "flow": "accessCode", **urls, "scopes": {}}}
        case _:
            raise DocumentError(
                "unknown-authentication",
                f'"{auth}" is no way of signing in',
                remedy=did_you_mean(auth, AUTHENTICATIONS),
            )


def _definition(title: str, address: str, security: JsonObject) -> JsonObject:
    """The Swagger 2.0 document."""
    server = server_of(Fields({"host": address}, Route(), []))
    return {
        "swagger": "2.0",
        "info": {
            "title": title,
            "description": f"{title}: a connector for the API at {server.host}.",
            "version": "1.0",
        },
        "host": server.host,
        "basePath": server.base_path,
        "schemes": list(server.schemes),
        "consumes": ["application/json"],
        "produces": ["application/json"],
        "paths": {"/status": {"get": _example_operation()}},
        "definitions": {},
        "parameters": {},
        "responses": {},
        "securityDefinitions": security,
        "security": [{name: []} for name in security],
        "tags": [],
    }


def _example_operation() -> dict[str, Any]:
    """An operation to call first and to replace by real ones."""
    status = {"type": "string", "description": "How the service is.", "x-ms-summary": "Status"}
    return {
        "operationId": "GetStatus",
        "summary": "Get status",
        "description": "Tells whether the service is up.",
        "parameters": [],
        "responses": {
            "200": {
                "description": "The service is up",
                "schema": {"type": "object", "properties": {"status": status}},
            }
        },
    }


def _readme(title: str) -> str:
    """The page that explains the connector to its users."""
    return f"""# {title}

What this connector is for, in one or two sentences.

## Prerequisites

What a person needs before using it: an account, a plan, a key.

## Obtaining credentials

Where to get them, step by step.

## Supported operations

### Get status

Tells whether the service is up.

## Known issues and limitations

None known.
"""
