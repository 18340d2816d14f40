"""Keeping connections usable: one renewal for all that wait, and what a provider refuses."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tieline.app.call import CallResult, Session
from tieline.app.connections import expire
from tieline.app.keeper import Keeper
from tieline.formats import folder
from tieline.model import (
    Connection,
    ConnectionState,
    Connector,
    Grant,
    Login,
    Secret,
    ServiceError,
    StoredConnection,
)
from tieline.net.listener import listen
from tieline.net.transport import Transport
from tieline.pipeline import Options, Renew
from tieline.store.connections import ConnectionStore
from tieline.store.key import Key

NOW = 1_800_000_000.0


@dataclass
class World:
    """A service that takes the newest token, and a provider that gives each refresh token one new pair."""

    number: int = 1
    refused: bool = False
    """Whether the provider has revoked the consent."""
    calls: list[str] = field(default_factory=list)
    """Tokens that the service saw."""
    renewals: list[str] = field(default_factory=list)
    """Refresh tokens that the provider saw."""
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a renewal was asked for."""
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    """The provider answers once this is set."""

    def __post_init__(self) -> None:
        self.answers.set()

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/things", self.things), Route("/token", self.token, methods=["POST"])])

    async def things(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.calls.append(token)
        return JSONResponse([], status_code=200 if token == f"access-token-{self.number}" else 401)

    async def token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        self.renewals.append(form["refresh_token"][0])
        self.asked.set()
        await self.answers.wait()
        if self.refused or form["refresh_token"] != [f"refresh-token-{self.number}"]:
            said = {"error": "invalid_grant", "error_description": "the consent was withdrawn"}
            return JSONResponse(said, status_code=400)
        self.number += 1
        pair = {"access_token": f"access-token-{self.number}", "refresh_token": f"refresh-token-{self.number}"}
        return JSONResponse({**pair, "expires_in": 3600, "token_type": "Bearer"})


def connector_at(address: str) -> Connector:
    """A connector that signs in at the world's provider."""
    custom = {
        "authorizationUrl": f"{address}/authorize",
        "tokenUrl": f"{address}/token",
        "refreshUrl": f"{address}/token",
    }
    settings = {
        "identityProvider": "oauth2",
        "clientId": "the-client",
        "customParameters": {name: {"value": value} for name, value in custom.items()},
    }
    parameters = {"token": {"type": "oauthSetting", "oAuthSettings": settings}}
    operation = {"get": {"operationId": "List", "responses": {"200": {"description": "ok"}}}}
    host = address.partition("://")[2]
    definition = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1"},
        "host": host,
        "basePath": "/v1",
        "schemes": ["http"],
        "paths": {"/things": operation},
        "securityDefinitions": {"o": {"type": "oauth2", "flow": "accessCode", "scopes": {}}},
    }
    files = {
        "apiDefinition.swagger.json": orjson.dumps(definition),
        "apiProperties.json": orjson.dumps({"properties": {"connectionParameters": parameters}}),
    }
    return folder.read(files, "Things")


def stored(
    *, expires: float | None = NOW - 1, renewable: bool = True, access: str = "access-token-1"
) -> StoredConnection:
    """A connection with the first pair of tokens."""
    grant = Grant(
        type="authorization_code",
        access_token=Secret(access),
        refresh_token=Secret("refresh-token-1") if renewable else None,
        obtained=NOW - 3600,
        expires=expires,
    )
    login = Login(client_id="the-client", client_secret=Secret("the-client-secret"))
    return StoredConnection(
        connection=Connection(name="mine", login=login).with_grant("token", grant), connector="Things"
    )


@asynccontextmanager
async def standing(tmp_path: Path, given: StoredConnection) -> Any:
    """The world, a store that holds the connection, the connector and a transport."""
    world = World()
    store = ConnectionStore(tmp_path / "home", lambda: Key(b"k" * 32))
    store.save(given)
    async with listen(world.app) as address, Transport() as transport:
        yield world, store, connector_at(address), transport


def session(connector: Connector, store: ConnectionStore, keeper: Keeper | None = None) -> Session:
    """What calls share, with the connection as it is in the store."""
    keeper = keeper or Keeper(store, now=lambda: NOW)
    connection = store.load("mine").connection
    return Session(connector=connector, connection=connection, options=Options(), keeper=keeper)


async def test_200_calls_cause_one_renewal(tmp_path: Path) -> None:
    """Calls at the same time with an ended token wait for one renewal, also those of another process."""
    async with standing(tmp_path, stored()) as (world, store, connector, transport):
        sessions = [session(connector, store), session(connector, store)]  # two keepers, as two processes have
        calls = [sessions[number % 2].call("List", {}, transport) for number in range(200)]
        results: list[CallResult] = await asyncio.gather(*calls)
        assert {result.status for result in results} == {200}
        assert world.renewals == ["refresh-token-1"]
        assert set(world.calls) == {"access-token-2"}
        kept = store.load("mine").connection.grant
    assert kept is not None
    assert kept.refresh_token == Secret("refresh-token-2")
    assert kept.expires == NOW + 3600


