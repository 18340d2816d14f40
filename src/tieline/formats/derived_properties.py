"""An ``apiProperties.json`` for a definition that came without one: the connection parameters that its sign-in needs.

What lives here writes what the platform's own wizard writes (reference: connector-format, sections 4 to 6).
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from ..model import JsonObject, SecurityDefinition
from .authentication import CLIENT_ID, REFRESH_URL

BRAND_COLOR = "#007ee5"
"""The colour that the platform gives a connector without one."""

CLIENT_ID_PLACEHOLDER = "[[clientId]]"
"""Stands for the client id that only the author can get from the identity provider."""

REDIRECT_URL = "https://global.consent.azure-apim.net/redirect"
"""Where the platform waits for the answer of a sign-in."""


AUTHORIZATION_URL_PLACEHOLDER = "[[authorizationUrl]]"
"""Stands for the address of the sign-in page, of a flow that has none."""

TOKEN_URL_PLACEHOLDER = "[[tokenUrl]]"
"""Stands for the address of the tokens, of a flow that has none."""

RESOURCE_PLACEHOLDER = "[[resourceUri]]"
"""Stands for the API that a v1 token of Entra ID is for, where nothing says it."""

WHOLE_SCOPE = "/.default"
"""End of the scope that stands for all that an app may do with a resource."""

ENTRA_V1 = re.compile(
    r"(?P<login>https://(?:login\.(?:microsoftonline\.(?:com|us|de)|windows\.net|microsoft\.com|chinacloudapi\.cn"
    r"|partner\.microsoftonline\.cn)|sts\.windows\.net))/(?P<tenant>[^/?#]{1,200})/oauth2/(?:authorize|token)(?:[?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
"""Addresses of Entra ID before v2: these have no ``/v2.0/``."""

RESOURCE = re.compile(r"[?&]resource=([^&#]+)", re.IGNORECASE)
"""The resource in the query of a v1 address."""

LATER: JsonObject = {
    "uiDefinition": {
        "displayName": "Sign in",
        "description": "Sign in to the service, for the operations that need it",
        "tooltip": "Sign in to the service",
        "constraints": {"tabIndex": 1, "required": "false"},
    }
}
"""What an OAuth 2 sign-in says that may be left out."""

MOST_TOOLTIP = 200
"""Characters of the last paragraph of a definition's description that become the tooltip of its key."""


def properties_for(security_definitions: Mapping[str, SecurityDefinition]) -> JsonObject:
    """The value of an ``apiProperties.json`` that asks for what the security definitions need.

    apiKey -> securestring ``api_key``; basic -> ``username`` and ``password``; oauth2 -> ``token``. Of several apiKeys
    the second and later are called by their header or query name; of several oauth2 the first one counts, since a
    connection has one sign-in: the first with an authorization code, where there is one.
    """
    definitions = list(security_definitions.values())
    if any(one.flow == "accessCode" for one in definitions):
        definitions = [one for one in definitions if one.type != "oauth2" or one.flow == "accessCode"]
    return properties_value({"connectionParameters": parameters_for(definitions)})


def properties_value(connection: JsonObject, policies: Sequence[JsonObject] = ()) -> JsonObject:
    """The value of an ``apiProperties.json`` with ``connectionParameters`` or ``connectionParameterSets``, and policy
    instances."""
    instances: JsonObject = {"policyTemplateInstances": list(policies)} if policies else {}
    return {"properties": {**connection, "iconBrandColor": BRAND_COLOR, "capabilities": [], **instances}}


def parameters_for(
    definitions: Iterable[SecurityDefinition], names: Mapping[str, str] | None = None, *, optional: Container[str] = ()
) -> JsonObject:
    """Connection parameters by name, in the order of the definitions.

    ``names`` are the names of definitions -> the names of their parameters, where they are not to be called as
    :func:`properties_for` says; ``optional`` the names of definitions whose parameters may stay empty.
    """
    found: JsonObject = {}
    for definition in definitions:
        name, required = (names or {}).get(definition.name), definition.name not in optional
        if definition.type == "apiKey":
            found.setdefault(name or _key_name(definition, found), _api_key(definition, required=required))
        elif definition.type == "basic":
            user, password = "The user name for this api", "The password for this api"
            found.setdefault("username", _parameter("string", "username", user, tab=1, required=required))
            found.setdefault("password", _parameter("securestring", "password", password, tab=2, required=required))
        elif definition.type == "oauth2":
            found.setdefault(name or "token", _oauth2(definition) if required else {**_oauth2(definition), **LATER})
    return found


