"""Every kind of identity provider, against a real authorization server: connected, called with the token, renewed by a
clock that is set, refused, attacked; and many calls at the same time."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

import tieline
from tieline.app.call import CallResult, Session
from tieline.app.connect import Connected, ConnectOptions, connect_async
from tieline.app.connection_check import Verdict
from tieline.app.connections import expire
from tieline.app.example import load_identity, load_inventory
from tieline.app.keeper import Keeper, usable
from tieline.app.load import load_connector
from tieline.app.sign_in import Notice, SignInOptions
from tieline.model import ConnectionState, Connector, Reply, Request, Secret, ServiceError
from tieline.net.listener import listen, listen_in_thread
from tieline.net.transport import Transport
from tieline.pipeline import Options
from tieline.store.connections import ConnectionStore, default_store
from tieline.store.key import Key

CLIENT, SECRET, USER, PASSWORD = "demo-client", "demo-secret", "demo", "demo-password"

TEMPLATES = {
    "authorizationUrlTemplate": "https://id.example/oauth/authorize",
    "authorizationUrlQueryStringTemplate": "?client_id={ClientId}&response_type=code&redirect_uri={RedirectUrl}"
    "&scope={Scopes}&state={State}",
    "tokenUrlTemplate": "https://id.example/oauth/token",
    "tokenBodyTemplate": "code={Code}&grant_type=authorization_code&redirect_uri={redirectURL}"
    "&client_id={CLIENTID}&client_secret={ClientSecret}",
    "refreshUrlTemplate": "https://id.example/oauth/refresh",
    "refreshBodyTemplate": "refresh_token={RefreshToken}&grant_type=refresh_token&redirect_uri={RedirectUrl}"
    "&client_id={ClientId}&client_secret={ClientSecret}",
}

MICROSOFT = "https://login.microsoftonline.com/contoso.test/oauth2/v2.0"


def addresses(base: str, authorize: str = "authorize", token: str = "token") -> dict[str, str]:
    return {"authorizationUrl": f"{base}/{authorize}", "tokenUrl": f"{base}/{token}", "refreshUrl": f"{base}/{token}"}


PROVIDERS: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "oauth2": ("oauth2", addresses("https://id.example/oauth"), ["read"]),
    "oauth2 at Entra ID": ("oauth2", addresses(MICROSOFT), ["api://inventory/.default", "offline_access"]),
    "oauth2generic": ("oauth2generic", TEMPLATES, ["read"]),
    "aad v1": ("aad", {"loginUri": "https://login.windows.net", "resourceUri": "api://inventory"}, []),
    "aad v2": ("aad", {"loginUri": "https://login.windows.net"}, ["api://inventory/read", "offline_access"]),
    "facebook": ("facebook", addresses("https://www.facebook.com/v9.0", "dialog/oauth", "oauth/access_token"), []),
    "DocuSign": ("DocuSign", addresses("https://account.docusign.com/oauth", "auth"), ["read"]),
}
"""Provider, custom parameters and scopes."""

PATHS = {
    "authorize_paths": ("/oauth/authorize", "/v9.0/dialog/oauth", "/oauth/auth"),
    "token_paths": ("/oauth/token", "/oauth/refresh", "/v9.0/oauth/access_token"),
}


@dataclass
class World:
    """An authorization server, the Inventory API that takes its tokens, and the time by which both live."""

    time: float = 1_900_000_000.0
    options: dict[str, Any] = field(default_factory=dict)
    origin: str = ""
    inventory: str = ""

    def __post_init__(self) -> None:
        module = load_identity()
        options = module.IdentityOptions(now=lambda: self.time, **PATHS, **self.options)
        self.app = module.create_app(options)
        self.state = self.app.state.identity

    def inventory_app(self) -> Any:
        return load_inventory().create_app(bearer=self.state.bearer)

    @property
    def grants(self) -> list[str]:
        """The grants of token requests that were answered."""
        return [asked.grant_type for asked in self.state.log if asked.method == "POST" and asked.grant_type]


@pytest.fixture
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    made = World(options=getattr(request, "param", {}))
    async with listen(made.app) as made.origin, listen(made.inventory_app()) as made.inventory:
        yield made


@pytest.fixture
def store(tmp_path: Path) -> ConnectionStore:
    key = Key.random()
    return ConnectionStore(tmp_path / "home", lambda: key)


def written(folder: Path, inventory: str, provider: str, **settings: Any) -> Path:
    """A connector folder of the Inventory that signs in at a kind of provider."""
    name, custom, scopes = PROVIDERS[provider]
    definition = {
        "swagger": "2.0",
        "info": {"title": "Inventory", "version": "1"},
        "host": urlsplit(inventory).netloc,
        "basePath": "/v1",
        "schemes": ["http"],
        "paths": {"/products": {"get": {"operationId": "GetProducts", "responses": {"200": {"description": ""}}}}},
        "securityDefinitions": {"way": {"type": "oauth2", "flow": "accessCode"}},
        "x-ms-capabilities": {"testConnection": {"operationId": "GetProducts"}},
    }
    values = {key: {"value": value} for key, value in custom.items()}
    oauth = {"identityProvider": name, "clientId": CLIENT, "scopes": scopes, "customParameters": values, **settings}
    parameters = {"token": {"type": "oauthSetting", "oAuthSettings": oauth}}
    folder.mkdir(exist_ok=True)
    (folder / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
    properties = {"properties": {"connectionParameters": parameters}}
    (folder / "apiProperties.json").write_text(json.dumps(properties), encoding="utf-8")
    return folder


async def submitted(url: str, **fields: str) -> Reply:
    """A page's form as a browser sends it."""
    async with Transport() as transport:
        headers = (("Content-Type", "application/x-www-form-urlencoded"),)
        request = Request(method="POST", url=url, headers=headers, body=urlencode(fields).encode())
        sent = await transport.send(request)
    assert sent.reply is not None
    return sent.reply


