"""HTTP/1.1 as the listener speaks it: uvicorn's, with a time for the head of a request and a short way for hot paths.

uvicorn waits for ever for the rest of a head, so that a few thousand senders of one byte a minute would hold all
connections (slow loris). The time for a body is up to the app, which knows how large it may be.

The short way spares a request that came whole its task, its events and the messages of ASGI, which together cost more
than keeping a notification. What it does not take goes through the app.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeAlias

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from .guard import Scope

Answer: TypeAlias = Callable[[int, Iterable[tuple[bytes, bytes]], bytes], None]
"""``answer(status, headers, body)``: to be called once, on the event loop, at once or later. The names of headers are
lower case; ``content-length`` is among them, and ``connection`` where the connection is to be closed."""

ShortWay: TypeAlias = Callable[[Scope, bytes, Answer], bool]
"""``short(scope, body, answer)``: takes a whole request and answers it, or gives False: then the app answers. When it
raises it has done nothing, and the app answers, too."""


class TimedHead(HttpToolsProtocol):
    """One connection."""

    def __init__(self, head_seconds: float, short: ShortWay | None, /, *arguments: Any, **named: Any) -> None:
        """Takes how long a sender may take from connecting, or from the first byte of a request, to the end of its
        head, and the short way (None: there is none); the rest is uvicorn's."""
        super().__init__(*arguments, **named)
        self._head_seconds = head_seconds
        self._short = short
        self._head: asyncio.TimerHandle | None = None
        self._in_head = False
        self._idle_since: float | None = None
        self._begun: tuple[RequestResponseCycle, Any] | None = None
        self._answering: RequestResponseCycle | None = None
        self._ended: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The connection is open."""
        super().connection_made(transport)
        self._head = self.loop.call_later(self._head_seconds, transport.close)

    def data_received(self, data: bytes) -> None:
        """Some bytes are there. A head that is not whole with them has to be in time."""
        super().data_received(data)
        if self._in_head and self._head is None:
            self._head = self.loop.call_later(self._head_seconds, self.transport.close)
        self._go()

    def on_message_begin(self) -> None:
        """The first byte of a request is there."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._in_time()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._in_time()
        self._begun = None
        self._let_go()
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """A reply was given; the next request may be there. Else the connection is idle: one timer looks after that
        again and again, where uvicorn makes and cancels one for each request."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            self._go()
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_later(self.timeout_keep_alive)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def _look_later(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self._look_whether_idle)

    def _look_whether_idle(self) -> None:
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_later(left)
        else:
            self.timeout_keep_alive_handler()

    def shutdown(self) -> None:
        """The server ends: what is being answered may come to its end as a task may."""
        super().shutdown()
        if self._answering is not None and self._ended is None:
            self._ended = self.loop.create_future()
            self.tasks.add(self._ended)  # type: ignore[arg-type]

    def _in_time(self) -> None:
        self._in_head = False
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Begins a request when all bytes that came with its head were read."""
        if self._short is None or cycle.waiting_for_100_continue:
            super()._start_asgi_task(cycle, app)
        else:
            self._begun = cycle, app

    def _go(self) -> None:
        if self._begun is None:
            return
        (cycle, app), self._begun = self._begun, None
        usual = cycle.more_body or self.flow.write_paused or cycle.scope["method"] == "HEAD"
        if usual or not self._taken(cycle):
            super()._start_asgi_task(cycle, app)

    def _taken(self, cycle: RequestResponseCycle) -> bool:
        """Whether the short way took a request."""
        assert self._short is not None
        self._answering = cycle
        try:
            scope: Any = cycle.scope
            if self._short(scope, bytes(cycle.body), partial(self._answer, cycle)):
                return True
        except Exception:  # noqa: BLE001, S110 - the app does the same again, and what it raises is logged
            pass
        self._answering = None
        return False

    def _answer(
        self, cycle: RequestResponseCycle, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> None:
        self._let_go()
        if cycle.disconnected or self.transport.is_closing():
            return
        close = not cycle.keep_alive
        shown = [STATUS_LINE[status]]
        for name, value in (*cycle.default_headers, *headers):
            shown += (name, b": ", value, b"\r\n")
            close = close or name == b"connection"
        if not cycle.keep_alive:
            shown.append(b"connection: close\r\n")
        shown += (b"\r\n", body)
        self.transport.write(b"".join(shown))
        cycle.response_started = cycle.response_complete = True
        if close:
            self.transport.close()
        self.on_response_complete()

    def _let_go(self) -> None:
        self._answering = None
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)
