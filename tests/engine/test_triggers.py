"""The real state tables on each engine: a webhook and a polling trigger from switching on to switching off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from engine_table import START, House, Probe

from tieline.engine.machine import Machine
from tieline.formats import folder
from tieline.model import Connector, Receiver, Subscription
from tieline.store.history import History
from tieline.triggers import CODEC, plan, step
from tieline.triggers.protocol import Called, Disable, Enable, Fire, Notified, Pushed

URL = {"type": "string", "x-ms-notification-url": True, "x-ms-visibility": "internal"}
PATHS = {
    "/hooks": {
        "x-ms-notification-content": {"schema": {"type": "object"}},
        "post": {
            "operationId": "Hook",
            "x-ms-trigger": "single",
            "parameters": [
                {
                    "name": "body",
                    "in": "body",
                    "schema": {"type": "object", "required": ["url"], "properties": {"url": URL}},
                }
            ],
            "responses": {"201": {"description": "made"}},
        },
    },
    "/hooks/{id}": {
        "delete": {
            "operationId": "Unhook",
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
            "responses": {"204": {"description": "gone"}},
        }
    },
    "/things": {
        "get": {
            "operationId": "Poll",
            "x-ms-trigger": "batch",
            "responses": {"200": {"description": "ok", "schema": {"type": "array", "items": {"type": "object"}}}},
        }
    },
}
KEY = "subscription/s"


@pytest.fixture
def real(house: House) -> House:
    """A house with the real state tables."""
    house.probe = Probe(step)
    house.codec = CODEC
    return house


def enable(operation: str) -> Enable:
    """Switches a trigger on that delivers to one receiver."""
    definition = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "api.example.com", "paths": PATHS}
    connector: Connector = folder.read({"apiDefinition.swagger.json": json.dumps(definition).encode()}, "T")
    receiver = Receiver(kind="http", target="http://localhost/receiver")
    subscription = Subscription(
        id="s", name="mine", connector="T", folder="/t", operation=operation, receivers=(receiver,), created=START
    )
    found = plan(connector, connector.definition.operations[operation], subscription)
    return Enable(subscription=subscription, plan=found, callback_url="https://example.com/callback")


async def test_a_webhook_from_on_to_off(real: House) -> None:
    """Registered, notified twice by the same id, delivered over a new start and a failure, removed and forgotten."""
    real.probe.answers["register"] = Called(tag="register", status=201, headers=(("Location", "/hooks/7"),))
    async with real.engine(grace=0) as engine:
        await engine.submit(KEY, enable("Hook"), "on")
        await status(engine, "active")
        real.probe.perform = _never(real.probe)  # type: ignore[method-assign]
        notified = Notified(body=b'{"n": 1}', content_type="application/json", id="x")
        assert await engine.submit(KEY, notified, "x")
        assert not await engine.submit(KEY, notified, "x")
        await real.probe.until(lambda: len(real.probe.begun) == 2)
        event_id = real.probe.begun[1]
    del real.probe.perform  # type: ignore[method-assign]
    assert real.events() == [event_id]
    real.probe.answers[event_id] = Pushed(ok=False, problem="not now")
    async with real.engine() as engine:
        await calm(engine)
        del real.probe.answers[event_id]
        real.clock.set(2)
        await real.probe.until(lambda: real.probe.begun.count(event_id) == 3)
        await calm(engine)
        assert await engine.state(f"delivery/{event_id}/0") is None
        await engine.submit(KEY, Disable(forget=True), "off")
        await calm(engine)
        assert await engine.state(KEY) is None
    assert real.probe.begun == ["register", event_id, event_id, event_id, "unregister"]


async def test_a_poll_over_new_starts(real: House) -> None:
    """The first poll fires nothing; new items fire once each, whatever restarts and repeated answers there are."""
    real.probe.answers["poll"] = things(1, 2)
    async with real.engine() as engine:
        await engine.submit(KEY, enable("Poll"), "on")
        await calm(engine)
    real.probe.answers["poll"] = things(3, 2, 1)
    for turn in range(1, 4):
        async with real.engine() as engine:
            real.clock.set(turn * 1000)
            await real.probe.until(lambda: real.probe.begun.count("poll") >= 1 + turn)  # noqa: B023
            await calm(engine)
    async with real.engine() as engine:
        await engine.submit(KEY, Fire(), "fire")
        await calm(engine)
    assert len(real.events()) == 1
    assert real.probe.begun.count(real.events()[0]) == 1


async def test_a_dead_letter_is_seen_and_replayed(stored: House) -> None:
    """A delivery that was refused for good is listed as dead, and goes out again when it is given anew."""
    stored.probe, stored.codec = Probe(step), CODEC
    real = stored
    real.probe.answers["register"] = Called(tag="register", status=201, headers=(("Location", "/hooks/7"),))
    async with real.engine() as engine:
        await engine.submit(KEY, enable("Hook"), "on")
        await status(engine, "active")
        event_id = await _refused(real, engine)
        dead = History(real.path).keys("delivery", "dead")
        assert [one.key for one in dead] == [f"delivery/{event_id}/0"]
        state = CODEC.decode(dead[0].state)
        from tieline.triggers.protocol import Deliver

        await engine.submit(dead[0].key, Deliver(event=state.event, receiver=state.receiver), "replay 1")
        await calm(engine)
        assert await engine.state(dead[0].key) is None
        assert History(real.path).keys("delivery", "dead") == []


async def _refused(real: House, engine: Machine) -> str:
    """Gives a notification whose event no receiver takes; its event id."""
    real.probe.closed = _Anything()
    await engine.submit(KEY, Notified(body=b"{}", id="x"), "")
    await real.probe.until(lambda: len(real.probe.begun) == 2)
    event_id = real.probe.begun[1]
    real.probe.answers[event_id] = Pushed(ok=False, problem="410 gone", final=True)
    real.probe.closed = set()
    real.probe.moved()
    await calm(engine)
    del real.probe.answers[event_id]
    return event_id


class _Anything(set[str]):
    """A set that has everything."""

    def __contains__(self, one: object) -> bool:
        return True


def _never(probe: Probe) -> Callable[..., Any]:
    """What performs nothing to its end."""

    async def perform(key: str, command: Any) -> Any:
        probe.begun.append(command.event.id)
        probe.moved()
        await asyncio.get_running_loop().create_future()

    return perform


def things(*ids: int) -> Called:
    """An answer to a poll."""
    body = json.dumps([{"id": id} for id in ids]).encode()
    return Called(tag="poll", status=200, headers=(("Content-Type", "application/json"),), body=body)


async def status(engine: Machine, wanted: str) -> None:
    """Waits until the subscription has a status."""
    async with asyncio.timeout(10):
        while getattr(await engine.state(KEY), "status", "") != wanted:
            await engine.submit("nobody/1", Fire(), "")


async def calm(engine: Machine) -> None:
    """Waits until no command waits."""
    async with asyncio.timeout(10):
        while engine.waiting:
            await engine.submit("nobody/1", Fire(), "")
