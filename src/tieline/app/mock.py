"""Serving a connector's mock: an ASGI app around the backend, and what a command needs to start one.

What lives here: HTTP messages to and from ``model.Request`` and ``Reply``. What must not: sockets (``net.listener``)
and how a request is answered (``mock``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from ..mock import Backend
from ..model import Connector, Reply, Request
from .findings import located

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Got = Callable[[dict[str, Any]], None]
"""Told of each request once it is answered: ``{"n", "method", "path", "operation", "status", "findings"}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mock:
    """A mock that is ready to be served."""

    app: App
    backend: Backend
    """What answers; its ``log`` holds what it got."""
    title: str
    """Title of the definition, else the connector's name."""
    operations: int
    """How many operations it answers."""
    hosts: tuple[str, ...] = ()
    """The definition's own host: a call through the connector may carry it in its ``Host`` header."""


def prepare(connector: Connector, *, got: Got | None = None) -> Mock:
    """Make a mock of a connector; ``got`` is told of each request, in the shape of ``GET /.tieline/requests``."""
    backend = Backend(connector, located=lambda finding: located(finding, connector.documents))
    return Mock(
        app=_app(backend, got),
        backend=backend,
        title=connector.definition.title or connector.name,
        operations=len(connector.definition.operations.outlines),
        hosts=(connector.definition.host,) if connector.definition.host else (),
    )


def mock_app(connector: Connector, *, got: Got | None = None) -> App:
    """An ASGI 3 app that answers as the connector's definition says."""
    return prepare(connector, got=got).app


def _app(backend: Backend, got: Got | None) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        body = await _body(receive)
        if body is None:
            return
        before = backend.log.count
        reply = backend.answer(_request(scope, body)).reply
        noted = backend.log.last if backend.log.count > before else None
        await _send(send, reply, head=scope["method"] == "HEAD")
        if got is not None and noted is not None:  # after the reply: line numbers in a large file take their time
            got(backend.shown(noted))

    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _body(receive: Receive) -> bytes | None:
    """The whole body, whose size whoever serves the app has capped; None when the client has gone."""
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


def _request(scope: Scope, body: bytes) -> Request:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    host = next((value for name, value in headers if name == "host"), "") or _server(scope)
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    url = f"{scope.get('scheme', 'http')}://{host}{path}"
    return Request(method=scope["method"], url=f"{url}?{query}" if query else url, headers=headers, body=body)


def _server(scope: Scope) -> str:
    """Host and port for a request without ``Host`` (HTTP/1.0)."""
    host, port = scope.get("server") or ("localhost", None)
    return f"{host}:{port}" if port else str(host)


async def _send(send: Send, reply: Reply, *, head: bool) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    if reply.status not in (204, 304) and not head:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
