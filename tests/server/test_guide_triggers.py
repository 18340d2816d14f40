"""The guide's two trigger files, placed in a complete description as a user would: imported, then subscribed, notified,
unsubscribed and polled through a server, against a mock of them and against the Inventory example."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from tieline.app.example import load_inventory
from tieline.app.import_result import ImportResult
from tieline.app.importing import ImportOptions, import_source
from tieline.app.mock import Mock, prepare
from tieline.app.running import Running, RunOptions
from tieline.model import Connection, Reply, Request, Secret, StoredConnection
from tieline.net.listener import listen
from tieline.net.transport import Transport
from tieline.server.serving import ServeOptions, serving

KEY = "demo-key"
HEADERS = (("X-API-Key", KEY), ("Content-Type", "application/json"))
FILES = ("trigger-webhook", "trigger-polling")
WEBHOOK, POLLING = "CreateWebhook", "PollForNewItems"

PRODUCT = {"name": "Lamp", "category": "Tests", "price": 12.5, "quantity": 3}


def placed(shared: Path, names: tuple[str, ...], address: str) -> dict[str, Any]:
    """A complete OpenAPI 3.0 description with the paths of the guide's files."""
    paths: dict[str, Any] = {}
    for name in names:
        paths |= yaml.safe_load((shared / "guide" / f"{name}.yaml").read_text(encoding="utf-8"))["paths"]
    return {
        "openapi": "3.0.3",
        "info": {"title": "Guide", "version": "1.0"},
        "servers": [{"url": f"{address}/v1"}],
        "security": [{"apiKey": []}],
        "paths": paths,
        "components": {"securitySchemes": {"apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}},
    }


def imported(shared: Path, folder: Path, address: str, names: tuple[str, ...] = FILES) -> ImportResult:
    """The connector that an import of the description makes."""
    description = folder / "openapi.yaml"
    description.write_text(yaml.safe_dump(placed(shared, names, address)), encoding="utf-8")
    return import_source(str(description), ImportOptions(output=folder / "Guide"))


@pytest.mark.parametrize(("name", "schema"), [("trigger-webhook", "WebhookPayload"), ("trigger-polling", "Item")])
def test_what_a_fragment_leaves_unresolved_becomes_open(shared: Path, tmp_path: Path, name: str, schema: str) -> None:
    """The import says which reference leads nowhere, and anything fits in its place."""
    result = imported(shared, tmp_path, "https://api.example.com", (name,))
    dangling = [finding for finding in result.findings if finding.rule == "dangling-ref"]
    assert [f'"#/components/schemas/{schema}"' in finding.message for finding in dangling] == [True]
    definition = orjson.loads((tmp_path / "Guide" / "apiDefinition.swagger.json").read_bytes())
    if name == "trigger-webhook":
        assert definition["paths"]["/webhooks"]["x-ms-notification-content"]["schema"] == {}
    else:
        good = definition["paths"]["/items/poll"]["get"]["responses"]["200"]["schema"]
        assert good == {"type": "array", "items": {}}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A server with the guide's connector, and what sends to the service and to callback URLs."""

    running: Running
    transport: Transport
    folder: Path
    service: str
    reports: list[str]
    """Rules of what was reported."""

    async def ask(self, verb: str, **given: Any) -> dict[str, Any]:
        """What ``tieline triggers`` would ask."""
        return await self.running.control(verb, given)

    async def enable(self, operation: str, **more: Any) -> dict[str, Any]:
        """Switch a trigger on under its own name."""
        common = {"folder": str(self.folder), "connection": "mine", "server": f"{self.service}/v1"}
        return await self.ask("enable", operation=operation, name=operation, **common, **more)

    async def send(self, method: str, url: str, value: Any = None) -> Reply:
        """Any request."""
        body = b"" if value is None else orjson.dumps(value)
        sent = await self.transport.send(Request(method=method, url=url, headers=HEADERS, body=body))
        assert sent.reply is not None, sent.failure
        return sent.reply

    async def hooks(self) -> list[Any]:
        """The webhooks that Inventory has."""
        listed: list[Any] = orjson.loads((await self.send("GET", f"{self.service}/v1/webhooks")).body)
        return listed


@asynccontextmanager
async def house(shared: Path, folder: Path, service: str) -> AsyncIterator[House]:
    """A house before a service that is there; a second one goes on with what the first left."""
    result = imported(shared, folder, service)
    reports: list[str] = []
    options = ServeOptions(run=RunOptions(folders={"Guide": folder / "Guide"}, store=folder / "home"), port=0)
    async with (
        Transport() as transport,
        serving(options, lambda key, report: reports.append(report.rule)) as (running, _),
    ):
        connection = Connection(name="mine", values={"api_key": Secret(KEY)})
        running.connections.save(StoredConnection(connection=connection, connector=result.connector.name))
        yield House(running=running, transport=transport, folder=folder / "Guide", service=service, reports=reports)


@pytest.fixture
async def inventory(shared: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A house before the Inventory example."""
    async with listen(load_inventory().create_app()) as service, house(shared, tmp_path, service) as there:
        yield there


@pytest.fixture
async def mocked(shared: Path, tmp_path: Path) -> AsyncIterator[tuple[House, Mock]]:
    """A house before a mock of its connector."""
    (tmp_path / "first").mkdir()
    mock = prepare(imported(shared, tmp_path / "first", "http://127.0.0.1").connector)
    async with listen(mock.app) as service, house(shared, tmp_path, service) as there:
        yield there, mock


async def test_a_webhook_of_inventory(inventory: House) -> None:
    """A change is one event; afterwards the hook is gone at the service, with the finding that the platform would leave
    it there, since nothing in the guide's file gives ``Location``."""
    shown = await inventory.enable(WEBHOOK, arguments={"eventType": "created"})
    assert shown["status"] == "on"
    assert [hook["eventType"] for hook in await inventory.hooks()] == ["created"]
    made = orjson.loads((await inventory.send("POST", f"{inventory.service}/v1/products", PRODUCT)).body)
    (event,) = (await inventory.ask("tail", name=WEBHOOK, since=0.0, wait=10.0))["events"]
    assert event["data"]["eventType"] == "created"
    assert event["data"]["item"] == made
    await inventory.ask("disable", name=WEBHOOK)
    assert await inventory.hooks() == []
    assert inventory.reports[-2:] == ["hook-would-leak", "hook-removed"]


async def test_polls_of_inventory(inventory: House) -> None:
    """The first poll fires nothing, though there are products; a new one fires once, a changed one again, and polls
    between fire nothing."""
    await inventory.enable(POLLING)

    async def fired() -> list[Any]:
        found = [event["data"] for event in (await inventory.ask("fire", name=POLLING))["events"]]
        return [(item["id"], item["change"], item["price"]) for item in found]

    assert await fired() == []
    made = orjson.loads((await inventory.send("POST", f"{inventory.service}/v1/products", PRODUCT)).body)
    assert await fired() == [(made["id"], "created", 12.5)]
    assert await fired() == []
    url = f"{inventory.service}/v1/products/{made['id']}"
    assert (await inventory.send("PUT", url, {**PRODUCT, "price": 13.0})).status == 200
    assert await fired() == [(made["id"], "updated", 13.0)]
    assert await fired() == []


async def test_the_state_outlives_the_server(shared: Path, tmp_path: Path) -> None:
    """What came while the server was off fires once when it is on again, and nothing else does."""
    async with listen(load_inventory().create_app()) as service:
        async with house(shared, tmp_path, service) as first:
            await first.enable(POLLING)
            await first.send("POST", f"{service}/v1/products", PRODUCT)
            assert len((await first.ask("fire", name=POLLING))["events"]) == 1
            url = f"{service}/v1/products"
        async with Transport() as transport:
            body = orjson.dumps({**PRODUCT, "name": "Meanwhile"})
            await transport.send(Request(method="POST", url=url, headers=HEADERS, body=body))
        async with house(shared, tmp_path, service) as second:
            (event,) = (await second.ask("fire", name=POLLING))["events"]
            assert event["data"]["name"] == "Meanwhile"
            assert (await second.ask("fire", name=POLLING))["events"] == []


async def test_a_webhook_of_the_mock(mocked: tuple[House, Mock]) -> None:
    """The mock takes the hook, a notification is one event, and the DELETE reaches the mock."""
    there, mock = mocked
    shown = await there.enable(WEBHOOK)
    url = there.running.intake.url(shown["id"], WEBHOOK)
    assert (await there.send("POST", url, {"itemId": 7})).status == 202
    (event,) = (await there.ask("tail", name=WEBHOOK, since=0.0, wait=10.0))["events"]
    assert event["data"] == {"itemId": 7}
    await there.ask("disable", name=WEBHOOK)
    assert (await there.send("POST", url, {"itemId": 8})).status == 404
    assert [(one.operation, one.status) for one in mock.backend.log.entries] == [(WEBHOOK, 201), ("DeleteWebhook", 204)]


async def test_polls_of_the_mock(mocked: tuple[House, Mock]) -> None:
    """``since`` is sent as the date-time that is declared; the mock gives the same items each time, so none is new."""
    there, mock = mocked
    await there.enable(POLLING)
    for _ in range(2):
        assert (await there.ask("fire", name=POLLING))["events"] == []
    assert [(one.operation, one.status) for one in mock.backend.log.entries] == [(POLLING, 200)] * 3
    assert not [rule for rule in there.reports if "failed" in rule]
