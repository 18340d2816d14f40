"""The process that ``test_crash.py`` kills: takes notifications, acknowledges on stdout, delivers into a log file."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from engine_table import Pickle

from tieline.engine.embedded import EmbeddedEngine
from tieline.engine.protocol import EngineOptions
from tieline.model import Event, Receiver
from tieline.triggers.protocol import (
    Command,
    Deliver,
    Emit,
    Fire,
    Input,
    Key,
    Notified,
    Push,
    Pushed,
    Tell,
    WakeAt,
    Woken,
)


@dataclass(frozen=True, slots=True)
class Count:
    """A subscription: how many events it had."""

    count: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """What a step gives."""

    state: Count | Push | None
    commands: tuple[Command, ...] = ()


def step(state: Count | Push | None, given: Input, now: float) -> Moved:
    """One event for each notification, delivered until its receiver has it."""
    match given:
        case Notified(body=body):
            count = state.count if isinstance(state, Count) else 0
            event = Event(id=f"e{count}", source="/s", type="t", time=now, subscription="s", data=body)
            deliver = Deliver(event=event, receiver=Receiver(kind="http", target="log"))
            told = Tell(key=f"delivery/{event.id}", input=deliver, id=event.id)
            return Moved(Count(count + 1), (Emit(event=event), told))
        case Deliver(event=event, receiver=receiver):
            push = Push(event=event, receiver=receiver, attempt=1)
            return Moved(push, (push,))
        case Pushed(ok=False):
            return Moved(state, (WakeAt(when=now + 0.02, tag="again"),))
        case Woken() if isinstance(state, Push):
            again = replace(state, attempt=state.attempt + 1)
            return Moved(again, (again,))
    return Moved(None)


class Log:
    """A receiver that is slow at times and fails at times."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._random = random.Random(os.getpid())

    async def perform(self, key: Key, command: Push) -> Input:
        """Writes a line, and may fail before or after."""
        luck = self._random.random()
        if luck < 0.1:
            await asyncio.sleep(0.005)
        if luck < 0.2:
            return Pushed(ok=False, problem="not now")
        os.write(self._file, f"{command.event.id} {command.event.data.decode()}\n".encode())
        return Pushed(ok=luck < 0.9)


async def main(path: Path, log: Path, bodies: list[int]) -> None:
    """Takes all bodies in, and ends when all is delivered."""
    options = EngineOptions(lane=32)
    async with EmbeddedEngine(path, step, Pickle(), Log(log), options=options) as engine:
        waiting = iter(bodies)

        async def caller() -> None:
            for number in waiting:
                await engine.submit("subscription/s", Notified(body=str(number).encode()), f"n{number}")
                os.write(1, f"{number}\n".encode())

        await asyncio.gather(*(caller() for _ in range(16)))
        while engine.waiting or engine._ledger.next_due() is not None:
            await engine.submit("tick/1", Fire(), "")
    os.write(1, b"done\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.stdin.readline())))
