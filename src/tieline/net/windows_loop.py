"""The event loop on Windows: asyncio's own without a fault of it that ends a server in silence.

There a client that is gone before its connection was accepted closes the *listening* socket, and the process lives on
without answering anybody (github.com/python/cpython/issues/93821).
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from typing import Any

GONE = frozenset({59, 64, 121, 1236, 10053, 10054, 10057})
"""Codes of Windows for a client that went away: ERROR_UNEXP_NET_ERR, ERROR_NETNAME_DELETED, ERROR_SEM_TIMEOUT,
ERROR_CONNECTION_ABORTED, and of its sockets WSAECONNABORTED, WSAECONNRESET, WSAENOTCONN."""


def gone(error: object) -> bool:
    """Whether an error says that a client went away before it was accepted."""
    return isinstance(error, OSError) and getattr(error, "winerror", None) in GONE


if sys.platform == "win32":

    class _Proactor(asyncio.IocpProactor):
        """Accepts the next client where one is gone."""

        _loop: asyncio.AbstractEventLoop
        _made: socket.socket | None = None

        def _get_accept_socket(self, family: int) -> socket.socket:
            made: socket.socket = super()._get_accept_socket(family)  # type: ignore[misc]
            self._made = made
            return made

        def accept(self, listener: socket.socket) -> asyncio.Future[Any]:
            return asyncio.ensure_future(self._accepted(listener), loop=self._loop)

        async def _accepted(self, listener: socket.socket) -> Any:
            while True:
                self._made = None
                waiting = super().accept(listener)
                client = self._made
                try:
                    return await waiting
                except OSError as error:
                    if client is not None:
                        client.close()
                    if not gone(error):
                        raise

    class _Loop(asyncio.ProactorEventLoop):
        def __init__(self) -> None:
            super().__init__(_Proactor())

        def call_exception_handler(self, context: dict[str, Any]) -> None:
            # asyncio has a task of its own wait for the client, too, whose end nobody looks at.
            if not gone(context.get("exception")):
                super().call_exception_handler(context)


def system_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the loop on Windows; None elsewhere, for asyncio's own."""
    if sys.platform == "win32":
        return _Loop
    return None
