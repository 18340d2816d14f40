"""Renewing and trying a stored connection when a person asks for it."""

from __future__ import annotations

from pathlib import Path

from ..model import Connector, DocumentError, ServiceError, StoredConnection
from ..net.driver import run_sync
from ..net.transport import Transport
from ..pipeline import Renew
from ..store.connections import ConnectionStore, default_store
from .connection_check import Check, check_connection
from .keeper import Keeper, usable
from .load import load_connector
from .network import NetworkOptions


def refresh(
    name: str, network: NetworkOptions = NetworkOptions(), store: ConnectionStore | None = None
) -> float | None:
    """Renew a connection's access token now; gives when the new one ends (None: the provider does not say).

    A connection that is broken is tried, too. Raises DocumentError ``nothing-to-refresh`` for a connection without an
    access token, ServiceError with the provider's own words when it refuses.
    """
    store = store or default_store()
    stored = store.load(name)
    if stored.connection.grant is None:
        raise DocumentError(
            "nothing-to-refresh",
            f'the connection "{stored.connection.name}" has no access token that could be renewed',
            remedy="only connections that signed in at an identity provider have one",
        )
    connector = _connector(stored)

    async def renewed() -> float | None:
        async with Transport(network.transport()) as transport:
            asked = Renew(connector, stored.connection, True)
            answer = await Keeper(store).renew(asked, transport)
        if answer.connection is None or answer.connection.grant is None or answer.findings:
            first, *more = answer.findings
            raise ServiceError(first.rule, first.message, remedy=first.remedy, more=tuple(more))
        return answer.connection.grant.expires

    return run_sync(renewed())


def try_out(name: str, network: NetworkOptions = NetworkOptions(), store: ConnectionStore | None = None) -> Check:
    """Try a connection with the operation that its connector declares for that, renewing its token if need be.

    Raises what loading connection and connector raises.
    """
    store = store or default_store()
    stored = store.load(name)
    connector = _connector(stored)
    connection = usable(stored, connector)

    async def checked() -> Check:
        async with Transport(network.transport()) as transport:
            return await check_connection(connector, connection, transport, keeper=Keeper(store))

    return run_sync(checked())


def _connector(stored: StoredConnection) -> Connector:
    """The connector that a connection was made for. Raises DocumentError ``no-connector-folder``."""
    if not stored.folder:
        raise DocumentError(
            "no-connector-folder",
            f'it is not known which folder the connection "{stored.connection.name}" was made for',
            remedy="make it again: tieline connect DIR --replace",
        )
    return load_connector(Path(stored.folder))
