"""2,000 subscriptions that poll a service every 30 seconds, and 10,000 that are idle, on ``tieline serve``.

Everything is real: the polls go through the pipeline and over HTTP to a bare uvicorn service, which notes when each
comes. When a poll was due is read from the store.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from intake import Figure, cpu, free_port, running, wait_for

from tieline.app.control import Control, control
from tieline.store.database import FILE
from tieline.store.history import History
from tieline.triggers import subscription_key

POLLING = 2_000
INTERVAL = 30.0
SECONDS = 90.0
IDLE = 10_000
AT_ONCE = 16

DEFINITION = {
    "swagger": "2.0",
    "info": {"title": "Things", "version": "1"},
    "schemes": ["http"],
    "paths": {
        "/things": {
            "get": {
                "operationId": "NewThings",
                "x-ms-trigger": "batch",
                "parameters": [{"name": "n", "in": "query", "type": "integer"}],
                "responses": {"200": {"description": "things", "schema": {"type": "array", "items": {}}}},
            }
        }
    },
}

SERVICE = """
import json, sys, time, uvicorn
came = {}
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    body = b'[{"id": 1}]'
    if scope["path"] == "/came":
        body = json.dumps(came).encode()
    else:
        came.setdefault(int(scope["query_string"].partition(b"n=")[2] or -1), []).append(time.time())
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, port=int(sys.argv[1]), log_level="critical", access_log=False, http="httptools")
"""


@dataclass(frozen=True)
class Place:
    """A server with nothing to do yet, and the service that its subscriptions poll."""

    connector: Path
    store: Path
    service: str
    server: int
    """Process id."""
    asked: Control

    async def enable(self, count: int, interval: float) -> list[str]:
        """Switches that many subscriptions on; gives their ids."""
        given = {"folder": str(self.connector), "operation": "NewThings", "interval": interval}
        numbers = iter(range(count))
        ids = [""] * count

        async def some() -> None:
            for number in numbers:
                said = await self.asked.ask("enable", {**given, "name": f"n{number}", "arguments": {"n": number}})
                ids[number] = said["id"]

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        return ids

    def came(self) -> dict[int, list[float]]:
        """When polls came, by subscription."""
        with urlopen(f"{self.service}/came") as reply:
            return {int(number): times for number, times in json.load(reply).items()}


@asynccontextmanager
async def place() -> AsyncIterator[Place]:
    """All of it, while the block runs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port, own = free_port(), free_port()
        connector, home = folder / "Things", folder / "home"
        connector.mkdir()
        definition = {**DEFINITION, "host": f"127.0.0.1:{port}"}
        (connector / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
        serve = (sys.executable, "-m", "tieline", "serve", str(connector), "--port", str(own), "-q")
        with running(sys.executable, "-c", SERVICE, str(port)):
            wait_for(port)
            with running(*serve, TIELINE_HOME=str(home)) as server:
                wait_for(own)
                async with control(home) as asked:
                    yield Place(connector, home, f"http://127.0.0.1:{port}", server.pid, asked)


def memory(process: int) -> float:
    """Megabytes that a process has in memory. Linux alone tells."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


async def polling(count: int = POLLING, interval: float = INTERVAL, seconds: float = SECONDS) -> tuple[float, float]:
    """99th percentile of the lateness of polls in milliseconds, and percent of one CPU."""
    async with place() as there:
        ids = await there.enable(count, interval)
        keys = [subscription_key(id) for id in ids]
        history = History(there.store / FILE)
        late: list[float] = []
        start, used = time.monotonic(), cpu(there.server)
        end = start + seconds
        while time.monotonic() < end:
            due = await asyncio.to_thread(history.wakes, keys)
            await asyncio.sleep(max(due.values()) - time.time() + 1)
            came = there.came()
            late += [_lateness(came[number], due[key]) for number, key in enumerate(keys) if key in due]
        share = (cpu(there.server) - used) / (time.monotonic() - start) * 100
    return statistics.quantiles(late, n=100)[98] * 1000, share


def _lateness(came: list[float], due: float) -> float:
    """Seconds from when a poll was due until it came."""
    return min((time - due for time in came if time >= due), default=float("inf"))


async def idle(count: int = IDLE) -> tuple[float, float]:
    """Megabytes of the server with that many subscriptions that wait for tomorrow, and without any."""
    async with place() as there:
        before = memory(there.server)
        await there.enable(count, 86_400.0)
        return memory(there.server), before


def figures() -> Iterator[Figure]:
    """Name, ours, what it stands beside, unit, target, and whether it is met."""
    late, share = asyncio.run(polling())
    yield "polling-p99", late, 1000.0, "ms late", "1000 ms", late <= 1000
    yield "polling-cpu", share, 50.0, "% CPU", "50 %", share <= 50
    full, empty = asyncio.run(idle())
    yield "idle", full, empty, "MB", "+100 MB", full <= empty + 100


if __name__ == "__main__":
    for figure in figures():
        print(figure)
