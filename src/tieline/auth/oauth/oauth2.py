"""The provider ``oauth2``: three addresses, the standard requests (reference: connector-format, section 6.2).

Addresses on Microsoft's login hosts are used as Entra ID's, v1 or v2 by their path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...model import DocumentError, Finding, GrantType, Secret, SecurityDefinition, Severity, settable
from ..scheme import plain
from .addresses import checked, microsoft, replaced
from .provider import Entra, Provider
from .settings import Settings
from .values import Values, names_in, unfilled

DEVICE_URL = "deviceAuthorizationUrl"
"""Custom parameter with the address of the device grant; in a security definition with ``x-`` in front."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where to sign in, as written; empty where nothing is."""

    authorization: str = ""
    token: str = ""
    refresh: str = ""
    device: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """All of them."""
        return (self.authorization, self.token, self.refresh, self.device)


def written(values: Values, definition: SecurityDefinition | None) -> Addresses:
    """The addresses that a person, the files or the security definition give, in this order, placeholders and all."""
    authorization = _first(values, "authorizationUrl", "" if definition is None else definition.authorization_url)
    token = _first(values, "tokenUrl", "" if definition is None else _token_url(definition))
    refresh = _first(values, "refreshUrl", "" if definition is None else _extra(definition, "x-refreshUrl"))
    device = _first(values, DEVICE_URL, "" if definition is None else _extra(definition, f"x-{DEVICE_URL}"))
    if not device and microsoft(token) and token.endswith("/token"):
        device = token.removesuffix("token") + "devicecode"
    return Addresses(authorization=authorization, token=token, refresh=refresh or token, device=device)


def missing(addresses: Addresses, definition: SecurityDefinition | None) -> tuple[str, ...]:
    """The addresses without which nobody can sign in."""
    wanted = () if granted_without_browser(definition) else (("authorizationUrl", addresses.authorization),)
    return tuple(name for name, url in (*wanted, ("tokenUrl", addresses.token)) if not url)


def granted_without_browser(definition: SecurityDefinition | None) -> bool:
    """Whether the security definition describes a flow that has no sign-in page."""
    return definition is not None and definition.flow.lower() in ("application", "password")


def provider(
    values: Values, definition: SecurityDefinition | None, settings: Settings, notes: tuple[Finding, ...]
) -> Provider:
    """The provider; ``definition`` is the ``oauth2`` one of the connector, ``notes`` are findings to add.

    Raises DocumentError ``missing-sign-in-url``, ``unfilled-placeholder``, ``missing-client-id`` and
    ``unsafe-sign-in-url``.
    """
    addresses = written(values, definition)
    for name in missing(addresses, definition):
        raise missing_url(name, values)
    urls = [values.filled(text, what="a sign-in URL") for text in addresses.texts]
    route, server = values.parameter.route, values.login.server
    authorization, token, refresh, device = (checked(url, server, route) for url in urls)
    entra = version(urls[1])
    return Provider(
        id="aad" if entra else "oauth2",
        parameter=values.parameter,
        client_id=needed_client_id(values),
        client_secret=secret(values),
        certificate=values.login.certificate,
        scopes=values.scopes,
        resource=_resource(values) if entra == "v1" else "",
        authorization_url=authorization,
        token_url=token,
        refresh_url=refresh,
        device_url=device,
        pkce=settings.pkce == "on",
        entra=entra,
        settings=settings,
        server=server,
        findings=(*notes, *_assumed(values, definition), *replaced(tuple(urls), server, route)),
    )


def with_grants(found: Provider, first: GrantType | None, *, on_behalf: bool = False) -> Provider:
    """The provider with what can be done there. ``first``: the one grant that the files ask for, if they do."""
    confidential = found.client_secret is not None or found.certificate is not None
    can: tuple[tuple[GrantType, bool], ...] = (
        ("authorization_code", bool(found.authorization_url)),
        ("device_code", bool(found.device_url)),
        ("client_credentials", confidential),
        ("password", True),
        ("on_behalf_of", on_behalf),
    )
    grants = tuple(grant for grant, possible in can if possible and found.token_url)
    notes = found.findings
    if first is not None:
        grants = (first, *(grant for grant in grants if grant != first))
        notes = (*notes, *not_on_platform(found, first))
    return replace(found, grants=grants, interactive=grants[:1] == ("authorization_code",), findings=notes)


