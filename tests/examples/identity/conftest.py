"""Running identity servers, with a clock that a test sets, and somebody who asks them over real HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tieline.app.example import load_identity
from tieline.model import Reply, Request
from tieline.net.listener import listen
from tieline.net.options import TransportOptions
from tieline.net.transport import Transport

IDENTITY = load_identity()
FORM = "application/x-www-form-urlencoded"
REDIRECT = "http://127.0.0.1:54321/redirect"
APP = {"client_id": IDENTITY.CLIENT.id, "client_secret": IDENTITY.CLIENT.secret}
USER = {"username": IDENTITY.USER.name, "password": IDENTITY.USER.password}


@dataclass
class Clock:
    """Time that passes when a test says so."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Place:
    """A running server."""

    app: Any
    origin: str
    transport: Transport
    clock: Clock
    app_fields: dict[str, str] = field(default_factory=lambda: dict(APP))

    @property
    def state(self) -> Any:
        """The server's state."""
        return self.app.state.identity

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
        """Any request; ``_`` in a header's name stands for ``-``."""
        fields = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        url = path if path.startswith("http") else self.origin + path
        sent = await self.transport.send(Request(method=method, url=url, headers=fields, body=body))
        assert sent.reply is not None, sent.failure
        return sent.reply

    async def post(self, path: str, form: dict[str, str], **headers: str) -> Reply:
        """A form."""
        return await self.ask("POST", path, urlencode(form).encode(), Content_Type=FORM, **headers)

    async def token(self, path: str = "/oauth/token", **form: str) -> Reply:
        """A token request of the app with its secret in the body."""
        return await self.post(path, {**self.app_fields, **form})

    async def tokens(self, path: str = "/oauth/token", **form: str) -> dict[str, Any]:
        """The fields of a token request that must be granted."""
        reply = await self.token(path, **form)
        assert reply.status == 200, reply.body
        return fields_of(reply)

    async def sign_in(
        self, path: str = "/oauth/authorize", form: dict[str, str] | None = None, **query: str
    ) -> dict[str, str]:
        """What the redirect after a person's answer carries."""
        asked = {"client_id": APP["client_id"], "response_type": "code", "redirect_uri": REDIRECT, "state": "s 1&"}
        asked |= query
        url = f"{path}?{urlencode({name: value for name, value in asked.items() if value})}"
        reply = await self.post(url, {**USER, "answer": "allow"} if form is None else form)
        assert reply.status == 302, reply.body
        parts = urlsplit(reply.header("location") or "")
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == asked["redirect_uri"]
        return dict(parse_qsl(parts.query))

    async def redeem(self, code: str, path: str = "/oauth/token", **form: str) -> Reply:
        """A request of the tokens for a code."""
        return await self.token(
            path, **{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **form}
        )


def fields_of(reply: Reply) -> dict[str, Any]:
    """The JSON object of a reply."""
    found: dict[str, Any] = json.loads(reply.body)
    return found


Start = Callable[..., Awaitable[Place]]


@pytest.fixture(scope="session")
def examples() -> ModuleType:
    """The example's package."""
    return IDENTITY


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts a server with the given options, as often as wanted."""
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(Transport(TransportOptions(environment=False)))

        async def make(**options: Any) -> Place:
            clock = Clock()
            app = IDENTITY.create_app(IDENTITY.IdentityOptions(now=clock, **options))
            origin = await stack.enter_async_context(listen(app))
            return Place(app, origin, transport, clock)

        yield make


@pytest.fixture
async def place(start: Start) -> Place:
    """A server as it is by default."""
    return await start()


@pytest.fixture(scope="session")
def basic() -> Callable[[str, str], str]:
    """Makes the value of a Basic header."""
    return lambda name, secret: "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()