async def visited(url: str) -> Reply:
    """An address as a browser opens it, and the page that it leads to on the same host."""
    async with Transport() as transport:
        sent = await transport.send(Request(method="GET", url=url))
        assert sent.reply is not None
        location = sent.reply.header("location")
        if location is None:
            return sent.reply
    return await visited(urlsplit(url)._replace(path=location, query="").geturl())


@dataclass
class Person:
    """Signs in on the provider's pages, or types the device's code there."""

    answer: str = "allow"
    landed: list[str] = field(default_factory=list)
    """Where the provider sent the browser."""
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def show(self, notice: Notice) -> None:
        if notice.kind == "open":
            self.tasks.append(asyncio.ensure_future(self._sign_in(notice.url)))
        elif notice.kind == "code":
            self.tasks.append(asyncio.ensure_future(self._type(notice)))

    async def _sign_in(self, url: str) -> None:
        reply = await submitted(url, username=USER, password=PASSWORD, answer=self.answer)
        self.landed.append(reply.header("location") or "")
        await visited(self.landed[-1])

    async def _type(self, notice: Notice) -> None:
        fields = {"username": USER, "password": PASSWORD, "answer": self.answer, "user_code": notice.code}
        assert (await submitted(notice.url.partition("?")[0], **fields)).status == 200


@dataclass
class Ticking:
    """A clock that moves on when somebody waits."""

    world: World

    def now(self) -> float:
        return self.world.time

    async def sleep(self, seconds: float) -> None:
        self.world.time += seconds
        await asyncio.sleep(0.01)  # lets the person type


