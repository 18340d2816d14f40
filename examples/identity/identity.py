"""The server's state, and what tests and an API in the same process may do with it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .log import Asked
from .options import Client, IdentityOptions, User
from .records import Records

REMEMBERED = 10_000
"""Requests in the log; older ones fall out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Whom an access token was given to, and what it is good for."""

    subject: str
    """The user, or the client where an app signed in for itself."""
    client_id: str
    scopes: frozenset[str]
    """Without the resource that they belong to."""
    audience: str
    """What it is for; empty where nobody said."""
    issued: float
    expires: float


class Identity:
    """One server's state: ``app.state.identity``."""

    def __init__(self, options: IdentityOptions) -> None:
        self.options = options
        self.quirks = options.quirks
        """How the server misbehaves now; may be replaced at any time."""
        self.log: deque[Asked] = deque(maxlen=REMEMBERED)
        """What it was asked, oldest first."""
        self.records = Records(now=options.now)
        self._clients = {client.id: client for client in options.clients}
        self._users = {user.name: user for user in options.users}

    def bearer(self, token: str) -> Bearer | None:
        """What an access token is good for; None for one that is none, has ended or was revoked."""
        found = self.records.active(token)
        if found is None:
            return None
        return Bearer(
            subject=found.family.user or found.family.client_id,
            client_id=found.family.client_id,
            scopes=found.rights,
            audience=found.audience,
            issued=found.issued,
            expires=found.expires,
        )

    def expire(self) -> int:
        """End all access tokens now; how many were good."""
        return self.records.expire()

    def revoke(self, user: str = "") -> int:
        """Take back the consent of a user, or of all; how many sign-ins end with it."""
        return self.records.revoke(user, "the consent was revoked")

    def client(self, id: str | None) -> Client | None:
        """The client of an id."""
        return self._clients.get(id or "")

    def user(self, name: str) -> User | None:
        """The user of a name."""
        return self._users.get(name)
