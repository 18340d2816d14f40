"""Published connectors: each of their connections is made, signing in at a server that stands for all providers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tieline.app.connect import ConnectOptions, connect_async
from tieline.app.load import load_connector
from tieline.app.sign_in import Notice, SignInOptions
from tieline.auth import oauth_parameter
from tieline.auth.form import Question
from tieline.model import Connection, Connector, DocumentError, Request, Secret
from tieline.net.listener import listen
from tieline.net.transport import Transport
from tieline.store.connections import ConnectionStore
from tieline.store.key import Key

TOKEN = "acc3ss-token-for-all"

pytestmark = pytest.mark.corpus


@pytest.fixture
async def provider() -> AsyncIterator[str]:
    """An identity provider with every address there is."""

    async def token(request: Asked) -> Response:
        assert b"%7B" not in await request.body(), "a placeholder was sent"
        return JSONResponse({"access_token": TOKEN, "refresh_token": "r", "expires_in": 60})

    async with listen(Starlette(routes=[Route("/{path:path}", token, methods=["POST"])])) as origin:
        yield origin


class Person:
    """Answers every question, and allows every sign-in."""

    def __init__(self) -> None:
        self.registered = ""
        self.tasks: list[asyncio.Task[None]] = []

    def ask(self, question: Question) -> str:
        if question.choices:
            return str(question.choices[0].value)
        if question.kind == "placeholder" and "url" in question.name.lower():
            return "https://id.example.com/sign-in"
        return "7" if question.type == "int" else "some-text"

    def show(self, notice: Notice) -> None:
        if notice.kind == "register":
            self.registered = notice.url
        elif notice.kind == "open":
            assert "{" not in notice.url
            self.tasks.append(asyncio.ensure_future(self.allow(notice.url)))

    async def allow(self, url: str) -> None:
        state = parse_qs(url.partition("?")[2])["state"][0]  # some have their path, and so their query, behind a #
        landed = f"{self.registered}?{urlencode({'code': 'c', 'state': state})}"
        async with Transport() as transport:
            await transport.send(Request(method="GET", url=landed))
            done = urlsplit(landed)._replace(path="/signed-in", query="").geturl()
            await transport.send(Request(method="GET", url=done))


async def made(connector: Connector, parameter_set: str, provider: str, store: ConnectionStore) -> str:
    """How making one connection ended: the grant's type, ``values`` for one without, the rule of an error."""
    person = Person()
    signs_in = oauth_parameter(connector, Connection(parameter_set=parameter_set)) is not None
    options = ConnectOptions(
        name="one",
        replace=True,
        parameter_set=parameter_set,
        client_secret=Secret("the-secret-of-the-app") if signs_in else None,
        login_server=provider if signs_in else "",
        test=False,
        sign_in=SignInOptions(browser=False, wait=5),
    )
    try:
        result = await connect_async(connector, options, person.ask, person.show, store)
    except DocumentError as error:
        return error.finding.rule if error.finding.remedy else "no remedy"
    for task in person.tasks:
        await task
    connection = store.load("one").connection
    assert connection == result.stored.connection
    if connection.grant is None:
        return "values"
    assert connection.grant.access_token.reveal() == TOKEN
    return connection.grant.type


async def test_every_connection_of_published_connectors(shared: Path, provider: str, tmp_path: Path) -> None:
    """Each way to sign in of each connector gives a connection, or says why only the platform can."""
    key = Key.random()
    store = ConnectionStore(tmp_path / "home", lambda: key)
    outcomes: Counter[str] = Counter()
    properties = (shared / "corpus" / "connectors").rglob("apiProperties.json")
    for folder in sorted(file.parent for file in properties):
        try:
            connector = load_connector(folder)
        except DocumentError:
            continue  # a definition beyond repair, which other tests count
        for entry in connector.properties.parameter_sets or (None,):
            outcomes[await made(connector, entry.name if entry else "", provider, store)] += 1
    assert set(outcomes) == {"authorization_code", "client_credentials", "values", "sign-in-not-local"}
    assert outcomes["sign-in-not-local"] <= 7
    assert outcomes["authorization_code"] + outcomes["client_credentials"] >= 63
    assert outcomes["values"] >= 193
