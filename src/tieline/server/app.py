"""Which path goes where. What lives here has no logic: it turns HTTP into calls of ``app`` and back.

Webhook intake comes first and without a framework: it is the only hot path.
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ..app.gateway import problem
from ..app.intake import PREFIX
from ..app.running import Running
from ..model import DocumentError, Reply, Request, TielineError
from ..net.guard import App, Receive, Scope, Send, refuse

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
"""What the gateway passes on."""


def whole(running: Running) -> App:
    """Everything, for the loopback port."""
    pages = Starlette(
        routes=[
            Route("/health", _Health(running).get),
            Route("/metrics", _Health(running).metrics),
            Route("/apim/{path:path}", _Gate(running).any, methods=METHODS),
            Route("/control/{verb}", _Control(running).post, methods=["POST"]),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await running.intake(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return app


def intake_only(running: Running) -> App:
    """Webhook intake alone, for a port that a tunnel leads to: nothing else of Tieline is reached from outside."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await running.intake(scope, receive, send)
        else:
            await refuse(scope, send, 404, "there is nothing here")

    return app


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


class _Health:
    def __init__(self, running: Running) -> None:
        self._running = running

    async def get(self, asked: Asked) -> Response:
        """200 while events can be taken in and kept, else 503; the body says what is wrong."""
        health = await self._running.health()
        return JSONResponse(health, status_code=200 if health["ok"] else 503)

    async def metrics(self, asked: Asked) -> Response:
        """The text format of Prometheus."""
        try:
            return PlainTextResponse(await self._running.metrics(), media_type="text/plain; version=0.0.4")
        except TielineError as error:
            return PlainTextResponse(error.finding.message + "\n", status_code=503)


class _Gate:
    def __init__(self, running: Running) -> None:
        self._running = running

    async def any(self, asked: Asked) -> Response:
        """One pass through a connector."""
        _, _, connector, connection, rest = [*asked.scope["raw_path"].decode("latin-1").split("/", 4), "", "", ""][:5]
        query = asked.scope["query_string"].decode("latin-1")
        path = f"/{rest}" + (f"?{query}" if query else "")
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in asked.headers.raw)
        message = Request(method=asked.method, url=str(asked.url), headers=headers, body=await asked.body())
        return _sent(await self._running.gateway.answer(unquote(connector), unquote(connection), path, message))


class _Control:
    """What ``tieline triggers`` asks of the server that runs; only who can read its token may."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def _allowed(self, asked: Asked) -> bool:
        given = asked.headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), self._running.token.encode())

    async def post(self, asked: Asked) -> Response:
        """One command: a JSON object in, a JSON object out; errors as findings."""
        if not self._allowed(asked):
            return _sent(problem(401, "not-allowed", "the token of this server is missing or wrong"))
        try:
            answer = await self._running.control(asked.path_params["verb"], _given(await asked.body()))
            return Response(orjson.dumps(answer), media_type="application/json")
        except TielineError as error:
            kind = type(error).__name__
            found = [{"rule": one.rule, "message": one.message, "remedy": one.remedy} for one in error.findings]
            return JSONResponse({"kind": kind, "findings": found}, status_code=422)


def _given(body: bytes) -> dict[str, Any]:
    """What a command says. Raises DocumentError ``bad-argument`` for anything but a JSON object."""
    try:
        value = orjson.loads(body or b"{}")
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise DocumentError("bad-argument", "what was asked is no JSON object", remedy="see docs/serve.md")
    return value


def _sent(reply: Reply) -> Response:
    response = Response(reply.body, status_code=reply.status)
    for name, value in reply.headers:
        if name.lower() != "content-length":
            response.headers.append(name, value)
    return response
