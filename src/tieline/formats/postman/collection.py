"""A collection as it is written: its requests in order, each with what it inherits from the folders around it.

What lives here reads; what becomes of a request is said elsewhere. Folders are gone through to any depth that a
document may have.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model import Route
from ..fields import Fields, scalar_text, wrong_type
from .entries import Entry, entries_of, text_of
from .notes import Notes
from .secret_values import Secrets
from .url import Url, read_url
from .variables import Met, Variables, declared


@dataclass(frozen=True, slots=True, kw_only=True)
class Auth:
    """How a request signs in."""

    type: str
    """In lower case: ``apikey``, ``basic``, ``bearer``, ``oauth2``, ``noauth``, …"""
    values: Mapping[str, str]
    """Its attributes as written."""
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The body of a request."""

    mode: str
    """``raw``, ``urlencoded``, ``formdata``, ``file`` or ``graphql``; empty for none."""
    text: str = ""
    """Of ``raw``; of ``graphql`` the query."""
    arguments: str = ""
    """Of ``graphql``: its variables, a JSON text."""
    operation_name: str = ""
    """Of ``graphql``."""
    language: str = ""
    """Of ``raw``: json, text, xml, html, javascript; empty where it is not said."""
    entries: tuple[Entry, ...] = ()
    """Of the two forms."""
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A saved response."""

    code: str
    """Three digits; empty where there are none."""
    name: str
    status: str
    headers: tuple[Entry, ...]
    body: str
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of the collection."""

    name: str
    description: str
    folders: tuple[str, ...]
    """Names of the folders that it is in, outermost first."""
    method: str
    """Upper case."""
    url: Url
    headers: tuple[Entry, ...]
    body: Body | None
    """None for none and for one that is disabled."""
    sends_body: bool
    """Whether Postman sends a body with methods that have none (``disableBodyPruning``)."""
    auth: Auth | None
    """Its own, or that of the innermost folder that says one; None where nobody does."""
    saved: tuple[Saved, ...]
    variables: Variables
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """What holds inside a folder, or in the whole collection."""

    names: tuple[str, ...] = ()
    variables: Variables
    auth: Auth | None = None
    sends_body: bool = False


