"""The provider ``oauth2generic``: its URLs, queries and bodies are templates (reference: connector-format, section 6).

A request is URL template + query template, put together as they are. Values are encoded in queries and bodies and raw
in the rest of a URL, since some connectors have a whole host as a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from ...model import HIDDEN, Finding, Severity
from ..scheme import plain
from .addresses import checked, replaced
from .oauth2 import missing_url, needed_client_id, secret
from .provider import Provider, Templates, credential
from .settings import Settings
from .values import Values, as_is, encoded, expand, names_in

QUERY = "response_type=code&client_id={ClientId}&redirect_uri={RedirectUrl}&scope={Scopes}&state={State}"
"""Used where there is no query template (inferred: such connectors are published)."""

TOKEN_BODY = (
    "code={Code}&grant_type=authorization_code&redirect_uri={RedirectUrl}"
    "&client_id={ClientId}&client_secret={ClientSecret}"
)
REFRESH_BODY = "refresh_token={RefreshToken}&grant_type=refresh_token&client_id={ClientId}&client_secret={ClientSecret}"

PLATFORM_REDIRECT = re.compile(r"(?<=redirect_uri=)[^&{}]*\.consent\.azure-apim\.net[^&{}]*", re.IGNORECASE)
"""Where the platform receives sign-ins, as the value of a query or a body (one published connector writes it so)."""

LATER = {
    "authorization": frozenset({"state", "redirecturl", "codechallenge"}),
    "token": frozenset({"state", "redirecturl", "code", "codeverifier"}),
    "refresh": frozenset({"state", "redirecturl", "refreshtoken", "code"}),
}
"""Placeholders, by plain name, that get their value when a request is made."""

RESERVED = frozenset({"clientid", "clientsecret", "scopes", *LATER["authorization"], *LATER["token"], "refreshtoken"})
"""Placeholders that have a meaning of their own and are not asked for by name."""


def templates(values: Values, *, secret_known: bool) -> Templates:
    """The templates as written, with the standard ones in the place of missing ones. Empty URLs stay empty."""
    url, query = values.said("authorizationUrlTemplate"), values.said("authorizationUrlQueryStringTemplate")
    if not query:
        standard = QUERY if values.oauth.scopes else QUERY.replace("&scope={Scopes}", "")
        query = ("&" if "?" in url else "?") + standard
    url, query = own_redirect(url), own_redirect(query)
    token = values.said("tokenUrlTemplate") + values.said("tokenUrlQueryStringTemplate")
    refresh = values.said("refreshUrlTemplate") + values.said("refreshUrlQueryStringTemplate")
    return Templates(
        authorization=f"{url}{query}" if url else "",
        authorization_raw=_raw(url, query),
        token=token,
        token_body=own_redirect(values.said("tokenBodyTemplate")) or _standard(TOKEN_BODY, secret_known),
        refresh=refresh or token,
        refresh_body=own_redirect(values.said("refreshBodyTemplate")) or _standard(REFRESH_BODY, secret_known),
    )


def own_redirect(template: str) -> str:
    """A template with ``{RedirectUrl}`` in the place of the platform's redirect URL. There it is the same; here nothing
    would ever come back from a sign-in that ends on the platform."""
    return PLATFORM_REDIRECT.sub("{RedirectUrl}", template)


def alone(found: Templates) -> bool:
    """Whether the token body hard-codes ``client_credentials``: then nobody signs in (reference: section 6)."""
    return dict(parse_qsl(found.token_body)).get("grant_type", "").lower() == "client_credentials"


def used(found: Templates) -> dict[str, tuple[str, ...]]:
    """Step -> the templates that it is made of, of the steps that are taken."""
    token: dict[str, tuple[str, ...]] = {"token": (found.token, found.token_body)}
    if alone(found):
        return token
    refresh = (found.refresh, found.refresh_body)
    return {"authorization": (found.authorization,), **token, "refresh": refresh}


def texts(values: Values) -> tuple[str, ...]:
    """All templates that are used, as written."""
    return tuple(text for parts in used(templates(values, secret_known=True)).values() for text in parts)


def missing(values: Values) -> tuple[str, ...]:
    """The templates without which nobody can sign in."""
    found = templates(values, secret_known=True)
    wanted = () if alone(found) else (("authorizationUrlTemplate", found.authorization),)
    return tuple(name for name, text in (*wanted, ("tokenUrlTemplate", found.token)) if not text)


def provider(values: Values, settings: Settings) -> Provider:
    """The provider; all its templates have been tried, so what is sent later is complete.

    Raises DocumentError ``missing-sign-in-url``, ``unfilled-placeholder``, ``missing-client-id`` and
    ``unsafe-sign-in-url``.
    """
    for name in missing(values):
        raise missing_url(name, values)
    found = templates(values, secret_known=secret(values) is not None)
    known = _known(values, found, settings)
    for step, parts in used(found).items():
        for part, name in zip(parts, ("Url", "Body"), strict=False):
            _tried(part, step, known, values, f'"{step}{name}Template"')
    starts = ("", found.token, "") if alone(found) else (found.authorization, found.token, found.refresh)
    urls = [_start(text, known) for text in starts]
    route, server = values.parameter.route, values.login.server
    authorization, token, refresh = (checked(url, server, route) for url in urls)
    return Provider(
        id="oauth2generic",
        parameter=values.parameter,
        client_id=known.get("clientid", ""),
        client_secret=secret(values),
        scopes=values.scopes,
        authorization_url=authorization,
        token_url=token,
        refresh_url=refresh,
        grants=("client_credentials",) if alone(found) else ("authorization_code",),
        interactive=not alone(found),
        pkce=settings.pkce == "on" or "codechallenge" in plain_names(found.authorization),
        settings=settings,
        templates=found,
        values=known,
        server=server,
        findings=(*_noted(values, found), *replaced(tuple(urls), server, route)),
    )


def filled(text: str, values: Mapping[str, str], *, raw: int | None = None) -> str:
    """A template with values by plain name: raw in its first ``raw`` characters, else up to the query."""
    query = text.find("?") if raw is None else raw
    cut = len(text) if query < 0 else query
    lost: list[str] = []

    def value(name: str) -> str | None:
        return values.get(plain(name))

    return expand(text[:cut], value, as_is, lost) + expand(text[cut:], value, encoded, lost)


def _known(values: Values, found: Templates, settings: Settings) -> dict[str, str]:
    """Placeholder, by plain name -> value, of all that is known before a request is made."""
    names = {plain(name): name for parts in used(found).values() for text in parts for name in names_in(text)}
    known = {key: said for key, name in names.items() if (said := values.value(name)) is not None}
    if "clientid" in names:
        known["clientid"] = needed_client_id(values)
    held = secret(values)
    if held is not None:
        known["clientsecret"] = held.reveal()
    delimiter = values.oauth.custom_parameters.get("scopelistdelimiter") or settings.scope_delimiter
    known["scopes"] = delimiter.join(values.scopes)
    return known


def _tried(text: str, step: str, known: Mapping[str, str], values: Values, what: str) -> None:
    """Raises DocumentError for a placeholder that would be sent as it is written."""
    for name in names_in(text):
        if plain(name) not in known and plain(name) not in LATER[step]:
            raise values.unfilled(name, text, what)
    values.closed(text, what)


def plain_names(text: str) -> set[str]:
    """The names of the placeholders in a text, without case and punctuation."""
    return {plain(name) for name in names_in(text)}


def _raw(url: str, query: str) -> int:
    """Where encoding begins: at the first ``?``, or with a query template that has none and no path in front."""
    mark = f"{url}{query}".find("?")
    ends = [mark] if mark >= 0 else []
    if query and not query.startswith("/"):
        ends.append(len(url))
    return min(ends, default=len(url) + len(query))


def _start(text: str, known: Mapping[str, str]) -> str:
    """The part of an address that is the same for every request, to be looked at and shown."""
    cut = text.find("?")
    later = dict.fromkeys((name for names in LATER.values() for name in names), "")
    hidden = dict.fromkeys(filter(credential, known), HIDDEN)
    return filled(text if cut < 0 else text[:cut], {**later, **known, **hidden})


def _standard(body: str, secret_known: bool) -> str:
    """A standard body; an app without secret says nothing of one."""
    return body if secret_known else body.replace("&client_secret={ClientSecret}", "")


def _noted(values: Values, found: Templates) -> tuple[Finding, ...]:
    """What the platform would not be able to do with these templates."""
    notes, names = [], plain_names(found.authorization)
    if found.authorization and not alone(found) and "state" not in names:
        notes.append(
            Finding(
                rule="template-without-state",
                route=values.parameter.route,
                message='"authorizationUrlQueryStringTemplate" has no {State}, so no sign-in can be completed',
                remedy='add "&state={State}"',
                severity=Severity.ERROR,
            )
        )
    written = (values.said(f"authorizationUrl{part}Template") for part in ("", "QueryString"))
    if any(PLATFORM_REDIRECT.search(text) for text in written):
        notes.append(
            Finding(
                rule="template-with-redirect-url",
                route=values.parameter.route,
                message="the platform's redirect URL stands in the templates; here the redirect comes to this machine",
                remedy="write {RedirectUrl}: then it is right wherever the connector runs",
                severity=Severity.INFO,
            )
        )
    if "codechallenge" in names:
        notes.append(
            Finding(
                rule="template-with-code-challenge",
                route=values.parameter.route,
                message="{CodeChallenge} is filled in here; it is not known whether the platform does so",
                severity=Severity.WARNING,
            )
        )
    return tuple(notes)
