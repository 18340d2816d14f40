"""The gateway: a connector behind a URL, as API Management serves it: ``ANY /apim/{connector}/{connection}/{path}``.

One request is one pass (``pipeline.run``) with a stored connection. What lives here opens no port.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

from ..mock.routing import Router
from ..model import Connector, DocumentError, Exchange, Operation, Redactor, Reply, Request, Severity, TielineError
from ..net.driver import drive
from ..pipeline import run
from ..pipeline.through import DROPPED, incoming
from .call import CallOptions, session_of

if TYPE_CHECKING:
    from ..net.transport import Transport
    from .keeper import Keeper
    from .performer import Connectors

NO_CONNECTION = "-"
"""What stands in the place of a connection's name for a connector that is called without one."""


class Gateway:
    """Serves the connectors of some folders."""

    def __init__(
        self,
        folders: Mapping[str, Path],
        connectors: Connectors,
        transport: Transport,
        *,
        base: Callable[[], str],
        keeper: Keeper | None = None,
    ) -> None:
        """Takes connector folders by name, what reads and what sends, the address of the server, and the keeper of
        connections."""
        self._folders = {name.casefold(): folder for name, folder in folders.items()}
        self._connectors = connectors
        self._transport = transport
        self._base = base
        self._keeper = keeper
        self._routers: dict[str, tuple[Connector, Router]] = {}

    def base_of(self, connector: str, connection: str) -> str:
        """The URL under which a connector is called with a connection."""
        return f"{self._base()}/apim/{quote(connector, safe='')}/{quote(connection or NO_CONNECTION, safe='')}"

    async def answer(self, connector: str, connection: str, path: str, message: Request) -> Reply:
        """The reply to a request for ``path`` (with its query, as sent) of a connector. Never raises for bad input."""
        folder = self._folders.get(connector.casefold())
        if folder is None:
            served = ", ".join(f'"{folder.resolve().name}"' for folder in self._folders.values())
            return problem(
                404, "unknown-connector", f'no connector "{connector}" is served here', f"served are {served}"
            )
        try:
            loaded = self._connectors.get(str(folder))
            operation = self._operation(loaded, message.method, path.partition("?")[0])
            if operation is None:
                return problem(
                    404, "unknown-operation", f"no operation answers {message.method} {path.partition('?')[0]}"
                )
            return await self._passed(loaded, operation, connection, path, message)
        except TielineError as error:
            status = 400 if isinstance(error, DocumentError) else 502
            return problem(status, error.finding.rule, error.finding.message, error.finding.remedy)

    async def _passed(
        self, connector: Connector, operation: Operation, connection: str, path: str, message: Request
    ) -> Reply:
        name = "" if connection == NO_CONNECTION else connection
        session = session_of(connector, CallOptions(connection=name), self._keeper)
        options = replace(session.options, caller_base=self.base_of(connector.name, name))
        request = incoming(connector, operation, path, message, options)
        renewer = None if session.keeper is None else session.keeper.over(self._transport)
        steps = run(connector, operation, request, session.connection, options)
        return replied(await drive(steps, self._transport, renewer=renewer))

    def _operation(self, connector: Connector, method: str, path: str) -> Operation | None:
        known = self._routers.get(connector.name)
        if known is None or known[0] is not connector:
            known = self._routers[connector.name] = (connector, Router(connector))
        matches = known[1].find(method, path).matches
        own = next((match for match in matches if match.endpoint.origin == "own" and not match.prefix), None)
        return None if own is None else connector.definition.operations[own.endpoint.operation]


def replied(exchange: Exchange) -> Reply:
    """What the caller is sent for a pass: the service's reply, or an error in one shape where there is none."""
    reply = exchange.reply
    if reply is not None:
        dropped = DROPPED | {"content-encoding", "date"}  # bodies are decoded already, and the server has its own date
        return replace(reply, headers=tuple(pair for pair in reply.headers if pair[0].lower() not in dropped))
    redactor = Redactor(exchange.secrets)
    if exchange.failure is not None:
        return problem(502, f"no-reply-{exchange.failure.kind}", redactor.text(exchange.failure.message))
    error = next((finding for finding in exchange.findings if finding.severity is Severity.ERROR), None)
    if error is None:
        return problem(502, "not-done", "the operation was not called")
    status = 401 if error.rule in ("missing-credential", "broken-connection", "sign-in-refused") else 502
    return problem(status, error.rule, redactor.text(error.message), error.remedy)


def problem(status: int, code: str, message: str, remedy: str = "") -> Reply:
    """An error of the gateway itself, in the shape in which the platform's runtime gives its own."""
    said = {"code": code, "message": message} | ({"remedy": remedy} if remedy else {})
    body = orjson.dumps({"error": said, "source": "tieline"})
    return Reply(status=status, headers=(("Content-Type", "application/json"),), body=body)
