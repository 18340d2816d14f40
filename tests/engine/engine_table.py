"""A small state table for the tests of engines: it does what its inputs say. Also what stands around engines there."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tieline.engine.embedded import EmbeddedEngine
from tieline.engine.machine import Machine
from tieline.engine.memory import MemoryEngine, MemoryLedger
from tieline.engine.protocol import EngineOptions
from tieline.model import Event, Receiver, Subscription
from tieline.store.history import EventFilter, History
from tieline.triggers.protocol import (
    Call,
    Called,
    Command,
    Emit,
    Input,
    Key,
    Notified,
    Push,
    Pushed,
    Report,
    Tell,
    WakeAt,
    Woken,
)

START = 1_800_000_000.0
"""When tests begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A state: everything that a key was given."""

    words: tuple[str, ...] = ()
    status: str = "on"
    load: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What a step gives."""

    state: Heard | None
    commands: tuple[Command, ...] = ()


def say(*script: list[Any], body: str = "") -> Notified:
    """An input that makes a key carry out a script: verbs with their arguments."""
    return Notified(body=json.dumps([body, list(script)]).encode())


def event(id: str, subscription: str = "s", data: str = "") -> Event:
    """An event with that id."""
    return Event(
        id=id, source="/s", type="tieline.test", time=START, subscription=subscription, data=data.encode("utf-8")
    )


def step(state: Heard | None, given: Input, now: float) -> Moved:
    """Moves a key."""
    state = state or Heard()
    match given:
        case Notified(body=body):
            word, script = json.loads(body)
            return _carry_out(_hear(state, word), script)
        case Called():
            return Moved(state=_hear(state, f"called {given.tag} {given.status} {given.problem}".strip()))
        case Pushed():
            return Moved(state=_hear(state, f"pushed {given.ok} {given.problem}".strip()))
        case Woken():
            return Moved(state=_hear(state, f"woken {given.tag} at {now - START:g}"))
    return Moved(state=_hear(state, type(given).__name__))


def _hear(state: Heard, word: str) -> Heard:
    return replace(state, words=(*state.words, word)) if word else state


def _carry_out(state: Heard, script: list[list[Any]]) -> Moved:
    commands: list[Command] = []
    for verb, *arguments in script:
        if verb == "forget":
            return Moved(state=None, commands=tuple(commands))
        if verb == "fail":
            raise RuntimeError("a mistake in the table")
        if verb == "status":
            state = replace(state, status=arguments[0])
        elif verb == "unwritable":
            state = replace(state, load=lambda: None)
        else:
            commands.append(COMMANDS[verb](*arguments))
    return Moved(state=state, commands=tuple(commands))


COMMANDS: dict[str, Callable[..., Command]] = {
    "emit": lambda id, data="": Emit(event=event(id, data=data)),
    "push": lambda id, subscription="s", target="t": Push(
        event=event(id, subscription), receiver=Receiver(kind="http", target=target), attempt=1
    ),
    "call": lambda tag, subscription="s": Call(
        tag=tag,
        subscription=Subscription(id=subscription, name=subscription, connector="c", folder="/", operation="o"),
        operation="o",
    ),
    "wake": lambda tag, when: WakeAt(when=when, tag=tag),
    "tell": lambda key, script, id="": Tell(key=key, input=say(*script, body="told"), id=id),
    "report": lambda message: Report(rule="said", message=message),
}


class Pickle:
    """A codec for the table."""

    def encode(self, value: Any) -> bytes:
        """The bytes of a value; raises what pickle raises."""
        return pickle.dumps(value)

    def decode(self, data: bytes) -> Any:
        """The value."""
        return pickle.loads(data)


class Probe:
    """Performs commands as a test says, and lets it wait until something holds."""

    def __init__(self, table: Callable[..., Any] = step) -> None:
        self.table = table
        """The step that is noticed."""
        self.begun: list[str] = []
        """Ids of the events, or tags, of the commands that began, in order."""
        self.closed: set[str] = set()
        """Those among them that do not end before they are taken out here and ``moved`` is called."""
        self.answers: dict[str, Any] = {}
        """What comes of a command other than success; an exception is raised."""
        self.events: list[Event] = []
        self.reports: list[Report] = []
        self._changed = asyncio.Event()

    async def perform(self, key: Key, command: Call | Push) -> Input:
        """Performs one."""
        name = command.tag.partition(" ")[0] if isinstance(command, Call) else command.event.id
        self.begun.append(name)
        self.moved()
        await self.until(lambda: name not in self.closed)
        answer = self.answers.get(name)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(command, Call):
            return replace(answer or Called(tag="", status=200), tag=command.tag)
        return answer or Pushed(ok=True)

    def step(self, state: Any, given: Input, now: float) -> Any:
        """The table's step, noticed."""
        self.moved()
        return self.table(state, given, now)

    def emitted(self, event: Event) -> None:
        """Hears of an event."""
        self.events.append(event)
        self.moved()

    def reported(self, key: Key, report: Report, when: float) -> None:
        """Hears of a report."""
        self.reports.append(report)
        self.moved()

    def moved(self) -> None:
        """Lets those who wait look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until something holds; at most ten seconds of real time where nothing moves."""
        while not holds():
            changed = self._changed
            async with asyncio.timeout(10):
                await changed.wait()


class HandClock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self._now = START
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []
        self._came = asyncio.Event()

    def now(self) -> float:
        """The time."""
        return self._now

    async def wait(self, until: float) -> None:
        """Waits until the clock was moved there, or back."""
        if until > self._now:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append((until, future))
            self._came.set()
            await future

    async def awaited(self, count: int) -> None:
        """Waits until so many wait for a time."""
        async with asyncio.timeout(10):
            while sum(not future.done() for _, future in self._waiting) < count:
                self._came.clear()
                await self._came.wait()

    def set(self, seconds: float) -> None:
        """Sets it to so many seconds after the start; a look at the clock wakes everybody when it goes back."""
        back = START + seconds < self._now
        self._now = START + seconds
        waiting, self._waiting = self._waiting, []
        for until, future in waiting:
            if back or until <= self._now:
                if not future.done():
                    future.set_result(None)
            else:
                self._waiting.append((until, future))


@dataclass(kw_only=True)
class House:
    """Where an engine lives: it can be started again on what a former one left."""

    kind: str
    path: Path
    clock: HandClock = field(default_factory=HandClock)
    probe: Probe = field(default_factory=Probe)
    codec: Any = field(default_factory=Pickle)
    _ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def engine(self, **options: Any) -> Machine:
        """An engine; not started."""
        chosen = EngineOptions(**options)
        common: dict[str, Any] = {"clock": self.clock, "options": chosen, "listener": self.probe}
        if self.kind == "memory":
            return MemoryEngine(self.probe.step, self.probe, ledger=self._ledger, **common)
        return EmbeddedEngine(self.path, self.probe.step, self.codec, self.probe, **common)

    def events(self) -> list[str]:
        """Ids of the events in the history, oldest first."""
        if self.kind == "memory":
            return [event.id for event in self._ledger.events]
        return [kept.event.id for kept in History(self.path).events(EventFilter(after=0, limit=100_000))]

    def reports(self) -> list[str]:
        """Messages of the reports, oldest first."""
        if self.kind == "memory":
            return [report.message for _, _, report in self._ledger.reports]
        return [kept.report.message for kept in History(self.path).reports(after=0)]


async def words(engine: Machine, key: Key) -> list[str]:
    """What a key heard."""
    state = await engine.state(key)
    return list(state.words) if state else []
