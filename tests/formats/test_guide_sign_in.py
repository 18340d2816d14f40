"""The guide's notations for signing in give the same connection definition wherever they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.auth import oauth
from tieline.formats import api_properties, folder, openapi3
from tieline.formats.derived_properties import properties_for
from tieline.formats.openapi2 import security_definitions
from tieline.model import Connection, Login, OAuthSettings, Route
from tieline.source import dump, read

V1 = "https://login.microsoftonline.com/{tenant}/oauth2"


def settings_of(value: dict[str, Any]) -> tuple[str, OAuthSettings | None]:
    """Name and sign-in of the only connection parameter."""
    (parameter,) = api_properties.read_value(value, Route()).connection_parameters
    return parameter.name, parameter.oauth


@pytest.mark.parametrize("kept", [("securityDefinitions", "authentication"), ("authentication",)])
@pytest.mark.parametrize("name", ["auth-api-key", "auth-oauth2", "auth-azure-ad"])
def test_a_block_of_the_guide_in_its_api(shared: Path, name: str, kept: tuple[str, ...]) -> None:
    """Each block, put into the guide's API description, is read: key, addresses, scopes and client id as written."""
    root = yaml.safe_load((shared / "guide" / "openapi.yaml").read_text(encoding="utf-8"))
    root.pop("security", None)
    root.get("components", {}).pop("securitySchemes", None)
    block = yaml.safe_load((shared / "guide" / f"{name}.yaml").read_text(encoding="utf-8"))
    root |= {key: value for key, value in block.items() if key in kept}
    lowered = openapi3.lower(read(dump(root), "openapi.json"))
    parameter, oauth = settings_of(lowered.properties)
    if name == "auth-api-key":
        (definition,) = lowered.definition["securityDefinitions"].values()
        assert (parameter, definition["name"], definition["in"]) == ("api_key", "X-API-Key", "header")
        return
    assert oauth is not None
    assert (parameter, oauth.identity_provider) == ("token", "oauth2")
    urls = block["authentication"]["oauth2"]
    assert oauth.custom_parameters == {key.lower(): urls[key] for key in ("authorizationUrl", "tokenUrl", "refreshUrl")}
    assert list(oauth.scopes) == urls["scopes"]
    assert oauth.client_id == urls.get("clientId", "[[clientId]]")


@pytest.mark.parametrize(
    ("query", "scopes", "resource"),
    [
        ("?resource=https%3A%2F%2Fapi.example", {}, "https://api.example"),
        ("", {"api://x/.default": ""}, "api://x"),
        ("", {"read": ""}, "[[resourceUri]]"),
    ],
)
def test_v1_addresses_become_aad(query: str, scopes: dict[str, str], resource: str) -> None:
    """Entra ID without ``/v2.0/`` is the provider ``aad`` with login host, tenant placeholder, resource and scopes."""
    definition = {
        "type": "oauth2",
        "flow": "accessCode",
        "authorizationUrl": f"{V1}/authorize{query}",
        "tokenUrl": f"{V1}/token",
        "scopes": scopes,
    }
    _, oauth = settings_of(properties_for(security_definitions({"a": definition}, Route(), [])))
    assert oauth is not None
    assert oauth.identity_provider == "aad"
    assert oauth.custom_parameters == {
        "loginuri": "https://login.microsoftonline.com",
        "tenantid": "{tenant}",
        "resourceuri": resource,
    }
    assert list(oauth.scopes) == list(scopes)


def test_v2_addresses_stay_oauth2() -> None:
    """Entra ID v2 and look-alike hosts are no ``aad``, which knows v1 only."""
    for url in (f"{V1}/v2.0/authorize", "https://login.microsoftonline.com.evil.example/t/oauth2/authorize"):
        definition = {"type": "oauth2", "flow": "accessCode", "authorizationUrl": url, "tokenUrl": url, "scopes": {}}
        _, oauth = settings_of(properties_for(security_definitions({"a": definition}, Route(), [])))
        assert oauth is not None
        assert oauth.identity_provider == "oauth2"


