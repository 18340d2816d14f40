"""The mock over real HTTP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest

from tieline.app.mock import mock_app, prepare
from tieline.formats import folder
from tieline.model import Connector
from tieline.net.listener import listen_in_thread

DEFINITION = {
    "swagger": "2.0",
    "info": {"title": "Inventory", "version": "1"},
    "host": "example.com",
    "basePath": "/v1",
    "paths": {
        "/items/{id}": {
            "get": {
                "operationId": "GetItem",
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
                "responses": {
                    "200": {
                        "description": "",
                        "schema": {
                            "type": "object",
                            "properties": {"name": {"type": "string", "example": "Schraube ü"}},
                        },
                    },
                    "404": {
                        "description": "",
                        "schema": {"type": "object", "properties": {"message": {"type": "string"}}},
                    },
                },
            },
            "put": {
                "operationId": "PutItem",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "type": "string"},
                    {
                        "name": "item",
                        "in": "body",
                        "required": True,
                        "schema": {"type": "object", "required": ["name"]},
                    },
                ],
                "responses": {"204": {"description": ""}},
            },
        },
        "/items": {
            "post": {
                "operationId": "AddItem",
                "responses": {"201": {"description": "", "headers": {"Location": {"type": "string"}}}},
            }
        },
    },
}


@pytest.fixture(scope="module")
def connector() -> Connector:
    """A small connector."""
    return folder.read({"apiDefinition.swagger.json": orjson.dumps(DEFINITION)}, "Inventory")


@contextmanager
def client(address: str) -> Iterator[http.client.HTTPConnection]:
    """A connection that is kept open."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: Any = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """One request on a connection; bodies are JSON."""
    data = None if body is None else json.dumps(body)
    named = {"Content-Type": "application/json"} if body is not None else {}
    connection.request(method, path, data, named | headers)
    response = connection.getresponse()
    return response, response.read()


def test_requests_over_http(connector: Connector) -> None:
    """Paths as sent, bodies, HEAD, 204, preferences and locations go over the wire, on one connection."""
    with listen_in_thread(mock_app(connector)) as address, client(address) as connection:
        response, body = ask(connection, "GET", "/v1/items/a%2Fb?x=1")
        assert (response.status, orjson.loads(body)) == (200, {"name": "Schraube ü"})
        assert response.headers["content-type"] == "application/json"
        response, body = ask(connection, "HEAD", "/items/1")
        assert (response.status, body) == (200, b"")
        response, body = ask(connection, "PUT", "/items/1", {"name": "n"})
        assert (response.status, body, response.headers["content-length"]) == (204, b"", None)
        response, body = ask(connection, "PUT", "/items/1", {})
        assert response.status == 400
        assert "body.name" in orjson.loads(body)["message"]
        response, body = ask(connection, "GET", "/items/1", Prefer="code=404")
        assert (response.status, orjson.loads(body)) == (404, {"message": "string"})
        response, body = ask(connection, "POST", "/v1/items")
        assert (response.status, response.headers["location"]) == (201, f"{address}/v1/items/1")
        response, body = ask(connection, "GET", "/nothing")
        assert response.status == 404


def test_what_it_got_is_told(connector: Connector) -> None:
    """Each request is told to ``got`` and listed at ``/.tieline/requests`` in one shape; findings have their place."""
    told: list[dict[str, Any]] = []
    mock = prepare(connector, got=told.append)
    assert (mock.title, mock.operations) == ("Inventory", 3)
    with listen_in_thread(mock.app) as address, client(address) as connection:
        ask(connection, "GET", "/items/1?secret=x")
        ask(connection, "PUT", "/items/1", {})
        _, body = ask(connection, "GET", "/.tieline/requests")
        assert ask(connection, "DELETE", "/.tieline/requests")[0].status == 204
    assert orjson.loads(body) == {"version": 1, "requests": told}
    assert told[0] == {
        "n": 1,
        "method": "GET",
        "path": "/items/1",
        "operation": "GetItem",
        "status": 200,
        "findings": [],
    }
    finding = told[1]["findings"][0]
    assert (finding["rule"], finding["file"]) == ("invalid-request", "apiDefinition.swagger.json")
    assert finding["route"] == "/paths/~1items~1{id}/put"


@pytest.mark.anyio
async def test_other_kinds_of_connection(connector: Connector) -> None:
    """The app takes the server's start and end, closes websockets, takes bodies in pieces, and lets go of a client that
    has gone."""
    app = mock_app(connector)

    async def run(scope: dict[str, Any], *incoming: dict[str, Any]) -> list[Any]:
        waiting, sent = list(incoming), []

        async def receive() -> Any:
            return waiting.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent

    lifespan = await run({"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [message["type"] for message in lifespan] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert (await run({"type": "websocket"}))[0]["type"] == "websocket.close"
    put = {"type": "http", "method": "PUT", "path": "/items/1", "headers": [], "server": ("h", 1)}
    pieces = [
        {"type": "http.request", "body": b'{"na', "more_body": True},
        {"type": "http.request", "body": b'me": 1}'},
    ]
    assert (await run(put, *pieces))[0]["status"] == 204
    assert await run(put, pieces[0], {"type": "http.disconnect"}) == []
