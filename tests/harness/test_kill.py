"""No event is lost when ``tieline serve`` is killed at random points: 10,000 events, webhook and polled.

Receivers are fast, slow, and failing up to twice for each event. What was acknowledged with 202, or stood in a list
that is polled, reaches each of its receivers; what reaches one twice carries the same event id.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from yarl import URL

from tieline.net.listener import listen

THINGS = int(os.environ.get("TIELINE_KILL_EVENTS", "10000")) // 2
"""Each thing is one event of the webhook and one of the poll."""

SENDERS = 8
DEADLINE = 900.0
"""Seconds after which the harness gives up."""


@dataclass
class Service:
    """Things are made; each is told to the hook and stands in the list."""

    hooks: dict[str, str] = field(default_factory=dict)
    """Id -> callback URL."""
    things: list[dict[str, Any]] = field(default_factory=list)
    """In the order in which they were made."""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/hooks", self.register, methods=["POST"]),
                Route("/v1/hooks/{id}", self.remove, methods=["DELETE"]),
                Route("/v1/things", self.list),
            ]
        )

    def make(self, number: int) -> dict[str, Any]:
        """One more thing."""
        moment = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        self.things.append({"id": f"thing-{number}", "createdAt": moment})
        return self.things[-1]

    async def register(self, request: Request) -> Response:
        body = await request.json()
        id = f"h{len(self.hooks)}"
        self.hooks[id] = body["url"]
        return JSONResponse({"id": id}, 201, headers={"Location": f"/v1/hooks/{id}"})

    async def remove(self, request: Request) -> Response:
        known = self.hooks.pop(request.path_params["id"], None)
        return Response(status_code=204 if known else 404)

    async def list(self, request: Request) -> Response:
        since = request.query_params.get("since", "")
        moment = datetime.fromisoformat(since) if since else None
        found = [one for one in self.things if moment is None or datetime.fromisoformat(one["createdAt"]) > moment]
        return JSONResponse(found[::-1])


@dataclass
class Receivers:
    """Three receivers, each at its own path: one takes all, one is slow, one fails up to twice."""

    seed: int
    taken: dict[str, dict[str, str]] = field(default_factory=dict)
    """Path -> event id -> id of the thing."""
    doubles: int = 0
    """Deliveries of an event that had been taken before."""
    wrong: list[str] = field(default_factory=list)
    """Things that came under two event ids, or events with two things."""
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.ids: dict[tuple[str, str], str] = {}
        self.failures: dict[str, int] = {}

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{name}", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        name = request.path_params["name"]
        event = await request.json()
        if name == "flaky" and self._fails(event["id"]):
            return Response(status_code=503)
        if name == "slow":
            await asyncio.get_running_loop().run_in_executor(None, lambda: None)
        thing = event["data"]["id"]
        async with self.news:
            known = self.taken.setdefault(name, {})
            self.doubles += event["id"] in known
            if (
                known.setdefault(event["id"], thing) != thing
                or self.ids.setdefault((name, thing), event["id"]) != event["id"]
            ):
                self.wrong.append(f"{name}: {thing} as {event['id']}")
            self.news.notify_all()
        return Response(status_code=204)

    def _fails(self, event: str) -> bool:
        """Whether this try fails: none, the first, or the first two of an event do."""
        left = self.failures.setdefault(event, self.dice.choice((0, 1, 2)))
        self.failures[event] = left - 1
        return left > 0

    def count(self) -> int:
        """Things that were taken, over all receivers."""
        return len(self.ids)


def write_connector(folder: Path, address: str) -> None:
    """The connector of the service."""
    url = {"type": "string", "x-ms-notification-url": True, "x-ms-visibility": "internal"}
    body = {"type": "object", "required": ["url"], "properties": {"url": url}}
    thing = {"type": "object", "properties": {"id": {"type": "string"}, "createdAt": {"type": "string"}}}
    made = {"description": "made", "schema": thing}
    id = {"name": "id", "in": "path", "required": True, "type": "string"}
    since = {"name": "since", "in": "query", "type": "string", "format": "date-time"}
    definition = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1"},
        "host": address.partition("://")[2],
        "basePath": "/v1",
        "schemes": ["http"],
        "paths": {
            "/hooks": {
                "x-ms-notification-content": {"schema": thing},
                "post": {
                    "operationId": "OnThing",
                    "x-ms-trigger": "single",
                    "parameters": [{"name": "body", "in": "body", "required": True, "schema": body}],
                    "responses": {"201": made},
                },
            },
            "/hooks/{id}": {
                "delete": {
                    "operationId": "RemoveHook",
                    "parameters": [id],
                    "responses": {"204": {"description": "gone"}},
                }
            },
            "/things": {
                "get": {
                    "operationId": "NewThings",
                    "x-ms-trigger": "batch",
                    "parameters": [{**since, "x-ms-trigger-metadata": "triggerState"}],
                    "responses": {"200": {"description": "things", "schema": {"type": "array", "items": thing}}},
                }
            },
        },
    }
    folder.mkdir(parents=True)
    (folder / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")


@contextmanager
def free_ports(count: int) -> Iterator[list[int]]:
    """Ports that nobody has at the moment."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        ports = [probe.getsockname()[1] for probe in probes]
    yield ports


