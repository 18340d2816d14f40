"""A connector behind a URL, against a real backend."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tieline.app.gateway import NO_CONNECTION, Gateway
from tieline.app.keeper import Keeper
from tieline.app.performer import Connectors
from tieline.model import Connection, Reply, Request, Secret, StoredConnection
from tieline.net.listener import listen
from tieline.net.transport import Transport
from tieline.store.connections import ConnectionStore
from tieline.store.key import Key


async def echo(request: Asked) -> Response:
    """What the service got; a list with a link where it is asked for pages."""
    if request.url.path == "/v1/pages":
        return JSONResponse({"value": [1], "nextLink": f"{request.base_url}v1/pages?page=2"})
    seen = {
        "method": request.method,
        "target": request.scope["raw_path"].decode() + "?" + request.scope["query_string"].decode(),
        "headers": dict(request.headers),
        "body": (await request.body()).decode(),
    }
    return JSONResponse(seen, status_code=418 if request.url.path == "/v1/teapot" else 200)


BACKEND = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST", "DELETE"])])


def write_connector(folder: Path, address: str) -> None:
    """A connector with an API key, a policy and a few operations."""

    def operation(id: str, **more: Any) -> dict[str, Any]:
        return {"operationId": id, "responses": {"200": {"description": "ok"}}, **more}

    item = {"name": "id", "in": "path", "required": True, "type": "string"}
    definition = {
        "swagger": "2.0",
        "info": {"title": "Echo", "version": "1"},
        "host": address.partition("://")[2],
        "basePath": "/v1",
        "schemes": ["http"],
        "paths": {
            "/items/{id}": {"get": operation("Get", parameters=[item]), "delete": operation("Del", parameters=[item])},
            "/items": {"post": operation("Add")},
            "/teapot": {"get": operation("Brew")},
            "/pages": {"get": operation("Pages", **{"x-ms-pageable": {"nextLinkName": "nextLink"}})},
        },
        "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    }
    instance = {
        "templateId": "setheader",
        "title": "mark",
        "parameters": {
            "x-ms-apimTemplateParameter.name": "X-Mark",
            "x-ms-apimTemplateParameter.value": "set by policy",
            "x-ms-apimTemplateParameter.existsAction": "override",
        },
    }
    links = {
        "templateId": "updatenextlink",
        "title": "links",
        "parameters": {
            "x-ms-apimTemplateParameter.nextLinkPropertyName": "nextLink",
            "x-ms-apimTemplate-operationName": ["Pages"],
        },
    }
    properties = {
        "iconBrandColor": "#da3b01",
        "connectionParameters": {"api_key": {"type": "securestring"}},
        "policyTemplateInstances": [instance, links],
    }
    folder.mkdir()
    (folder / "apiDefinition.swagger.json").write_bytes(orjson.dumps(definition))
    (folder / "apiProperties.json").write_bytes(orjson.dumps({"properties": properties}))


@asynccontextmanager
async def standing(tmp_path: Path, moments: Sequence[float] = (0.0,)) -> Any:
    """A gateway before the backend, with the connection "mine"."""
    store = ConnectionStore(tmp_path / "home", lambda: Key(b"k" * 32))
    store.save(
        StoredConnection(
            connection=Connection(name="mine", values={"api_key": Secret("the-secret-key")}), connector="Echo"
        )
    )
    async with listen(BACKEND) as address, Transport() as transport:
        write_connector(tmp_path / "Echo", address)
        yield Gateway(
            {"Echo": tmp_path / "Echo"},
            Connectors(now=lambda: moments[-1]),
            transport,
            base=lambda: "http://127.0.0.1:8320",
            keeper=Keeper(store),
        )


def asked(method: str = "GET", *headers: tuple[str, str], body: bytes = b"") -> Request:
    """A caller's message."""
    return Request(method=method, url="http://127.0.0.1:8320/", headers=headers, body=body)


