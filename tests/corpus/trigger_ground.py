"""Where rounds of triggers are held: a service that is the mock of one connector after the other, the engine in memory
with a clock that only rounds move, and the intake, each at its own address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tieline.app.intake import Intake
from tieline.app.keeper import Keeper
from tieline.app.mock import Message, Mock, Receive, Scope, Send, prepare
from tieline.app.performer import AppPerformer, Connectors
from tieline.engine.memory import MemoryEngine
from tieline.model import Connector, Event, Reply, Request, Subscription
from tieline.net.listener import listen
from tieline.net.transport import Transport
from tieline.store.connections import ConnectionStore
from tieline.store.key import Key
from tieline.triggers import step, subscription_key
from tieline.triggers.protocol import Fire

START = 1_800_000_000.0
"""When rounds begin."""

PATIENCE = 20.0
"""Seconds of real time after which a round that does not move has failed."""


PASSING = ("registering", "unregistering", "starting", "polling")
"""States that pass by themselves."""


class HandClock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self._now = START
        self._moved = asyncio.Event()

    def now(self) -> float:
        """The time."""
        return self._now

    async def wait(self, until: float) -> None:
        """Waits until the clock was moved there."""
        while until > self._now:
            await self._moved.wait()

    def forward(self, to: float) -> None:
        """Moves it on."""
        self._now = max(self._now, to)
        self._moved.set()
        self._moved = asyncio.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """One request as it arrived at the service, and its answer as it left."""

    operation: str
    """The one that answered."""
    request: Request
    """Its URL is path and query."""
    reply: Reply


Edit = Callable[[Reply], Reply]


class Service:
    """Stands where the service is: the mock of the connector whose turn it is answers; what it got is kept."""

    def __init__(self) -> None:
        self.mock: Mock
        self.met: list[Met] = []
        self.damage: Edit = lambda reply: reply
        """What is done to each reply at last, to see whether rounds notice."""
        self.prefer = ""
        """What every request asks for with ``Prefer``."""
        self.edit: Edit = lambda reply: reply
        """What is done to each reply of the mock."""

    def play(self, connector: Connector) -> None:
        """Become the service of a connector."""
        self.mock, self.met = prepare(connector), []
        self.calm()

    def calm(self) -> None:
        """Answer as the mock does."""
        self.prefer, self.edit = "", lambda reply: reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.mock.app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if self.prefer:
            scope["headers"] = [*scope["headers"], (b"prefer", self.prefer.encode())]
        start: dict[str, Any] = {}

        async def given() -> Message:
            return {"type": "http.request", "body": body}

        async def back(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                await self._answer(scope, body, start, message["body"], send)

        await self.mock.app(scope, given, back)

    async def _answer(self, scope: Scope, sent: bytes, start: dict[str, Any], body: bytes, send: Send) -> None:
        named = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
        reply = self.damage(self.edit(Reply(status=start["status"], headers=named, body=body)))
        asked = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
        url = scope["raw_path"].decode("latin-1") + "?" + scope["query_string"].decode("latin-1")
        noted = self.mock.backend.log.last
        self.met.append(
            Met(
                operation="" if noted is None else noted.operation,
                request=Request(method=scope["method"], url=url, headers=asked, body=sent),
                reply=reply,
            )
        )
        kept = [(name, value) for name, value in reply.headers if name != "content-length"]
        if reply.status not in (204, 304):
            kept.append(("content-length", str(len(reply.body))))
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})


class Ground:
    """Where rounds are held: a service, an engine with what performs for it, and the intake."""

    def __init__(self, service: Service, server: str, transport: Transport, store: ConnectionStore) -> None:
        self.service = service
        self.server = server
        self.transport = transport
        self.store = store
        self.clock = HandClock()
        self.connectors = Bare()
        self.address = ""
        keeper = Keeper(store)
        performer = AppPerformer(transport, self.connectors, keeper, lambda name, _: f"{self.address}/apim/{name}")
        self.engine = MemoryEngine(step, performer, clock=self.clock)
        self.intake = Intake(self.engine, b"s" * 32, base=lambda: self.address)

    async def callbacks(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The app at the address that services call back."""
        assert scope["type"] == "http"
        await self.intake(scope, receive, send)

    async def submit(self, subscription: Subscription, given: Any) -> Any:
        """Gives an input, waits for all that follows, and gives the state."""
        await self.engine.submit(subscription_key(subscription.id), given, "")
        return await self._settled(subscription)

    async def woken(self, subscription: Subscription) -> Any:
        """Moves the clock to where a subscription polls again, waits for what follows, and gives the state."""
        before: Any = await self.engine.state(subscription_key(subscription.id))
        self.clock.forward(self.clock.now() + 2 * subscription.interval)
        return await self._settled(subscription, before.serial)

    async def _settled(self, subscription: Subscription, beyond: int = -1) -> Any:
        """The state when it is none that passes by itself, nor still the one with a serial, and all that led to it is
        kept."""
        key = subscription_key(subscription.id)
        async with asyncio.timeout(PATIENCE):
            while (state := await self.engine.state(key)) is not None and (
                state.status in PASSING or state.serial == beyond
            ):
                if getattr(state, "tries", 0):
                    self.clock.forward(self.clock.now() + subscription.interval)
                await asyncio.sleep(0)
        await self.engine.submit("nobody/1", Fire(), "")
        return await self.engine.state(key)

    def events(self, subscription: Subscription) -> list[Event]:
        """The events of a subscription, oldest first."""
        return [event for event in self.engine.ledger.events if event.subscription == subscription.id]

    def said(self, subscription: Subscription) -> list[tuple[str, str]]:
        """Rule and message of what was reported of a subscription."""
        key = subscription_key(subscription.id)
        return [(report.rule, report.message) for _, its, report in self.engine.ledger.reports if its == key]


class Bare(Connectors):
    """Connector folders, on demand as if they had no custom code."""

    def __init__(self) -> None:
        super().__init__(now=lambda: 0.0)
        self.bare = False

    def get(self, folder: str) -> Connector:
        """The connector in a folder."""
        found = super().get(folder)
        if not self.bare:
            return found
        return replace(found, script=None, properties=replace(found.properties, script_operations=()))


@asynccontextmanager
async def ground(home: Path) -> AsyncIterator[Ground]:
    """A ground that stands while the block runs."""
    async with AsyncExitStack() as stack:
        service = Service()
        server = await stack.enter_async_context(listen(service))
        transport = await stack.enter_async_context(Transport())
        here = Ground(service, server, transport, ConnectionStore(home, lambda: Key(b"k" * 32)))
        await stack.enter_async_context(here.engine)
        here.address = await stack.enter_async_context(listen(here.callbacks))
        yield here