async def connected(
    world: World, store: ConnectionStore, connector: Connector, person: Person | None = None, **more: Any
) -> Connected:
    """A connection that was made, as the person did."""
    person = person or Person()
    sign_in = SignInOptions(browser=False, wait=more.pop("wait", 10), grant=more.pop("grant", ""))
    options = ConnectOptions(
        name="mine",
        client_secret=more.pop("client_secret", Secret(SECRET)),
        login_server=world.origin,
        sign_in=sign_in,
        **more,
    )
    made = await connect_async(
        connector, options, None, person.show, store, clock=Ticking(world), now=lambda: world.time
    )
    for task in person.tasks:
        await task
    return made


async def called(world: World, store: ConnectionStore, connector: Connector) -> CallResult:
    """A call with the stored connection, in a process of its own as it were."""
    keeper = Keeper(store, now=lambda: world.time)
    connection = usable(store.load("mine"), connector)
    session = Session(connector=connector, connection=connection, options=Options(), keeper=keeper)
    async with Transport() as transport:
        return await session.call("GetProducts", {}, transport)


@pytest.mark.parametrize("kind", PROVIDERS)
async def test_each_provider(kind: str, world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """Each provider that can run here signs a person in; the token calls; after its end the next call renews it."""
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, kind))
    made = await connected(world, store, connector)
    assert made.check is not None
    assert (made.check.verdict, made.works) == (Verdict.WORKS, True), made.check.said
    assert world.grants == ["authorization_code"]
    world.time += 3601
    result = await called(world, store, connector)
    assert result.status == 200, result.findings
    renewal = next(entry for entry in result.exchange.trace if entry.step == "refresh")
    assert renewal.title == f"renewed, from {world.origin} in the provider's place"
    assert world.grants == ["authorization_code", "refresh_token"]
    assert (await called(world, store, connector)).status == 200
    assert len(world.grants) == 2
    assert store.load("mine").connection.grant != made.stored.connection.grant


@pytest.mark.parametrize(
    ("kind", "grant", "options"),
    [
        ("oauth2", "client_credentials", {}),
        ("aad v1", "client_credentials", {"values": {"tenant": "contoso.test"}}),
        ("oauth2 at Entra ID", "client_credentials", {}),
        ("oauth2", "password", {"values": {"username": USER, "password": PASSWORD}}),
        ("aad v1", "password", {"values": {"username": USER, "password": PASSWORD}}),
        ("aad v1", "device_code", {}),
        ("aad v2", "device_code", {}),
        ("oauth2", "device_code", {"values": {"deviceAuthorizationUrl": "https://id.example/oauth/device"}}),
    ],
)
async def test_without_a_redirect(
    kind: str, grant: str, options: dict[str, Any], world: World, store: ConnectionStore, tmp_path: Path
) -> None:
    """The app by itself, a user by name and password, and a code typed on another machine; each is repeated or renewed
    after its end."""
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, kind))
    if kind == "oauth2 at Entra ID":
        connector = load_connector(scoped(tmp_path / "Inventory", "api://inventory/.default"))
    made = await connected(world, store, connector, grant=grant, **options)
    assert made.works, made.check
    expire("mine", store)
    asked = len(world.grants)
    assert (await called(world, store, connector)).status == 200
    assert len(world.grants) == asked + 1


def scoped(folder: Path, scope: str) -> Path:
    """The connector with one scope: apps by themselves may ask for no other."""
    file = folder / "apiProperties.json"
    properties = json.loads(file.read_text(encoding="utf-8"))
    properties["properties"]["connectionParameters"]["token"]["oAuthSettings"]["scopes"] = [scope]
    file.write_text(json.dumps(properties), encoding="utf-8")
    return folder


async def test_on_behalf_of_a_caller(world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """The token of somebody else is exchanged for one of the API."""
    mine = {key: {"value": value} for key, value in {**PROVIDERS["aad v1"][1], "resourceUri": CLIENT}.items()}
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "aad v1", customParameters=mine))
    first = await connected(world, store, connector)
    grant = first.stored.connection.grant
    assert grant is not None
    custom = {**PROVIDERS["aad v1"][1], "enableOnbehalfOfLogin": "true"}
    values = {key: {"value": value} for key, value in custom.items()}
    again = load_connector(written(tmp_path / "Inventory", world.inventory, "aad v1", customParameters=values))
    made = await connected(
        world, store, again, grant="on_behalf_of", replace=True, values={"assertion": grant.access_token.reveal()}
    )
    assert made.works, made.check


