"""The identity provider as one connection uses it: every address complete. What lives here only holds values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl

from ...model import ConnectionParameter, Finding, GrantType, Secret
from ...model.secret import holds_secret
from .settings import DEFAULTS, Settings

Entra = Literal["", "v1", "v2"]
"""Which endpoints of Microsoft Entra ID: with ``resource`` (v1) or with scopes (v2); empty for another provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates of ``oauth2generic``, the standard ones in the place of missing ones."""

    authorization: str
    """URL and query, joined."""
    authorization_raw: int
    """How many of its first characters are substituted raw; what follows is encoded."""
    token: str
    """URL and query of the token request."""
    token_body: str
    refresh: str
    refresh_body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One identity provider as one connection uses it; every URL is complete, no placeholder is left."""

    id: str
    """``oauth2``, ``oauth2generic`` or ``aad``: what it is run as."""
    parameter: ConnectionParameter
    client_id: str = ""
    client_secret: Secret | None = None
    certificate: Secret | None = None
    """PEM with key and certificate; used in the place of the secret."""
    scopes: tuple[str, ...] = ()
    resource: str = ""
    """For Entra v1."""
    authorization_url: str = field(default="", repr=False)
    """Without what each sign-in adds; empty where there is no such step."""
    token_url: str = field(default="", repr=False)
    refresh_url: str = field(default="", repr=False)
    device_url: str = field(default="", repr=False)
    """Empty where the device grant is not offered."""
    grants: tuple[GrantType, ...] = ()
    """What can be done here, most usual first."""
    interactive: bool = False
    """Whether the first grant needs a browser."""
    pkce: bool = False
    entra: Entra = ""
    now: float = 0.0
    """Seconds since the epoch, for client assertions and for ``expires_on``."""
    nonce: str = ""
    """A value never used before, for client assertions."""
    findings: tuple[Finding, ...] = ()
    """What a person should know: a replaced login server, assumptions, what the platform does not do."""
    settings: Settings = DEFAULTS
    templates: Templates | None = field(default=None, repr=False)
    """For ``oauth2generic``."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the placeholders of the templates stand for, by plain name; those of a single request are not in it."""
    redirect_url: str = ""
    """That of the sign-in, else the first in the files: what ``{RedirectUrl}`` stands for in a refresh body
    (inferred)."""
    server: str = ""
    """The origin that takes the place of that of all addresses; empty for none."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not reach a message, of what is known before any request. Values of templates are in it, apart
        from those that addresses show anyway: authors name parameters as they like, so any may be a secret."""
        held = [secret for secret in (self.client_secret, self.certificate) if secret is not None]
        shown = f"{self.authorization_url} {self.token_url} {self.refresh_url} {self.client_id} {' '.join(self.scopes)}"
        typed = (value for name, value in self.values.items() if value and (credential(name) or value not in shown))
        return (*held, *map(Secret, (*typed, *_hard_coded(self.templates))))


def credential(name: str) -> bool:
    """Whether a placeholder, by plain name, is called as only secrets are: then its value shows in no address."""
    return any(word in name for word in ("secret", "password", "apikey"))


def _hard_coded(templates: Templates | None) -> tuple[str, ...]:
    """Secrets that an author wrote into a body template."""
    bodies = () if templates is None else (templates.token_body, templates.refresh_body)
    pairs = (pair for body in bodies for pair in parse_qsl(body))
    return tuple(value for name, value in pairs if holds_secret(name) and "{" not in value)
