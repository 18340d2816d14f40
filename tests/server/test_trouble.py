"""A full disk, a locked store, and ``tieline serve`` as a process: nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from house import DEADLINE, Receiver, Service, house, keep_connection, until, write_connector
from yarl import URL

from tieline.net.listener import listen
from tieline.store import database
from tieline.store.history import EventFilter


async def test_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another program holds the store, notifications are 503 and health says so; then all goes on by itself."""
    monkeypatch.setattr(database, "BUSY", 0.1)
    async with house(tmp_path) as home:
        url = await home.enable()
        assert (await home.send(url))[0] == 202
        await home.taken(1)
        await until(lambda: home.running.engine.waiting == 0)
        other = sqlite3.connect(home.store / "tieline.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        status, headers, body = await home.send(url)
        assert (status, headers["retry-after"]) == (503, "5")
        assert str(home.store).encode() not in body
        status, said = await home.get("/health")
        assert (status, json.loads(said)["ok"]) == (503, False)
        assert "is held by another program" in json.loads(said)["problem"]
        other.execute("ROLLBACK")
        other.close()
        assert (await home.send(url))[0] == 202
        assert (await home.get("/health"))[0] == 200
        assert len(home.running.history.events()) == 2
        await home.taken(2)


LIMIT = aiohttp.ClientTimeout(total=DEADLINE)


class Serve:
    """``tieline serve`` as a process."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address

    async def end(self) -> int:
        """Asks it to end, and gives its exit code."""
        self.process.terminate()
        async with asyncio.timeout(DEADLINE):
            return await self.process.wait()


@asynccontextmanager
async def serve(folder: Path, store: Path, port: int = 0) -> AsyncIterator[Serve]:
    """Runs it while the block does."""
    words = ["serve", str(folder), "--store", str(store), "--port", str(port), "--format", "json"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tieline", *words, stdout=asyncio.subprocess.PIPE, limit=1 << 20
    )
    assert process.stdout is not None
    try:
        first = json.loads(await process.stdout.readline())
        assert first["event"] == "listening"
        draining = asyncio.ensure_future(process.stdout.read())
        yield Serve(process, first["url"])
        if process.returncode is None:
            process.kill()
        await process.wait()
        await draining
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def triggers(store: Path, *words: str) -> Any:
    """``tieline triggers`` as a process."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tieline", "triggers", *words, "--store", str(store), "--format", "json"),
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(DEADLINE):
        out, _ = await process.communicate()
    assert process.returncode == 0, out
    return json.loads(out)


@asynccontextmanager
async def world(path: Path) -> AsyncIterator[tuple[Path, Path, Service, Receiver, str]]:
    """Connector folder, store, service, receiver and its address."""
    service, receiver = Service(), Receiver()
    async with listen(service.app) as address, listen(receiver.app) as taking:
        keep_connection(path / "store")
        yield write_connector(path / "Things", address), path / "store", service, receiver, taking


async def post(session: aiohttp.ClientSession, url: str, number: int) -> int:
    """A notification; gives the status."""
    async with session.post(URL(url, encoded=True), json={"id": str(number), "filling": "x" * 2000}) as reply:
        return reply.status


@pytest.mark.skipif(sys.platform != "linux", reason="limits of another process are set on Linux alone")
async def test_full_disk(tmp_path: Path) -> None:
    """Without space notifications are 503; with space it goes on by itself, and all acknowledged ones are there."""
    import resource

    on = ("--connection", "mine", "--name", "hook")
    async with world(tmp_path) as (folder, store, service, receiver, taking), serve(folder, store) as server:
        await triggers(store, "enable", "OnThing", str(folder), *on, "--to", f"{taking}/take")
        (url,) = service.hooks.values()
        size = max(file.stat().st_size for file in store.glob("tieline.db*"))
        free = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + 100_000, free[1]))
        acknowledged, number = [], 0
        async with aiohttp.ClientSession(timeout=LIMIT) as session:
            while (status := await post(session, url, number)) == 202:
                acknowledged.append(str(number))
                number += 1
                assert number < 10_000
            assert status == 503
            async with session.get(f"{server.address}/health") as reply:
                assert reply.status == 503
                assert (await reply.json())["problem"].startswith("the store ")
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, free)

            async def there_is_room() -> bool:
                return await post(session, url, number) == 202

            await until(there_is_room)
            acknowledged.append(str(number))
            async with session.get(f"{server.address}/health") as reply:
                assert reply.status == 200
        await until(lambda: {event["data"]["id"] for event in receiver.events} >= set(acknowledged))
        assert await server.end() == 0
    from tieline.store.history import History

    kept = History(store / "tieline.db").events(EventFilter(limit=100_000))
    assert {json.loads(one.event.data)["id"] for one in kept} == set(acknowledged)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")
async def test_sigterm_under_way(tmp_path: Path) -> None:
    """SIGTERM lets a delivery that is under way end, and the process ends with 0."""
    async with world(tmp_path) as (folder, store, service, receiver, taking), serve(folder, store) as server:
        on = ("--connection", "mine", "--name", "hook")
        await triggers(store, "enable", "OnThing", str(folder), *on, "--to", f"{taking}/take")
        (url,) = service.hooks.values()
        receiver.hold = asyncio.Event()
        async with aiohttp.ClientSession(timeout=LIMIT) as session:
            assert await post(session, url, 1) == 202
        await until(lambda: receiver.tries)
        ending = asyncio.ensure_future(server.end())
        await until(lambda: not (store / "serve.json").exists())
        receiver.hold.set()
        assert await ending == 0
        assert [event["id"] for event in receiver.events] == receiver.tries
        assert (await triggers(store, "list"))["subscriptions"][0]["event_count"] == 1
        assert (await triggers(store, "dead"))["dead"] == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
async def test_killed(tmp_path: Path) -> None:
    """After a kill the note leads nowhere, commands work on their own, and the next start delivers what was left."""
    async with world(tmp_path) as (folder, store, service, receiver, taking):
        async with serve(folder, store) as server:
            on = ("--connection", "mine", "--name", "hook")
            await triggers(store, "enable", "OnThing", str(folder), *on, "--to", f"{taking}/take")
            (url,) = service.hooks.values()
            receiver.hold = asyncio.Event()
            async with aiohttp.ClientSession(timeout=LIMIT) as session:
                assert await post(session, url, 1) == 202
            await until(lambda: receiver.tries)
            os.kill(server.process.pid, signal.SIGKILL)
            await server.process.wait()
            assert (store / "serve.json").exists()
        receiver.hold.set()
        receiver.hold = None
        assert (await triggers(store, "list"))["subscriptions"][0]["status"] == "on"
        async with serve(folder, store) as server:
            await until(lambda: len(receiver.tries) > 1)
            assert await server.end() == 0
    assert len(set(receiver.tries)) == 1
