"""Making connections: questions, ways to sign in, the test, the store; against real servers on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tieline.app.call import Session
from tieline.app.connect import Connected, ConnectOptions, connect_async
from tieline.app.connection_check import Verdict
from tieline.app.load import load_connector
from tieline.app.sign_in import Notice, SignInOptions
from tieline.auth.form import Question
from tieline.model import Connector, DocumentError, Request, Secret, ServiceError
from tieline.net.listener import listen
from tieline.net.transport import Transport
from tieline.pipeline import Options
from tieline.store.connections import ConnectionStore
from tieline.store.key import Key

SECRETS = {
    "access": "acc3ss-token-of-the-provider",
    "refresh": "r3fresh-token-of-the-provider",
    "code": "c0de-of-the-sign-in",
    "client": "cl1ent-secret-of-the-app",
    "password": "passw0rd-of-the-person",
    "key": "k3y-of-the-api",
    "assertion": "assert1on-of-the-caller",
}
"""None of these may be in what a person or a file is shown."""

TOKENS = {
    "access_token": SECRETS["access"],
    "refresh_token": SECRETS["refresh"],
    "expires_in": 3600,
    "token_type": "Bearer",
}


@dataclass
class Provider:
    """An identity provider and an API that takes its tokens, which do as a test says."""

    token: Callable[[dict[str, str]], Response] = lambda form: JSONResponse(TOKENS)
    api_status: int = 200
    interval: float = 3
    """Seconds between two polls for a device code."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The forms of token requests."""
    called: list[str] = field(default_factory=list)
    """The ``Authorization`` of calls."""
    origin: str = ""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/{tenant}/oauth2/token", self._token, methods=["POST"]),
                Route("/device", self._device, methods=["POST"]),
                Route("/items", self._items),
            ]
        )

    async def _token(self, request: Asked) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.asked.append(form)
        return self.token(form)

    async def _device(self, request: Asked) -> Response:
        return JSONResponse(
            {
                "device_code": SECRETS["code"],
                "user_code": "WDJB-MJHT",
                "verification_uri": f"{self.origin}/activate",
                "interval": self.interval,
                "expires_in": 60,
            }
        )

    async def _items(self, request: Asked) -> Response:
        self.called.append(request.headers.get("authorization", "") or request.headers.get("x-key", ""))
        return JSONResponse({"error": {"message": "no"}} if self.api_status >= 400 else [], self.api_status)


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider()
    async with listen(made.app) as origin:
        made.origin = origin
        yield made


@pytest.fixture
def store(tmp_path: Path) -> ConnectionStore:
    key = Key.random()
    return ConnectionStore(tmp_path / "home", lambda: key)


def oauth_properties(origin: str, **settings: Any) -> dict[str, Any]:
    urls = {"authorizationUrl": f"{origin}/authorize", "tokenUrl": f"{origin}/token", "refreshUrl": f"{origin}/token"}
    custom = {name: {"value": url} for name, url in {**urls, **settings.pop("custom", {})}.items()}
    oauth = {"identityProvider": "oauth2", "clientId": "the-app", "scopes": ["read"], "customParameters": custom}
    return {"token": {"type": "oauthSetting", "oAuthSettings": {**oauth, **settings}}}


Make = Callable[..., Connector]


