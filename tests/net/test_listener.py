"""Servers on loopback: started, called, stopped."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import threading
from contextlib import asynccontextmanager
from typing import Any
from urllib.request import urlopen

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tieline.model import Request, ServiceError
from tieline.net.driver import LoopThread
from tieline.net.listener import ListenOptions, listen, listen_in_thread, loop_factory, serve
from tieline.net.transport import Transport


async def hello(request: Any) -> PlainTextResponse:
    return PlainTextResponse("hello")


app = Starlette(routes=[Route("/", hello)])


def test_in_a_thread() -> None:
    """Plain code serves an app while a block runs; afterwards nobody answers there."""
    with listen_in_thread(app) as address, urlopen(address) as reply:
        assert reply.read() == b"hello"
        assert "server" not in reply.headers
    port = int(address.rpartition(":")[2])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert not any(thread.name == "tieline-loop" for thread in threading.enumerate())


async def test_start_and_end_of_the_app() -> None:
    """The app's own start and end run before the first and after the last request."""
    happened = []

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        happened.append("start")
        yield
        happened.append("end")

    async with listen(Starlette(routes=app.routes, lifespan=lifespan)) as address, Transport() as transport:
        sent = await transport.send(Request(method="GET", url=address))
        assert sent.reply is not None
        happened.append(sent.reply.body.decode())
    assert happened == ["start", "hello", "end"]


async def test_app_that_does_not_start() -> None:
    """An app whose start fails is a service error, and the port is free again."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> Any:
        raise LookupError("no database")
        yield

    with pytest.raises(ServiceError, match="its app failed"):
        async with listen(Starlette(lifespan=lifespan)):
            pass


async def test_port_in_use() -> None:
    """A port that is taken is a service error that says what to do."""
    async with listen(app) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(ServiceError, match=f"port {port} is taken") as error:
            async with listen(app, ListenOptions(port=port)):
                pass
    assert error.value.finding.rule == "port-in-use"
    assert "--port" in error.value.finding.remedy


@pytest.mark.parametrize(("host", "port"), [("nonexistent.invalid", 0), ("192.0.2.1", 0), ("127.0.0.1", 70000)])
async def test_address_that_is_not_ours(host: str, port: int) -> None:
    """An address that this machine does not have is a service error."""
    with pytest.raises(ServiceError) as error:
        async with listen(app, ListenOptions(host=host, port=port)):
            pass
    assert error.value.finding.rule == "cannot-listen"


async def test_version_6() -> None:
    """An IPv6 address is written as URLs write it, and answers."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    async with listen(app, ListenOptions(host="::1")) as address, Transport() as transport:
        assert address.startswith("http://[::1]:")
        sent = await transport.send(Request(method="GET", url=address))
        assert sent.reply is not None
        assert sent.reply.status == 200


async def test_error_in_the_block_stops_the_server() -> None:
    """What goes wrong while a server runs comes out, and the server is gone."""
    with pytest.raises(LookupError, match="in the block"):
        async with listen(app) as address:
            raise LookupError("in the block")
    async with Transport() as transport:
        assert (await transport.send(Request(method="GET", url=address))).failure is not None


