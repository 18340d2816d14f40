"""A server, a service with a webhook and a list, and a receiver of events, all real and on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from inspect import isawaitable
from pathlib import Path
from typing import Any

import aiohttp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from yarl import URL

from tieline.app.running import Running, RunOptions
from tieline.engine.protocol import Clock
from tieline.net.listener import listen
from tieline.server.serving import ServeOptions, Started, serving

DEADLINE = 20.0
"""Seconds after which something that has to happen is missed."""


async def until(holds: Callable[[], Any]) -> None:
    """Waits until something holds; what has to be asked for may be awaitable."""
    async with asyncio.timeout(DEADLINE):
        while True:
            held = holds()
            if await held if isawaitable(held) else held:
                return
            await asyncio.sleep(0.005)


@dataclass
class Service:
    """Takes a hook, and has a list that is polled."""

    hooks: dict[str, str] = field(default_factory=dict)
    """Id -> callback URL."""
    things: list[dict[str, Any]] = field(default_factory=list)
    status: int = 201
    """What a registration is answered with; an error repeats what was sent."""
    during: Callable[[str], Any] | None = None
    """Is awaited with the callback URL while the registration is under way."""
    bodies: list[Any] = field(default_factory=list)
    """Registrations, as they came."""
    absolute: bool = False
    """Whether ``Location`` is a whole URL."""
    removed_with: list[str | None] = field(default_factory=list)
    """Keys with which hooks were removed."""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/hooks", self.register, methods=["POST"]),
                Route("/v1/hooks/{id}", self.remove, methods=["DELETE"]),
                Route("/v1/things", self.list),
                Route("/v1/echo/{path:path}", self.echo, methods=["GET", "POST"]),
            ]
        )

    async def register(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        if self.during is not None:
            await self.during(body["url"])
        if self.status >= 400:
            return JSONResponse({"message": f"no: {body['url']} {request.headers.get('x-key')}"}, self.status)
        id = f"h{len(self.bodies)}"
        self.hooks[id] = body["url"]
        front = str(request.base_url).rstrip("/") if self.absolute else ""
        return JSONResponse({"id": id}, self.status, headers={"Location": f"{front}/v1/hooks/{id}"})

    async def remove(self, request: Request) -> Response:
        known = self.hooks.pop(request.path_params["id"], None)
        self.removed_with.append(request.headers.get("x-key"))
        return Response(status_code=204 if known else 404)

    async def list(self, request: Request) -> Response:
        return JSONResponse(self.things[::-1])

    async def echo(self, request: Request) -> Response:
        return JSONResponse({"path": request.url.path, "key": request.headers.get("x-key")})


@dataclass
class Receiver:
    """Takes events."""

    events: list[dict[str, Any]] = field(default_factory=list)
    """Those that were taken."""
    tries: list[str] = field(default_factory=list)
    """Event ids, of every try."""
    statuses: dict[str, int] = field(default_factory=dict)
    """By path, what is answered instead of 204."""
    hold: asyncio.Event | None = None
    """Answers wait for it."""

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{path:path}", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        event = await request.json()
        self.tries.append(event["id"])
        if self.hold is not None:
            await self.hold.wait()
        status = self.statuses.get(request.url.path, 204)
        if status == 204:
            self.events.append(event | {"content-type": request.headers["content-type"]})
        return Response(status_code=status)


def write_connector(folder: Path, address: str) -> Path:
    """The connector of the service."""
    url = {"type": "string", "x-ms-notification-url": True, "x-ms-visibility": "internal"}
    body = {"type": "object", "required": ["url"], "properties": {"url": url}}
    thing = {"type": "object", "properties": {"id": {"type": "string"}, "size": {"type": "integer"}}}
    id = {"name": "id", "in": "path", "required": True, "type": "string"}
    made = {"description": "made", "schema": thing}
    register = {
        "operationId": "OnThing",
        "summary": "When a thing is made",
        "x-ms-trigger": "single",
        "parameters": [{"name": "body", "in": "body", "required": True, "schema": body}],
        "responses": {"201": made},
    }
    poll = {
        "operationId": "NewThings",
        "summary": "When things are new",
        "x-ms-trigger": "batch",
        "responses": {"200": {"description": "things", "schema": {"type": "array", "items": thing}}},
    }
    remove = {"operationId": "RemoveHook", "parameters": [id], "responses": {"204": {"description": "gone"}}}
    echo = {"operationId": "Echo", "parameters": [id], "responses": {"200": {"description": "said"}}}
    definition = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1"},
        "host": address.partition("://")[2],
        "basePath": "/v1",
        "schemes": ["http"],
        "paths": {
            "/hooks": {"x-ms-notification-content": {"schema": thing}, "post": register},
            "/hooks/{id}": {"delete": remove},
            "/things": {"get": poll},
            "/echo/{id}": {"get": echo},
        },
        "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "security": [{"key": []}],
    }
    token = {"type": "securestring", "uiDefinition": {"displayName": "Key"}}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
    (folder / "apiProperties.json").write_text(
        json.dumps({"properties": {"connectionParameters": {"api_key": token}}}), encoding="utf-8"
    )
    return folder


@dataclass
class House:
    """All of it."""

    folder: Path
    """Connector folder."""
    store: Path
    running: Running
    started: Started
    service: Service
    receiver: Receiver
    taking: str
    """Address of the receiver."""
    session: aiohttp.ClientSession
    reports: list[tuple[str, str]]
    """Name and rule of what the server said."""

    async def enable(self, operation: str = "OnThing", name: str = "hook", **more: Any) -> str:
        """Switches a trigger on; gives its callback URL, for a webhook."""
        to = more.pop("to", ["/take"])
        receivers = [{"kind": "http", "target": self.taking + path} for path in to]
        given = {"folder": str(self.folder), "operation": operation, "name": name, "connection": "mine"}
        await self.running.control("enable", given | {"receivers": receivers} | more)
        return self.service.bodies[-1]["url"] if operation == "OnThing" else ""

    async def send(self, url: str, data: Any = b'{"id": "1"}', **more: Any) -> tuple[int, dict[str, str], bytes]:
        """Sends a notification; gives status, headers (names in lower case) and body."""
        more.setdefault("headers", {"content-type": "application/json"})
        method = more.pop("method", "POST")
        async with self.session.request(method, URL(url, encoded=True), data=data, **more) as reply:
            headers = {name.lower(): value for name, value in reply.headers.items()}
            return reply.status, headers, await reply.read()

    async def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """GETs from the server."""
        async with self.session.get(self.started.address + path, headers=headers) as reply:
            return reply.status, await reply.read()

    async def taken(self, count: int) -> list[dict[str, Any]]:
        """The events that the receiver took, once there are so many."""
        await until(lambda: len(self.receiver.events) >= count)
        return self.receiver.events


def keep_connection(store: Path) -> None:
    """The stored connection ``mine``."""
    from tieline.model import Connection, Secret, StoredConnection
    from tieline.store.connections import ConnectionStore

    connection = Connection(name="mine", values={"api_key": Secret("the-secret-key")})
    ConnectionStore(store).save(StoredConnection(connection=connection, connector="Things"))


@asynccontextmanager
async def house(
    path: Path,
    *,
    clock: Clock | None = None,
    receiver: Receiver | None = None,
    service: Service | None = None,
    serve: Callable[[RunOptions], ServeOptions] = lambda run: ServeOptions(run=run, port=0),
    **run: Any,
) -> AsyncIterator[House]:
    """Serves while the block runs; the store in ``path`` stays."""
    service, receiver, reports = service or Service(), receiver or Receiver(), []
    async with (
        listen(service.app) as address,
        listen(receiver.app) as taking,
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE)) as session,
    ):
        folder, store = write_connector(path / "Things", address), path / "store"
        if not store.exists():
            keep_connection(store)
        options = serve(RunOptions(folders={"Things": folder}, store=store, **run))
        told = lambda name, report: reports.append((name, report.rule))  # noqa: E731
        async with serving(options, told, clock) as (running, started):
            yield House(
                folder=folder,
                store=store,
                running=running,
                started=started,
                service=service,
                receiver=receiver,
                taking=taking,
                session=session,
                reports=reports,
            )


class HandClock:
    """A clock that tests move."""

    def __init__(self, now: float) -> None:
        self.time = now
        self._moved = asyncio.Event()

    def now(self) -> float:
        """The time that it shows."""
        return self.time

    async def wait(self, until: float) -> None:
        """Ends when it shows that time, or is moved."""
        if self.time < until:
            await self._moved.wait()

    def move(self, seconds: float) -> None:
        """Moves it, also back."""
        self.time += seconds
        self._moved.set()
        self._moved = asyncio.Event()
