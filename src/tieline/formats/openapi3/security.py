"""Security schemes and requirements, as Swagger 2.0 has them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from ...model import JsonObject
from ..authentication import REFRESH_URL
from .addresses import absolute, as_uri, is_url
from .cookies import HEADER
from .lowering import Lowering, Part
from .place import Place

NEGOTIATED = frozenset({"digest", "negotiate", "ntlm", "hoba", "mutual", "scram-sha-1", "scram-sha-256", "dpop"})
"""HTTP schemes (lower case) in which each request needs an answer of its own."""

FLOWS = {
    "authorizationCode": "accessCode",
    "implicit": "implicit",
    "clientCredentials": "application",
    "password": "password",
    "deviceAuthorization": "application",
}
"""OAuth 2 flows in the order in which one of several is chosen -> their names in Swagger 2.0."""

DEVICE_URL = "deviceAuthorizationUrl"
"""Where the device flow starts (OpenAPI 3.2); an extension of the definition, as Swagger 2.0 has no field for it."""

FLOW_URLS = {
    "accessCode": ("authorizationUrl", "tokenUrl"),
    "implicit": ("authorizationUrl",),
    "application": ("tokenUrl",),
    "password": ("tokenUrl",),
}
"""URLs that Swagger 2.0 requires for each flow, and allows no other."""

DISCOVERY = "/.well-known/openid-configuration"
"""How the URL of an OpenID Connect discovery document ends."""

ENDPOINTS = {"authorizationUrl": "authorization_endpoint", "tokenUrl": "token_endpoint"}
"""URLs of OAuth 2 in Swagger 2.0 -> their names in a discovery document."""

KNOWN = frozenset(
    {"type", "description", "name", "in", "scheme", "bearerFormat", "flows", "openIdConnectUrl"}
) | frozenset({"oauth2MetadataUrl", "deprecated"})
"""Fields of a security scheme."""


class Security(NamedTuple):
    """How a connector signs in."""

    definitions: JsonObject
    """``securityDefinitions``."""
    known: frozenset[str]
    """Names of all declared schemes, of those too that became nothing."""
    cookies: Mapping[str, str] = {}
    """Names of schemes whose key travels in a cookie -> name of the cookie."""
    of_operations: bool = False
    """Whether only operations say how they are signed in: then those that say nothing are called without."""


def lower_schemes(components: Part, low: Lowering, used: JsonObject) -> Security:
    """The security definitions of a description. ``used`` holds the scopes that its operations ask for, by scheme."""
    schemes, at = low.members(components, "securitySchemes")
    definitions: JsonObject = {}
    cookies: dict[str, str] = {}
    for name, written in schemes.items():
        part = low.follow(written, (at, name))
        definition = None if part is None else _definition(*part, low)
        if part is None or definition is None:
            continue
        if definition["type"] == "oauth2":
            missing = {scope: "" for scope in used.get(name, ()) if scope not in definition["scopes"]}
            definition["scopes"] = {**definition["scopes"], **missing}
        definitions[name] = definition | low.extras(*part, KNOWN)
        if str(part[0].get("in")).strip().lower() == "cookie":
            cookies[name] = str(part[0].get("name"))
    return Security(definitions, frozenset(schemes), cookies)


def written(definitions: JsonObject) -> JsonObject:
    """``securityDefinitions`` as they are written: with addresses as Swagger 2.0 takes them, whatever is to be filled
    in."""
    return {
        name: {key: as_uri(value) if key in ENDPOINTS else value for key, value in definition.items()}
        for name, definition in definitions.items()
    }


def used_scopes(requirements: Iterable[Any]) -> dict[str, dict[str, None]]:
    """The scopes in several ``security`` lists, by scheme. Of anything that is no such list, none."""
    found: dict[str, dict[str, None]] = {}
    for requirement in requirements:
        for alternative in requirement if isinstance(requirement, list) else ():
            for name, scopes in alternative.items() if isinstance(alternative, dict) else ():
                texts = (scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else ()
                found.setdefault(name, {}).update(dict.fromkeys(texts))
    return found


def lower_requirements(
    value: Any, at: Place, low: Lowering, security: Security, without: Container[str] = ()
) -> list[JsonObject]:
    """``security`` of a description or an operation: what is left of its alternatives, none for "no credential".

    ``without`` are names of schemes that something else sees to.
    """
    if not isinstance(value, list):
        low.wrong(at, "a list", value)
        return []
    found: list[JsonObject] = []
    for index, written in enumerate(value):
        alternative = _alternative(written, (at, index), low, security, without)
        if alternative is not None and alternative not in found:
            found.append(alternative)
    named = [alternative for alternative in found if alternative]
    if len(named) < len(found) and named:
        low.notes.add("optional-security", at, "signing in is optional; a connection may go without")
    ways = {frozenset(alternative) for alternative in named}
    if len(ways) > 1:
        message = f"one of {len(ways)} ways of signing in is enough; each is a parameter set of the connection"
        low.notes.add("security-alternatives", at, message)
    return named


def _alternative(
    written: Any, at: Place, low: Lowering, security: Security, without: Container[str]
) -> JsonObject | None:
    """One alternative; None when a scheme in it cannot be used."""
    if not isinstance(written, dict):
        low.wrong(at, "an object", written)
        return None
    out: JsonObject = {}
    for name, scopes in written.items():
        if name not in security.known:
            low.notes.add("undefined-security", (at, name), f'there is no security scheme called "{name}"')
        if name not in security.definitions:
            return None
        if name in without:
            continue
        names = [scope for scope in scopes if isinstance(scope, str)] if isinstance(scopes, list) else []
        if names and security.definitions[name]["type"] != "oauth2":
            low.notes.add("roles-dropped", (at, name), f'the roles of "{name}" are left out')
            names = []
        out[name] = names
    return out


def _definition(value: JsonObject, at: Place, low: Lowering) -> JsonObject | None:
    """The security definition of one scheme; None, with a finding, when there is none for it."""
    match low.text_at(value, at, "type").lower():
        case "apikey":
            found = _api_key(value, at, low)
        case "http":
            found = _http(value, at, low)
        case "oauth2":
            found = _oauth2(value, at, low)
        case "openidconnect":
            found = _open_id(value, at, low)
        case "mutualtls":
            low.notes.add("client-certificate", at, "signing in with a client certificate is left out")
            found = None
        case kind:
            low.notes.add("bad-security-scheme", at, f'the type "{kind}" is unknown; the scheme is left out')
            found = None
    if found is not None and "description" not in found and isinstance(value.get("description"), str):
        found["description"] = value["description"]
    return found


def _api_key(value: JsonObject, at: Place, low: Lowering) -> JsonObject | None:
    """An API key in a header or a query."""
    name, where = low.text_at(value, at, "name"), low.text_at(value, at, "in").strip().lower()
    if where == "cookie":
        return _cookie_key(value, name, at, low)
    if not name or where not in ("header", "query"):
        low.notes.add("bad-security-scheme", at, f'an API key called "{name}" in "{where}" is left out')
        return None
    return {"type": "apiKey", "name": name, "in": where}


def _cookie_key(value: JsonObject, name: str, at: Place, low: Lowering) -> JsonObject | None:
    """An API key in a cookie: a key in the header that cookies are sent in, which the platform sends as it is typed."""
    if not name:
        low.notes.add("bad-security-scheme", at, "an API key in a cookie without a name is left out")
        return None
    low.notes.add(
        "cookie-key",
        at,
        f'the API key in the cookie "{name}" becomes an API key in the header "{HEADER}"',
        f'type "{name}=" and the key into the connection',
    )
    return _told({"type": "apiKey", "name": HEADER, "in": "header"}, value, f'"{name}=" and then the key.')


def _told(out: JsonObject, value: JsonObject, told: str) -> JsonObject:
    """A definition whose description also says what to type."""
    own = value.get("description")
    return {**out, "description": f"{own.rstrip()}\n\n{told}" if isinstance(own, str) and own.strip() else told}


def _http(value: JsonObject, at: Place, low: Lowering) -> JsonObject | None:
    """HTTP authentication. What is one fixed text in ``Authorization`` becomes an API key of that header, which the
    platform sends as it is typed (reference: connector-format, section 5)."""
    scheme = low.text_at(value, at, "scheme").strip()
    kind = scheme.lower()
    if kind == "basic":
        return {"type": "basic"}
    if not kind or kind in NEGOTIATED:
        low.notes.add("http-scheme", at, f'HTTP authentication "{scheme}" is left out')
        return None
    word = "Bearer" if kind == "bearer" else scheme
    low.notes.add(
        "bearer-as-api-key",
        at,
        f'a "{word}" token becomes an API key in the header "Authorization"',
        f'type "{word} " and the token into the connection',
    )
    told = f'"{word} " and then the token, for example "{word} eyJhbGci".'
    return _told({"type": "apiKey", "name": "Authorization", "in": "header"}, value, told)


def _oauth2(value: JsonObject, at: Place, low: Lowering) -> JsonObject | None:
    """OAuth 2 with the first flow that the platform can use, and the scopes of all flows."""
    flows, place = low.object_at(value, at, "flows")
    usable = [name for name in FLOWS if isinstance(flows.get(name), dict) and _has_urls(flows[name], FLOWS[name])]
    for name in flows:
        if name not in usable and not name.startswith("x-"):
            low.notes.add("bad-security-scheme", (place, name), f'the flow "{name}" is unknown or lacks a URL')
    if not usable:
        low.notes.add("bad-security-scheme", at, "OAuth 2 without a usable flow is left out")
        return None
    for name in usable[1:]:
        low.notes.add("oauth-flow-dropped", (place, name), f'the flow "{name}" is left out; "{usable[0]}" is used')
    flow = FLOWS[usable[0]]
    if flow != "accessCode":
        message = f'the flow "{usable[0]}" is not what the platform signs in with'
        low.notes.add("oauth-flow", (place, usable[0]), message)
    chosen = flows[usable[0]]
    out: JsonObject = {"type": "oauth2", "flow": flow}
    here = (place, usable[0])
    out |= {key: _address(chosen[key], (here, key), low) for key in FLOW_URLS[flow]}
    if isinstance(chosen.get("refreshUrl"), str):
        out[REFRESH_URL] = _address(chosen["refreshUrl"], (here, "refreshUrl"), low)
    device = next((flows[name][DEVICE_URL] for name in usable if isinstance(flows[name].get(DEVICE_URL), str)), "")
    if device:
        out[f"x-{DEVICE_URL}"] = as_uri(absolute(low.base_url, device))
    return {**out, "scopes": _scopes([flows[name] for name in usable])}


def _address(text: str, at: Place, low: Lowering) -> str:
    """An address of OAuth 2; where something is to be filled in, as it is written."""
    url = absolute(low.base_url, text)
    if is_url(url):
        return as_uri(url)
    message = f'"{url}" is no address to sign in at; it is "{as_uri(url)}" in the definition'
    low.notes.add("bad-address", at, message, "fill in the address")
    return url


def _has_urls(flow: JsonObject, name: str) -> bool:
    """Whether a flow has the URLs that it needs."""
    return all(isinstance(flow.get(key), str) and flow[key] for key in FLOW_URLS[name])


def _scopes(flows: list[JsonObject]) -> JsonObject:
    """The scopes of several flows with their descriptions."""
    found: JsonObject = {}
    for flow in flows:
        scopes = flow.get("scopes")
        for scope, text in scopes.items() if isinstance(scopes, dict) else ():
            found.setdefault(scope, text if isinstance(text, str) else "")
    return found


def _open_id(value: JsonObject, at: Place, low: Lowering) -> JsonObject | None:
    """OpenID Connect as OAuth 2 at the addresses that its discovery document names (OpenID Connect Discovery 1.0,
    section 3); where that cannot be had, at usual places below the issuer, which need not be right."""
    written = low.text_at(value, at, "openIdConnectUrl")
    if not written:
        low.notes.add("bad-security-scheme", at, 'OpenID Connect without "openIdConnectUrl" is left out')
        return None
    url = absolute(low.base_url, written)
    found = low.discover(url) if low.discover is not None and url.startswith(("https://", "http://")) else None
    named = {key: found.get(name) for key, name in ENDPOINTS.items()} if isinstance(found, dict) else {}
    known = {key: text for key, text in named.items() if isinstance(text, str) and text}
    issuer = url.removesuffix(DISCOVERY).rstrip("/")
    urls = {"authorizationUrl": f"{issuer}/authorize", "tokenUrl": f"{issuer}/token", **known}
    urls = {key: as_uri(text) if is_url(text) else text for key, text in urls.items()}
    what = f'OpenID Connect becomes OAuth 2 at "{urls["authorizationUrl"]}" and "{urls["tokenUrl"]}"'
    if len(known) == len(ENDPOINTS):
        low.notes.add("openid-connect-found", (at, "openIdConnectUrl"), f"{what}, as its discovery document says")
    else:
        remedy = f'open "{url}" and put in the "authorization_endpoint" and "token_endpoint" that it names'
        low.notes.add("openid-connect", (at, "openIdConnectUrl"), f"{what}, which are guesses", remedy)
    return {"type": "oauth2", "flow": "accessCode", **urls, "scopes": {}}
