"""What stands between a loopback server and the web pages that a browser on this machine has open.

A page of any site can send requests to 127.0.0.1, and with a name that it points there (DNS rebinding) it can read the
replies. Both are told by headers that a page cannot forge: ``Host`` and ``Origin``. ASGI middleware; opens nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


class HostGuard:
    """Refuses requests whose ``Host`` or ``Origin`` is not this server: 421 and 403, for websockets too."""

    def __init__(
        self, app: App, *, hosts: Iterable[str] = (), origins: Iterable[str] = (), addresses: bool = False
    ) -> None:
        """Takes the app, names besides loopback's (``*`` for any), and origins besides the server's own
        (``http://localhost:5173``).

        ``addresses`` lets every IP address through as ``Host``: for a server that listens on all of its machine's. A
        rebinding page cannot use one, since its ``Host`` is a name.
        """
        self._app = app
        self._hosts = LOOPBACK | {host.lower() for host in hosts}
        self._origins = frozenset(origin.lower() for origin in origins)
        self._addresses = addresses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, websocket or lifespan."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        host, origin = _host_and_origin(scope)
        if not self._known(host_name(host)):
            await refuse(scope, send, 421, "this server does not answer for that host")
        elif origin and not self._may_ask(host, origin):
            await refuse(scope, send, 403, "this server does not answer pages of other sites")
        else:
            await self._app(scope, receive, send)

    def admits(self, scope: Scope) -> bool:
        """Whether a request is let through."""
        host, origin = _host_and_origin(scope)
        return self._known(host_name(host)) and (not origin or self._may_ask(host, origin))

    def _may_ask(self, host: str, origin: str) -> bool:
        return origin == f"http://{host}" or origin in self._origins

    def _known(self, name: str) -> bool:
        return (
            name in self._hosts
            or "*" in self._hosts
            or name.endswith(".localhost")
            or (self._addresses and _is_address(name))
        )


class BodyCap:
    """Refuses request bodies above a cap with 413, by their length or, in chunks, as soon as they pass it."""

    def __init__(self, app: App, limit: int) -> None:
        """Takes the app and the most bytes that a body may have."""
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, websocket or lifespan."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        for name, value in scope["headers"]:
            if name == b"content-length" and int(value) > self._limit:
                await refuse(scope, send, 413, _too_large(self._limit))
                return
            if name == b"transfer-encoding":
                await _Counted(self._limit, scope, receive, send).run(self._app)
                return
        await self._app(scope, receive, send)


class _Counted:
    """One request whose body says nothing about its length."""

    def __init__(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        self._limit = limit
        self._left = limit
        self._scope = scope
        self._receive = receive
        self._send = send
        self._begun = False

    async def run(self, app: App) -> None:
        """Runs the app; answers for it when the body is too large."""
        try:
            await app(self._scope, self.receive, self.send)
        except Exception:
            # An app that is cut off may fail in its own way; what it failed with says nothing.
            if self._left >= 0:
                raise
        if self._left < 0 and not self._begun:
            await refuse(self._scope, self._send, 413, _too_large(self._limit))

    async def receive(self) -> Message:
        """The next piece of the body; a hang-up once it is too large."""
        if self._left < 0:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return message if self._left >= 0 else {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Passes the reply on, unless the body was too large before it began."""
        if self._left >= 0 or self._begun:
            self._begun = True
            await self._send(message)


def host_name(authority: str) -> str:
    """The host of a ``Host`` header without port and brackets."""
    if authority.startswith("["):
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def _host_and_origin(scope: Scope) -> tuple[str, str]:
    host = origin = ""
    for name, value in scope["headers"]:
        if name == b"host":
            host = value.decode("latin-1").lower()
        elif name == b"origin":
            origin = value.decode("latin-1").lower()
    return host, origin


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _too_large(limit: int) -> str:
    return f"the body is larger than {limit} bytes"


async def refuse(scope: Scope, send: Send, status: int, reason: str, more: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Answers a request with a status, one line of text and ``more`` headers; a websocket is not accepted (the server
    makes it a 403)."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": reason})
        return
    headers, body = refusal(reason, more)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def refusal(reason: str, more: Iterable[tuple[bytes, bytes]] = ()) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body of an answer in one line of text, after which the connection is closed."""
    body = reason.encode() + b"\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *more,
    ]
    return headers, body
