"""Signing in: from Postman's authorization helpers, and from headers and query parameters that hold a credential, to
security definitions.

What lives here looks at names and schemes and keeps every value back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from ...model import JsonObject, Route
from .collection import Asked, Auth
from .entries import Entry
from .names import unique
from .notes import Notes
from .secret_values import Secrets, is_key_name
from .url import parts_of
from .variables import VARIABLE

AUTHORIZATION = "authorization"
"""The header that signs in, in lower case."""

SECRET_HEADERS = frozenset({AUTHORIZATION, "proxy-authorization", "cookie"})
"""Headers (lower case) whose values are secrets."""

COMPUTED = frozenset({"digest", "oauth", "hawk", "ntlm", "negotiate", "aws4-hmac-sha256", "eg1-hmac-sha256"})
"""Schemes (lower case) of an ``Authorization`` that is computed for each request."""

FLOWS = {
    "authorization_code": "accessCode",
    "authorization_code_with_pkce": "accessCode",
    "implicit": "implicit",
    "client_credentials": "application",
    "password_credentials": "password",
}
"""Postman's grant types -> flows of Swagger 2.0."""

FLOW_URLS = {
    "accessCode": {"authorizationUrl": "authUrl", "tokenUrl": "accessTokenUrl"},
    "implicit": {"authorizationUrl": "authUrl"},
    "application": {"tokenUrl": "accessTokenUrl"},
    "password": {"tokenUrl": "accessTokenUrl"},
}
"""Flow -> its URLs in Swagger 2.0 and where Postman has them."""

_URL = re.compile(r"https?://[^\s{}\"<>\\^`|]+", re.IGNORECASE)
_SCHEME_AND_REST = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s+(.+)", re.DOTALL)
_SLUG = re.compile(r"[^0-9A-Za-z]+")

Requirement = dict[str, list[str]]
"""Security definition -> scopes; all of them together."""


class Signed(NamedTuple):
    """How one request signs in."""

    requirement: Requirement
    """Empty for not at all."""
    taken: frozenset[tuple[str, str]]
    """Place and name (headers in lower case) of what is no parameter because it signs in."""


def keep_secrets(asked: Asked, secrets: Secrets) -> None:
    """Keep the credentials that a request has in its headers, its query and its URL."""
    for entry in asked.headers:
        if entry.name.lower() in SECRET_HEADERS or is_key_name(entry.name):
            value = asked.variables.peek(entry.value or "")
            secrets.add(value)
            scheme = _SCHEME_AND_REST.fullmatch(value)
            secrets.add(scheme[2] if scheme else "")
    for entry in asked.url.query:
        if is_key_name(entry.name):
            secrets.add(unquote(asked.variables.peek(entry.value or "")))
    user = parts_of(asked.variables.peek(asked.url.base)).user
    secrets.add(user.partition(":")[2])
    secrets.add(user if ":" in user else "")