def text_parameter(
    label: str, description: str, *, tab: int, default: str | None, choices: Sequence[tuple[str, str]] = ()
) -> JsonObject:
    """A text that may be seen, with a default, and with values and labels to choose from if there are any; required
    when it has no default."""
    out = _parameter("string", label, description, tab=tab, required=default is None)
    if choices:
        allowed = [{"text": text, "value": value} for value, text in choices]
        out["uiDefinition"]["constraints"]["allowedValues"] = allowed
    return out if default is None else {**out, "defaultValue": default}


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


def _api_key(definition: SecurityDefinition, *, required: bool) -> JsonObject:
    """The parameter for a key that is sent as it is typed."""
    place = f'{definition.where or "header"} "{definition.key}"'
    description = f"The API key for this api, sent as the {place}"
    own = definition.raw.get("description")
    told = own.rstrip().rpartition("\n\n")[2].strip() if isinstance(own, str) else ""
    tooltip = told if 0 < len(told) <= MOST_TOOLTIP else "Provide your API key"
    return _parameter("securestring", "API key", description, tooltip, tab=1, required=required)


def _parameter(
    kind: str, label: str, description: str, tooltip: str = "", *, tab: int, required: bool = True
) -> JsonObject:
    """A connection parameter as the wizard writes it; ``required`` is text because certification wants it so."""
    constraints = {"tabIndex": tab, "clearText": kind != "securestring", "required": "true" if required else "false"}
    return {
        "type": kind,
        "uiDefinition": {
            "displayName": label,
            "description": description,
            "tooltip": tooltip or f"Provide your {label}",
            "constraints": constraints,
        },
    }


def _oauth2(definition: SecurityDefinition) -> JsonObject:
    """The sign-in: with ``aad`` where the addresses are the v1 ones of Entra ID, which are all that this provider
    knows; else with the generic OAuth 2 provider, v2 of Entra ID too (reference: connector-format, section 6)."""
    found = ENTRA_V1.fullmatch(definition.authorization_url or definition.token_url)
    provider, texts = ("oauth2", _addresses(definition)) if found is None else ("aad", _entra(definition, found))
    return {
        "type": "oauthSetting",
        "oAuthSettings": {
            "identityProvider": provider,
            "clientId": definition.raw.get(CLIENT_ID) or CLIENT_ID_PLACEHOLDER,
            "scopes": list(definition.scopes),
            "redirectMode": "GlobalPerConnector",
            "redirectUrl": REDIRECT_URL,
            "properties": {"IsFirstParty": "False", "IsOnbehalfofLoginSupported": False},
            "customParameters": {name: {"value": text} for name, text in texts.items()},
        },
    }


def _addresses(definition: SecurityDefinition) -> dict[str, str]:
    """The custom parameters of ``oauth2``."""
    token_url = definition.token_url or TOKEN_URL_PLACEHOLDER
    return {
        "authorizationUrl": definition.authorization_url or AUTHORIZATION_URL_PLACEHOLDER,
        "tokenUrl": token_url,
        "refreshUrl": definition.raw.get(REFRESH_URL) or token_url,
    }


def _entra(definition: SecurityDefinition, found: re.Match[str]) -> dict[str, str]:
    """The custom parameters of ``aad``; a tenant that is a placeholder stays one."""
    return {"loginUri": found["login"], "tenantId": found["tenant"], "resourceUri": _resource(definition)}


def _resource(definition: SecurityDefinition) -> str:
    """What a v1 token is for: ``resource`` in an address, else what a scope ``x/.default`` belongs to."""
    for url in (definition.authorization_url, definition.token_url):
        named = RESOURCE.search(url)
        if named is not None:
            return unquote(named[1])
    wide = (scope.removesuffix(WHOLE_SCOPE) for scope in definition.scopes if scope.endswith(WHOLE_SCOPE))
    return next(wide, RESOURCE_PLACEHOLDER)
