"""Which identity provider a connection parameter means, and whether it can be used from here.

Reference: connector-format, section 6. Names of providers are compared in lower case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ...model import (
    Connection,
    ConnectionParameter,
    DocumentError,
    Finding,
    Login,
    OAuthSettings,
    SecurityDefinition,
    Severity,
)
from ..scheme import plain
from . import entra, generic, oauth2
from .provider import Provider
from .settings import DEFAULTS, Settings
from .values import Values, names_in

CERTIFICATE_ONLY = frozenset({"aadcertificate", "aadcertificateauth", "aadcertified"})
"""Providers for Microsoft's own apps, with a certificate that only the platform has."""


def provider_of(
    parameter: ConnectionParameter,
    connection: Connection,
    definitions: Mapping[str, SecurityDefinition],
    *,
    settings: Settings = DEFAULTS,
    now: float = 0.0,
    nonce: str = "",
) -> Provider:
    """The identity provider that an ``oauthSetting`` parameter signs in at, as this connection uses it.

    ``definitions`` are the connector's security definitions; ``now`` (seconds since the epoch) and ``nonce`` (never
    used before) go into client assertions. Raises DocumentError: ``sign-in-not-local``, ``missing-oauth-settings``,
    ``missing-client-id``, ``missing-sign-in-url``, ``unfilled-placeholder``, ``unsafe-sign-in-url``.
    """
    values = _values(parameter, connection)
    definition = _definition(definitions)
    kind = _kind(values, definition)
    if kind == "aad":
        found = _entra(values, settings)
    elif kind == "oauth2generic":
        found = generic.provider(values, settings)
    else:
        found = _oauth2(values, definition, settings)
    redirect = values.login.redirect_url or next(iter(values.oauth.redirect_urls), "")
    return replace(found, now=now, nonce=nonce, redirect_url=redirect)


def placeholders_of(
    parameter: ConnectionParameter, connection: Connection, definitions: Mapping[str, SecurityDefinition]
) -> tuple[str, ...]:
    """Names, as written, that have no value yet and that ``--set`` must give: ``{placeholders}`` in URLs, templates,
    scopes and client id, and addresses and the resource where the files leave them out. Raises what
    :func:`provider_of` does for a provider that cannot be used from here."""
    values = _values(parameter, connection)
    definition = _definition(definitions)
    kind = _kind(values, definition)
    found: dict[str, str] = {}
    for name in _open(values, kind, definition):
        found.setdefault(plain(name), name)
    return tuple(found.values())


def _open(values: Values, kind: str, definition: SecurityDefinition | None) -> Iterator[str]:
    """Names without a value, in the order in which a person would fill them in."""
    if kind == "aad":
        texts = entra.texts(values, DEFAULTS)
    elif kind == "oauth2generic":
        texts = generic.texts(values)
    else:
        texts = oauth2.written(values, definition).texts
    reserved = generic.RESERVED if kind == "oauth2generic" else frozenset({"clientid"} if values.client_id else ())
    for name in (name for text in (*texts, *values.oauth.scopes) for name in names_in(text)):
        if plain(name) not in reserved and values.value(name) is None:
            yield name
    if not values.client_id:
        yield from (name for name in names_in(values.oauth.client_id) if values.asked(name) is None)
    if kind == "aad" and entra.resource_needed(values):
        yield "resourceUri"
    if kind == "oauth2generic":
        yield from generic.missing(values)
    if kind == "oauth2":
        yield from oauth2.missing(oauth2.written(values, definition), definition)


def _values(parameter: ConnectionParameter, connection: Connection) -> Values:
    if parameter.type == "gatewaysetting":
        raise _elsewhere(parameter, "it goes through an on-premises data gateway")
    if parameter.oauth is None:
        raise DocumentError(
            "missing-oauth-settings",
            f'connection parameter "{parameter.name}" has no "oAuthSettings", so nobody can sign in',
            remedy='add "oAuthSettings" with at least "identityProvider" and "clientId"',
            route=parameter.route,
        )
    login = connection.login or Login()
    return Values(parameter=parameter, oauth=parameter.oauth, connection=connection, login=login)


def _definition(definitions: Mapping[str, SecurityDefinition]) -> SecurityDefinition | None:
    """The ``oauth2`` definition: the first that says where to sign in, else the first."""
    found = [definition for definition in definitions.values() if definition.type == "oauth2"]
    return next(filter(oauth2.usable, found), found[0] if found else None)


def _kind(values: Values, definition: SecurityDefinition | None) -> str:
    """What the provider is run as; raises DocumentError ``sign-in-not-local`` for one that only the platform has."""
    written = values.oauth.identity_provider
    if written in CERTIFICATE_ONLY:
        raise _elsewhere(values.parameter, f'identity provider "{written}" is for Microsoft\'s own apps')
    if _first_party(values.oauth) and not (values.login.client_id or values.token("clientId")):
        raise _elsewhere(
            values.parameter, "the app belongs to Microsoft (IsFirstParty)", "or --client-id of an app of your own"
        )
    if written in ("oauth2", "oauth2generic", "aad"):
        return written
    if not oauth2.missing(oauth2.written(values, definition), definition):
        return "oauth2"
    named = f'identity provider "{written}"' if written else "the identity provider"
    raise _elsewhere(values.parameter, f"{named} is known to the platform alone: its addresses are not in the files")


def _first_party(oauth: OAuthSettings) -> bool:
    said = next((value for key, value in oauth.properties.items() if key.lower() == "isfirstparty"), "")
    return str(said).strip().lower() == "true"


def _elsewhere(parameter: ConnectionParameter, why: str, more: str = "") -> DocumentError:
    name = parameter.name
    return DocumentError(
        "sign-in-not-local",
        f'connection parameter "{name}" cannot sign in from here: {why}',
        remedy="use an access token that you have: tieline connect --token env:NAME, or --set "
        f"{name}=ACCESS_TOKEN on a call" + (f"; {more}" if more else ""),
        route=parameter.route,
    )


def _entra(values: Values, settings: Settings) -> Provider:
    first = oauth2.first_grant(values, None)
    found = entra.provider(values, settings, alone=first == "client_credentials")
    return oauth2.with_grants(found, first, on_behalf=entra.on_behalf(values))


def _oauth2(values: Values, definition: SecurityDefinition | None, settings: Settings) -> Provider:
    written = values.oauth.identity_provider
    notes = () if written == "oauth2" else (_foreign(values),)
    found = oauth2.provider(values, definition, settings, notes)
    behalf = bool(found.entra) and entra.on_behalf(values)
    return oauth2.with_grants(found, oauth2.first_grant(values, definition), on_behalf=behalf)


def _foreign(values: Values) -> Finding:
    return Finding(
        rule="provider-as-oauth2",
        route=values.parameter.route,
        message=f'identity provider "{values.oauth.identity_provider}" is run as "oauth2" with the addresses in the '
        "files; the platform has its own for it",
        severity=Severity.INFO,
    )