@dataclass(slots=True)
class Signing:
    """The ways of signing in of one collection."""

    notes: Notes
    secrets: Secrets
    definitions: dict[str, JsonObject] = field(default_factory=dict)
    """``securityDefinitions``."""
    _names: dict[tuple[str, ...], str] = field(default_factory=dict)
    _said: set[tuple[str, str]] = field(default_factory=set)
    _values: dict[str, tuple[Route, set[str]]] = field(default_factory=dict)
    """Name of a definition -> where it was met first, and the values that sign in with it, as written."""

    def of(self, asked: Asked) -> Signed:
        """How a request signs in: by its own helper or an inherited one, else by what its headers, its query or its URL
        hold. The helper's ``Authorization`` takes the place of a written one, as in Postman."""
        requirement: Requirement = {}
        taken: set[tuple[str, str]] = set()
        if asked.auth is not None and asked.auth.type != "noauth":
            requirement |= self._helper(asked, asked.auth, taken)
            taken.add(("header", AUTHORIZATION))
        elif parts_of(asked.variables.peek(asked.url.base)).user:
            requirement |= self._basic(asked.url.route, asked.url.base)
            taken.add(("header", AUTHORIZATION))
        for where, entry in (*(("header", row) for row in asked.headers), *(("query", row) for row in asked.url.query)):
            name = entry.name.lower() if where == "header" else entry.name
            if (where, name) in taken or not entry.enabled:
                continue
            if where == "header" and name == AUTHORIZATION:
                requirement |= self._authorization(asked, entry)
            elif is_key_name(entry.name):
                requirement |= self._key(where, entry.name, entry.value or "", entry.route)
                self._once("header-as-api-key", entry.route, f'the {where} parameter "{entry.name}" becomes an API key')
            else:
                continue
            taken.add((where, name))
        return Signed(requirement, frozenset(taken))

    def finish(self) -> None:
        """Note the definitions that requests sign in with in several ways."""
        for name, (route, values) in self._values.items():
            if len(values) > 1:
                self.notes.add(
                    "several-credentials", route, f'requests sign in with {len(values)} different values of "{name}"'
                )

    def _once(self, rule: str, route: Route, message: str, remedy: str = "") -> None:
        """Note something about a definition where it is met first."""
        if (rule, message) not in self._said:
            self._said.add((rule, message))
            self.notes.add(rule, route, message, remedy)

    def _helper(self, asked: Asked, auth: Auth, taken: set[tuple[str, str]]) -> Requirement:
        """What an authorization helper becomes; nothing, with a finding, for one that the platform does not have."""
        match auth.type:
            case "apikey":
                return self._api_key(asked, auth, taken)
            case "basic":
                return self._basic(auth.route, f"{auth.values.get('username')}:{auth.values.get('password')}")
            case "bearer":
                return self._token(auth.route, auth.values.get("token", ""))
            case "oauth2":
                return self._oauth2(asked, auth)
            case kind:
                self.notes.add("auth-method", auth.route, f'signing in by "{kind}" is left out')
                return {}

    def _api_key(self, asked: Asked, auth: Auth, taken: set[tuple[str, str]]) -> Requirement:
        """Postman's API key: in the header unless it says the query."""
        name = asked.variables.fill(auth.values.get("key", "")).text.strip()
        where = "query" if auth.values.get("in", "").strip().lower() in ("query", "queryparams") else "header"
        if not name or VARIABLE.search(name) or not name.isprintable() or self.secrets.within(name):
            self.notes.add("auth-method", auth.route, "an API key without the name of its header or query is left out")
            return {}
        taken.add((where, name.lower() if where == "header" else name))
        return self._key(where, name, auth.values.get("value", ""), auth.route)

    def _key(self, where: str, name: str, value: str, route: Route) -> Requirement:
        """An API key in a header or a query. A known scheme in front of it is told in its description."""
        definition: JsonObject = {"type": "apiKey", "name": name, "in": where}
        return self._defined(("apiKey", where, name.lower()), _SLUG.sub("_", name), definition, value, route)

    def _basic(self, route: Route, value: str) -> Requirement:
        return self._defined(("basic",), "basic_auth", {"type": "basic"}, value, route)

    def _authorization(self, asked: Asked, entry: Entry) -> Requirement:
        """An ``Authorization`` that is written as a header."""
        value = asked.variables.peek(entry.value or "").strip()
        found = _SCHEME_AND_REST.fullmatch(value)
        scheme = found[1] if found else ""
        if scheme.lower() == "basic":
            return self._basic(entry.route, value)
        if scheme.lower() in COMPUTED:
            self.notes.add("auth-method", entry.route, f'signing in by "{scheme}" is left out')
            return {}
        return self._token(entry.route, value, scheme if scheme.lower() in WORDS else "")

    def _token(self, route: Route, value: str, word: str = "Bearer") -> Requirement:
        """A token in ``Authorization``, which the platform sends as it is typed (reference: connector-format, 5)."""
        shown = WORDS.get(word.lower(), word)
        told = f'"{shown} " and then the token, for example "{shown} eyJhbGci".' if shown else "The whole value."
        definition = {"type": "apiKey", "name": "Authorization", "in": "header", "description": told}
        self._once(
            "bearer-as-api-key",
            route,
            'a token becomes an API key in the header "Authorization"',
            f'type "{shown} " and the token into the connection' if shown else "type the whole value of the header",
        )
        return self._defined(("apiKey", "header", AUTHORIZATION), AUTHORIZATION, definition, value, route)

    def _oauth2(self, asked: Asked, auth: Auth) -> Requirement:
        """Postman's OAuth 2 helper; where it does not know its addresses, a token."""
        values = {name: asked.variables.peek(value).strip() for name, value in auth.values.items()}
        grant = values.get("grant_type") or ("authorization_code" if values.get("authUrl") else "client_credentials")
        flow = FLOWS.get(grant, "")
        urls = {name: values.get(key, "") for name, key in FLOW_URLS.get(flow, {}).items()}
        if not urls or not all(_URL.fullmatch(url) and not self.secrets.within(url) for url in urls.values()):
            self._once("oauth-token", auth.route, "OAuth 2 without usable addresses becomes a token")
            return self._token(auth.route, auth.values.get("accessToken", ""))
        flaws = [] if flow == "accessCode" else [f'the flow "{grant}" is not what the platform signs in with']
        flaws += ["the platform sends no PKCE code"] if grant.endswith("pkce") else []
        flaws += ["the token is sent in the header"] if values.get("addTokenTo") == "queryParams" else []
        if values.get("headerPrefix", "Bearer").lower() not in ("bearer", ""):
            flaws.append('the token is sent with "Bearer" before it')
        for flaw in flaws:
            self._once("oauth-flow", auth.route, flaw)
        scopes = values.get("scope", "").replace(",", " ").split()
        known = [scope for scope in dict.fromkeys(scopes) if VARIABLE.search(scope) is None]
        scopes = [scope for scope in known if not self.secrets.within(scope)]
        definition = {"type": "oauth2", "flow": flow, **urls, "scopes": {}}
        found = self._defined(("oauth2", flow, *urls.values()), "oauth2_auth", definition, "", auth.route)
        for name in found:
            self.definitions[name]["scopes"] |= dict.fromkeys(scopes, "")
        return dict.fromkeys(found, scopes)

    def _defined(
        self, key: tuple[str, ...], name: str, definition: JsonObject, value: str, route: Route
    ) -> Requirement:
        """A security definition, made when it is first needed."""
        if key not in self._names:
            made = unique(name.strip("_").lower() or "api_key", self.definitions)
            self._names[key] = made
            self.definitions[made] = definition
        made = self._names[key]
        self._values.setdefault(made, (route, set()))[1].add(value)
        return {made: []}


