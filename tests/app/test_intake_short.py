"""The short way of the intake takes what the app would take, with the same outcome, and leaves all else to the app."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from tieline.app.intake import Intake, IntakeLimits
from tieline.engine.memory import MemoryEngine
from tieline.engine.protocol import EngineOptions
from tieline.formats import folder
from tieline.model import Subscription
from tieline.net.guard import Scope
from tieline.triggers import WebhookState, accepts, plan, step, subscription_key
from tieline.triggers.protocol import Call, Called, Disable, Enable, Fire, Input, Key, Push

OPERATION = {
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
}
SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "T", "version": "1"},
    "host": "example.com",
    "paths": {"/hooks": {"x-ms-notification-content": {"schema": {"type": "object"}}, "post": OPERATION}},
}
JSON = (b"content-type", b"application/json")


class Registers:
    """Performs registrations."""

    async def perform(self, key: Key, command: Call | Push) -> Input:
        """Says that it was done."""
        assert isinstance(command, Call)
        return Called(tag=command.tag, status=201)


@dataclass
class Desk:
    """An intake with one webhook that is on, and what it said."""

    engine: MemoryEngine
    intake: Intake
    told: list[str] = field(default_factory=list)
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    def shaken(self, key: Key) -> None:
        """A handshake was answered."""
        self.told.append("shaken")

    def notified(self, state: WebhookState, body: bytes, content_type: str) -> None:
        """A notification was kept."""
        self.told.append(content_type)

    def scope(self, *headers: tuple[bytes, bytes], method: str = "POST", more: str = "") -> Scope:
        """A request at the callback URL."""
        parts = urlsplit(self.intake.url("s", "Hook"))
        return {
            "type": "http",
            "method": method,
            "path": parts.path,
            "query_string": (parts.query + more).encode(),
            "headers": headers,
        }

    def answer(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        """Takes an answer."""
        assert dict(headers)[b"content-length"] == b"%d" % len(body)
        self.answers.append((status, body))

    async def settled(self) -> None:
        """What was taken is kept."""
        await self.engine.submit("nobody/1", Fire(), "")

    async def long_way(self, scope: Scope, body: bytes) -> int:
        """The app's answer."""
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.intake(scope, receive, send)
        status: int = sent[0]["status"]
        return status


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    """A desk whose webhook is on and known to the intake."""
    connector = folder.read({"apiDefinition.swagger.json": json.dumps(SWAGGER).encode()}, "T")
    subscription = Subscription(id="s", name="s", connector="T", folder="/t", operation="Hook")
    made = plan(connector, connector.definition.operations["Hook"], subscription)
    key = subscription_key("s")
    async with MemoryEngine(step, Registers(), options=EngineOptions(taking=4)) as engine:
        await engine.submit(key, Enable(subscription=subscription, plan=made, callback_url="https://x.example"), "on")
        while not accepts(await engine.state(key)):
            await engine.submit("nobody/1", Fire(), "")
        intake = Intake(engine, b"s" * 32, base=lambda: "http://127.0.0.1:1", limits=IntakeLimits(body=100, each=2))
        made_desk = Desk(engine, intake)
        intake._notices = made_desk
        yield made_desk


async def known(desk: Desk) -> None:
    """Lets a first notification through the app, which makes the URL known."""
    assert not desk.intake.short(desk.scope(JSON), b"{}", desk.answer)
    assert await desk.long_way(desk.scope(JSON), b'{"id":0}') == 202


async def test_taken(desk: Desk) -> None:
    """A notification is answered when it is kept, not before, as the same event that the app makes of it."""
    await known(desk)
    assert desk.intake.short(desk.scope(JSON), b'{"id":1}', desk.answer)
    assert desk.answers == []
    await desk.settled()
    assert desk.answers == [(202, b"")]
    first, second = desk.engine.ledger.events
    assert (first.data, second.data) == (b'{"id":0}', b'{"id":1}')
    assert (first.source, first.type, first.content_type) == (second.source, second.type, second.content_type)
    assert first.id != second.id
    assert (desk.told, desk.intake.taken) == (["application/json"] * 2, 2)


async def test_told_apart(desk: Desk) -> None:
    """The same id twice is one event, while the first is being kept and afterwards, in both ways."""
    await known(desk)
    scope = desk.scope(JSON, (b"webhook-id", b"a"))
    assert desk.intake.short(scope, b"1", desk.answer)
    assert desk.intake.short(scope, b"1", desk.answer)
    await desk.settled()
    assert desk.intake.short(scope, b"1", desk.answer)
    assert await desk.long_way(scope, b"1") == 202
    assert desk.answers == [(202, b"")] * 3
    assert len(desk.engine.ledger.events) == 2


async def test_left_to_the_app(desk: Desk) -> None:
    """What is not as notifications mostly are is not taken, and nothing happens."""
    await known(desk)
    cases = [
        (desk.scope(JSON, method="PUT"), b"{}"),
        (desk.scope(JSON, method="OPTIONS"), b""),
        (desk.scope(JSON, more="x"), b"{}"),
        (desk.scope(JSON, more="&validationToken=1"), b"{}"),
        (desk.scope(JSON), b'{"challenge":"x"}'),
        (desk.scope(JSON, (b"x-hook-secret", b"x")), b""),
        (desk.scope(JSON), b"x" * 101),
        ({**desk.scope(JSON), "path": "/workflows/other/run"}, b"{}"),
        ({**desk.scope(JSON), "path": "/health"}, b"{}"),
        ({**desk.scope(JSON), "query_string": b""}, b"{}"),
    ]
    for scope, body in cases:
        assert not desk.intake.short(scope, body, desk.answer), scope
    await desk.settled()
    assert (desk.answers, len(desk.engine.ledger.events)) == ([], 1)


async def test_room(desk: Desk) -> None:
    """Above the limit of a subscription the app refuses; there is room again when the former are kept."""
    await known(desk)
    taken = [desk.intake.short(desk.scope(JSON), b"{}", desk.answer) for _ in range(3)]
    assert taken == [True, True, False]
    assert await desk.long_way(desk.scope(JSON), b"{}") == 429
    await desk.settled()
    assert desk.intake.short(desk.scope(JSON), b"{}", desk.answer)


async def test_engine_refuses(desk: Desk) -> None:
    """What the engine cannot take is left to the app, and holds no room."""
    await known(desk)
    for _ in range(4):
        desk.engine.offer("nobody/1", Fire(), "", lambda wrong: None)
    for _ in range(3):
        with pytest.raises(Exception, match="wait for the disk"):
            desk.intake.short(desk.scope(JSON), b"{}", desk.answer)
    assert await desk.long_way(desk.scope(JSON), b"{}") == 503
    assert desk.answers == []


async def test_off(desk: Desk) -> None:
    """A subscription that was switched off takes nothing any more."""
    await known(desk)
    await desk.engine.submit(subscription_key("s"), Disable(), "")
    assert not desk.intake.short(desk.scope(JSON), b"{}", desk.answer)
    assert await desk.long_way(desk.scope(JSON), b"{}") == 404