class Serve:
    """``tieline serve`` as a process of its own, killed and started again."""

    def __init__(self, connector: Path, home: Path, port: int) -> None:
        self.words = [sys.executable, "-m", "tieline", "serve", str(connector), "--port", str(port), "--format", "json"]
        self.environment = {**os.environ, "TIELINE_HOME": str(home)}
        self.kills = 0

    async def start(self) -> None:
        """Returns when it answers."""
        self.process = await asyncio.create_subprocess_exec(
            *self.words, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            assert self.process.stderr is not None
            raise AssertionError((await self.process.stderr.read()).decode())
        assert json.loads(line)["event"] == "listening"
        self.drained = asyncio.ensure_future(self._drain())

    async def _drain(self) -> None:
        assert self.process.stdout is not None
        while await self.process.stdout.readline():
            pass

    async def kill(self) -> None:
        """As a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await self.drained
        self.kills += 1

    async def stop(self) -> None:
        """As a person would."""
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    async def triggers(self, *words: str) -> Any:
        """One command of ``tieline triggers``."""
        command = [sys.executable, "-m", "tieline", "triggers", *words, "--format", "json"]
        process = await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, said = await process.communicate()
        assert process.returncode == 0, said.decode()
        return json.loads(out)


async def tell(session: aiohttp.ClientSession, url: str, things: asyncio.Queue[dict[str, Any]]) -> None:
    """A sender of notifications, which tries each until it is acknowledged, as services do."""
    while not things.empty():
        thing = things.get_nowait()
        while True:
            try:
                told = {"webhook-id": thing["id"]}  # by which services tell a second try from a new notification
                async with session.post(URL(url, encoded=True), json=thing, headers=told) as reply:
                    if reply.status == 202:
                        break
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)  # the service's pause before it tries again, not the test's


async def killing(serve: Serve, receivers: Receivers, dice: random.Random, wanted: int) -> None:
    """Kills at random counts of taken events until all are taken."""
    while (have := receivers.count()) < wanted:
        threshold = min(have + dice.randrange(1, wanted // 12), wanted)
        async with receivers.news:
            await receivers.news.wait_for(lambda: receivers.count() >= threshold)  # noqa: B023
        if threshold < wanted:
            await serve.kill()
            await serve.start()


@pytest.mark.long
async def test_nothing_is_lost(tmp_path: Path) -> None:
    """Every thing reaches every receiver of its trigger, under one event id, however often the server is killed."""
    seed = int(os.environ.get("TIELINE_KILL_SEED", "7"))
    dice, service, receivers = random.Random(seed), Service(), Receivers(seed)
    async with listen(service.app) as address, listen(receivers.app) as taking:
        write_connector(tmp_path / "Things", address)
        with free_ports(1) as (port,):
            serve = Serve(tmp_path / "Things", tmp_path / "home", port)
        await serve.start()
        began = time.perf_counter()
        try:
            await _run(serve, service, receivers, taking, dice, tmp_path)
            listed = await serve.triggers("list")
        finally:
            await serve.stop()
    print(
        f"\n{2 * THINGS} events to {3 * THINGS} deliveries in {time.perf_counter() - began:.0f} s, "
        f"{serve.kills} kills, {receivers.doubles} doubles, 0 lost"
    )
    assert {one["name"] for one in listed["subscriptions"]} == {"hook", "poll"}
    assert serve.kills >= 5


async def _run(
    serve: Serve, service: Service, receivers: Receivers, taking: str, dice: random.Random, folder: Path
) -> None:
    connector = str(folder / "Things")
    await serve.triggers(
        *("enable", "OnThing", connector, "--name", "hook"), *("--to", f"{taking}/fast", "--to", f"{taking}/flaky")
    )
    await serve.triggers(
        *("enable", "NewThings", connector, "--name", "poll", "--interval", "0.5"), *("--to", f"{taking}/slow")
    )
    (url,) = service.hooks.values()
    things: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for number in range(THINGS):
        things.put_nowait(service.make(number))
    wanted = 3 * THINGS
    async with aiohttp.ClientSession() as session, asyncio.timeout(DEADLINE), asyncio.TaskGroup() as group:
        for _ in range(SENDERS):
            group.create_task(tell(session, url, things))
        group.create_task(killing(serve, receivers, dice, wanted))
    everything = {f"thing-{number}" for number in range(THINGS)}
    for name in ("fast", "flaky", "slow"):
        lost = everything - set(receivers.taken[name].values())
        assert not lost, f"{len(lost)} of {THINGS} never reached {name}"
    assert receivers.wrong == []
