"""The guide's notations for signing in give the same connection definition wherever they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.formats import api_properties, openapi3
from tieline.formats.derived_properties import properties_for
from tieline.formats.openapi2 import security_definitions
from tieline.model import OAuthSettings, Route
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