async def test_a_certificate_in_the_place_of_a_secret(store: ConnectionStore, tmp_path: Path) -> None:
    """Entra ID takes an assertion that the app's certificate signed."""
    certificate, key = self_signed()
    client = load_identity().Client(id=CLIENT, certificate=certificate)
    made = World(options={"clients": (client,)})
    async with listen(made.app) as made.origin, listen(made.inventory_app()) as made.inventory:
        connector = load_connector(written(tmp_path / "Inventory", made.inventory, "aad v1"))
        values = {"certificate": key + certificate}
        result = await connected(made, store, connector, client_secret=None, values=values)
        assert result.works, result.check
        expire("mine", store)
        assert (await called(made, store, connector)).status == 200
    assert {asked.client_auth for asked in made.state.log if asked.grant_type} == {"assertion"}


def self_signed() -> tuple[str, str]:
    """A certificate and its key, in PEM."""
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "app")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2090, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return made.public_bytes(serialization.Encoding.PEM).decode(), pem.decode()


@pytest.mark.parametrize(
    "world",
    [
        {"token_format": "form"},
        {"expires_in": "text"},
        {"expires_in": "missing"},
        {"client_auth": "basic"},
        {"client_auth": "body"},
        {"refresh": "fixed"},
        {"lifetime": 20},
    ],
    indirect=True,
    ids=str,
)
async def test_providers_differ(world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """Replies as forms, lifetimes as text or left out, short ones, secrets in one place only: each signs in and
    renews."""
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "oauth2"))
    assert (await connected(world, store, connector)).works
    world.time += 3601
    assert (await called(world, store, connector)).status == 200
    assert world.grants[-1] == "refresh_token"


@pytest.mark.parametrize("world", [{"pkce": "required"}], indirect=True)
async def test_a_proof_key_that_is_required(world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """A provider that demands PKCE is refused with the option that helps."""
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "oauth2"))
    with pytest.raises(ServiceError) as error:
        await connected(world, store, connector)
    assert "--pkce" in error.value.finding.remedy
    assert store.names() == ()


@pytest.mark.parametrize("world", [{"refresh": "none"}], indirect=True)
async def test_no_refresh_token(world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """Without a refresh token an ended connection says so in the platform's words."""
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "oauth2"))
    await connected(world, store, connector)
    world.time += 3601
    result = await called(world, store, connector)
    assert [finding.rule for finding in result.errors] == ["missing-refresh-token"]


async def test_the_platforms_redirect_url_of_a_refresh(world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """``{RedirectUrl}`` in a refresh body is the redirect URL of the sign-in."""
    seen: list[str] = []
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "oauth2generic"))
    person = Person()
    made = await connected(world, store, connector, person)
    login = store.load("mine").connection.login
    assert login is not None
    assert login.redirect_url == person.landed[0].partition("?")[0]
    expire("mine", store)

    class Watched(Transport):
        async def send(self, request: Request, *more: Any, **named: Any) -> Any:
            seen.extend(value for name, value in parse_qsl(request.body.decode()) if name == "redirect_uri")
            return await super().send(request, *more, **named)

    keeper = Keeper(store, now=lambda: world.time)
    session = Session(connector=connector, connection=made.stored.connection, options=Options(), keeper=keeper)
    async with Watched() as transport:
        session = replace(session, connection=store.load("mine").connection)
        assert (await session.call("GetProducts", {}, transport)).status == 200
    assert seen == [login.redirect_url]


