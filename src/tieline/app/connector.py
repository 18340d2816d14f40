"""The Python API: ``connector = tieline.load(path)``; ``connector.call("GetProducts", category="Electronics")``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..model import Connection, Connector, DocumentError, Outline, ServiceError
from .call import CallOptions, CallResult, Outcome, Session, call_operation, call_operation_async, session_of
from .load import load_connector
from .network import NetworkOptions

if TYPE_CHECKING:
    from ..net.transport import Transport


class LoadedConnector:
    """A connector that is ready to be called. Holds no connection: each call opens and closes its own, unless a
    ``Transport`` is given."""

    def __init__(self, connector: Connector, options: CallOptions) -> None:
        """Takes the connector and what every call uses; see :func:`load`."""
        self.model = connector
        """The connector as plain values."""
        self.options = options
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """What every call shares; DocumentError for a value that the connector does not ask for, or an unknown
        connection."""
        if self._session is None:
            self._session = session_of(self.model, self.options)
        return self._session

    @property
    def connection(self) -> Connection:
        """The connection that every call uses, as it was when the first call was made."""
        return self.session.connection

    def __repr__(self) -> str:
        return f"<connector {self.model.name}: {len(self.model.definition.operations)} operations>"

    @property
    def operations(self) -> tuple[Outline, ...]:
        """Every operation, in the order of the definition."""
        return self.model.definition.operations.outlines

    def using(self, *, server: str | None = None, values: Mapping[str, str] | None = None, **options: Any) -> Self:
        """The same connector with other call options (fields of ``CallOptions``)."""
        changes: dict[str, Any] = dict(options)
        if server is not None:
            changes["server"] = server
        if values is not None:
            changes["values"] = values
        return type(self)(self.model, replace(self.options, **changes))

    def call(self, operation_id: str, arguments: Mapping[str, Any] | None = None, /, **named: Any) -> CallResult:
        """Call an operation. Arguments by name, or as a mapping where a name is no Python name.

        Returns the result of any reply, 4xx and 5xx included (``result.error`` has the service's error). Raises
        DocumentError for an unknown operation or a bad argument, ServiceError when there is no reply or no sign-in.
        """
        return _checked(call_operation(self.model, operation_id, {**(arguments or {}), **named}, self.options))

    async def call_async(
        self,
        operation_id: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        *,
        transport: Transport | None = None,
        **named: Any,
    ) -> CallResult:
        """The same inside an event loop; a ``transport`` that is given (an open ``tieline.Transport``) stays open."""
        given = {**(arguments or {}), **named}
        if transport is None:
            return _checked(await call_operation_async(self.model, operation_id, given, self.options))
        return _checked(await self.session.call(operation_id, given, transport))


def load(
    path: str | Path,
    *,
    server: str | None = None,
    connection: str = "",
    values: Mapping[str, str] | None = None,
    network: NetworkOptions = NetworkOptions(),
    **options: Any,
) -> LoadedConnector:
    """Load a connector folder or an API description.

    ``server`` replaces scheme, host and base path of every call; ``connection`` names a stored connection; ``values``
    are the connection parameters, for example ``{"api_key": "…"}``; ``options`` are further fields of ``CallOptions``.
    Raises DocumentError for what is no connector.
    """
    connector = load_connector(Path(path))
    return LoadedConnector(
        connector, CallOptions(server=server, connection=connection, values=values or {}, network=network, **options)
    )


def _checked(result: CallResult) -> CallResult:
    if result.exchange.reply is not None and not result.exchange.findings:
        return result
    if result.outcome in (Outcome.ANSWERED, Outcome.ERROR_REPLY):
        return result
    failure = result.exchange.failure
    if failure is not None:
        raise ServiceError("no-reply", failure.message, remedy=failure.remedy)
    kind = DocumentError if result.outcome is Outcome.REFUSED else ServiceError
    first, *more = result.errors
    raise kind(first.rule, first.message, remedy=first.remedy, route=first.route, more=tuple(more))
