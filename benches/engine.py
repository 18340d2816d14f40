"""Durable inputs a second, beside bare group commit; timers; memory of idle subscriptions."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import queue
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.engine.embedded import EmbeddedEngine
from tieline.formats import folder
from tieline.model import Subscription
from tieline.store.history import History
from tieline.triggers import CODEC, Moved, accepts, plan, step
from tieline.triggers.protocol import Called, Enable, Fire, Input, Notified, WakeAt, Woken

KEY = "subscription/s"
Figure = tuple[str, float, float, str, str, bool]

CALLERS = 32
COUNT = 16_000
BODY = b'{"id":1234,"name":"Widget","category":"Electronics","price":9.5,"quantity":3,"note":"' + b"x" * 400 + b'"}'


HOOK = {
    "x-ms-notification-content": {"schema": {"type": "object"}},
    "post": {
        "operationId": "Hook",
        "x-ms-trigger": "single",
        "parameters": [
            {
                "name": "body",
                "in": "body",
                "schema": {"type": "object", "properties": {"url": {"type": "string", "x-ms-notification-url": True}}},
            }
        ],
        "responses": {"201": {"description": "made"}},
    },
}
SWAGGER = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "example.com", "paths": {"/hooks": HOOK}}


def enable() -> Enable:
    """Switches a webhook trigger without receivers on."""
    connector = folder.read({"apiDefinition.swagger.json": json.dumps(SWAGGER).encode()}, "T")
    subscription = Subscription(id="s", name="s", connector="T", folder="/t", operation="Hook")
    found = plan(connector, connector.definition.operations["Hook"], subscription)
    return Enable(subscription=subscription, plan=found, callback_url="https://example.com/callback")


@dataclass(frozen=True, slots=True)
class Ticking:
    """The state of a key that asks to be woken every 30 seconds."""

    size: str = "p" * 300


def ticking(state: Ticking | None, given: Input, now: float) -> Moved:
    """Asks to be woken, first at a place of its own within 30 seconds."""
    first = 30 * (given.number % 1000) / 1000 if isinstance(given, Tick) else 30
    return Moved(state=state or Ticking(), commands=(WakeAt(when=now + first, tag="poll"),))


class Codec:
    """Bytes of ``Ticking``."""

    def encode(self, value: Any) -> bytes:
        """Bytes of a value."""
        return pickle.dumps(value.size)

    def decode(self, data: bytes) -> Any:
        """The value."""
        return Ticking(pickle.loads(data))


class Bare:
    """What one would write at least: a thread that commits all inserts that wait."""

    def __init__(self, path: Path) -> None:
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._path = path
        self._thread = threading.Thread(target=self._main)
        self._thread.start()

    async def submit(self, body: bytes) -> None:
        """Durable when it returns."""
        future = self._loop.create_future()
        self._queue.put((body, future))
        await future

    def close(self) -> None:
        """Ends the thread."""
        self._queue.put(None)
        self._thread.join()

    def _main(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE events (n INTEGER PRIMARY KEY, time REAL, body BLOB)")
        while (first := self._queue.get()) is not None:
            batch = [first]
            try:
                while len(batch) < 512 and (item := self._queue.get_nowait()) is not None:
                    batch.append(item)
            except queue.Empty:
                pass
            connection.execute("BEGIN IMMEDIATE")
            now = time.time()
            connection.executemany("INSERT INTO events (time, body) VALUES (?, ?)", [(now, body) for body, _ in batch])
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(self._told, batch)
        connection.close()

    def _told(self, batch: list[Any]) -> None:
        for _, future in batch:
            future.set_result(None)


class Registers:
    """Performs registrations."""

    async def perform(self, key: str, command: Any) -> Input:
        """Says that it was done."""
        return Called(tag=command.tag, status=201, headers=(("Location", "/hooks/1"),))


async def rate(submit: Callable[[int], Awaitable[object]], count: int = COUNT) -> tuple[float, float]:
    """Inputs a second at 32 callers, and microseconds of CPU of one."""
    numbers = iter(range(count))

    async def caller() -> None:
        for number in numbers:
            await submit(number)

    start, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return count / (time.perf_counter() - start), (time.process_time() - used) / count * 1e6


@asynccontextmanager
async def intake_on(path: Path) -> AsyncIterator[EmbeddedEngine]:
    """An engine with the real state tables and one active webhook subscription."""
    async with EmbeddedEngine(path, step, CODEC, Registers()) as engine:
        await engine.submit(KEY, enable(), "on")
        while not accepts(await engine.state(KEY)):
            await engine.submit("nobody/1", Fire(), "")
        yield engine


def notified(id: str) -> Notified:
    """A notification that its id tells apart."""
    return Notified(body=BODY, content_type="application/json", id=id)


async def rates(place: Path, runs: int = 5) -> dict[str, tuple[float, float]]:
    """Medians of rate and CPU: ours with and without ids, and bare."""
    found: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": [], "ours, ids": []}
    for run in range(runs):
        bare = Bare(place / f"bare{run}.db")
        found["bare"].append(await rate(lambda _: bare.submit(BODY)))  # noqa: B023
        bare.close()
        async with intake_on(place / f"ours{run}.db") as engine:
            found["ours"].append(await rate(lambda n: engine.submit(KEY, notified(f"a{n:031x}"), "")))
            found["ours, ids"].append(await rate(lambda n: engine.submit(KEY, notified(f"b{n:031x}"), f"{n:032x}")))
        last = History(place / f"ours{run}.db").counts(time.time()).events
        assert last == 2 * COUNT, last
    return {
        name: (statistics.median(r for r, _ in each), statistics.median(c for _, c in each))
        for name, each in found.items()
    }


async def timers(place: Path, count: int = 2000, seconds: float = 30.0) -> tuple[float, float]:
    """Percent of one CPU that wishes of that many keys every 30 seconds cost, and the worst lateness."""
    late: list[float] = []

    def noticed(state: Ticking | None, given: Input, now: float) -> Moved:
        if isinstance(given, Woken):
            late.append(now)
        return ticking(state, given, now)

    async with EmbeddedEngine(place / "timers.db", noticed, Codec(), Registers()) as engine:
        await asyncio.gather(*(engine.submit(f"subscription/{n}", Tick(n), "") for n in range(count)))
        used = time.process_time()
        await asyncio.sleep(seconds)
        share = (time.process_time() - used) / seconds * 100
    return share, len(late) / seconds


@dataclass(frozen=True, slots=True)
class Tick:
    """An input that begins the wishes of a key."""

    number: int


async def idle(place: Path, count: int = 10_000) -> float:
    """Megabytes that an engine needs more after that many subscriptions were made and fell idle."""
    async with EmbeddedEngine(place / "idle.db", ticking, Codec(), Registers()) as engine:
        before = memory()
        for start in range(0, count, 500):
            await asyncio.gather(*(engine.submit(f"subscription/{n}", Tick(n), "") for n in range(start, start + 500)))
        return memory() - before


def memory() -> float:
    """Megabytes in memory."""
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


async def measured(seconds: float) -> list[Figure]:
    """All figures, in the order of the table."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        found = await rates(place)
        more = await idle(place)
        share, _ = await timers(place, seconds=seconds)
    bare, ours, ids = found["bare"], found["ours"], found["ours, ids"]
    return [
        ("engine-cpu", ours[1], 60.0, "us CPU", "60 us", ours[1] <= 60),
        ("engine-cpu-id", ids[1], 90.0, "us CPU", "90 us", ids[1] <= 90),
        ("engine-rate", ours[0], bare[0], "inputs/s", "0.3x", ours[0] >= 0.3 * bare[0]),
        ("engine-idle", more, 20.0, "MB", "20 MB", more <= 20),
        ("engine-timers", share, 5.0, "% CPU", "5 %", share <= 5),
    ]


def figures(seconds: float = 35.0) -> Iterator[Figure]:
    """Name, ours, what it stands beside, unit, target, and whether it is met."""
    yield from asyncio.run(measured(seconds))


if __name__ == "__main__":
    for name, ours, beside, unit, target, good in figures():
        print(f"{name:14} {ours:10.2f} {beside:10.2f}  {target:8} {'good' if good else 'MISSED'} ({unit})")
