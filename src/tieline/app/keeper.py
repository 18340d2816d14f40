"""Keeps connections usable: renews access tokens when they have ended.

One renewal serves all calls that wait for it, of this process and of others: a provider that changes the refresh token
at each use would take a second renewal for a theft and end the connection.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..auth import oauth, oauth_parameter
from ..model import (
    Connection,
    ConnectionState,
    Connector,
    DocumentError,
    ServiceError,
    StoredConnection,
    TielineError,
)
from ..pipeline import Renew, Renewed
from .identity import Talk

if TYPE_CHECKING:
    from ..net.driver import Sender
    from ..store.connections import ConnectionStore


class Keeper:
    """The connections of one process. Use :meth:`over` with what sends requests."""

    def __init__(
        self,
        store: ConnectionStore,
        *,
        now: Callable[[], float] = time.time,
        settings: oauth.Settings = oauth.Settings(),
    ) -> None:
        """Takes the store that named connections are kept in, the clock (seconds since the epoch), and settings."""
        self.store = store
        """Where named connections are kept."""
        self._now = now
        self._settings = settings
        self._current: dict[str, Connection] = {}
        self._locks: dict[tuple[int, str], asyncio.Lock] = {}

    def over(self, sender: Sender) -> KeeperOver:
        """What renews connections by requests through ``sender``."""
        return KeeperOver(self, sender)

    async def renew(self, asked: Renew, sender: Sender) -> Renewed:
        """A connection whose access token lasts; see ``pipeline.Renew``. Never raises for what the provider does."""
        key = _key(asked.connection)
        if (current := self._lasting(key, asked)) is not None:
            return Renewed(connection=current)
        lock = self._locks.setdefault((id(asyncio.get_running_loop()), key), asyncio.Lock())
        async with lock:
            if (current := self._lasting(key, asked)) is not None:
                return Renewed(connection=current)
            talk = Talk(sender)
            before = self._current.get(key, asked.connection)
            try:
                renewed = await self._stored(asked, before, talk)
            except TielineError as error:
                return Renewed(
                    connection=None, trace=tuple(talk.trace), findings=error.findings, secrets=before.secrets
                )
            self._current[key] = renewed
            return Renewed(connection=renewed, trace=tuple(talk.trace), secrets=before.secrets)

    def _lasting(self, key: str, asked: Renew) -> Connection | None:
        """The connection as it is, where its token lasts and is not the one that the service refused."""
        current = self._current.get(key, asked.connection)
        return current if self._lasts(current, asked) else None

    def _lasts(self, current: Connection, asked: Renew) -> bool:
        refused = asked.connection.grant if asked.rejected else None
        if current.grant is None or oauth.expired(current.grant, self._now(), self._settings):
            return False
        return refused is None or current.grant.access_token != refused.access_token

    async def _stored(self, asked: Renew, connection: Connection, talk: Talk) -> Connection:
        """The connection renewed, and kept so in the store if it came from there."""
        if not connection.name:
            return await self._asked(asked, connection, talk)
        store = self.store
        async with _locked(store, connection.name):
            stored = store.load(connection.name)
            if stored.state is ConnectionState.BROKEN and not asked.rejected:
                raise broken(stored)
            if stored.connection.grant is not None and self._lasts(stored.connection, asked):
                return stored.connection
            try:
                renewed = await self._asked(asked, stored.connection, talk)
            except ServiceError as error:
                if error.finding.rule in (REFUSED if asked.rejected else ENDED):
                    store.save(replace(stored, state=ConnectionState.BROKEN, problem=error.finding.message))
                raise
            store.save(replace(stored, connection=renewed, state=ConnectionState.READY, problem=""))
            return renewed

    async def _asked(self, asked: Renew, connection: Connection, talk: Talk) -> Connection:
        """The connection with what the identity provider gives for its grant."""
        parameter = oauth_parameter(asked.connector, connection)
        if parameter is None or connection.grant is None:
            raise DocumentError(
                "no-sign-in",
                "the connector has no sign-in at an identity provider, so its token cannot be renewed",
                remedy='make the connection again with "tieline connect"',
            )
        if connection.grant.type == "given":
            raise ServiceError(
                "missing-refresh-token",
                f'the access token of "{connection.name}" was given, so nothing can renew it',
                remedy=f'give a new one: tieline connect --name "{connection.name}" --replace --token env:NAME',
            )
        definitions = asked.connector.definition.security_definitions
        provider = oauth.provider_of(
            parameter, connection, definitions, settings=self._settings, now=self._now(), nonce=uuid.uuid4().hex
        )
        title = f"renewed, from {provider.server} in the provider's place" if provider.server else "renewed"
        tokens = await talk.run(oauth.renewed(provider, connection), title)
        grant = oauth.granted(tokens, connection.grant.type, self._now(), connection.grant)
        return connection.with_grant(parameter.name, grant)


REFUSED = frozenset({"sign-in-refused"})
"""Rules of errors after which no further renewal can succeed."""

ENDED = REFUSED | {"missing-refresh-token"}
"""The same for a token that has ended. One that lasts may still be good for other calls than the refused one."""


@dataclass(frozen=True, slots=True)
class KeeperOver:
    """A keeper that sends through one transport: a ``net.driver.Renewer``."""

    keeper: Keeper
    sender: Sender

    async def renew(self, asked: Renew) -> Renewed:
        """See :meth:`Keeper.renew`."""
        return await self.keeper.renew(asked, self.sender)


def usable(stored: StoredConnection, connector: Connector) -> Connection:
    """The connection for calls of a connector.

    Raises ServiceError ``broken-connection``, and DocumentError ``connection-of-other-connector``: secrets of one
    service must not go to another.
    """
    if stored.connector != connector.name:
        raise DocumentError(
            "connection-of-other-connector",
            f'the connection "{stored.connection.name}" is for the connector "{stored.connector}", not for '
            f'"{connector.name}"',
            remedy="make one for this connector: tieline connect",
        )
    if stored.state is ConnectionState.BROKEN:
        raise broken(stored)
    return stored.connection


def broken(stored: StoredConnection) -> ServiceError:
    """The error for using a connection that the provider does not renew any more."""
    return ServiceError(
        "broken-connection",
        f'the connection "{stored.connection.name}" is broken: {stored.problem}',
        remedy=f'sign in again: tieline connect --name "{stored.connection.name}" --replace',
    )


def _key(connection: Connection) -> str:
    """What tells connections apart: the name, else what they began with."""
    grant = connection.grant
    if connection.name or grant is None:
        return f"name {connection.name}"
    return f"token {(grant.refresh_token or grant.access_token).reveal()}"


@asynccontextmanager
async def _locked(store: ConnectionStore, name: str) -> AsyncIterator[None]:
    """Holds the store's lock on a connection, without keeping the loop while another process has it."""
    async with AsyncExitStack() as stack:
        lock = store.locked(name)
        await asyncio.to_thread(lock.__enter__)
        stack.callback(lock.__exit__, None, None, None)
        yield
