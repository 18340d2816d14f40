"""An ``apiProperties.json`` for a definition that came without one: the connection parameters that its sign-in needs.

What lives here writes what the platform's own wizard writes (reference: connector-format, sections 4 to 6).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..model import JsonObject, SecurityDefinition
from .authentication import CLIENT_ID, REFRESH_URL

BRAND_COLOR = "#007ee5"
"""The colour that the platform gives a connector without one."""

CLIENT_ID_PLACEHOLDER = "[[clientId]]"
"""Stands for the client id that only the author can get from the identity provider."""

REDIRECT_URL = "https://global.consent.azure-apim.net/redirect"
"""Where the platform waits for the answer of a sign-in."""


def properties_for(security_definitions: Mapping[str, SecurityDefinition]) -> JsonObject:
    """The value of an ``apiProperties.json`` that asks for what the security definitions need.

    apiKey -> securestring ``api_key``; basic -> ``username`` and ``password``; oauth2 -> ``token``. Of several apiKeys
    the second and later are called by their header or query name; of several oauth2 the first one counts, since a
    connection has one sign-in.
    """
    return {
        "properties": {
            "connectionParameters": _parameters(security_definitions.values()),
            "iconBrandColor": BRAND_COLOR,
            "capabilities": [],
        }
    }


def _parameters(definitions: Iterable[SecurityDefinition]) -> JsonObject:
    """Connection parameters by name, in the order of the definitions."""
    found: JsonObject = {}
    for definition in definitions:
        if definition.type == "apiKey":
            found[_key_name(definition, found)] = _api_key(definition)
        elif definition.type == "basic":
            found.setdefault("username", _text("username", "The user name for this api", tab=1))
            found.setdefault("password", _secret("password", "The password for this api", tab=2))
        elif definition.type == "oauth2":
            found.setdefault("token", _oauth2(definition))
    return found


def _key_name(definition: SecurityDefinition, taken: Mapping[str, Any]) -> str:
    """``api_key`` for the first key; for later ones a name made of the header's or query parameter's."""
    made = re.sub(r"[^0-9A-Za-z]+", "_", definition.key).strip("_").lower() or "key"
    for name in ("api_key", made, f"{made}_{definition.where}"):
        if name not in taken:
            return name
    number = 2
    while f"{made}_{number}" in taken:
        number += 1
    return f"{made}_{number}"


def _api_key(definition: SecurityDefinition) -> JsonObject:
    """The parameter for a key that is sent as it is typed."""
    place = f'{definition.where or "header"} "{definition.key}"'
    return _secret("API key", f"The API key for this api, sent as the {place}", tooltip="Provide your API key", tab=1)


def _secret(label: str, description: str, *, tooltip: str = "", tab: int) -> JsonObject:
    """A masked text."""
    return _parameter("securestring", label, description, tooltip, tab, clear_text=False)


def _text(label: str, description: str, *, tab: int) -> JsonObject:
    """A text that may be seen."""
    return _parameter("string", label, description, "", tab, clear_text=True)


def _parameter(kind: str, label: str, description: str, tooltip: str, tab: int, *, clear_text: bool) -> JsonObject:
    """A connection parameter as the wizard writes it; ``required`` is text because certification wants it so."""
    return {
        "type": kind,
        "uiDefinition": {
            "displayName": label,
            "description": description,
            "tooltip": tooltip or f"Provide your {label}",
            "constraints": {"tabIndex": tab, "clearText": clear_text, "required": "true"},
        },
    }


def _oauth2(definition: SecurityDefinition) -> JsonObject:
    """The sign-in with the generic OAuth 2 provider, an authorization code flow."""
    token_url = definition.token_url
    urls = {
        "authorizationUrl": definition.authorization_url,
        "tokenUrl": token_url,
        "refreshUrl": definition.raw.get(REFRESH_URL) or token_url,
    }
    return {
        "type": "oauthSetting",
        "oAuthSettings": {
            "identityProvider": "oauth2",
            "clientId": definition.raw.get(CLIENT_ID) or CLIENT_ID_PLACEHOLDER,
            "scopes": list(definition.scopes),
            "redirectMode": "GlobalPerConnector",
            "redirectUrl": REDIRECT_URL,
            "properties": {"IsFirstParty": "False", "IsOnbehalfofLoginSupported": False},
            "customParameters": {name: {"value": url} for name, url in urls.items()},
        },
    }