@pytest.fixture
def connector(tmp_path: Path, provider: Provider) -> Make:
    """Makes a connector of connection parameters (or sets); without any, one that signs in by OAuth."""

    def make(parameters: Mapping[str, Any] | None = None, *, sets: Any = None, test: bool = True) -> Connector:
        folder = tmp_path / "Items"
        folder.mkdir(exist_ok=True)
        parameters = oauth_properties(provider.origin) if parameters is None else parameters
        key = any(value.get("type") == "securestring" for value in parameters.values())
        scheme = (
            {"type": "apiKey", "in": "header", "name": "X-Key"} if key else {"type": "oauth2", "flow": "accessCode"}
        )
        definition = {
            "swagger": "2.0",
            "info": {"title": "Items", "version": "1"},
            "host": urlsplit(provider.origin).netloc,
            "schemes": ["http"],
            "paths": {"/items": {"get": {"operationId": "ListItems", "responses": {"200": {"description": ""}}}}},
            "securityDefinitions": {"way": scheme},
        }
        if test:
            definition["x-ms-capabilities"] = {"testConnection": {"operationId": "ListItems"}}
        (folder / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
        properties: dict[str, Any] = {"connectionParameters": parameters}
        if sets is not None:
            properties["connectionParameterSets"] = sets
        (folder / "apiProperties.json").write_text(json.dumps({"properties": properties}), encoding="utf-8")
        return load_connector(folder)

    return make


@dataclass
class Person:
    """Answers questions, and does in a browser what a test says."""

    answers: Mapping[str, str] = field(default_factory=dict)
    browse: Callable[[str], Awaitable[None]] | None = None
    questions: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def ask(self, question: Question) -> str:
        self.questions.append(question.name)
        return self.answers.get(question.name, "")

    def show(self, notice: Notice) -> None:
        self.notices.append(notice)
        if notice.kind == "open" and self.browse is not None:
            self.tasks.append(asyncio.ensure_future(self.browse(notice.url)))

    @property
    def said(self) -> str:
        return "\n".join(notice.text for notice in self.notices if notice.kind != "open")


async def visit(url: str) -> int:
    """A GET as a browser would send it, redirects followed."""
    async with Transport() as transport:
        sent = await transport.send(Request(method="GET", url=url))
        assert sent.reply is not None
        location = sent.reply.header("location")
        if location is not None:
            parts = urlsplit(url)
            return await visit(f"{parts.scheme}://{parts.netloc}{location}")
        return sent.reply.status


async def allow(url: str) -> None:
    """Sign in and allow."""
    await visit(answer_of(url, code=SECRETS["code"]))


def answer_of(url: str, **fields: str) -> str:
    """The redirect with which a provider answers a sign-in."""
    query = parse_qs(urlsplit(url).query)
    return f"{query['redirect_uri'][0]}?{urlencode({'state': query['state'][0], **fields})}"


HEADLESS = SignInOptions(browser=False, wait=10)


@pytest.fixture
def connecting(store: ConnectionStore) -> Callable[..., Awaitable[Connected]]:
    async def run(
        connector: Connector, person: Person | None = None, *, asked: bool = False, **options: Any
    ) -> Connected:
        person = person or Person()
        options.setdefault("sign_in", HEADLESS)
        clock = options.pop("clock", None)
        made = await connect_async(
            connector, ConnectOptions(**options), person.ask if asked else None, person.show, store, clock=clock
        )
        for task in person.tasks:
            await task
        return made

    return run


Connecting = Callable[..., Awaitable[Connected]]


# -- signing in


async def test_in_the_browser(
    connector: Make, connecting: Connecting, provider: Provider, store: ConnectionStore
) -> None:
    """A sign-in in the browser gives a connection that calls; the exact redirect URL was shown before."""
    person = Person(browse=allow)
    made = await connecting(connector(), person, values={"client_secret": SECRETS["client"]})
    assert (made.works, made.check and made.check.verdict) == (True, Verdict.WORKS)
    assert provider.called == [f"Bearer {SECRETS['access']}"]
    kinds = [notice.kind for notice in person.notices]
    assert kinds.index("register") < kinds.index("open")
    registered = next(notice.url for notice in person.notices if notice.kind == "register")
    assert provider.asked[0]["redirect_uri"] == registered
    assert provider.asked[0]["code"] == SECRETS["code"]
    stored = store.load("Items")
    assert stored.connection.grant is not None
    assert stored.connection.grant.type == "authorization_code"
    assert stored.connection.login is not None
    assert stored.connection.login.client_secret == Secret(SECRETS["client"])
    assert stored.folder.endswith("Items") is False  # no folder was named


@pytest.mark.parametrize(("pkce", "sent"), [(False, False), (True, True)])
async def test_proof_key(pkce: bool, sent: bool, connector: Make, connecting: Connecting, provider: Provider) -> None:
    """A proof key is sent when it is asked for: its hash with the sign-in, itself with the code."""
    urls: list[str] = []

    async def browse(url: str) -> None:
        urls.append(url)
        await allow(url)

    await connecting(connector(), Person(browse=browse), sign_in=replace(HEADLESS, pkce=pkce))
    query = parse_qs(urlsplit(urls[0]).query)
    assert ("code_challenge" in query) is sent
    assert ("code_verifier" in provider.asked[0]) is sent
    if sent:
        assert 43 <= len(provider.asked[0]["code_verifier"]) <= 128


async def test_state_is_new_each_time(connector: Make, connecting: Connecting) -> None:
    """Every sign-in has a state of its own with at least 256 bits."""
    states = []

    async def browse(url: str) -> None:
        states.append(parse_qs(urlsplit(url).query)["state"][0])
        await allow(url)

    for _ in range(2):
        await connecting(connector(), Person(browse=browse), replace=True)
    assert states[0] != states[1]
    assert min(map(len, states)) >= 43


async def test_denied(connector: Make, connecting: Connecting, store: ConnectionStore) -> None:
    """A person who does not allow it ends the sign-in with the provider's words; nothing is kept."""

    async def deny(url: str) -> None:
        await visit(answer_of(url, error="access_denied", error_description="you said no"))

    with pytest.raises(ServiceError, match="you said no") as error:
        await connecting(connector(), Person(browse=deny))
    assert error.value.finding.rule == "sign-in-refused"
    assert store.names() == ()


async def test_redirects_of_others(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """A redirect with a wrong state gets an error page and does not end the sign-in; the replayed code is refused."""
    statuses = []

    async def attacked(url: str) -> None:
        good = answer_of(url, code=SECRETS["code"])
        for bad in (answer_of(url, code="evil", state="guess"), good.replace("state", "other")):
            statuses.append(await visit(bad))
        statuses.append(await visit(good))

    await connecting(connector(), Person(browse=attacked))
    assert statuses == [400, 400, 200]
    assert [form["code"] for form in provider.asked] == [SECRETS["code"]]


async def test_nobody_signs_in(connector: Make, connecting: Connecting) -> None:
    """Waiting ends after the time that was said."""
    with pytest.raises(ServiceError) as error:
        await connecting(connector(), sign_in=SignInOptions(browser=False, wait=0.05))
    assert error.value.finding.rule == "sign-in-timeout"


async def test_pasted(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """The address copied from a browser elsewhere is as good as a redirect; one of another sign-in is refused."""
    person = Person()
    person.answers = PastedAnswers(person)
    made = await connecting(connector(), person, asked=True, sign_in=replace(HEADLESS, paste=True))
    assert made.works
    assert provider.asked[0]["code"] == SECRETS["code"]
    wrong = Person(answers={"redirected": "http://127.0.0.1/redirect?code=x&state=y"})
    with pytest.raises(ServiceError) as error:
        await connecting(connector(), wrong, asked=True, replace=True, sign_in=replace(HEADLESS, paste=True))
    assert error.value.finding.rule == "wrong-state"
    with pytest.raises(DocumentError):
        await connecting(connector(), name="b", sign_in=replace(HEADLESS, paste=True))


class PastedAnswers(dict[str, str]):
    """Answers the question for the redirected address from the address that was shown."""

    def __init__(self, person: Person) -> None:
        super().__init__()
        self.person = person

    def get(self, key: str, default: Any = None) -> Any:
        if key != "redirected":
            return default
        url = next(notice.url for notice in self.person.notices if notice.kind == "open")
        return answer_of(url, code=SECRETS["code"])


async def test_a_registered_redirect(
    connector: Make, connecting: Connecting, provider: Provider, free_port: int
) -> None:
    """A fixed port and a registered URL are used exactly as they are."""
    await connecting(connector(), Person(browse=allow), sign_in=replace(HEADLESS, redirect_port=free_port))
    url = f"http://localhost:{free_port}/cb/here"
    await connecting(connector(), Person(browse=allow), replace=True, sign_in=replace(HEADLESS, redirect_url=url))
    assert [form["redirect_uri"] for form in provider.asked] == [f"http://127.0.0.1:{free_port}/redirect", url]
    both = replace(HEADLESS, redirect_url=url, redirect_port=free_port)
    with pytest.raises(DocumentError, match="are both given"):
        await connecting(connector(), name="b", sign_in=both)


@pytest.fixture
def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("Global", ["https://global.consent.azure-apim.net/redirect", "global-test"]),
        ("GlobalPerConnector", ["https://global.consent.azure-apim.net/redirect/NAME", "first save", "global-test"]),
        ("Direct", ['redirect mode "direct" registers is not documented', "global-test"]),
    ],
)
async def test_what_to_register_for_the_platform(
    mode: str, words: list[str], connector: Make, connecting: Connecting, provider: Provider
) -> None:
    """The person is told what to register for the platform, by the redirect mode."""
    person = Person(browse=allow)
    await connecting(connector(oauth_properties(provider.origin, redirectMode=mode)), person)
    for word in words:
        assert word in person.said


class FastClock:
    """A clock that passes when it is waited for."""

    def __init__(self) -> None:
        self.time = 100.0
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds

    def now(self) -> float:
        return self.time


def device_properties(provider: Provider) -> dict[str, Any]:
    return oauth_properties(provider.origin, custom={"deviceAuthorizationUrl": f"{provider.origin}/device"})


async def test_on_another_machine(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """A code is shown, and polls come at the provider's pace until the person has typed it."""
    replies = iter(["authorization_pending", "slow_down", "authorization_pending", ""])

    def token(form: dict[str, str]) -> Response:
        error = next(replies)
        return JSONResponse({"error": error}, 400) if error else JSONResponse(TOKENS)

    provider.token = token
    person, clock = Person(), FastClock()
    made = await connecting(
        connector(device_properties(provider)), person, clock=clock, sign_in=SignInOptions(grant="device_code")
    )
    assert made.works
    assert clock.waits == [3, 3, 8, 8]
    notice = next(notice for notice in person.notices if notice.kind == "code")
    assert notice.code == "WDJB-MJHT"
    assert "WDJB-MJHT" in notice.text


async def test_a_provider_that_is_away_for_a_while(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """While a person types the code the provider may be away some times; it is asked more slowly, and not for ever."""
    replies = iter([503, 503, 400, 503, 503, 503, 200])
    said = {200: TOKENS, 400: {"error": "authorization_pending"}, 503: {}}

    def token(form: dict[str, str]) -> Response:
        status = next(replies)
        return JSONResponse(said[status], status)

    provider.token = token
    provider.interval = 0.5
    clock, device = FastClock(), SignInOptions(grant="device_code")
    properties = device_properties(provider)
    assert (await connecting(connector(properties), clock=clock, sign_in=device)).works
    assert clock.waits == [0.5, 1, 2, 2, 4, 8, 16]
    provider.token = lambda form: JSONResponse({}, 503)
    clock = FastClock()
    with pytest.raises(ServiceError) as error:
        await connecting(connector(properties), name="b", clock=clock, sign_in=device)
    assert error.value.finding.rule == "sign-in-unavailable"
    assert len(clock.waits) == 4


async def test_nobody_types_the_code(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """Polling ends when the code does."""
    provider.token = lambda form: JSONResponse({"error": "authorization_pending"}, 400)
    clock = FastClock()
    with pytest.raises(ServiceError) as error:
        await connecting(
            connector(device_properties(provider)), clock=clock, sign_in=SignInOptions(grant="device_code")
        )
    assert error.value.finding.rule == "sign-in-timeout"
    assert clock.time <= 160


@pytest.mark.parametrize(
    ("grant", "values", "sent"),
    [
        ("client_credentials", {"client_secret": SECRETS["client"]}, {"client_secret": SECRETS["client"]}),
        (
            "password",
            {"username": "ann", "password": SECRETS["password"]},
            {"username": "ann", "password": SECRETS["password"]},
        ),
    ],
)
async def test_without_a_browser(
    grant: Any,
    values: dict[str, str],
    sent: dict[str, str],
    connector: Make,
    connecting: Connecting,
    provider: Provider,
) -> None:
    """Grants that need no browser take their answers from options."""
    made = await connecting(connector(), values=values, sign_in=SignInOptions(grant=grant))
    assert made.works
    assert provider.asked[0]["grant_type"] == grant
    assert sent.items() <= provider.asked[0].items()


def entra(**custom: str) -> dict[str, Any]:
    fields = {"loginUri": "https://login.microsoftonline.com", "tenantId": "common", "resourceUri": "api://x", **custom}
    oauth = {
        "identityProvider": "aad",
        "clientId": "the-app",
        "customParameters": {name: {"value": value} for name, value in fields.items()},
    }
    return {"token": {"type": "oauthSetting", "oAuthSettings": oauth}}


async def test_entra_id(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """Entra ID is given a redirect to ``localhost``, the one name that it takes over plain HTTP, and a resource."""
    made = await connecting(connector(entra()), Person(browse=allow), login_server=provider.origin)
    assert made.works
    assert provider.asked[0]["resource"] == "api://x"
    assert provider.asked[0]["redirect_uri"].startswith("http://localhost:")


async def test_on_behalf_of_a_caller(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """A caller's token is exchanged where the files allow it; without one the error names the option."""
    properties = entra(enableOnbehalfOfLogin="true")
    options = {"login_server": provider.origin, "sign_in": SignInOptions(grant="on_behalf_of")}
    with pytest.raises(DocumentError) as error:
        await connecting(connector(properties), **options)
    assert "--secret assertion=" in error.value.finding.remedy
    made = await connecting(connector(properties), values={"assertion": SECRETS["assertion"]}, **options)
    assert made.works
    assert provider.asked[0]["assertion"] == SECRETS["assertion"]
    assert made.stored.connection.login is not None
    assert made.stored.connection.login.assertion == Secret(SECRETS["assertion"])


async def test_asked_for_the_app(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """Id and secret of the app, user and password are asked for where nobody gave them."""
    properties = oauth_properties(provider.origin, clientId="[[clientId]]")
    answers = {
        "client_id": "me",
        "client_secret": SECRETS["client"],
        "username": "ann",
        "password": SECRETS["password"],
    }
    person = Person(answers=answers)
    await connecting(connector(properties), person, asked=True, sign_in=SignInOptions(grant="password"))
    assert person.questions == ["client_id", "client_secret", "username", "password"]
    assert provider.asked[0]["client_secret"] == SECRETS["client"]
    assert_hidden(person.said)


@pytest.mark.parametrize("written", ["{ClientSecret}", "[[clientSecret]]", "<<Enter your secret>>", ""])
async def test_a_secret_that_is_still_to_be_said(
    written: str, connector: Make, connecting: Connecting, provider: Provider
) -> None:
    """A placeholder in the place of the secret is asked for as a missing one is, and never sent."""
    person = Person(answers={"client_secret": SECRETS["client"]}, browse=allow)
    await connecting(connector(oauth_properties(provider.origin, clientSecret=written)), person, asked=True)
    assert person.questions == ["client_secret"]
    assert provider.asked[0]["client_secret"] == SECRETS["client"]


@pytest.mark.parametrize("grant", ["client_credentials", "password"])
async def test_a_grant_that_the_platform_does_not_have(grant: Any, connector: Make, connecting: Connecting) -> None:
    """A grant that was asked for is warned of as one of the files is."""
    values = {"username": "ann", "password": SECRETS["password"]} if grant == "password" else {}
    person = Person()
    made = await connecting(
        connector(), person, sign_in=SignInOptions(grant=grant), client_secret=Secret(SECRETS["client"]), values=values
    )
    assert [finding.rule for finding in made.findings] == ["grant-not-on-platform"]
    assert "warning: grant" in person.said
    assert "[grant-not-on-platform]" in person.said


async def test_beside_the_sign_in(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """Defaults of parameters beside the sign-in (``token:…``), hidden ones too, are kept with the connection and
    count."""
    custom = {"loginUri": "https://login.windows.net", "resourceUri": "api://x"}
    settings = {key: {"value": value} for key, value in custom.items()}
    oauth = {"identityProvider": "aad", "clientId": "me", "customParameters": settings}
    beside = {"token:TenantId": {**field_of(), "defaultValue": "contoso.test"}}
    hidden = {"token:grantType": {**field_of(hidden="true"), "defaultValue": "client_credentials"}}
    properties = {"token": {"type": "oauthSetting", "oAuthSettings": oauth}, **beside, **hidden}
    secret = Secret(SECRETS["client"])
    made = await connecting(connector(properties), login_server=provider.origin, client_secret=secret)
    held = {name: value.reveal() for name, value in made.stored.connection.values.items() if name != "token"}
    assert held == {"token:TenantId": "contoso.test", "token:grantType": "client_credentials"}
    assert provider.asked[0]["grant_type"] == "client_credentials"


async def test_no_refresh_token(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """A person's sign-in that nothing can renew is told of when it is made; an app's own is repeated."""
    kept = {name: value for name, value in TOKENS.items() if name != "refresh_token"}
    provider.token = lambda form: JSONResponse(kept)
    made = await connecting(connector(), Person(browse=allow))
    assert [finding.rule for finding in made.findings] == ["no-refresh-token"]
    assert "expires in 1 h" in made.findings[0].message
    alone = await connecting(
        connector(), name="b", sign_in=SignInOptions(grant="client_credentials"), client_secret=Secret("s3cret")
    )
    assert "no-refresh-token" not in [finding.rule for finding in alone.findings]


async def test_a_gateway(connector: Make, connecting: Connecting) -> None:
    """That there is no gateway here is said."""
    gateway = {"gateway": {"type": "gatewaySetting", "uiDefinition": {"constraints": {"capability": ["gateway"]}}}}
    person = Person()
    assert (await connecting(connector({**gateway, **KEY}), person, values={"api_key": SECRETS["key"]})).works
    assert "gateway exists on the platform only" in person.said


async def test_a_sign_in_that_may_be_left_out(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """An optional sign-in is asked about, left out when nothing speaks for it, and done when something does."""
    properties = oauth_properties(provider.origin)
    properties["token"]["uiDefinition"] = {"constraints": {"required": "false"}}
    made = connector(properties, test=False)
    assert (await connecting(made, name="a")).stored.connection.grant is None
    no = Person(answers={"sign-in": "no"})
    assert (await connecting(made, no, asked=True, name="b")).stored.connection.grant is None
    assert no.questions == ["sign-in"]
    yes = Person(answers={"sign-in": "yes"}, browse=allow)
    assert (await connecting(made, yes, asked=True, name="c")).stored.connection.grant is not None
    said = await connecting(made, Person(browse=allow), name="d", client_id="me")
    assert said.stored.connection.grant is not None
    assert provider.asked[-1]["client_id"] == "me"


async def test_a_grant_that_is_not_offered(connector: Make, connecting: Connecting) -> None:
    """A grant that the provider does not have is refused before anything is sent."""
    with pytest.raises(DocumentError) as error:
        await connecting(connector(), sign_in=SignInOptions(grant="device_code"))
    assert error.value.finding.rule == "grant-not-offered"


@pytest.mark.parametrize(
    "options",
    [{"client_id": "x"}, {"client_secret": Secret("x")}, {"login_server": "http://127.0.0.1:1"}, {"grant": "password"}],
    ids=lambda options: next(iter(options)),
)
async def test_a_sign_in_that_nobody_does(
    options: dict[str, Any], connector: Make, connecting: Connecting, provider: Provider
) -> None:
    """What is said of a sign-in is an error where there is none, and beside a token that is given."""
    grant = options.pop("grant", "")
    more = {**options, "sign_in": replace(HEADLESS, grant=grant)}
    with pytest.raises(DocumentError) as error:
        await connecting(connector(KEY), values={"api_key": SECRETS["key"]}, **more)
    assert error.value.finding.rule == "no-sign-in"
    with pytest.raises(DocumentError) as error:
        await connecting(connector(), token=Secret(SECRETS["access"]), **more)
    assert error.value.finding.rule == "bad-argument"
    assert provider.called == []


@pytest.mark.parametrize("how", ["option", "value"])
async def test_a_token_that_one_has(how: str, connector: Make, connecting: Connecting, provider: Provider) -> None:
    """A token is kept without any sign-in, also for a provider that only the platform has."""
    properties = oauth_properties(provider.origin, identityProvider="aadcertificate")
    with pytest.raises(DocumentError, match="Microsoft's own apps") as error:
        await connecting(connector(properties))
    assert "--token" in error.value.finding.remedy
    given = {"token": Secret(SECRETS["access"])} if how == "option" else {"values": {"token": SECRETS["access"]}}
    made = await connecting(connector(properties), **given)
    assert provider.called == [f"Bearer {SECRETS['access']}"]
    assert provider.asked == []
    assert made.stored.connection.grant is not None
    assert made.stored.connection.grant.type == "given"


async def test_login_server(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """Another origin takes the place of the provider's; the person and the trace are told."""
    properties = oauth_properties("https://login.example.com/")
    person = Person(browse=allow)
    urls = {"authorizationUrl": "https://login.example.com/authorize", "tokenUrl": "https://login.example.com/token"}
    custom = {name: {"value": url} for name, url in urls.items()}
    properties["token"]["oAuthSettings"]["customParameters"] = custom
    made = await connecting(connector(properties), person, login_server=f"{provider.origin}/")
    assert made.works
    told = next(notice.text for notice in person.notices if notice.kind == "login-server")
    assert provider.origin in told
    assert "https://login.example.com" in told
    traced = next(notice.text for notice in person.notices if notice.kind == "trace")
    assert f"from {provider.origin} in the provider's place" in traced
    assert made.stored.connection.login is not None
    assert made.stored.connection.login.server == provider.origin


# -- providers that do not behave


@pytest.mark.parametrize(
    ("reply", "rule", "words"),
    [
        (HTMLResponse("<html><title>Sign in here</title>"), "sign-in-reply", "Sign in here"),
        (JSONResponse({"error": "invalid_grant", "error_description": "no"}, 400), "sign-in-refused", "no"),
        (JSONResponse({"hello": 1}), "sign-in-reply", "access_token"),
        (RedirectResponse("http://169.254.169.254/latest"), "sign-in-reply", "redirect"),
        (Response(b"x" * 40_000_000), "sign-in-reply", ""),
        (JSONResponse({"access_token": ["a"]}), "sign-in-reply", "access_token"),
        (Response(status_code=503), "sign-in-unavailable", "503"),
    ],
    ids=["html", "refused", "no-token", "redirect", "huge", "list", "unavailable"],
)
async def test_a_provider_that_does_not_behave(
    reply: Response,
    rule: str,
    words: str,
    connector: Make,
    connecting: Connecting,
    provider: Provider,
    store: ConnectionStore,
) -> None:
    """Whatever a provider answers, the error says what came, holds no secret, and nothing is kept."""
    provider.token = lambda form: reply
    person = Person(browse=allow)
    with pytest.raises(ServiceError) as error:
        await connecting(connector(), person, values={"client_secret": SECRETS["client"]})
    assert error.value.finding.rule == rule
    assert words in error.value.finding.message
    assert_hidden(f"{error.value.finding}{person.said}")
    assert store.names() == ()


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://169.254.169.254/token", "http://example.com/token", "javascript:alert(1)"],
)
async def test_unsafe_addresses(url: str, connector: Make, connecting: Connecting, provider: Provider) -> None:
    """No address that a file leads to, but a web page's over TLS or one on this machine, is opened or asked."""
    for name in ("authorizationUrl", "tokenUrl"):
        person = Person(browse=allow)
        with pytest.raises(DocumentError) as error:
            await connecting(connector(oauth_properties(provider.origin, custom={name: url})), person)
        assert error.value.finding.rule == "unsafe-sign-in-url"
        assert not any(notice.kind == "open" for notice in person.notices)


async def test_a_provider_that_is_not_there(connector: Make, connecting: Connecting, free_port: int) -> None:
    """A provider that cannot be reached is an error of the network."""
    properties = oauth_properties(f"http://127.0.0.1:{free_port}")
    with pytest.raises(ServiceError) as error:
        await connecting(connector(properties), Person(browse=allow))
    assert error.value.finding.rule == "sign-in-unreachable"


# -- questions


KEY = {
    "api_key": {
        "type": "securestring",
        "uiDefinition": {"displayName": "Key", "constraints": {"required": "true"}},
    }
}


async def test_questions_of_the_form(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """What was given is not asked; the rest is."""
    person = Person(answers={"api_key": SECRETS["key"]})
    await connecting(connector(KEY), person, asked=True)
    assert person.questions == ["api_key"]
    quiet = Person()
    await connecting(connector(KEY), quiet, asked=True, values={"API Key": SECRETS["key"]}, name="b")
    assert quiet.questions == []
    assert provider.called == [SECRETS["key"]] * 2


def field_of(**constraints: Any) -> dict[str, Any]:
    return {"type": "string", "uiDefinition": {"constraints": constraints}}


FIELDS = {
    "api_key": {**KEY["api_key"], "uiDefinition": {"constraints": {"required": "true", "tabIndex": 9}}},
    "proxy": field_of(dependencies={"way": {"values": ["p"]}}, tabIndex=1),
    "way": field_of(allowedValues=[{"text": "Direct", "value": "d"}, {"text": "Proxy", "value": "p"}], tabIndex=2),
    "secretly": {**field_of(hidden="true"), "defaultValue": "made-up"},
    "region": {**field_of(tabIndex=3), "defaultValue": "eu"},
}


@pytest.mark.parametrize(
    ("way", "asked", "values"),
    [
        ("Direct", ["way", "region", "api_key"], {"way": "d", "region": "eu", "secretly": "made-up"}),
        (
            "p",
            ["way", "proxy", "region", "api_key"],
            {"way": "p", "proxy": "me", "region": "eu", "secretly": "made-up"},
        ),
    ],
)
async def test_fields_that_depend_on_others(
    way: str, asked: list[str], values: dict[str, str], connector: Make, connecting: Connecting
) -> None:
    """A field is asked for when it applies, after what decides it; hidden ones never are; defaults count."""
    person = Person(answers={"way": way, "proxy": "me", "api_key": SECRETS["key"]})
    made = await connecting(connector(FIELDS), person, asked=True)
    held = {name: secret.reveal() for name, secret in made.stored.connection.values.items()}
    assert held == {**values, "api_key": SECRETS["key"]}
    assert sorted(person.questions) == sorted(asked)
    assert "proxy" not in asked or person.questions.index("way") < person.questions.index("proxy")


async def test_given_answers_are_checked(connector: Make, connecting: Connecting) -> None:
    """A given answer must be one of the choices; a hidden field may be given."""
    given = {"api_key": SECRETS["key"], "way": "x"}
    with pytest.raises(DocumentError) as error:
        await connecting(connector(FIELDS), values=given)
    assert error.value.finding.rule == "not-an-allowed-value"
    made = await connecting(connector(FIELDS), values={**given, "way": "d", "secretly": "mine"})
    assert made.stored.connection.value("secretly") == "mine"


async def test_missing_without_anybody_to_ask(connector: Make, connecting: Connecting) -> None:
    """What is missing names the option to give it with."""
    with pytest.raises(DocumentError) as error:
        await connecting(connector(KEY))
    assert "--secret api_key=" in error.value.finding.remedy


async def test_an_answer_that_nothing_asks_for(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """A misspelt name is an error that suggests the right one, before anything is sent."""
    with pytest.raises(DocumentError, match="api_kee") as error:
        await connecting(connector(KEY), values={"api_key": "x", "api_kee": "y"})
    assert "api_key" in error.value.finding.remedy
    with pytest.raises(DocumentError, match="tennant") as spelt:
        await connecting(connector(), values={"tennant": "x"})
    assert "tenant" in spelt.value.finding.remedy
    custom = {"tokenUrl": f"{provider.origin}/{{tenant}}/oauth2/token"}
    with pytest.raises(DocumentError, match='nothing asks for "tenantt"') as missing:
        await connecting(connector(oauth_properties(provider.origin, custom=custom)), values={"tenantt": "x"})
    assert missing.value.finding.remedy == 'did you mean "tenant"?'
    assert (provider.asked, provider.called) == ([], [])


async def test_placeholders(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """Placeholders in sign-in URLs are questions, or options; so are client id and secret."""
    custom = {"tokenUrl": f"{provider.origin}/{{path}}", "authorizationUrl": f"{provider.origin}/{{Path}}/authorize"}
    properties = oauth_properties(provider.origin, custom=custom, clientId="{YOUR_CLIENT_ID}")
    person = Person(answers={"path": "token", "Path": "token", "YOUR_CLIENT_ID": "me", "client_id": "me"}, browse=allow)
    made = await connecting(connector(properties), person, asked=True)
    assert made.works
    assert provider.asked[0]["client_id"] == "me"
    with pytest.raises(DocumentError) as error:
        await connecting(connector(properties), name="b", client_id="me")
    assert "--set" in error.value.finding.remedy
    again = await connecting(
        connector(properties), Person(browse=allow), name="b", client_id="me", values={"PATH": "token"}
    )
    assert again.works


async def test_no_client_id(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """Without a client id the error says how to give one."""
    with pytest.raises(DocumentError) as error:
        await connecting(connector(oauth_properties(provider.origin, clientId="[[clientId]]")))
    assert error.value.finding.rule == "missing-client-id"
    assert "--client-id" in error.value.finding.remedy
    with pytest.raises(DocumentError) as error:
        await connecting(connector(oauth_properties(provider.origin, clientId="{YOUR_CLIENT_ID}")))
    assert error.value.finding.remedy == "add --client-id ID"


def two_sets(provider: Provider) -> Any:
    return {
        "uiDefinition": {"displayName": "Sign-in", "description": "How"},
        "values": [
            {
                "name": "oauth",
                "uiDefinition": {"displayName": "OAuth"},
                "parameters": oauth_properties(provider.origin),
            },
            {"name": "key", "uiDefinition": {"displayName": "Key"}, "parameters": KEY},
        ],
    }


async def test_parameter_sets(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """The set is asked for, named, or the one that what was given is for."""
    made = connector(KEY, sets=two_sets(provider))
    person = Person(answers={"parameter-set": "key", "api_key": SECRETS["key"]})
    assert (await connecting(made, person, asked=True)).stored.connection.parameter_set == "key"
    assert person.questions[0] == "parameter-set"
    given = await connecting(made, name="b", values={"api_key": SECRETS["key"]})
    assert given.stored.connection.parameter_set == "key"
    named = await connecting(made, Person(browse=allow), name="c", parameter_set="OAuth")
    assert named.stored.connection.parameter_set == "oauth"
    with pytest.raises(DocumentError, match="no parameter set"):
        await connecting(made, name="d", parameter_set="kee")
    with pytest.raises(DocumentError, match="no parameter set"):
        await connecting(connector(KEY), name="d", parameter_set="key", values={"api_key": SECRETS["key"]})


async def test_another_way(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """Where nobody named one of several ways, the error of the one that was taken names the others."""
    sets = two_sets(provider)
    sets["values"].reverse()
    with pytest.raises(DocumentError) as error:
        await connecting(connector(KEY, sets=sets))
    assert error.value.finding.rule == "missing-answer"
    assert error.value.finding.remedy.endswith("; or sign in another way: --parameter-set with one of oauth")
    sets["values"][1]["parameters"]["token"]["oAuthSettings"]["identityProvider"] = "aadcertificate"
    sets["values"].reverse()
    with pytest.raises(DocumentError) as error:
        await connecting(connector(KEY, sets=sets))
    assert error.value.finding.rule == "sign-in-not-local"
    assert error.value.finding.remedy.endswith("--parameter-set with one of key")
    with pytest.raises(DocumentError) as named:
        await connecting(connector(KEY, sets=sets), parameter_set="oauth")
    assert "--parameter-set" not in named.value.finding.remedy


# -- the test, the name, the store


@pytest.mark.parametrize(
    ("status", "options", "kept", "works", "verdict"),
    [
        (200, {}, True, True, Verdict.WORKS),
        (401, {}, False, False, Verdict.REFUSED),
        (403, {}, False, False, Verdict.REFUSED),
        (401, {"keep": True}, True, False, Verdict.REFUSED),
        (404, {}, True, False, Verdict.FAILED),
        (401, {"test": False}, True, True, None),
    ],
)
async def test_the_test_decides(
    status: int,
    options: dict[str, Any],
    kept: bool,
    works: bool,
    verdict: Verdict | None,
    connector: Make,
    connecting: Connecting,
    provider: Provider,
    store: ConnectionStore,
) -> None:
    """A connection that the service refuses is not kept unless that is asked for; any other failure is a warning."""
    provider.api_status = status
    made = await connecting(connector(KEY), values={"api_key": SECRETS["key"]}, **options)
    assert (made.kept, made.works, made.check and made.check.verdict) == (kept, works, verdict)
    assert store.names() == (("Items",) if kept else ())


async def test_no_operation_for_it(connector: Make, connecting: Connecting, provider: Provider) -> None:
    """A connector that declares no test says so, and the connection is kept."""
    made = await connecting(connector(KEY, test=False), values={"api_key": SECRETS["key"]})
    assert made.works
    assert made.check is not None
    assert "declares no operation" in made.check.said
    assert provider.called == []


async def test_names(connector: Make, connecting: Connecting, store: ConnectionStore) -> None:
    """A name that is taken is asked for, an error, or replaced; case does not count."""
    made = connector(KEY)
    values = {"api_key": SECRETS["key"]}
    await connecting(made, values=values)
    with pytest.raises(DocumentError) as error:
        await connecting(made, values=values)
    assert error.value.finding.rule == "name-taken"
    with pytest.raises(DocumentError):
        await connecting(made, name="ITEMS", values=values)
    await connecting(made, Person(answers={"name": "other"}), asked=True, values=values)
    await connecting(made, values={"api_key": "new"}, replace=True)
    assert store.names() == ("Items", "other")
    assert store.load("items").connection.value("api_key") == "new"


async def test_nobody_signs_in_for_nothing(
    connector: Make, connecting: Connecting, store: ConnectionStore, provider: Provider
) -> None:
    """Where the store cannot take the connection, that is said before the sign-in page is."""
    made = connector()
    await connecting(made, Person(browse=allow))
    file = next((store.home / "connections").iterdir())
    file.write_text(file.read_text(encoding="utf-8").replace('"state": "ready"', '"state": "broken"'), encoding="utf-8")
    person = Person(browse=allow)
    with pytest.raises(DocumentError) as error:
        await connecting(made, person, replace=True)
    assert error.value.finding.rule == "damaged-connection"
    assert [notice for notice in person.notices if notice.kind == "open"] == []
    assert len(provider.asked) == 1


async def test_a_name_that_is_taken_meanwhile(connector: Make, connecting: Connecting, store: ConnectionStore) -> None:
    """A connection that somebody made during the sign-in is not replaced by it."""
    made = connector()
    await connecting(made, Person(browse=allow), name="other")

    async def slow(url: str) -> None:
        store.rename("other", "ITEMS")
        await allow(url)

    with pytest.raises(DocumentError) as error:
        await connecting(made, Person(browse=slow))
    assert error.value.finding.rule == "name-taken"
    assert store.names() == ("ITEMS",)


async def test_it_calls(connector: Make, connecting: Connecting, store: ConnectionStore, provider: Provider) -> None:
    """The stored connection calls."""
    made = connector()
    await connecting(made, Person(browse=allow))
    session = Session(connector=made, connection=store.load("Items").connection, options=Options())
    async with Transport() as transport:
        assert (await session.call("ListItems", {}, transport)).ok
    assert provider.called == [f"Bearer {SECRETS['access']}"] * 2


async def test_no_secret_is_shown(connector: Make, connecting: Connecting, tmp_path: Path) -> None:
    """Neither notices, trace, JSON, representation nor any file that was written holds a secret."""
    person = Person(browse=allow)
    values = {"client_secret": SECRETS["client"]}
    made = await connecting(connector(), person, values=values)
    shown = person.said + json.dumps(made.json()) + repr(made) + repr(ConnectOptions(values=values))
    assert_hidden(shown)
    for file in (tmp_path / "home").rglob("*"):
        if file.is_file():
            assert_hidden(file.read_bytes().decode("latin-1"))


def assert_hidden(text: str) -> None:
    found = [name for name, secret in SECRETS.items() if secret in text]
    assert found == []