def not_on_platform(found: Provider, grant: GrantType) -> tuple[Finding, ...]:
    """Says so when the platform cannot do a grant: ``oauth2`` signs people in on a page (reference: section 6)."""
    written = "" if found.parameter.oauth is None else found.parameter.oauth.identity_provider
    if grant == "authorization_code" or "oauth2" not in (found.id, written):
        return ()
    alone = 'use "aad", or "oauth2generic" with "grant_type=client_credentials" in its token body'
    return (
        Finding(
            rule="grant-not-on-platform",
            route=found.parameter.route,
            message=f'grant "{grant}" works here, but the platform\'s provider "{written}" only signs people in on a '
            "page",
            remedy=alone if grant == "client_credentials" else "there, people will sign in on the provider's page",
            severity=Severity.WARNING,
        ),
    )


def first_grant(values: Values, definition: SecurityDefinition | None) -> GrantType | None:
    """The grant that the connection, the files or the definition's flow ask for; None where they leave it open."""
    asked = plain(values.said("grantType"))
    if asked in ("clientcredentials", "application"):
        return "client_credentials"
    if asked in ("code", "authorizationcode"):
        return "authorization_code"
    if not asked and definition is not None and granted_without_browser(definition):
        if _extra(definition, f"x-{DEVICE_URL}"):
            return "device_code"
        return "password" if definition.flow.lower() == "password" else "client_credentials"
    return None


def version(token_url: str) -> Entra:
    """Which Entra ID endpoints an address belongs to."""
    if not microsoft(token_url):
        return ""
    return "v2" if "/v2.0/" in token_url.lower() else "v1"


def needed_client_id(values: Values) -> str:
    """The client id; raises DocumentError ``missing-client-id``."""
    found = values.client_id
    if found:
        return found
    shown = values.login.client_id or values.token("clientId") or values.oauth.client_id
    raise DocumentError(
        "missing-client-id",
        f'connection parameter "{values.parameter.name}" has no client id'
        + (f', only "{shown[:100]}"' if shown else ""),
        remedy="register an app at the identity provider and give its id: --client-id ID",
        route=values.parameter.route,
    )


def missing_url(name: str, values: Values) -> DocumentError:
    """The error for a provider without an address that is needed."""
    return DocumentError(
        "missing-sign-in-url",
        f'connection parameter "{values.parameter.name}" has no "{name}"',
        remedy=f'add it to "customParameters", or --set {settable(name)}',
        route=values.parameter.route,
    )


def usable(definition: SecurityDefinition | None) -> bool:
    """Whether a security definition alone says where to sign in."""
    return definition is not None and bool(definition.authorization_url and _token_url(definition))


def secret(values: Values) -> Secret | None:
    """The client secret: that of the person, else that of the files."""
    said = values.token("clientSecret")
    own = values.login.client_secret
    if own is not None and own.reveal():
        return own
    return Secret(said) if said else _written_secret(values)


def _written_secret(values: Values) -> Secret | None:
    held = values.oauth.client_secret
    return None if held is None or unfilled(held.reveal()) else held


def _first(values: Values, name: str, declared: str) -> str:
    """One address, from the most explicit place that has it."""
    fallback = "" if unfilled(declared) and not names_in(declared) else declared.strip()
    return values.said(name) or fallback


def _token_url(definition: SecurityDefinition) -> str:
    """The token address of a definition. Wizards leave an ``…/authorize`` of another provider there (seen in published
    files): that is none."""
    url = definition.token_url
    return "" if url.partition("?")[0].rstrip("/").lower().endswith("/authorize") else url


def _extra(definition: SecurityDefinition, name: str) -> str:
    value = definition.raw.get(name)
    return value if isinstance(value, str) else ""


def _resource(values: Values) -> str:
    return values.token("resource") or values.said("resourceUri")


def _assumed(values: Values, definition: SecurityDefinition | None) -> tuple[Finding, ...]:
    """Says so when an address comes from the definition, which the platform only shows (reference: section 5)."""
    names = [name for name in ("authorizationUrl", "tokenUrl") if not values.said(name)]
    if not names or definition is None:
        return ()
    told = " and ".join(f'"{name}"' for name in names)
    return (
        Finding(
            rule="sign-in-url-from-definition",
            route=values.parameter.route,
            message=f'{told} not in "customParameters": those of security definition "{definition.name}" are used',
            remedy='add them to "customParameters": the platform reads them there',
            severity=Severity.WARNING,
        ),
    )
