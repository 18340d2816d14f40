"""The ``apiProperties.json`` of a definition that came alone."""

from __future__ import annotations

from typing import Any

from tieline.formats import api_properties
from tieline.formats.derived_properties import properties_for
from tieline.formats.openapi2 import security_definitions
from tieline.model import Route
from tieline.source import dump, read

OAUTH2 = {
    "type": "oauth2",
    "flow": "accessCode",
    "authorizationUrl": "https://l/a",
    "tokenUrl": "https://l/t",
    "scopes": {"read": "Read", "write": "Write"},
}


def derived(**definitions: Any) -> dict[str, Any]:
    """Connection parameters for security definitions; reading them back gives no finding."""
    value = properties_for(security_definitions(definitions, Route(), []))
    assert api_properties.read(read(dump(value), "apiProperties.json")).findings == ()
    assert value["properties"]["iconBrandColor"] == "#007ee5"
    assert value["properties"]["capabilities"] == []
    parameters = value["properties"]["connectionParameters"]
    assert isinstance(parameters, dict)
    return parameters


def test_no_sign_in_needs_nothing() -> None:
    """Without security definitions there are no connection parameters; a type that nobody knows gives none either."""
    assert derived() == {}
    assert derived(a={"type": "hmac"}) == {}


def test_an_api_key_is_masked_and_required() -> None:
    """An API key becomes the wizard's securestring ``api_key``."""
    parameters = derived(anything={"type": "apiKey", "in": "query", "name": "code"})
    assert list(parameters) == ["api_key"]
    assert parameters["api_key"]["type"] == "securestring"
    assert parameters["api_key"]["uiDefinition"]["constraints"] == {
        "tabIndex": 1,
        "clearText": False,
        "required": "true",
    }
    assert 'query "code"' in parameters["api_key"]["uiDefinition"]["description"]


def test_of_several_sign_ins_one_with_a_code_counts() -> None:
    """A connection has one sign-in: the first with an authorization code, else the first."""
    implicit = {"type": "oauth2", "flow": "implicit", "authorizationUrl": "https://l/i", "scopes": {}}
    urls = [
        parameters["token"]["oAuthSettings"]["customParameters"]["authorizationUrl"]["value"]
        for parameters in (derived(a=implicit, b=OAUTH2), derived(a=implicit, b={**implicit, "authorizationUrl": "u"}))
    ]
    assert urls == ["https://l/a", "https://l/i"]


def test_further_api_keys_have_names_of_their_own() -> None:
    """The second key and later ones are called by what they are sent as, and no two have one name."""
    parameters = derived(
        a={"type": "apiKey", "in": "header", "name": "X-Key"},
        b={"type": "apiKey", "in": "header", "name": "X-App-Id"},
        c={"type": "apiKey", "in": "query", "name": "x_app_id"},
        d={"type": "apiKey", "in": "query", "name": "x-app-id"},
        e={"type": "apiKey", "in": "header", "name": "---"},
    )
    assert list(parameters) == ["api_key", "x_app_id", "x_app_id_query", "x_app_id_2", "key"]


def test_basic_asks_for_user_and_password() -> None:
    """Basic becomes a text that is seen and one that is masked."""
    parameters = derived(a={"type": "basic"})
    shown = {name: entry["uiDefinition"]["constraints"]["clearText"] for name, entry in parameters.items()}
    assert shown == {"username": True, "password": False}


def test_oauth2_signs_in_with_the_generic_provider() -> None:
    """OAuth 2 becomes ``token`` with the URLs and scopes of the definition; the refresh URL is the token URL."""
    settings = derived(a=OAUTH2, b=OAUTH2 | {"tokenUrl": "https://other"})["token"]["oAuthSettings"]
    assert settings["identityProvider"] == "oauth2"
    assert settings["scopes"] == ["read", "write"]
    assert settings["redirectMode"] == "GlobalPerConnector"
    assert settings["customParameters"] == {
        "authorizationUrl": {"value": "https://l/a"},
        "tokenUrl": {"value": "https://l/t"},
        "refreshUrl": {"value": "https://l/t"},
    }


def test_several_kinds_stand_beside_each_other() -> None:
    """A definition with three kinds asks for all that any of them needs."""
    parameters = derived(a={"type": "basic"}, b=OAUTH2, c={"type": "apiKey", "in": "header", "name": "K"})
    assert list(parameters) == ["username", "password", "token", "api_key"]
