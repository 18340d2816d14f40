"""Performs what a call asks for: the one place where the generators of ``pipeline`` meet the network and the clock.

Also the bridges between code with an event loop and code without one.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from ..model import BugError, Request, Sent
from ..pipeline.effects import Effect, Now, Renew, Renewed, Send, Steps, Wait
from .windows_loop import system_loop

Result = TypeVar("Result")


class Sender(Protocol):
    """What sends requests: a ``transport.Transport``, or whatever stands in for one."""

    async def send(self, request: Request) -> Sent:
        """Sends one request; never raises for what the network or the service does."""


class Clock(Protocol):
    """What waits and tells the time."""

    async def sleep(self, seconds: float) -> None:
        """Lets that many seconds pass."""

    def now(self) -> float:
        """Seconds of a clock that only runs forward."""


class SystemClock:
    """The clock of this machine."""

    async def sleep(self, seconds: float) -> None:
        """Lets that many seconds pass; none for a number below zero."""
        await asyncio.sleep(max(seconds, 0))

    def now(self) -> float:
        """Seconds since some moment in the past."""
        return time.monotonic()


class Renewer(Protocol):
    """What renews connections that signed in at an identity provider."""

    async def renew(self, asked: Renew) -> Renewed:
        """Gives a connection with an access token that lasts; never raises for what the provider does."""


async def drive(
    steps: Steps[Result], sender: Sender, clock: Clock | None = None, renewer: Renewer | None = None
) -> Result:
    """Runs a call to its end and gives its result. Without a ``renewer`` connections are used as they are.

    What the generator raises comes out as it is. When the task is cancelled, the generator is closed. Raises BugError
    for an effect that nobody knows.
    """
    answer: Sent | float | Renewed | None = None
    try:
        while True:
            effect = steps.send(answer)
            if type(effect) is Send:
                answer = await sender.send(effect.request)
            else:
                answer = await _performed(effect, clock or SystemClock(), renewer)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    finally:
        steps.close()


async def _performed(effect: Effect, clock: Clock, renewer: Renewer | None) -> float | Renewed | None:
    """The answer to an effect that is no send. Raises BugError for one that nobody knows."""
    match effect:
        case Wait(seconds):
            await clock.sleep(seconds)
            return None
        case Now():
            return clock.now()
        case Renew():
            return Renewed(connection=effect.connection) if renewer is None else await renewer.renew(effect)
    raise BugError("unknown-effect", f'a call asked for "{type(effect).__name__}", which nobody performs')


def run_sync(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Runs a coroutine from code without an event loop, and gives its result.

    Inside of a running loop (a notebook) it runs on a loop of its own in another thread, while the caller waits.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        with asyncio.Runner(loop_factory=system_loop()) as runner:
            return runner.run(coroutine)
    with LoopThread() as loop:
        return loop.run(coroutine)


class LoopThread:
    """An event loop in a thread of its own, for things that live longer than one call: servers, kept connections.

    A context manager; at its end everything on the loop is cancelled and the thread is gone.
    """

    def __init__(self, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
        """Takes what makes the loop; None for the platform's own."""
        self._factory = loop_factory or system_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._main, name="tieline-loop", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Runs a coroutine on the loop, from another thread, and waits for its result; cancels it when that wait is
        broken off."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _main(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._factory) as runner:
                runner.run(self._until_end())
        finally:
            # Whoever waits must not wait for ever when no loop could be made.
            self._ready.set()

    async def _until_end(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self._ready.set()
        await self._end.wait()