async def test_revoked_consent(world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """After the consent is taken back the connection breaks with the provider's own words, and nothing is asked again;
    signing in anew mends it."""
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "oauth2"))
    await connected(world, store, connector)
    assert world.state.revoke() == 1
    result = await called(world, store, connector)
    assert result.status == 401
    (finding,) = result.errors
    assert finding.rule == "sign-in-refused"
    assert "the consent was revoked" in finding.message
    kept = store.load("mine")
    assert kept.state is ConnectionState.BROKEN
    assert "the consent was revoked" in kept.problem
    asked = len(world.grants)
    with pytest.raises(ServiceError, match="is broken"):
        await called(world, store, connector)
    assert len(world.grants) == asked
    assert (await connected(world, store, connector, replace=True)).works
    assert (await called(world, store, connector)).status == 200


async def test_200_calls_cause_one_renewal(world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """200 calls at once with an ended token make one request at a provider that takes a refresh token's second use for
    a theft; all are answered, also those of a second process."""
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "oauth2"))
    await connected(world, store, connector)
    world.time += 3601
    connection = store.load("mine").connection
    sessions = [
        Session(
            connector=connector,
            connection=connection,
            options=Options(),
            keeper=Keeper(store, now=lambda: world.time),
        )
        for _ in range(2)
    ]
    async with Transport() as transport:
        calls = [sessions[number % 2].call("GetProducts", {}, transport) for number in range(200)]
        results = await asyncio.gather(*calls)
    assert Counter(result.status for result in results) == {200: 200}
    assert world.grants == ["authorization_code", "refresh_token"]
    assert store.load("mine").state is ConnectionState.READY


# -- threads and the Python API


@pytest.fixture
def standing() -> Iterator[World]:
    """The world in threads of its own, for callers without an event loop."""
    made = World()
    with listen_in_thread(made.app) as made.origin, listen_in_thread(made.inventory_app()) as made.inventory:
        yield made


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ConnectionStore:
    """The user's own store."""
    monkeypatch.setenv("TIELINE_HOME", str(tmp_path / "home"))
    return default_store()


