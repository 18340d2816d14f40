"""What an identity server is set to: its clients and users, what it demands and how it answers. Values only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

ANY = "*"
"""In a tuple of names: all of them."""

GRANTS = ("authorization_code", "refresh_token", "client_credentials", "password", "device_code", "on_behalf_of")
"""Every way to get a token."""

LOOPBACK_REDIRECTS = ("http://127.0.0.1/redirect", "http://[::1]/redirect", "http://localhost/redirect")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An app that is registered here."""

    id: str
    secret: str = field(default="", repr=False)
    """Empty, and no certificate: a public client, which has nothing to prove itself with."""
    certificate: str = ""
    """PEM text of the certificate whose key signs client assertions (RFC 7523); empty for none."""
    redirect_uris: tuple[str, ...] = LOOPBACK_REDIRECTS
    """Where sign-ins may end. The port of a loopback address may be any (RFC 8252, section 7.3)."""
    grants: tuple[str, ...] = GRANTS
    """How it may get tokens: names of ``GRANTS``."""
    scopes: tuple[str, ...] = ("read", "write")
    """What it may ask for, and gets when it asks for nothing; with ``ANY`` in it, it may ask for anything."""

    @property
    def client_id(self) -> str:
        """The id, under the name by which oauthlib looks for it."""
        return self.id

    @property
    def public(self) -> bool:
        """Whether it cannot prove who it is."""
        return not (self.secret or self.certificate)

    @property
    def own_scopes(self) -> tuple[str, ...]:
        """The scopes by name."""
        return tuple(scope for scope in self.scopes if scope != ANY)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who can sign in."""

    name: str
    password: str = field(repr=False)


CLIENT = Client(id="demo-client", secret="demo-secret")
"""An app with a secret."""

PUBLIC_CLIENT = Client(id="demo-public")
"""An app without one."""

READER = Client(id="demo-reader", secret="demo-reader-secret", scopes=("read",))
"""An app that may only read."""

USER = User(name="demo", password="demo-password")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Ways in which the server is broken or hostile. May be changed while it runs: ``app.state.identity.quirks``."""

    html_reply: bool = False
    """The token endpoint answers 200 with a web page."""
    endless_reply: bool = False
    """The token endpoint sends JSON that does not end."""
    token_redirect: str = ""
    """URL of any kind to which the token endpoint redirects with 307, so that whoever follows sends it the secrets."""
    wrong_state: bool = False
    """The redirect after a sign-in carries a state that nobody gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityOptions:
    """What an identity server is set to."""

    clients: tuple[Client, ...] = (CLIENT, PUBLIC_CLIENT, READER)
    users: tuple[User, ...] = (USER,)
    tenants: tuple[str, ...] = (ANY,)
    """Tenants that exist, for the paths that name one."""
    resources: tuple[str, ...] = (ANY,)
    """What tokens can be for: ``resource`` on v1 paths, what stands before a scope's last ``/`` on v2 paths."""
    pkce: Literal["required", "optional", "refused"] = "optional"
    refresh: Literal["rotating", "fixed", "none"] = "rotating"
    """``rotating``: a refresh token is good once; one that comes again ends all that its sign-in gave. ``fixed``: it
    is good until it expires. ``none``: there are none."""
    offline_access: bool = False
    """Whether a refresh token is only given for the scope ``offline_access``; v2 paths always want it."""
    lifetime: int = 3600
    """Seconds for which an access token is good."""
    code_lifetime: int = 600
    """Seconds for which an authorization code is good (RFC 6749, section 4.1.2, recommends ten minutes at most)."""
    refresh_lifetime: int = 90 * 24 * 3600
    """Seconds for which a refresh token is good."""
    expires_in: Literal["number", "text", "missing"] = "number"
    """How a reply tells the lifetime; replies of v1 paths tell it as text if they tell it."""
    token_format: Literal["json", "form"] = "json"
    """How a reply with tokens is written; errors are always JSON."""
    client_auth: Literal["both", "body", "basic"] = "both"
    """Where a secret may be sent; 401 for the other place."""
    token_query: Literal["refused", "accepted"] = "refused"
    """Whether the token endpoints read fields from the URL's query too, which RFC 6749, section 3.2, does not want."""
    errors: Literal["by path", "oauth", "entra"] = "by path"
    """How errors read; ``by path``: as Entra ID's on paths that name a tenant."""
    device_interval: float = 5
    """Seconds between the polls of a device."""
    device_lifetime: int = 900
    """Seconds for which the codes of a device are good."""
    authorize_paths: tuple[str, ...] = ("/oauth/authorize",)
    """Paths of sign-in pages besides those of a tenant; patterns as Starlette writes them come after all others."""
    token_paths: tuple[str, ...] = ("/oauth/token", "/oauth/refresh")
    device_paths: tuple[str, ...] = ("/oauth/device",)
    admin: bool = True
    """Whether ``/requests`` and ``/admin/…`` exist, which anybody can use who reaches the server."""
    quirks: Quirks = Quirks()
    """How the server starts out."""
    now: Callable[[], float] = time.time
    """Seconds since 1970."""