async def test_nothing_is_renewed_early_or_twice(tmp_path: Path) -> None:
    """A token that lasts is used as it is; one that was renewed serves later calls of the same session."""
    async with standing(tmp_path, stored(expires=NOW + 3000)) as (world, store, connector, transport):
        assert (await session(connector, store).call("List", {}, transport)).status == 200
        assert world.renewals == []
    async with standing(tmp_path / "other", stored()) as (world, store, connector, transport):
        one = session(connector, store)
        for _ in range(3):
            assert (await one.call("List", {}, transport)).status == 200
        assert len(world.renewals) == 1


async def test_a_token_that_the_service_refuses_is_renewed(tmp_path: Path) -> None:
    """After a 401 a token is renewed however long it was to last, once, and the call goes on."""
    async with standing(tmp_path, stored(expires=None, access="access-token-0")) as (
        world,
        store,
        connector,
        transport,
    ):
        result = await session(connector, store).call("List", {}, transport)
    assert result.status == 200
    assert world.renewals == ["refresh-token-1"]
    assert world.calls == ["access-token-0", "access-token-2"]


async def test_a_call_that_is_given_up_breaks_no_renewal(tmp_path: Path) -> None:
    """A renewal that the provider has begun is ended and kept, though the call that asked for it is cancelled."""
    async with standing(tmp_path, stored()) as (world, store, connector, transport):
        keeper = Keeper(store, now=lambda: NOW)
        world.answers.clear()
        given_up = asyncio.ensure_future(session(connector, store, keeper).call("List", {}, transport))
        await world.asked.wait()
        given_up.cancel()
        waiting = asyncio.ensure_future(session(connector, store, keeper).call("List", {}, transport))
        with pytest.raises(asyncio.CancelledError):
            await given_up
        world.answers.set()
        assert (await waiting).status == 200
        assert world.renewals == ["refresh-token-1"]
        kept = store.load("mine").connection.grant
    assert kept is not None
    assert kept.refresh_token == Secret("refresh-token-2")


async def test_a_renewal_that_cannot_be_kept(tmp_path: Path) -> None:
    """When the disk refuses, the new token is used all the same and again, and a warning says so."""

    class Full(ConnectionStore):
        """A store on a disk that is full."""

        def save(self, stored: StoredConnection) -> None:
            raise ServiceError("cannot-write", "no space left", remedy="make some")

    async with standing(tmp_path, stored()) as (world, store, connector, transport):
        one = session(connector, store, Keeper(Full(store.home, lambda: Key(b"k" * 32)), now=lambda: NOW))
        results = [await one.call("List", {}, transport) for _ in range(2)]
        assert [result.status for result in results] == [200, 200]
        assert [[finding.rule for finding in result.findings] for result in results] == [["connection-not-kept"], []]
        assert "no space left" in results[0].findings[0].message
        assert world.renewals == ["refresh-token-1"]
        world.refused = True
        one = session(connector, store, Keeper(Full(store.home, lambda: Key(b"k" * 32)), now=lambda: NOW))
        result = await one.call("List", {}, transport)
        assert [finding.rule for finding in result.findings] == ["sign-in-refused", "connection-not-kept"]


async def test_what_happens_in_the_store_counts(tmp_path: Path) -> None:
    """A keeper that has renewed a connection uses another one that takes its place, and one that is made to expire."""
    async with standing(tmp_path, stored()) as (world, store, connector, transport):
        keeper = Keeper(store, now=lambda: NOW)
        assert (await session(connector, store, keeper).call("List", {}, transport)).status == 200
        expire("mine", store)
        assert (await session(connector, store, keeper).call("List", {}, transport)).status == 200
        assert world.renewals == ["refresh-token-1", "refresh-token-2"]
        other = stored(expires=NOW + 3600, access="access-token-of-somebody-else")
        assert other.connection.grant is not None
        grant = replace(other.connection.grant, obtained=NOW + 1)
        store.save(replace(other, connection=other.connection.with_grant("token", grant)))
        await session(connector, store, keeper).call("List", {}, transport)
        assert world.calls[2] == "access-token-of-somebody-else"


async def test_a_connection_that_became_one_of_another_connector(tmp_path: Path) -> None:
    """A session whose connection was replaced by one for another connector gets no token of that."""
    async with standing(tmp_path, stored()) as (world, store, connector, transport):
        one = session(connector, store)
        store.save(replace(stored(expires=NOW + 3600, access="access-token-elsewhere"), connector="Other"))
        result = await one.call("List", {}, transport)
        assert [finding.rule for finding in result.errors] == ["connection-of-other-connector"]
        assert (world.calls, world.renewals) == ([], [])


