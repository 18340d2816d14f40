"""The driver: generators in, effects performed, results out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator
from typing import Any

import pytest

from tieline.model import BugError, Reply, Request, Sent
from tieline.net.driver import LoopThread, SystemClock, drive, run_sync
from tieline.net.transport import Transport
from tieline.pipeline.effects import Now, Send, Wait

REQUEST = Request(method="GET", url="http://example.invalid/")


class VirtualClock:
    """A clock that jumps instead of waiting."""

    def __init__(self) -> None:
        self.time = 100.0

    async def sleep(self, seconds: float) -> None:
        self.time += seconds

    def now(self) -> float:
        return self.time


class Answers:
    """A sender with its answers ready."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Sent:
        self.sent.append(request)
        return Sent(reply=Reply(status=self.statuses.pop(0)))


def patient(seconds: float) -> Generator[Any, Any, tuple[list[int], float]]:
    """Asks until the answer is 200, waiting in between; gives the statuses and how long it took."""
    begun = yield Now()
    statuses = []
    while True:
        sent = yield Send(REQUEST)
        statuses.append(sent.reply.status)
        if sent.reply.status == 200:
            return statuses, (yield Now()) - begun
        answer = yield Wait(seconds)
        assert answer is None


async def test_every_effect_is_performed() -> None:
    """Requests are sent, waits pass and times are told, in the order in which they are asked for."""
    answers = Answers(503, 429, 200)
    assert await drive(patient(30), answers, VirtualClock()) == ([503, 429, 200], 60)
    assert answers.sent == [REQUEST] * 3


async def test_what_the_generator_raises_comes_out() -> None:
    """An error of the call is not changed on its way, and a generator that asks for nothing gives its result."""

    def fails() -> Generator[Any, Any, None]:
        yield Now()
        raise LookupError("its own")

    def gives() -> Generator[Any, Any, int]:
        return 7
        yield

    with pytest.raises(LookupError, match="its own"):
        await drive(fails(), Answers())
    assert await drive(gives(), Answers()) == 7


async def test_unknown_effect() -> None:
    """An effect that nobody knows is a bug, and the generator is closed."""
    closed = []

    def odd() -> Generator[Any, Any, None]:
        try:
            yield "make coffee"
        finally:
            closed.append(True)

    with pytest.raises(BugError, match='"str"'):
        await drive(odd(), Answers())
    assert closed == [True]


async def test_cancelled() -> None:
    """A call that is cancelled closes its generator, so that its own cleaning up is done."""
    waiting, closed = asyncio.Event(), []

    class Sleepy(VirtualClock):
        async def sleep(self, seconds: float) -> None:
            waiting.set()
            await asyncio.Event().wait()

    def waits() -> Generator[Any, Any, None]:
        try:
            yield Wait(1)
        finally:
            closed.append(True)

    task = asyncio.ensure_future(drive(waits(), Answers(), Sleepy()))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]


async def test_over_a_real_connection(raw_server: Any) -> None:
    """The transport is a sender."""
    server = await raw_server()

    def asks() -> Generator[Any, Any, bytes]:
        sent = yield Send(Request(method="GET", url=server.url))
        return bytes(sent.reply.body)

    async with Transport() as transport:
        assert await drive(asks(), transport) == b"ok"


async def test_system_clock() -> None:
    """The system's clock runs forward, and a wait of nothing or less ends at once."""
    clock = SystemClock()
    before = clock.now()
    await clock.sleep(0)
    await clock.sleep(-5)
    await clock.sleep(0.01)
    assert 0.009 < clock.now() - before < 5


async def answer() -> tuple[int, str]:
    await asyncio.sleep(0)
    return 42, threading.current_thread().name


async def failing() -> None:
    raise LookupError("its own")


def test_from_code_without_a_loop() -> None:
    """A coroutine runs from plain code, in the same thread."""
    assert run_sync(answer()) == (42, threading.current_thread().name)
    with pytest.raises(LookupError, match="its own"):
        run_sync(failing())


async def test_from_code_inside_of_a_loop() -> None:
    """The same works where a loop is running already, as in a notebook."""
    assert run_sync(answer()) == (42, "tieline-loop")
    with pytest.raises(LookupError, match="its own"):
        run_sync(failing())


def test_loop_thread_keeps_what_lives_on_it() -> None:
    """Several calls share one loop, and at the end nothing is left of it."""
    with LoopThread() as thread:
        event = thread.run(make_event())
        thread.run(set_event(event))
        assert event.is_set()
        left = thread.run(leave_task())
    assert left.cancelled()
    assert not any(other.name == "tieline-loop" for other in threading.enumerate())


async def make_event() -> asyncio.Event:
    return asyncio.Event()


async def set_event(event: asyncio.Event) -> None:
    event.set()


async def leave_task() -> asyncio.Task[bool]:
    return asyncio.ensure_future(asyncio.Event().wait())
