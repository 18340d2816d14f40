"""``Transport``: sends one request and says what came of it. The only place that opens connections to services."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Any, Self

import aiohttp

from .. import __version__
from ..model import BugError, Failure, Reply, Request, Sent
from .client import WITHOUT_TYPE, Upload, open_session
from .decoding import Corrupt, TooLarge, decode
from .failure import Attempt, failure_of, too_large, undecodable
from .options import TransportOptions
from .phases import PHASES, Phases
from .prepare import Prepared, prepare
from .proxy import Proxies, Proxy

__all__ = ["USER_AGENT", "Transport", "TransportOptions"]

USER_AGENT = f"tieline/{__version__}"
"""What is sent when a request names no user agent."""

LARGE_UPLOAD = 1 << 20
"""Bytes above which a body is handed over as a file, which the client sends piece by piece."""

SLOW_DECODING = 1 << 20
"""Bytes above which a body is decoded in a thread, so that other calls go on meanwhile."""

IDEMPOTENT = frozenset(("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"))
"""Methods that may be repeated without asking (RFC 9110, section 9.2.2)."""

TYPED = frozenset(("POST", "PUT", "PATCH"))
"""Methods for which the client makes up a content type even when there is no body."""


class Transport:
    """Sends requests over kept-alive connections, with the settings of one ``TransportOptions``.

    An async context manager. Entering raises DocumentError ``unreadable-certificate`` or ``wrong-proxy``.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        """Takes the settings; nothing is opened or read yet."""
        self._options = options or TransportOptions()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._proxies = Proxies(self._options.proxy, self._options.environment)
        self._turns = asyncio.Semaphore(self._options.max_connections)
        self._session = open_session(self._options)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def send(self, request: Request) -> Sent:
        """Sends ``request`` once and reads the whole reply. Never raises for what the network or the service does.

        One exception to "once": a kept connection that the service closed meanwhile, where the method is idempotent
        (RFC 9112, section 9.3.1). Raises BugError outside of ``async with``.
        """
        if self._session is None:
            raise BugError("transport-not-open", "a request was sent before its transport was opened")
        phases = Phases()
        prepared = prepare(request, USER_AGENT)
        if isinstance(prepared, Failure):
            return Sent(failure=prepared, timings=phases.timings())
        PHASES.set(phases)
        proxy = self._proxies.of(prepared.url)
        async with self._turns:
            try:
                reply = await self._answer(self._session, request, prepared, proxy)
                return Sent(reply=reply, timings=phases.timings())
            except _Unusable as unusable:
                failure = unusable.failure
            except (aiohttp.ClientError, OSError, ValueError) as error:
                failure = failure_of(error, self._attempt(prepared, proxy))
        return Sent(failure=failure, timings=phases.timings())

    async def _answer(
        self, session: aiohttp.ClientSession, request: Request, prepared: Prepared, proxy: Proxy | None
    ) -> Reply:
        try:
            return await self._exchange(session, request, prepared, proxy)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
            phases = PHASES.get()
            stale = phases.ready and not phases.created and not phases.replied
            if not stale or request.method not in IDEMPOTENT:
                raise
        return await self._exchange(session, request, prepared, proxy)

    async def _exchange(
        self, session: aiohttp.ClientSession, request: Request, prepared: Prepared, proxy: Proxy | None
    ) -> Reply:
        body = request.body
        response = await session.request(
            request.method,
            prepared.url,
            data=Upload(body) if len(body) > LARGE_UPLOAD else body or None,
            chunked=prepared.chunked,
            allow_redirects=False,
            skip_auto_headers=WITHOUT_TYPE if _untyped(request) else None,
            **_headers(prepared, proxy),
        )
        try:
            PHASES.get().replied = time.perf_counter()
            content = await self._content(response, prepared, proxy)
        except BaseException:
            response.close()
            raise
        if not response.closed:
            # A switch to another protocol (101) does not end by itself.
            response.close()
        headers = tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers])
        return Reply(status=response.status, reason=response.reason or "", headers=headers, body=content)

    async def _content(self, response: aiohttp.ClientResponse, prepared: Prepared, proxy: Proxy | None) -> bytes:
        """The whole body, decoded. Raises _Unusable."""
        cap = self._options.max_reply
        try:
            body = await _body(response, cap)
            encoding = response.headers.get("Content-Encoding")
            if not encoding or not body:
                return body
            if len(body) > SLOW_DECODING:
                return await asyncio.to_thread(decode, body, encoding, cap)
            return decode(body, encoding, cap)
        except TooLarge as error:
            raise _Unusable(too_large(self._attempt(prepared, proxy), cap, str(error))) from error
        except Corrupt as error:
            attempt = self._attempt(prepared, proxy)
            raise _Unusable(undecodable(attempt, error.coding, truncated=error.truncated)) from error

    def _attempt(self, prepared: Prepared, proxy: Proxy | None) -> Attempt:
        phases = PHASES.get()
        return Attempt(
            host=prepared.url.raw_host or "",
            port=prepared.url.port or 0,
            secure=prepared.url.scheme == "https",
            proxy=proxy.name if proxy else "",
            timeout=self._options.timeout,
            connect_timeout=self._options.connect_timeout,
            sent=phases.ready > 0,
            replying=phases.replied > 0,
        )


def _untyped(request: Request) -> bool:
    """Whether the client would make up a content type."""
    return bool(request.body or request.method in TYPED) and request.header("content-type") is None


def _headers(prepared: Prepared, proxy: Proxy | None) -> dict[str, Any]:
    """The client's arguments for headers and proxy. A proxy that tunnels gets its credential in the request for the
    tunnel, any other one in the request itself."""
    if proxy is None:
        return {"headers": prepared.headers}
    arguments: dict[str, Any] = {"proxy": proxy.url, "proxy_headers": {"User-Agent": USER_AGENT}}
    headers = prepared.headers
    if proxy.authorization is not None:
        if prepared.url.scheme == "https":
            arguments["proxy_headers"]["Proxy-Authorization"] = proxy.authorization
        else:
            headers = [*headers, ("Proxy-Authorization", proxy.authorization)]
    return {**arguments, "headers": headers}


async def _body(response: aiohttp.ClientResponse, cap: int) -> bytes:
    """The body as it came. Raises TooLarge."""
    content = response.content
    if content.is_eof():
        body = content.read_nowait()
        if len(body) > cap:
            raise TooLarge
        return body
    protocol = response.connection.protocol if response.connection is not None else None
    closed = protocol.closed if protocol is not None else None

    def give_up(_: object) -> None:
        # aiohttp (3.14) closes a connection on a malformed chunk and tells nobody: the reader would wait until timeout.
        if not content.is_eof() and content.exception() is None:
            content.set_exception(_Garbled())

    if closed is None:
        give_up(None)
        return await _read_all(content, cap)
    closed.add_done_callback(give_up)
    try:
        return await _read_all(content, cap)
    finally:
        closed.remove_done_callback(give_up)


async def _read_all(content: aiohttp.StreamReader, cap: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while piece := await content.readany():
        size += len(piece)
        if size > cap:
            raise TooLarge
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class _Garbled(aiohttp.ClientError):
    """What came inside a body is not HTTP."""


class _Unusable(Exception):
    """A reply came, and its body cannot be used."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure
