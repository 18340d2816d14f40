"""Inventory as an ASGI application: which endpoints there are and what stands before them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router

from . import failures, legacy, products, webhooks
from .addresses import origin
from .deliveries import Delivery
from .desk import Desk
from .gate import Bucket, Failures, Gate, Holders, Key, Rate, Verify
from .oauth import with_oauth
from .problems import Problem, on_failure, on_http_exception, on_problem
from .store import MEMORY

DESCRIPTION = Path(__file__).resolve().parent / "openapi.yaml"
"""The OpenAPI 3.0 description of the API."""

DEMO_KEY, DEMO_READ_ONLY_KEY = "demo-key", "demo-readonly"

_DESCRIBED_AT = "http://127.0.0.1:8321"
"""The address in the description, which becomes the real one when it is served."""


def create_app(
    database: str | Path = MEMORY,
    api_key: str = DEMO_KEY,
    read_only_key: str = DEMO_READ_ONLY_KEY,
    *,
    rate: Rate | None = None,
    delivery: Delivery | None = None,
    bearer: Verify | None = None,
    identity_url: str = "",
) -> Starlette:
    """The API over a database that is made if need be. Lifespan events open it and close it.

    ``bearer`` says what an access token is good for, which makes the API take such tokens besides its keys.
    ``identity_url`` is where the server is that gives them: ``/openapi-oauth.yaml`` describes the API with that way in.
    """
    desk = Desk(database, delivery or Delivery())
    plans = Failures()
    keys = (
        Key(secret=api_key, may_write=True, bucket=Bucket(rate or Rate())),
        Key(secret=read_only_key, may_write=False, bucket=Bucket(rate or Rate())),
    )
    holders = Holders(bearer, rate or Rate()) if bearer is not None else None
    api = [*products.routes(desk), *webhooks.routes(desk), *legacy.routes(desk), *failures.routes(plans)]

    description = DESCRIPTION.read_text(encoding="utf-8")

    async def describe(request: Request) -> Response:
        text = description.replace(_DESCRIBED_AT, origin(request), 1)
        return Response(text, media_type="application/yaml")

    async def describe_oauth(request: Request) -> Response:
        text = with_oauth(description, identity_url).replace(_DESCRIBED_AT, origin(request), 1)
        return Response(text, media_type="application/yaml")

    async def health(request: Request) -> Response:
        await desk.ask(lambda store: store.product(""))
        return JSONResponse({"status": "ok"})

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with desk.running():
            yield

    app = Starlette(
        routes=[
            Mount(
                "/v1",
                Router(api, redirect_slashes=False),
                middleware=[Middleware(Gate, keys=keys, failures=plans, holders=holders)],
            ),
            Route("/openapi.yaml", describe),
            *([Route("/openapi-oauth.yaml", describe_oauth)] if identity_url else []),
            Route("/health", health),
        ],
        exception_handlers={Problem: on_problem, HTTPException: on_http_exception, Exception: on_failure},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app
