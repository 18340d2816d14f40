"""Starting and ending the server: ports, the note that tells commands where it is, and a graceful end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..app.control import Note, forget_note, write_note
from ..app.running import Running, RunOptions, Told
from ..net.listener import ListenOptions, listen, run_until_signal
from .app import intake_only, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What is served, and where."""

    run: RunOptions
    port: int = 8320
    """0 takes a free one."""
    bind: str = "127.0.0.1"
    """Address to listen on; loopback unless asked."""
    intake_port: int = 8323
    """Port for webhook intake alone, opened when there is a public URL: a tunnel must lead there, so that nothing else
    is reached from outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A server that answers."""

    address: str
    intake: str
    """Where a tunnel has to lead; empty without a public URL."""
    public_url: str
    connectors: tuple[str, ...]
    subscriptions: int


@asynccontextmanager
async def serving(options: ServeOptions, told: Told) -> AsyncIterator[tuple[Running, Started]]:
    """Serves while the block runs.

    Raises ServiceError ``port-in-use``, ``store-in-use`` and what else opening store and ports raises.
    """
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(Running(options.run, told=told))
        listening = ListenOptions(host=options.bind, port=options.port, max_body=options.run.limits.body * 10)
        running.address = await stack.enter_async_context(listen(whole(running), listening))
        intake = await stack.enter_async_context(_intake(options, running))
        write_note(running.folder, Note(address=running.address, token=running.token))
        stack.callback(forget_note, running.folder)
        yield (
            running,
            Started(
                address=running.address,
                intake=intake,
                public_url=options.run.public_url,
                connectors=tuple(options.run.folders),
                subscriptions=len(running.subscriptions.all()),
            ),
        )


@asynccontextmanager
async def _intake(options: ServeOptions, running: Running) -> AsyncIterator[str]:
    """The port for webhook intake alone, where there is a public URL."""
    if not options.run.public_url:
        yield ""
        return
    name = urlsplit(options.run.public_url).hostname or ""
    listening = ListenOptions(
        host=options.bind, port=options.intake_port, hosts=(name,), max_body=options.run.limits.body + 1
    )
    async with listen(intake_only(running), listening) as address:
        yield address


def serve(options: ServeOptions, *, started: Callable[[Started], None], told: Told) -> None:
    """Serves until Ctrl-C or SIGTERM; deliveries under way may end, all others stay for the next start."""

    async def until(end: asyncio.Event) -> None:
        async with serving(options, told) as (_, served):
            started(served)
            await end.wait()

    run_until_signal(until)