@pytest.mark.parametrize("name", ["auth-api-key", "auth-oauth2"])
def test_the_guides_swagger_form(shared: Path, name: str) -> None:
    """``securityDefinitions`` of the guide in a Swagger document, as they are, give the connection parameter too."""
    block = yaml.safe_load((shared / "guide" / f"{name}.yaml").read_text(encoding="utf-8"))
    document = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "a.example", "paths": {}}
    files = {"apiDefinition.swagger.json": dump({**document, "securityDefinitions": block["securityDefinitions"]})}
    connector = folder.read(files, "T")
    (definition,) = connector.definition.security_definitions.values()
    (parameter,) = connector.properties.connection_parameters
    if name == "auth-api-key":
        assert (parameter.name, parameter.type, definition.key) == ("api_key", "securestring", "X-API-Key")
        return
    assert parameter.oauth is not None
    assert parameter.oauth.custom_parameters["tokenurl"] == "https://login.example.com/oauth/token"
    assert parameter.oauth.custom_parameters["authorizationurl"] == "https://login.example.com/oauth/authorize"
    assert list(parameter.oauth.scopes) == ["read", "write"]


SCHEMES: dict[str, dict[str, Any]] = {
    "auth-api-key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "auth-oauth2": {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "https://login.example.com/oauth/authorize",
                "tokenUrl": "https://login.example.com/oauth/token",
                "refreshUrl": "https://login.example.com/oauth/refresh",
                "scopes": {"read": "", "write": ""},
            }
        },
    },
    "auth-azure-ad": {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
                "tokenUrl": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
                "refreshUrl": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
                "scopes": {"api://{client-id}/.default": ""},
            }
        },
    },
}
"""The guide's blocks as OpenAPI 3 has them."""


def lowered(block: dict[str, Any], version: str = "3.0.3") -> Any:
    """An OpenAPI 3 document with no more than this, lowered."""
    root = {"openapi": version, "info": {"title": "T", "version": "1"}, "servers": [{"url": "https://a.example"}]}
    return openapi3.lower(read(dump({**root, "paths": {}, **block}), "openapi.json"))


@pytest.mark.parametrize("name", SCHEMES)
def test_the_same_as_openapi_3(shared: Path, name: str) -> None:
    """A block of the guide and its OpenAPI 3 ``securitySchemes`` give the same connection parameter."""
    block = yaml.safe_load((shared / "guide" / f"{name}.yaml").read_text(encoding="utf-8"))
    guide = settings_of(lowered({"authentication": block["authentication"]}).properties)
    scheme = settings_of(lowered({"components": {"securitySchemes": {"way": SCHEMES[name]}}}).properties)
    assert scheme[0] == guide[0]
    if guide[1] is None or scheme[1] is None:
        assert guide == scheme
        return
    assert scheme[1].identity_provider == guide[1].identity_provider
    assert scheme[1].custom_parameters == guide[1].custom_parameters
    assert scheme[1].scopes == guide[1].scopes


def test_the_device_flow_of_openapi_3_2() -> None:
    """A scheme with nothing but ``deviceAuthorization`` keeps its address, and is signed in at that way."""
    flow = {
        "deviceAuthorizationUrl": "https://id.test/device",
        "tokenUrl": "https://id.test/token",
        "scopes": {"a": ""},
    }
    scheme = {"type": "oauth2", "flows": {"deviceAuthorization": flow}}
    found = lowered({"components": {"securitySchemes": {"way": scheme}}}, "3.2.0")
    (definition,) = found.definition["securityDefinitions"].values()
    assert definition["x-deviceAuthorizationUrl"] == "https://id.test/device"
    files = {"apiDefinition.swagger.json": dump(found.definition)}
    connector = folder.read({**files, "apiProperties.json": dump(found.properties)}, "T")
    (parameter,) = connector.properties.connection_parameters
    connection = Connection(login=Login(client_id="me", placeholders={}))
    provider = oauth.provider_of(parameter, connection, connector.definition.security_definitions)
    assert (provider.grants[0], provider.device_url) == ("device_code", "https://id.test/device")
