"""The ``authentication:`` block: a second notation for signing in, beside Swagger's ``securityDefinitions``.

::

    authentication:
      type: apiKey
      apiKey: {parameterLocation: Header, name: X-API-Key}

What lives here turns such a block into a Swagger ``securityDefinitions`` value and nothing else, so that all that
follows from security definitions follows from it too. Source: the guide's auth-api-key, auth-oauth2 and auth-azure-ad.
"""

from __future__ import annotations

from ..model import JsonObject
from .fields import Fields

BLOCK = "authentication"
"""The key that holds the block, at the root of a document."""

REFRESH_URL = "x-refreshUrl"
"""Where a security definition carries the refresh URL that Swagger 2.0 has no field for."""

CLIENT_ID = "x-clientId"
"""Where a security definition carries the client id that Swagger 2.0 has no field for."""


def swagger_of(root: Fields) -> JsonObject:
    """The ``securityDefinitions`` value that the block in a document's root stands for; empty when there is none.

    ``root`` collects the findings about an unknown type and about wrong parts.
    """
    if root.get(BLOCK) is None:
        return {}
    block = Fields(root.child(BLOCK).value, root.at(BLOCK), root.notes, any_case=True)
    match block.text("type").strip().lower():
        case "apikey":
            return {"api_key": _api_key(block.child("apiKey"))}
        case "basic":
            return {"basic_auth": {"type": "basic"}}
        case "oauth2":
            return {"oauth2_auth": _oauth2(block.child("oauth2"))}
        case "none" | "noauth" | "anonymous":
            return {}
        case unknown:
            block.note(
                "unknown-authentication-type",
                f'the authentication block has type "{unknown}"; it is left out',
                remedy='write "apiKey", "basic", "oauth2" or "none"',
            )
            return {}


def declared_of(root: Fields) -> JsonObject:
    """The ``securityDefinitions`` value in a document's root, completed by the block beside it; what the block stands
    for where there are none; empty without both."""
    block = swagger_of(root)
    own = root.get("securityDefinitions")
    if not isinstance(own, dict) or not own:
        return block
    extras: JsonObject = {}
    for entry in block.values():
        extras = {name: entry[name] for name in (REFRESH_URL, CLIENT_ID) if name in entry}
    return {name: _completed(entry, extras) for name, entry in own.items() if isinstance(entry, dict)}


def _completed(entry: JsonObject, extras: JsonObject) -> JsonObject:
    """An OAuth 2 definition with what only the block says."""
    return {**extras, **entry} if str(entry.get("type")).strip().lower() == "oauth2" else entry


def _api_key(fields: Fields) -> JsonObject:
    """``apiKey`` of a block as a security definition."""
    where = fields.text("parameterLocation") or fields.text("in") or "header"
    return {"type": "apiKey", "name": fields.text("name"), "in": where.strip().lower()}


def _oauth2(fields: Fields) -> JsonObject:
    """``oauth2`` of a block as a security definition, with what Swagger has no field for as extensions."""
    definition: JsonObject = {
        "type": "oauth2",
        "flow": "accessCode",
        "authorizationUrl": fields.text("authorizationUrl"),
        "tokenUrl": fields.text("tokenUrl"),
        "scopes": _scopes(fields),
    }
    extras = {REFRESH_URL: fields.text("refreshUrl"), CLIENT_ID: fields.text("clientId")}
    return definition | {name: text for name, text in extras.items() if text}


def _scopes(fields: Fields) -> JsonObject:
    """Scopes as Swagger has them (scope -> description), from a list or from such an object."""
    if isinstance(fields.get("scopes"), dict):
        return fields.child("scopes").value
    return {scope: scope for scope in fields.texts("scopes")}