async def test_values_of_a_call_outlast_a_renewal(tmp_path: Path) -> None:
    """A value that a call gives in the place of a stored one counts with a renewed token, too."""
    given = stored()
    given = replace(given, connection=replace(given.connection, values={**given.connection.values, "a": Secret("1")}))
    async with standing(tmp_path, given) as (_, store, connector, transport):
        keeper = Keeper(store, now=lambda: NOW)
        mine = replace(given.connection, values={**given.connection.values, "a": Secret("2")})
        for _ in range(2):
            renewed = (await keeper.renew(Renew(connector, mine), transport)).connection
            assert renewed is not None
            assert renewed.values == {"token": Secret("access-token-2"), "a": Secret("2")}
        assert store.load("mine").connection.values["a"] == Secret("1")


def test_a_keeper_outlives_loops(tmp_path: Path) -> None:
    """One keeper serves calls that wait for a renewal on one event loop after the other."""
    world, store = World(), ConnectionStore(tmp_path / "home", lambda: Key(b"k" * 32))
    store.save(stored())
    keeper = Keeper(store, now=lambda: NOW)

    async def calls() -> set[int | None]:
        async with listen(world.app) as address, Transport() as transport:
            expire("mine", store)
            connector = connector_at(address)
            some = (session(connector, store, keeper).call("List", {}, transport) for _ in range(4))
            return {result.status for result in await asyncio.gather(*some)}

    assert [asyncio.run(calls()) for _ in range(4)] == [{200}] * 4
    assert len(world.renewals) == 4


async def test_a_refused_renewal_breaks_the_connection(tmp_path: Path) -> None:
    """The provider's own words are in the error, the connection is broken, and nobody asks the provider again."""
    async with standing(tmp_path, stored()) as (world, store, connector, transport):
        world.refused = True
        result = await session(connector, store).call("List", {}, transport)
        assert result.status is None
        assert [finding.rule for finding in result.errors] == ["sign-in-refused"]
        assert "the consent was withdrawn" in result.errors[0].message
        kept = store.load("mine")
        assert kept.state is ConnectionState.BROKEN
        assert "the consent was withdrawn" in kept.problem
        again = await session(connector, store).call("List", {}, transport)
        assert [finding.rule for finding in again.errors] == ["broken-connection"]
        assert len(world.renewals) == 1
        assert world.calls == []


async def test_a_provider_that_is_away_breaks_nothing(tmp_path: Path) -> None:
    """Without an answer the call is not done, and the connection stays as it is."""
    async with standing(tmp_path, stored()) as (_, store, connector, transport):
        pass
    async with Transport() as transport:
        result = await session(connector, store).call("List", {}, transport)
    assert [finding.rule for finding in result.errors] == ["sign-in-unreachable"]
    assert store.load("mine").state is ConnectionState.READY


async def test_without_refresh_token(tmp_path: Path) -> None:
    """An ended token that nothing renews says so in the platform's words."""
    async with standing(tmp_path, stored(renewable=False)) as (world, store, connector, transport):
        result = await session(connector, store).call("List", {}, transport)
        assert [finding.rule for finding in result.errors] == ["missing-refresh-token"]
        assert world.renewals == []


async def test_a_token_that_was_given(tmp_path: Path) -> None:
    """One that the service refuses is not renewed, which is said, and the connection is not broken by it."""
    given = stored(expires=None, renewable=False, access="access-token-0")
    assert given.connection.grant is not None
    grant = replace(given.connection.grant, type="given")
    given = replace(given, connection=given.connection.with_grant("token", grant))
    async with standing(tmp_path, given) as (world, store, connector, transport):
        result = await session(connector, store).call("List", {}, transport)
        assert result.status == 401
        assert [finding.rule for finding in result.errors] == ["missing-refresh-token"]
        assert "was given" in result.errors[0].message
        assert world.renewals == []
        assert store.load("mine").state is ConnectionState.READY


async def test_no_secret_is_shown(tmp_path: Path) -> None:
    """The trace says that a token was renewed and where, and holds no token, old or new, nor the client's secret."""
    from tieline.app.render import har, result_json, trace_lines

    async with standing(tmp_path, stored()) as (_, store, connector, transport):
        result = await session(connector, store).call("List", {}, transport)
    shown = "\n".join(trace_lines(result)) + orjson.dumps(result_json(result)).decode() + har(result).decode()
    assert "renewed" in shown
    assert "grant_type=refresh_token" in shown
    for secret in ("access-token", "refresh-token", "the-client-secret"):
        assert secret not in shown


def test_connections_are_for_their_connector() -> None:
    """A connection of one connector is not used for another, whose host would get its secrets; nor is a broken one."""
    from tieline.app.keeper import usable
    from tieline.model import DocumentError

    connector = connector_at("http://127.0.0.1:1")
    other = StoredConnection(connection=Connection(name="x"), connector="Other")
    with pytest.raises(DocumentError) as error:
        usable(other, connector)
    assert error.value.finding.rule == "connection-of-other-connector"
    broken = StoredConnection(
        connection=Connection(name="x"), connector="Things", state=ConnectionState.BROKEN, problem="p"
    )
    with pytest.raises(ServiceError) as failure:
        usable(broken, connector)
    assert failure.value.finding.rule == "broken-connection"
