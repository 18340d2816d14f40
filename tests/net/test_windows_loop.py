"""Clients that are gone before they were accepted end no server, which they do on Windows in asyncio's own loop."""

from __future__ import annotations

import asyncio
import http.client
import socket
import struct
import sys

import pytest
from starlette.responses import Response

from tieline.net.driver import run_sync
from tieline.net.listener import listen, listen_in_thread
from tieline.net.windows_loop import gone, system_loop

RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""To close a connection without a word (SO_LINGER)."""

APP = Response(status_code=204)


def failed(code: int) -> OSError:
    """An error of Windows."""
    error = OSError("no")
    error.winerror = code  # type: ignore[attr-defined,unused-ignore]
    return error


def status(address: str) -> int:
    """What the server answers."""
    link = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    try:
        link.request("GET", "/")
        return link.getresponse().status
    finally:
        link.close()


@pytest.mark.parametrize(
    ("error", "is_gone"), [(failed(64), True), (failed(10054), True), (failed(995), False), (OSError(), False)]
)
def test_gone(error: OSError, is_gone: bool) -> None:
    """Only what the client did counts; a socket that was closed here is an error as before."""
    assert gone(error) is is_gone
    assert not gone(None)


def test_clients_that_go_at_once() -> None:
    """After many of them the server answers."""
    with listen_in_thread(APP) as address:
        place = ("127.0.0.1", int(address.rpartition(":")[2]))
        for _ in range(50):
            link = socket.create_connection(place)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            link.close()
        assert status(address) == 204


@pytest.mark.skipif(sys.platform != "win32", reason="the fault is one of the loop on Windows")
def test_the_loop_accepts_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that Windows says is gone is passed over; nothing is said, and the next one is answered."""
    whole, fails = asyncio.IocpProactor.accept, [64, 64]  # type: ignore[attr-defined,unused-ignore]

    def accept(self: object, listener: object) -> object:
        if not fails:
            return whole(self, listener)
        future = asyncio.get_running_loop().create_future()
        future.set_exception(failed(fails.pop()))
        return future

    monkeypatch.setattr(asyncio.IocpProactor, "accept", accept)  # type: ignore[attr-defined,unused-ignore]
    said: list[object] = []

    async def served() -> int:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: said.append(context))
        async with listen(APP) as address:
            return await asyncio.to_thread(status, address)

    assert run_sync(served()) == 204
    assert (fails, said) == ([], [])


def test_elsewhere_the_loop_is_asyncios() -> None:
    """Only Windows has a loop of its own."""
    assert (system_loop() is None) is (sys.platform != "win32")
