"""Connections: a connector's connection parameters with values, and what signing in at an identity provider gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

from .secret import Secret, holds_secret

GrantType = Literal["authorization_code", "client_credentials", "password", "device_code", "on_behalf_of", "given"]
"""How an access token was got; ``given``: somebody typed it, so nothing can renew it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What signing in at the identity provider takes besides the connection parameters."""

    client_id: str = ""
    """The app's id at the provider; empty for the one in the connector's files or in ``token:clientId``."""
    client_secret: Secret | None = None
    certificate: Secret | None = None
    """PEM with key and certificate, in the place of a client secret (Microsoft Entra ID)."""
    placeholders: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the placeholders in the connector's sign-in URLs stand for: ``tenant`` -> ``contoso.com``. Compared in any
    case and without punctuation. Those with names of secrets are."""
    server: str = ""
    """``--login-server``: an origin that takes the place of that of all sign-in URLs; empty for none."""
    user: str = ""
    """User name of the ``password`` grant."""
    password: Secret | None = None
    """Password of the ``password`` grant."""
    assertion: Secret | None = None
    """The caller's own token, for ``on_behalf_of``."""
    redirect_url: str = ""
    """Where the sign-in page sent the browser; empty for a sign-in without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an identity provider gave: an access token, how long it lasts, and what renews it."""

    type: GrantType
    access_token: Secret
    refresh_token: Secret | None = None
    obtained: float = 0.0
    """When it came, seconds since the epoch by this machine's clock."""
    expires: float | None = None
    """When it ends, by this machine's clock (reply's arrival + ``expires_in``, so that a provider's clock does not
    count); None when the provider did not say: then it is used until the service refuses it."""
    scope: str = ""
    """As the provider gave it; empty when it gave none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A connector's connection parameters with values: what a credential and ``@connectionParameters`` read."""

    name: str = ""
    """What the user calls it; empty for one made up for a single call."""
    values: Mapping[str, Secret] = field(default_factory=dict)
    """Parameter name as written in the file -> value. All are held as secrets. An ``oauthSetting`` parameter's value is
    the access token."""
    parameter_set: str = ""
    """Which of ``connectionParameterSets`` was chosen; empty when the connector has none."""
    grant: Grant | None = None
    """For a connection that signed in at an identity provider."""
    login: Login | None = field(default=None, repr=False)
    """How it signed in, so that it can do so again."""
    compiled: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)
    """What signing has worked out for each operation, so that it is worked out once; lives with this object."""

    def value(self, name: str) -> str | None:
        """The value of a parameter, or None."""
        secret = self.values.get(name)
        return None if secret is None else secret.reveal()

    def with_grant(self, parameter: str, grant: Grant) -> Connection:
        """The connection with what the provider gave for an ``oauthSetting`` parameter."""
        return replace(self, grant=grant, values={**self.values, parameter: grant.access_token})

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything of the connection that must be hidden."""
        held: list[Secret | None] = list(self.values.values())
        if self.grant is not None:
            held += [self.grant.access_token, self.grant.refresh_token]
        if self.login is not None:
            held += [self.login.client_secret, self.login.certificate, self.login.password, self.login.assertion]
            held += [Secret(value) for name, value in self.login.placeholders.items() if value and holds_secret(name)]
        return tuple(dict.fromkeys(secret for secret in held if secret is not None))


class ConnectionState(StrEnum):
    """The life of a stored connection. It is made READY; a refused renewal makes it BROKEN; signing in again, or a
    renewal that succeeds, makes it READY. Removing it ends it."""

    READY = "ready"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConnection:
    """A connection as the vault holds it. Names are unique in a vault, compared in any case."""

    connection: Connection
    """Its ``name`` is never empty."""
    connector: str
    """The connector's name."""
    folder: str = ""
    """The connector folder that it was made for, absolute; empty when there was none."""
    state: ConnectionState = ConnectionState.READY
    problem: str = ""
    """Why it is broken, in the provider's own words; empty when it is not."""
    created: float = 0.0
    """Seconds since the epoch."""
    changed: float = 0.0
    """When it was last saved, seconds since the epoch."""
