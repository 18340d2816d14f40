"""HTTP/1.1 as the listener speaks it: uvicorn's, with a time for the head of a request and a short way for hot paths.

uvicorn waits for ever for the rest of a head, so that a few thousand senders of one byte a minute would hold all
connections (slow loris). The time for a body is up to the app, which knows how large it may be.

The short way spares a request that came whole its task, its events and the messages of ASGI, which together cost more
than keeping a notification. What it does not take goes through uvicorn and the app, as if it had not been there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, TypeAlias

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from .guard import Scope

Answer: TypeAlias = Callable[[int, Iterable[tuple[bytes, bytes]], bytes], None]
"""``answer(status, headers, body)``: to be called once, on the event loop, at once or later. The names of headers are
lower case; ``content-length`` is among them, and ``connection`` where the connection is to be closed."""

Take: TypeAlias = Callable[[Scope, bytes, Answer], bool]
"""``take(scope, body, answer)``: takes a whole request and answers it, or gives False: then the app answers. When it
raises it has done nothing, and the app answers, too. The scope has ``type``, ``method``, ``path``, ``query_string`` and
``headers``, and the path is as it was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortWay:
    """What may answer requests before the app does."""

    method: str
    path: str
    """What the path of a request begins with that is worth asking about."""
    take: Take


class TimedHead(HttpToolsProtocol):
    """One connection."""

    def __init__(self, head_seconds: float, short: ShortWay | None, /, *arguments: Any, **named: Any) -> None:
        """Takes how long a sender may take from connecting, or from the first byte of a request, to the end of its
        head, and the short way (None: there is none); the rest is uvicorn's."""
        super().__init__(*arguments, **named)
        self._head_seconds = head_seconds
        self._short = short
        self._begins = b"" if short is None else f"{short.method} {short.path}".encode()
        self._head: asyncio.TimerHandle | None = None
        self._in_head = False
        self._between = True
        self._whole: _Whole | None = None
        self._answering = False
        self._ending = False
        self._ended: asyncio.Future[None] | None = None
        self._early = b""
        self._last = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The connection is open."""
        super().connection_made(transport)
        self._head = self.loop.call_later(self._head_seconds, transport.close)

    def data_received(self, data: bytes) -> None:
        """Some bytes are there. A head that is not whole with them has to be in time."""
        if self._answering:
            self._early += data
            self.flow.pause_reading()
            return
        short = self._short
        if short is not None and data.startswith(self._begins) and self._idle() and self._taken(short, data):
            return
        super().data_received(data)
        if self._in_head and self._head is None:
            self._head = self.loop.call_later(self._head_seconds, self.transport.close)

    def on_message_begin(self) -> None:
        """The first byte of a request is there."""
        super().on_message_begin()
        self._in_head = True
        self._between = False

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._in_time()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The last byte of a request is there."""
        super().on_message_complete()
        self._between = True

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._in_time()
        self._let_go()
        self._early = b""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """The connection may have been idle for too long. One timer looks after the short way again and again, where
        uvicorn makes and cancels one for each request."""
        left = self._last + self.timeout_keep_alive - self.loop.time()
        if self._answering or left > 0:
            again = max(left, 1.0)
            self.timeout_keep_alive_task = self.loop.call_later(again, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """The server ends: what is being answered may come to its end as a task may."""
        if not self._answering:
            super().shutdown()
        elif self._ended is None:
            self._ending = True
            self._ended = self.loop.create_future()
            self.tasks.add(self._ended)  # type: ignore[arg-type]

    def _in_time(self) -> None:
        self._in_head = False
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _idle(self) -> bool:
        """Whether nothing was begun, and nobody is slow to read what was answered."""
        cycle = self.cycle
        return self._between and (cycle is None or cycle.response_complete) and not self.flow.write_paused

    def _taken(self, short: ShortWay, data: bytes) -> bool:
        """Whether the short way took what came."""
        whole = self._whole or _Whole()
        self._whole = None
        if not whole.read(data):
            return False
        self._whole = whole
        self._answering = True
        path, _, query = whole.target.partition(b"?")
        scope: Scope = {
            "type": "http",
            "method": short.method,
            "path": path.decode("latin-1"),
            "query_string": query,
            "headers": whole.headers,
        }
        try:
            if short.take(scope, b"".join(whole.body), self._answer):
                self._in_time()
                return True
        except Exception:  # noqa: BLE001, S110 - the app does the same again, and what it raises is logged
            pass
        self._answering = False
        return False

    def _answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        self._let_go()
        if self.transport.is_closing():
            return
        if self._ending:
            headers = (*headers, (b"connection", b"close"))
        head, close = _head(status, tuple(self.server_state.default_headers), tuple(headers))
        self.transport.write(head + body)
        self.server_state.total_requests += 1
        if close:
            self.transport.close()
        else:
            self._go_on()

    def _go_on(self) -> None:
        """Goes on with what was sent ahead; else the connection is idle from now on."""
        if self._early:
            data, self._early = self._early, b""
            self.flow.resume_reading()
            self.data_received(data)
            return
        self._last = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _let_go(self) -> None:
        """Says to a server that ends that there is nothing to wait for."""
        self._answering = False
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)


@lru_cache
def _head(status: int, *parts: tuple[tuple[bytes, bytes], ...]) -> tuple[bytes, bool]:
    """The head of an answer, and whether the connection ends with it. One goes out again and again within a second."""
    headers = [*chain(*parts)]
    lines = [STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in headers), b"\r\n"]
    return b"".join(lines), any(name == b"connection" for name, _ in headers)


class _Whole:
    """Reads bytes that are one whole request and nothing besides, one such after another."""

    __slots__ = ("_begun", "_ended", "_lasting", "_parser", "body", "headers", "target")

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)

    def read(self, data: bytes) -> bool:
        """Whether they are, of a sender that keeps the connection. What it says is in ``target``, ``headers`` and
        ``body`` then; else this reader has lost its place."""
        self.target = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self._begun = self._ended = 0
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            return False
        return self._begun == self._ended == 1 and self._lasting

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begun += 1

    def on_url(self, url: bytes) -> None:
        """Its target is there."""
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is there."""
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        """A piece of the body is there."""
        self.body.append(body)

    def on_message_complete(self) -> None:
        """It is whole."""
        self._ended += 1
        self._lasting = self._parser.get_http_version() == "1.1" and self._parser.should_keep_alive()