def read(reply: Reply) -> Any:
    """The JSON of a reply."""
    return json.loads(reply.body)


async def test_one_pass(tmp_path: Path) -> None:
    """Credential and policies are put on; path, query and body go as they were sent; the caller's own stay behind."""
    async with standing(tmp_path) as gateway:
        message = asked(
            "POST", ("Authorization", "Bearer mine"), ("X-Own", "1"), ("Content-Type", "text/x"), body=b"hi"
        )
        reply = await gateway.answer("echo", "mine", "/items?q=a%2Fb", message)
    seen = read(reply)
    assert (reply.status, seen["method"], seen["target"], seen["body"]) == (200, "POST", "/v1/items?q=a%2Fb", "hi")
    assert seen["headers"]["x-key"] == "the-secret-key"
    assert seen["headers"]["x-mark"] == "set by policy"
    assert seen["headers"]["x-own"] == "1"
    assert "authorization" not in seen["headers"]


async def test_replies_come_as_they_are(tmp_path: Path) -> None:
    """A status of the service is the gateway's; links come back through the gateway where a policy sends them there."""
    async with standing(tmp_path) as gateway:
        teapot = await gateway.answer("Echo", "mine", "/teapot", asked())
        assert teapot.status == 418
        assert "date" not in {name.lower() for name, _ in teapot.headers}  # the server that sends it has its own
        assert (await gateway.answer("Echo", "mine", "/items/a%2Fb", asked())).status == 200
        pages = read(await gateway.answer("Echo", "mine", "/pages", asked()))
    assert pages["nextLink"].startswith("http://127.0.0.1:8320/apim/Echo/mine/pages")


@pytest.mark.parametrize(
    ("connector", "connection", "path", "method", "status", "code"),
    [
        ("Other", "mine", "/items/1", "GET", 404, "unknown-connector"),
        ("Echo", "mine", "/nothing", "GET", 404, "unknown-operation"),
        ("Echo", "mine", "/items/1", "POST", 404, "unknown-operation"),
        ("Echo", "mine", "/v1/items/1", "GET", 404, "unknown-operation"),
        ("Echo", "yours", "/items/1", "GET", 400, "unknown-connection"),
        ("Echo", NO_CONNECTION, "/items/1", "GET", 401, "missing-credential"),
    ],
)
async def test_what_cannot_be_done(
    tmp_path: Path, connector: str, connection: str, path: str, method: str, status: int, code: str
) -> None:
    """Each error has one shape, a status and a code."""
    async with standing(tmp_path) as gateway:
        reply = await gateway.answer(connector, connection, path, asked(method))
    assert (reply.status, read(reply)["error"]["code"]) == (status, code)


async def test_a_service_that_is_not_there(tmp_path: Path) -> None:
    """Without a reply of the service the gateway answers 502 and says why."""
    async with standing(tmp_path) as gateway:
        pass
    async with Transport() as transport:
        store = ConnectionStore(tmp_path / "home", lambda: Key(b"k" * 32))
        gateway = Gateway({"Echo": tmp_path / "Echo"}, Connectors(), transport, base=lambda: "x", keeper=Keeper(store))
        reply = await gateway.answer("Echo", "mine", "/items/1", asked())
    assert reply.status == 502
    assert read(reply)["error"]["code"] == "no-reply-connect"


async def test_files_are_read_again_when_they_change(tmp_path: Path) -> None:
    """An edited connector is served as it is now."""
    moments = [0.0]
    async with standing(tmp_path, moments) as gateway:
        assert (await gateway.answer("Echo", "mine", "/new", asked())).status == 404
        file = tmp_path / "Echo" / "apiDefinition.swagger.json"
        file.write_bytes(file.read_bytes().replace(b'"/teapot"', b'"/new"'))
        moments.append(1.0)
        assert (await gateway.answer("Echo", "mine", "/new", asked())).status == 200