WORDS: Mapping[str, str] = {
    "bearer": "Bearer",
    "token": "token",
    "apikey": "ApiKey",
    "api-key": "Api-Key",
    "key": "key",
    "jwt": "JWT",
    "zoho-oauthtoken": "Zoho-oauthtoken",
    "genericapikey": "GenericApiKey",
    "sso-key": "sso-key",
    "ssws": "SSWS",
    "bot": "Bot",
}
"""Words (lower case) that stand before a token in ``Authorization``, as they are spelt. Others may be a part of the
secret and are not repeated."""


def combined(found: Sequence[Signed], route: Route, notes: Notes) -> list[Requirement]:
    """The ``security`` of an operation whose requests sign in like this: alternatives, none for "no credential"."""
    distinct: dict[tuple[str, ...], Requirement] = {}
    for signed in found:
        known = distinct.setdefault(tuple(sorted(signed.requirement)), dict(signed.requirement))
        for name, scopes in signed.requirement.items():
            known[name] = list(dict.fromkeys([*known[name], *scopes]))
    named = [requirement for requirement in distinct.values() if requirement]
    if named and len(named) < len(distinct):
        notes.add("optional-security", route, "some requests sign in and some do not; the connector signs in always")
    if len(named) > 1:
        notes.add("security-alternatives", route, f"requests sign in in {len(named)} different ways")
    return named
