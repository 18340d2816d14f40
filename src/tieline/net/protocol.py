"""HTTP/1.1 as the listener speaks it: uvicorn's, and the head of a request must come in time.

uvicorn waits for ever for the rest of a head, so that a few thousand senders of one byte a minute would hold all
connections (slow loris). The time for a body is up to the app, which knows how large it may be.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class TimedHead(HttpToolsProtocol):
    """One connection."""

    def __init__(self, head_seconds: float, /, *arguments: Any, **named: Any) -> None:
        """Takes how long a sender may take from connecting, or from the first byte of a request, to the end of its
        head; the rest is uvicorn's."""
        super().__init__(*arguments, **named)
        self._head_seconds = head_seconds
        self._head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The connection is open."""
        super().connection_made(transport)
        self._head = self.loop.call_later(self._head_seconds, transport.close)

    def on_message_begin(self) -> None:
        """The first byte of a request is there."""
        super().on_message_begin()
        if self._head is None:
            self._head = self.loop.call_later(self._head_seconds, self.transport.close)

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._in_time()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._in_time()
        super().connection_lost(exc)

    def _in_time(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None
