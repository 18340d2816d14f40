"""Starting and ending the server: ports, the note that tells commands where it is, and a graceful end."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..app.control import Note, forget_note, write_note
from ..app.running import Running, RunOptions, Told
from ..engine.protocol import Clock
from ..model import DocumentError, ServiceError
from ..net.listener import ListenOptions, listen, run_until_signal
from ..triggers.protocol import Report
from .app import intake_only, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What is served, and where."""

    run: RunOptions
    """Its public URL is checked: only http and https, a host, and nothing behind the path."""
    port: int = 8320
    """0 takes a free one."""
    bind: str = "127.0.0.1"
    """Address to listen on; loopback unless asked."""
    intake_port: int = 8323
    """Port for webhook intake alone, opened when there is a public URL: a tunnel must lead there, so that nothing else
    is reached from outside."""
    head_seconds: float = 20.0
    """How long a sender may take for the head of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A server that answers."""

    address: str
    intake: str
    """Where a tunnel has to lead; empty without a public URL."""
    public_url: str
    connectors: tuple[str, ...]
    triggers: int
    """How many are on."""


@asynccontextmanager
async def serving(
    options: ServeOptions, told: Told, clock: Clock | None = None
) -> AsyncIterator[tuple[Running, Started]]:
    """Serves while the block runs; ``clock`` is the engine's (None: this machine's).

    Raises ServiceError ``port-in-use``, ``store-in-use`` and what else opening store and ports raises.
    """
    if options.run.public_url:
        _public_host(options.run.public_url)
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(Running(options.run, clock=clock, told=told))
        listening = ListenOptions(
            host=options.bind,
            port=options.port,
            max_body=max(options.run.limits.body + 1, ListenOptions().max_body),
            head_seconds=options.head_seconds,
            short=running.intake.short_way(),
        )
        running.address = await stack.enter_async_context(listen(whole(running), listening))
        intake = await stack.enter_async_context(_intake(options, running))
        write_note(running.folder, Note(address=running.address, token=running.token))
        stack.callback(forget_note, running.folder)
        stack.callback(running.end)
        on = await running.look_at_hooks()
        yield (
            running,
            Started(
                address=running.address,
                intake=intake,
                public_url=options.run.public_url,
                connectors=tuple(options.run.folders),
                triggers=on,
            ),
        )


@asynccontextmanager
async def _intake(options: ServeOptions, running: Running) -> AsyncIterator[str]:
    """The port for webhook intake alone, where there is a public URL."""
    if not options.run.public_url:
        yield ""
        return
    name = _public_host(options.run.public_url)
    listening = ListenOptions(
        host=options.bind,
        port=options.intake_port,
        hosts=(name,),
        max_body=options.run.limits.body + 1,
        head_seconds=options.head_seconds,
        short=running.intake.short_way(),
    )
    async with AsyncExitStack() as stack:
        try:
            address = await stack.enter_async_context(listen(intake_only(running), listening))
        except ServiceError as error:
            remedy = "give another one with --intake-port, and lead the tunnel there"
            raise ServiceError(error.finding.rule, error.finding.message, remedy=remedy) from None
        yield address


def _public_host(url: str) -> str:
    """The host of a public URL. Raises DocumentError ``bad-argument``."""
    try:
        parts = urlsplit(url)
        name, _ = parts.hostname, parts.port
    except ValueError:
        name, parts = None, urlsplit("")
    if not name or parts.scheme not in ("http", "https") or parts.query or parts.fragment or parts.username:
        remedy = "write scheme and host, for example https://name.example"
        raise DocumentError("bad-argument", f'"{url}" is no address under which services reach this', remedy=remedy)
    return name


def serve(options: ServeOptions, *, started: Callable[[Started], None], told: Told) -> None:
    """Serves until Ctrl-C or SIGTERM; deliveries under way may end, all others stay for the next start."""

    early: list[tuple[str, Report]] = []
    tell: list[Told] = [lambda name, report: early.append((name, report))]

    async def until(end: asyncio.Event) -> None:
        async with serving(options, lambda name, report: tell[0](name, report)) as (_, served):
            started(served)
            _settle_down()
            tell[0] = told  # what is reported at once comes after the line that says that the server is there
            for name, report in early:
                told(name, report)
            await end.wait()

    run_until_signal(until)


def _settle_down() -> None:
    """Tunes the interpreter for a process that takes in many small things for a long time: what was loaded is no longer
    looked through for garbage, and the writer need not wait long for its turn."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, *gc.get_threshold()[1:])
    sys.setswitchinterval(TURN)


GARBAGE = 50_000
"""Objects that come up between two looks for garbage."""

TURN = 0.001
"""Seconds after which a thread that works lets others work."""
