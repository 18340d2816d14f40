"""Serves an ASGI app on loopback: from async code, from plain code in a thread, or until Ctrl-C.

Runs uvicorn with httptools, and with uvloop where there is one. Every way puts the guards of ``guard`` before the app.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import uvicorn

from ..model import ServiceError
from .driver import LoopThread
from .guard import App, BodyCap, HostGuard, Scope
from .protocol import Answer, ShortWay, Take, TimedHead
from .windows_loop import system_loop

WILDCARDS = ("0.0.0.0", "::", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenOptions:
    """Where a server listens and whom it answers."""

    host: str = "127.0.0.1"
    """Address to listen on. Loopback is reached from this machine only; ``0.0.0.0`` from everywhere."""
    port: int = 0
    """0 takes a free one."""
    hosts: tuple[str, ...] = ()
    """Names besides loopback's and ``host`` under which the server may be called."""
    origins: tuple[str, ...] = ()
    """Origins of web pages that may call it besides its own, for example ``http://localhost:5173``."""
    max_body: int = 100 * 1024 * 1024
    """Bytes of a request's body (reference: limits-and-certification, section 1: messages have at most 100 MB)."""
    head_seconds: float = 20.0
    """How long a sender may take for the head of a request; then its connection is closed."""
    stop_seconds: float = 5.0
    """How long requests that are under way at the end may take; then they are cut off."""
    short: ShortWay | None = None
    """Takes whole requests before the app does, once the guards let them in; see ``net.protocol``."""


@asynccontextmanager
async def listen(app: App, options: ListenOptions | None = None) -> AsyncIterator[str]:
    """Serves ``app`` while the block runs; gives the address, for example ``http://127.0.0.1:8321``.

    Raises ServiceError ``port-in-use``, ``cannot-listen``, or ``server-not-started`` when the app's own start fails.
    """
    options = options or ListenOptions()
    with _bound(options) as bound:
        server = _Server(_config(app, options))
        running = asyncio.ensure_future(server.serve(sockets=[bound]))
        try:
            await asyncio.wait((running, server.up), return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                await running
            yield _address(bound)
        finally:
            server.end.set()
            server.should_exit = True
            await asyncio.wait((running,))


@contextmanager
def listen_in_thread(app: App, options: ListenOptions | None = None) -> Iterator[str]:
    """The same from plain code: the server runs on a loop in a thread of its own while the block runs."""
    with LoopThread(loop_factory()) as thread:
        server = listen(app, options)
        address = thread.run(server.__aenter__())
        try:
            yield address
        finally:
            thread.run(server.__aexit__(None, None, None))


def serve(app: App, options: ListenOptions | None = None, ready: Callable[[str], None] | None = None) -> None:
    """Serves ``app`` until Ctrl-C or SIGTERM, and lets requests that are under way end; a second Ctrl-C does not.

    ``ready`` is given the address when the server answers. Must run in the main thread for the signals to arrive.
    """

    async def until(end: asyncio.Event) -> None:
        async with listen(app, options) as address:
            if ready is not None:
                ready(address)
            await end.wait()

    run_until_signal(until)


def run_until_signal(main: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Runs ``main`` on the fastest loop; its event is set by Ctrl-C or SIGTERM, and a second Ctrl-C breaks it off."""

    async def guarded() -> None:
        end = asyncio.Event()
        with _signals(asyncio.get_running_loop(), end.set):
            await main(end)

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(guarded())


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes the fastest loop of this platform; None for asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return system_loop()
    return uvloop.new_event_loop


class _Server(uvicorn.Server):
    """uvicorn without its pauses of a tenth of a second, its exits of the process and its hold on the signals."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the server answers."""
        self.end = asyncio.Event()
        """Set to end it."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            raise ServiceError(
                "server-not-started", "the server did not start: its app failed", remedy="see the log for the reason"
            ) from None
        self.up.set_result(None)

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in tuple(self.server_state.connections):
            connection.shutdown()
        if tasks := tuple(self.server_state.tasks):
            _, late = await asyncio.wait(tasks, timeout=self.config.timeout_graceful_shutdown)
            for task in late:
                task.cancel()
        for _ in range(FLUSH_ROUNDS):
            if not self.server_state.connections:
                break
            await asyncio.sleep(FLUSH_ROUND)
        await self.lifespan.shutdown()


FLUSH_ROUND = 0.005
FLUSH_ROUNDS = 200
"""A second in all for the last bytes of replies to leave; usually none is needed."""


def _config(app: App, options: ListenOptions) -> uvicorn.Config:
    guard = _guarded(app, options)
    short = options.short
    if short is not None:
        short = replace(short, take=partial(_let_in, guard, options.max_body, short.take))
    return uvicorn.Config(
        guard,
        http=partial(TimedHead, options.head_seconds, short),  # type: ignore[arg-type]
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=options.stop_seconds,  # type: ignore[arg-type]
    )


KEEP_ALIVE = 75
"""Seconds for which an idle connection is kept: longer than clients keep theirs, so that they close first."""


def _let_in(guard: HostGuard, max_body: int, take: Take, scope: Scope, body: bytes, answer: Answer) -> bool:
    """The short way behind the guards; they refuse in the app's way."""
    return len(body) <= max_body and guard.admits(scope) and take(scope, body, answer)


def _guarded(app: App, options: ListenOptions) -> HostGuard:
    everywhere = options.host in WILDCARDS
    own = (socket.gethostname(),) if everywhere else (options.host,)
    capped = BodyCap(app, options.max_body)
    return HostGuard(capped, hosts=(*own, *options.hosts), origins=options.origins, addresses=everywhere)


@contextmanager
def _bound(options: ListenOptions) -> Iterator[socket.socket]:
    """The listening socket. Raises ServiceError ``port-in-use`` and ``cannot-listen``."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        if not 0 <= options.port <= 65535:
            raise OSError(errno.EINVAL, "there is no such port")
        bound = socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        raise _cannot_listen(options, error) from error
    with bound:
        yield bound


def _cannot_listen(options: ListenOptions, error: OSError) -> ServiceError:
    if error.errno in (errno.EADDRINUSE, errno.EACCES) and options.port:
        taken = error.errno == errno.EADDRINUSE
        return ServiceError(
            "port-in-use" if taken else "cannot-listen",
            f"port {options.port} is {'taken by another program' if taken else 'not open to programs of yours'}",
            remedy="give another one with --port, or --port 0 for any that is free",
        )
    reason = (error.strerror or type(error).__name__).lower()
    return ServiceError(
        "cannot-listen",
        f'cannot listen on "{options.host}:{options.port}": {reason}',
        remedy="give an address of this machine, for example 127.0.0.1, and a port up to 65535",
    )


def _address(bound: socket.socket) -> str:
    """The URL under which this machine reaches a listening socket."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    """Calls ``stop`` on the first signal to end; the next one does what it did before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        wanted.append(signal.SIGBREAK)
    former: dict[int, Any] = {}

    def restore() -> None:
        while former:
            number, handler = former.popitem()
            signal.signal(number, handler)

    def on_signal(number: int, frame: object) -> None:
        restore()
        loop.call_soon_threadsafe(stop)

    for number in wanted:
        former[number] = signal.signal(number, on_signal)
    try:
        yield
    finally:
        restore()
