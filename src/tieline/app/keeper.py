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
from weakref import WeakKeyDictionary

from ..auth import oauth, oauth_parameter
from ..model import (
    Connection,
    ConnectionState,
    Connector,
    DocumentError,
    Finding,
    Route,
    ServiceError,
    Severity,
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
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()
        self._running: set[asyncio.Task[Renewed]] = set()

    def over(self, sender: Sender) -> KeeperOver:
        """What renews connections by requests through ``sender``."""
        return KeeperOver(self, sender)

    async def renew(self, asked: Renew, sender: Sender) -> Renewed:
        """A connection whose access token lasts; see ``pipeline.Renew``. Never raises for what the provider does."""
        current = self._newest(asked.connection)
        if self._lasts(current, asked):
            return Renewed(connection=_for(asked, current))
        # Who waits may give up, but not the renewal: the provider may have changed the refresh token already.
        task = asyncio.ensure_future(self._renewed(asked, sender))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def _renewed(self, asked: Renew, sender: Sender) -> Renewed:
        """The same, one after the other for each connection."""
        key = _key(asked.connection)
        locks = self._locks.setdefault(asyncio.get_running_loop(), {})
        async with locks.setdefault(key, asyncio.Lock()):
            current = self._newest(asked.connection)
            if self._lasts(current, asked):
                return Renewed(connection=_for(asked, current))
            talk = Talk(sender)
            try:
                renewed, findings = await self._stored(asked, current, talk)
            except TielineError as error:
                return Renewed(
                    connection=None, trace=tuple(talk.trace), findings=error.findings, secrets=current.secrets
                )
            self._current[key] = renewed
            return Renewed(
                connection=_for(asked, renewed), trace=tuple(talk.trace), findings=findings, secrets=current.secrets
            )

    def _newest(self, given: Connection) -> Connection:
        """A connection as it is given, or as this process has renewed it since it was read from the store."""
        known = self._current.get(_key(given))
        if known is None or known.grant is None or given.grant is None:
            return known or given
        if not given.name:
            return known
        older = given.grant.obtained < known.grant.obtained
        same = given.grant.obtained == known.grant.obtained
        return known if older or (same and given.grant.access_token != known.grant.access_token) else given

    def _lasts(self, current: Connection, asked: Renew) -> bool:
        """Whether a connection's token lasts and is not the one that the service refused."""
        refused = asked.connection.grant if asked.rejected else None
        if current.grant is None or oauth.expired(current.grant, self._now(), self._settings):
            return False
        return refused is None or current.grant.access_token != refused.access_token

    async def _stored(self, asked: Renew, connection: Connection, talk: Talk) -> tuple[Connection, tuple[Finding, ...]]:
        """The connection renewed, and kept so in the store if it came from there; with what is wrong with that."""
        if not connection.name:
            return await self._asked(asked, connection, talk), ()
        store = self.store
        async with _locked(store, connection.name):
            stored = store.load(connection.name)
            _of(stored, asked.connector)
            if stored.state is ConnectionState.BROKEN and not asked.rejected:
                raise broken(stored)
            if stored.connection.grant is not None and self._lasts(stored.connection, asked):
                return stored.connection, ()
            try:
                renewed = await self._asked(asked, stored.connection, talk)
            except ServiceError as error:
                if error.finding.rule in (REFUSED if asked.rejected else ENDED):
                    error.more += self._kept(
                        replace(stored, state=ConnectionState.BROKEN, problem=error.finding.message)
                    )
                raise
            return renewed, self._kept(replace(stored, connection=renewed, state=ConnectionState.READY, problem=""))

    def _kept(self, stored: StoredConnection) -> tuple[Finding, ...]:
        """Keeps a connection; gives a warning where that cannot be done, since what the provider said counts."""
        try:
            self.store.save(stored)
        except TielineError as error:
            return (
                Finding(
                    rule="connection-not-kept",
                    route=Route(),
                    message=f'what became of the connection "{stored.connection.name}" is not in the store: '
                    + error.finding.message,
                    remedy=f"{error.finding.remedy}; the store has an old token, so it may be that you have to sign in "
                    "again",
                    severity=Severity.WARNING,
                ),
            )
        return ()

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
        secrets = (*provider.secrets, *connection.secrets)
        tokens = await talk.run(oauth.renewed(provider, connection), title, secrets)
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
    _of(stored, connector)
    if stored.state is ConnectionState.BROKEN:
        raise broken(stored)
    return stored.connection


def _of(stored: StoredConnection, connector: Connector) -> None:
    """Raises DocumentError ``connection-of-other-connector``."""
    if stored.connector != connector.name:
        raise DocumentError(
            "connection-of-other-connector",
            f'the connection "{stored.connection.name}" is for the connector "{stored.connector}", not for '
            f'"{connector.name}"',
            remedy="make one for this connector: tieline connect",
        )


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


def _for(asked: Renew, renewed: Connection) -> Connection:
    """A renewed connection with the values that a call gave in the place of stored ones."""
    if renewed is asked.connection:
        return renewed
    parameter = oauth_parameter(asked.connector, asked.connection)
    own = {name: value for name, value in asked.connection.values.items() if parameter and name != parameter.name}
    if all(renewed.values.get(name) == value for name, value in own.items()):
        return renewed
    return replace(renewed, values={**renewed.values, **own})


@asynccontextmanager
async def _locked(store: ConnectionStore, name: str) -> AsyncIterator[None]:
    """Holds the store's lock on a connection, without keeping the loop while another process has it."""
    async with AsyncExitStack() as stack:
        lock = store.locked(name)
        await asyncio.to_thread(lock.__enter__)
        stack.callback(lock.__exit__, None, None, None)
        yield