def test_threads_share_one_renewal(standing: World, own_home: ConnectionStore, tmp_path: Path) -> None:
    """Calls of the Python API in many threads with one ended connection cause one renewal."""
    folder = written(tmp_path / "Inventory", standing.inventory, "oauth2")
    asyncio.run(connected(standing, own_home, load_connector(folder), grant="client_credentials"))
    expire("mine", own_home)
    connector = tieline.load(folder, connection="mine")
    found: list[int | None] = []
    threads = [threading.Thread(target=lambda: found.append(connector.call("GetProducts").status)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == [200] * 20
    assert standing.grants == ["client_credentials"] * 2


async def test_loaded_with_a_connection(world: World, own_home: ConnectionStore, tmp_path: Path) -> None:
    """``tieline.load(path, connection=…)`` calls with what is kept, and renews and keeps what ends."""
    folder = written(tmp_path / "Inventory", world.inventory, "oauth2")
    await connected(world, own_home, load_connector(folder))
    connector = tieline.load(folder, connection="MINE")
    async with tieline.Transport() as transport:
        assert (await connector.call_async("GetProducts", transport=transport)).status == 200
        before = own_home.load("mine").connection.grant
        expire("mine", own_home)
        assert (await connector.using(pages=1).call_async("GetProducts", transport=transport)).status == 200
    assert own_home.load("mine").connection.grant != before
    with pytest.raises(tieline.DocumentError, match="no connection"):
        _ = tieline.load(folder, connection="nobody").session


async def test_a_missing_credential_names_connections(world: World, own_home: ConnectionStore, tmp_path: Path) -> None:
    """A call without credential says which connections of this connector there are."""
    folder = written(tmp_path / "Inventory", world.inventory, "oauth2")
    with pytest.raises(ServiceError) as before:
        await tieline.load(folder).call_async("GetProducts")
    assert before.value.finding.remedy == "sign in: tieline connect; or add --set token=VALUE"
    await connected(world, own_home, load_connector(folder))
    with pytest.raises(ServiceError) as error:
        await tieline.load(folder).call_async("GetProducts")
    assert error.value.finding.remedy.endswith("add --set token=VALUE, or --connection mine")


# -- attacks


def answers(location: str) -> Mapping[str, list[str]]:
    return parse_qs(urlsplit(location).query)


async def test_a_code_is_good_once(world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """A code that was used is taken by nobody: the receiver is gone, and the provider ends what it gave for it."""
    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "oauth2"))
    person = Person()
    await connected(world, store, connector, person)
    async with Transport() as transport:
        sent = await transport.send(Request(method="GET", url=person.landed[0]))
    assert sent.reply is None
    redirect, code = person.landed[0].partition("?")[0], answers(person.landed[0])["code"][0]
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
    reply = await submitted(f"{world.origin}/oauth/token", **fields, client_id=CLIENT, client_secret=SECRET)
    assert (reply.status, json.loads(reply.body)["error"]) == (400, "invalid_grant")
    result = await called(world, store, connector)
    assert [finding.rule for finding in result.errors] == ["sign-in-refused"]
    assert store.load("mine").state is ConnectionState.BROKEN


Attack = Callable[[str], dict[str, Any]]

ATTACKS: dict[str, tuple[dict[str, Any], str]] = {
    "a page": ({"html_reply": True}, "sign-in-reply"),
    "a reply without end": ({"endless_reply": True}, "sign-in-unreachable"),
    "a redirect to a file": ({"token_redirect": "file:///etc/passwd"}, "sign-in-reply"),
    "a redirect to metadata": ({"token_redirect": "http://169.254.169.254/latest/meta-data/"}, "sign-in-reply"),
    "a redirect to another host": ({"token_redirect": "{thief}/token"}, "sign-in-reply"),
    "another state": ({"wrong_state": True}, "sign-in-timeout"),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_hostile_provider(attack: str, world: World, store: ConnectionStore, tmp_path: Path) -> None:
    """A provider that answers so gives a clear error, gets no secret to another place, and no connection is kept; at a
    renewal the connection stays as it was."""
    quirks, rule = ATTACKS[attack]
    stolen: list[bytes] = []

    async def thief(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        stolen.append((await receive()).get("body", b""))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    connector = load_connector(written(tmp_path / "Inventory", world.inventory, "oauth2"))
    async with listen(thief) as elsewhere:
        quirks = {
            name: value.format(thief=elsewhere) if isinstance(value, str) else value for name, value in quirks.items()
        }
        normal, hostile = world.state.quirks, load_identity().Quirks(**quirks)
        world.state.quirks = hostile
        with pytest.raises(ServiceError) as error:
            await connected(world, store, connector, wait=1)
        assert error.value.finding.rule == rule
        assert error.value.finding.remedy
        assert store.names() == ()
        world.state.quirks = normal
        await connected(world, store, connector)
        world.time += 3601
        world.state.quirks = hostile
        result = await called(world, store, connector)
        assert [finding.rule for finding in result.errors] == ([] if rule == "sign-in-timeout" else [rule])
        assert store.load("mine").state is ConnectionState.READY
        world.state.quirks = normal
        assert (await called(world, store, connector)).status == 200
    assert stolen == []


async def test_another_redirect_url_is_refused(world: World) -> None:
    """The provider sends nobody to an address that is not registered, so a changed one gets no code."""
    query = {"response_type": "code", "client_id": CLIENT, "redirect_uri": "http://evil.example/redirect", "state": "s"}
    url = f"{world.origin}/oauth/authorize?{urlencode(query)}"
    reply = await submitted(url, username=USER, password=PASSWORD, answer="allow")
    assert (reply.status, reply.header("location")) == (400, None)