@dataclass(slots=True)
class Reading:
    """One reading of a collection, and what it found out on the way."""

    notes: Notes
    secrets: Secrets
    scripts: int = 0
    """Scripts that were met."""
    tags: dict[str, str] = field(default_factory=dict)
    """Name of a folder -> description, in order of writing; of several folders of one name all that they say."""

    def requests(self, root: Fields, met: Met) -> Iterator[Asked]:
        """Every request of the collection, in order of writing. ``met`` collects variables without a value."""
        yield from self._items(root, self._inside(root, Folder(variables=Variables({}, met))))

    def _inside(self, holder: Fields, around: Folder) -> Folder:
        """What holds inside of a collection, folder or request."""
        variables = declared(holder, around.variables, self.secrets)
        self._count_scripts(holder)
        pruning = holder.child("protocolProfileBehavior").get("disableBodyPruning")
        return Folder(
            names=around.names,
            variables=variables,
            auth=self._auth(holder, around.auth, variables),
            sends_body=pruning if isinstance(pruning, bool) else around.sends_body,
        )

    def _items(self, holder: Fields, around: Folder) -> Iterator[Asked]:
        for item in holder.children("item"):
            folder, request = isinstance(item.get("item"), list), isinstance(item.get("request"), (str, dict))
            if request:
                asked = self._request(item, self._inside(item, around))
                if asked is not None:
                    yield asked
            if folder:
                yield from self._folder(item, around)
            if not folder and not request:
                self.notes.add(
                    "item-without-request",
                    item.route,
                    f'the item "{item.text("name")}" has no request; it is left out',
                )

    def _folder(self, item: Fields, around: Folder) -> Iterator[Asked]:
        name = item.text("name").strip()
        inside = self._inside(item, around)
        if name:
            said, more = self.tags.get(name, ""), text_of(item.get("description"))
            self.tags[name] = said if more in said else f"{said}\n\n{more}".strip()
            names = tuple(dict.fromkeys((*around.names, name)))
            inside = Folder(names=names, variables=inside.variables, auth=inside.auth, sends_body=inside.sends_body)
        yield from self._items(item, inside)

    def _count_scripts(self, holder: Fields) -> None:
        """Count the scripts of a collection, folder or request."""
        events = holder.get("event")
        for event in events if isinstance(events, list) else ():
            script = event.get("script") if isinstance(event, dict) else None
            lines = script.get("exec") if isinstance(script, dict) else script
            texts = lines if isinstance(lines, list) else [lines]
            self.scripts += any(isinstance(text, str) and text.strip() for text in texts)

    def _auth(self, holder: Fields, inherited: Auth | None, variables: Variables) -> Auth | None:
        """How a place signs in; what it inherits where it says nothing."""
        if not isinstance(holder.get("auth"), dict):
            holder.child("auth")
            return inherited
        auth = holder.child("auth")
        kind = auth.text("type").strip()
        if not kind:
            return inherited
        values = {entry.name: entry.value or "" for entry in entries_of(auth, kind)}
        self._keep_secrets(kind.lower(), values, variables)
        return Auth(type=kind.lower(), values=values, route=auth.route)

    def _keep_secrets(self, kind: str, values: Mapping[str, str], variables: Variables) -> None:
        """Keep what must not get out of the attributes of a way of signing in."""
        for name, value in values.items():
            if name not in OPEN_ATTRIBUTES.get(kind, OPEN):
                self.secrets.add(variables.peek(value))
        if values.get("username") and values.get("password"):
            self.secrets.add(variables.peek(f"{values['username']}:{values['password']}"))

    def _request(self, item: Fields, inside: Folder) -> Asked | None:
        """One request; None, with a finding, when it calls no URL."""
        written = item.get("request")
        request = Fields({"url": written}, item.at("request"), self.notes.found)
        url_route = item.at("request")
        if isinstance(written, dict):
            request = item.child("request")
            url_route = request.at("url")
        url = read_url(request.get("url"), url_route, self.notes)
        name = item.text("name").strip()
        if url is None:
            self.notes.add("request-without-url", item.route, f'the request "{name}" calls no URL; it is left out')
            return None
        if request.get("certificate") is not None:
            self.notes.add("client-certificate", request.at("certificate"), "the client certificate is left out")
        method = inside.variables.peek(request.text("method").strip()).upper()
        return Asked(
            name=name,
            description=text_of(request.get("description")) or text_of(item.get("description")),
            folders=inside.names,
            method=method or "GET",
            url=url,
            headers=entries_of(request, "header"),
            body=self._body(request),
            sends_body=inside.sends_body,
            auth=self._auth(request, inside.auth, inside.variables),
            saved=tuple(self._saved(response) for response in item.children("response")),
            variables=inside.variables,
            route=item.route,
        )

    def _body(self, request: Fields) -> Body | None:
        """The body of a request, whatever Postman does with it."""
        if request.get("body") is None:
            return None
        body = request.child("body")
        mode = body.text("mode").strip().lower()
        if not mode:
            return None
        if body.flag("disabled"):
            self.notes.add("body-not-sent", body.route, "the body is disabled; it is left out")
            return None
        graph = body.child("graphql") if mode == "graphql" else Fields({}, body.route, [])
        arguments = graph.get("variables")
        return Body(
            mode=mode,
            text=graph.text("query") if mode == "graphql" else body.text("raw") if mode == "raw" else "",
            arguments=json.dumps(arguments) if isinstance(arguments, dict) else graph.text("variables"),
            operation_name=graph.text("operationName"),
            language=_language(body),
            entries=entries_of(body, mode) if mode in ("urlencoded", "formdata") else (),
            route=body.route,
        )

    def _saved(self, response: Fields) -> Saved:
        """One saved response."""
        code = scalar_text(response.get("code")) or ""
        if not (len(code) == 3 and code.isascii() and code.isdigit() and "1" <= code[0] <= "5"):
            if code:
                self.notes.add("bad-response-code", response.at("code"), f'"{code}" is no status code')
            code = ""
        body = response.get("body")
        if body is not None and not isinstance(body, str):
            self.notes.found.append(wrong_type("body", response.at("body"), "a text", body))
        return Saved(
            code=code,
            name=response.text("name").strip(),
            status=response.text("status").strip(),
            headers=_reply_headers(response),
            body=body if isinstance(body, str) else "",
            route=response.route,
        )


OPEN: frozenset[str] = (
    frozenset({"username", "user", "algorithm", "realm", "qop", "region", "service", "domain", "workstation", "alg"})
    | frozenset({"addTokenTo", "headerPrefix", "queryParamKey", "isSecretBase64Encoded", "tokenType", "version"})
    | frozenset({"signatureMethod", "addParamsToHeader", "addEmptyParamsToSign", "includeBodyHash", "authId", "app"})
    | frozenset({"delegation", "timestamp", "includePayloadHash", "iss", "aud", "sub", "kid", "expiry", "baseURI"})
    | frozenset({"headersToSign", "maxBodySize", "disableRetryRequest"})
)
"""Attributes of any way of signing in that are no secrets: who signs in, and how what is secret is sent."""

OPEN_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "apikey": frozenset({"key", "in"}),
    "oauth2": OPEN
    | frozenset({"accessTokenUrl", "authUrl", "scope", "grant_type", "tokenName", "redirect_uri", "callBackUrl"})
    | frozenset({"client_authentication", "challengeAlgorithm", "useBrowser", "refreshTokenUrl", "state", "clientId"})
    | frozenset({"resource", "audience"}),
}
"""The same for single ways."""


def _language(body: Fields) -> str:
    """What a raw body is written in, as Postman's editor was told."""
    options: Any = body.get("options")
    raw = options.get("raw") if isinstance(options, dict) else None
    language = raw.get("language") if isinstance(raw, dict) else None
    return language.strip().lower() if isinstance(language, str) else ""


def _reply_headers(response: Fields) -> tuple[Entry, ...]:
    """The headers of a saved response: a list of rows, of texts, or one text."""
    value = response.get("header")
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return entries_of(Fields({"header": "\n".join(value)}, response.route, []), "header")
    return entries_of(response, "header") if value is not None else ()
