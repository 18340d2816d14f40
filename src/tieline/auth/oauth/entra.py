"""The provider ``aad``: Microsoft Entra ID, v1 endpoints with a resource or v2 endpoints with scopes.

Reference: connector-format, sections 6 and 6.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...model import DocumentError, Finding, Severity
from .addresses import checked, replaced
from .oauth2 import needed_client_id, secret
from .provider import Entra, Provider
from .settings import Settings
from .values import Values, names_in, unfilled

_ENDING = re.compile(r"/(oauth2|v2\.0|authorize|token|devicecode)(?=/|$)", re.IGNORECASE)
"""Parts of a login URL that belong to an endpoint and not to the host or tenant."""

_VERSION_2 = re.compile(r"/v2\.0(/|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Where and as what to sign in."""

    login: str
    """Host for the sign-in page, with what stands before the tenant; no slash at the end."""
    token_login: str
    """The same for tokens without a person (``loginUriAAD``)."""
    tenant: str
    """Empty when the login URL holds it already."""
    version: Entra

    def url(self, step: str, *, person: bool = True) -> str:
        """The address of ``authorize``, ``token`` or ``devicecode``."""
        base = self.login if person else self.token_login
        tenant = f"/{self.tenant}" if self.tenant else ""
        return f"{base}{tenant}/oauth2/{'v2.0/' if self.version == 'v2' else ''}{step}"


def texts(values: Values, settings: Settings) -> tuple[str, ...]:
    """What is made into addresses, as written: it may hold placeholders."""
    found = directory(values, settings)
    return (found.login, found.token_login, found.tenant, resource(values))


def provider(values: Values, settings: Settings, *, alone: bool) -> Provider:
    """The provider; ``alone``: nobody signs in, the app does so for itself (``client_credentials``).

    Raises DocumentError ``unfilled-placeholder``, ``missing-client-id`` and ``unsafe-sign-in-url``.
    """
    found, route, server = directory(values, settings), values.parameter.route, values.login.server
    steps = (found.url("authorize"), found.url("token", person=not alone), found.url("devicecode"))
    urls = [values.filled(url, what="a sign-in URL") for url in steps]
    authorization, token, device = (checked(url, server, route) for url in urls)
    wanted = resource_needed(values)
    if wanted:
        raise _no_resource(values)
    target = values.filled(resource(values), what='"resourceUri"')
    scopes = values.scopes
    if found.version == "v2" and not scopes and target:
        scopes = (f"{target.rstrip('/')}/.default",)
    return Provider(
        id="aad",
        parameter=values.parameter,
        client_id=needed_client_id(values),
        client_secret=secret(values),
        certificate=values.login.certificate,
        scopes=scopes,
        resource=target if found.version == "v1" else "",
        authorization_url=authorization,
        token_url=token,
        refresh_url=token,
        device_url=device,
        pkce=settings.pkce == "on",
        entra=found.version,
        settings=settings,
        server=server,
        findings=(*_noted(values, found, settings, alone=alone), *replaced(tuple(urls), server, route)),
    )


def directory(values: Values, settings: Settings) -> Directory:
    """Where to sign in, from login URL, tenant, resource and scopes."""
    written = values.said("loginUri")
    without_person = values.custom("loginUriAAD")
    login = written or without_person or settings.login_uri
    base, tenant = _base(login), _tenant(values)
    inside = base.count("/") > 2
    return Directory(
        login=base,
        token_login=_base(without_person or login),
        tenant=tenant or ("" if inside else settings.tenant),
        version="v2" if _VERSION_2.search(login) or _scoped(values) else "v1",
    )


def resource(values: Values) -> str:
    """What a token is for (v1), as written; empty for nothing."""
    return values.token("resource") or values.said("resourceUri")


def resource_needed(values: Values) -> bool:
    """Whether the resource has still to be said: v1 endpoints need one (reference: it is required), and no scope says
    what the token is for. ``--set resourceUri=`` means that there is none."""
    if values.asked("resourceUri") is not None or values.asked("resource") is not None:
        return False
    written = values.oauth.custom_parameters.get("resourceuri") or ""
    return unfilled(written) and not names_in(written) and not any(scope.strip() for scope in values.oauth.scopes)


def on_behalf(values: Values) -> bool:
    """Whether the files let this app sign in on behalf of a caller."""
    supported = next((v for k, v in values.oauth.properties.items() if k.lower() == "isonbehalfofloginsupported"), "")
    enabled = values.custom("enableOnbehalfOfLogin")
    return "true" in (str(supported).lower(), enabled.lower())


def _scoped(values: Values) -> bool:
    """Scopes and no resource: only v2 endpoints can say that (inferred)."""
    return not resource(values) and any(scope.strip() for scope in values.oauth.scopes)


def _base(login: str) -> str:
    """A login URL without what belongs to an endpoint."""
    return _ENDING.sub("", login.partition("?")[0].rstrip("/")).rstrip("/")


def _tenant(values: Values) -> str:
    return (values.said("tenantId")).strip("/")


def _no_resource(values: Values) -> DocumentError:
    return DocumentError(
        "unfilled-placeholder",
        f'"resourceUri" of connection parameter "{values.parameter.name}" has no value, and there are no scopes',
        remedy="add --set resourceUri=VALUE: the App ID URI or the id of the API",
        route=values.parameter.route,
    )


def _noted(values: Values, found: Directory, settings: Settings, *, alone: bool) -> tuple[Finding, ...]:
    """What was assumed, and what Entra ID will not like."""
    notes = []
    if found.version == "v2":
        said = "its login URL says so" if not _scoped(values) else "there are scopes and no resource"
        notes.append(
            Finding(
                rule="entra-v2",
                route=values.parameter.route,
                message=f"the v2 endpoints of Entra ID are used: {said}",
                remedy='the platform\'s provider "aad" uses v1 with "resourceUri"; for v2 use "oauth2" there',
                severity=Severity.WARNING,
            )
        )
    if alone and found.tenant.lower() in ("common", "organizations", "consumers"):
        notes.append(
            Finding(
                rule="tenant-needed",
                route=values.parameter.route,
                message=f'an app cannot sign in for itself at the tenant "{found.tenant}"',
                remedy="add --set tenant=VALUE: the id or a domain of the tenant",
                severity=Severity.WARNING,
            )
        )
    return tuple(notes)