async def test_request_under_way_is_finished() -> None:
    """A request that is being answered when the server stops is answered to its end."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first ", "more_body": True})
        begun.set()
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"last"})

    async with Transport() as transport:
        async with listen(slow) as address:
            call = asyncio.ensure_future(transport.send(Request(method="GET", url=address)))
            await begun.wait()
            asyncio.get_running_loop().call_later(0.05, go_on.set)
        sent = await call
    assert sent.reply is not None, sent.failure
    assert sent.reply.body == b"first last"


async def test_request_that_does_not_end_is_cut_off() -> None:
    """A request that goes on for too long does not keep the server from stopping."""
    begun = asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        begun.set()
        await asyncio.Event().wait()

    async with Transport() as transport:
        async with listen(endless, ListenOptions(stop_seconds=0.05)) as address:
            call = asyncio.ensure_future(transport.send(Request(method="GET", url=address)))
            await begun.wait()
        assert (await call).failure is not None


def test_error_in_plain_code_stops_the_server() -> None:
    """A port that is taken is the same error from plain code, and no thread is left."""
    with listen_in_thread(app) as address:
        port = int(address.rpartition(":")[2])
        with pytest.raises(ServiceError, match="is taken"), listen_in_thread(app, ListenOptions(port=port)):
            pass
    assert not any(thread.name == "tieline-loop" for thread in threading.enumerate())


def test_fast_loop() -> None:
    """The loop is uvloop's where it is installed."""
    pytest.importorskip("uvloop", reason="uvloop is not installed")
    with LoopThread(loop_factory()) as thread:
        assert "uvloop" in type(thread.run(running_loop())).__module__


async def running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


async def test_server_outside_of_the_main_thread_takes_no_signals() -> None:
    """Serving from another thread works and leaves the process's signals alone."""
    before = signal.getsignal(signal.SIGINT)
    addresses: list[str] = []
    up = threading.Event()

    def ready(address: str) -> None:
        addresses.append(address)
        up.set()

    threading.Thread(target=serve, args=(app, ListenOptions(), ready), daemon=True).start()
    assert await asyncio.to_thread(up.wait, 10)
    async with Transport() as transport:
        assert (await transport.send(Request(method="GET", url=addresses[0]))).reply is not None
    assert signal.getsignal(signal.SIGINT) is before


PROGRAM = """
import asyncio
from tieline.net.listener import ListenOptions, serve

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        print("ended", flush=True)
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x", "more_body": scope["path"] == "/endless"})
    if scope["path"] == "/endless":
        print("begun", flush=True)
        await asyncio.Event().wait()

serve(app, ListenOptions(stop_seconds=600), lambda address: print(address, flush=True))
print("returned", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals to other processes are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_until_signal(number: int) -> None:
    """Ctrl-C and SIGTERM end a blocking server in good order, with nothing else on its output."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        with urlopen(address) as reply:
            assert reply.read() == b"x"
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)
    assert (rest, errors, process.returncode) == (b"ended\nreturned\n", b"", 0)


ITSELF = """
import signal, sys, threading
from starlette.responses import Response
from tieline.net.listener import serve
number = getattr(signal, sys.argv[1])
serve(Response(), ready=lambda address: threading.Timer(0.1, signal.raise_signal, [number]).start())
print("returned", flush=True)
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGBREAK" if sys.platform == "win32" else "SIGTERM"])
def test_signals_of_this_system(name: str) -> None:
    """Each signal to end is seen by a server that waits, on Windows too: Ctrl-C, and Ctrl-Break there."""
    done = subprocess.run([sys.executable, "-c", ITSELF, name], capture_output=True, timeout=60, check=False)
    assert (done.stdout.split(), done.stderr, done.returncode) == ([b"returned"], b"", 0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals to other processes are POSIX's")
def test_second_signal() -> None:
    """A second Ctrl-C ends the server at once, while a request is still being answered."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        with urlopen(f"{address}/endless"):
            assert process.stdout.readline() == b"begun\n"
            process.send_signal(signal.SIGINT)
            while process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(timeout=0.1)
                except subprocess.TimeoutExpired:
                    continue
        process.communicate(timeout=20)
    assert process.returncode != 0


async def test_a_head_that_does_not_come_in_time() -> None:
    """A sender that drips a head is cut off; one that is in time is answered on the same server, also a second time on
    a kept connection."""
    async with listen(app, ListenOptions(head_seconds=0.3)) as address:
        port = int(address.rpartition(":")[2])
        slow, slow_end = await asyncio.open_connection("127.0.0.1", port)
        slow_end.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        quick, quick_end = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            quick_end.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert (await quick.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
        assert await slow.read() == b""
        quick_end.close()
        slow_end.close()
