"""One run of everything that writes, with secrets that are known; then all that was written is searched for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tieline.app.example import inventory_folder, load_identity, load_inventory
from tieline.model.secret import forms_of
from tieline.net.listener import listen_in_thread

sys.path.insert(0, str(Path(__file__).parent))

from trigger_world import serving

CLIENT, USER, TENANT = "the-app", "ann", "contoso.test"

KEY = 'k3y/of+the=api&"x'
WRONG_KEY = 'wr0ng/k3y+of=the&api"x'
SECRET = 'cl1ent/s3cret+of=the&"app'
PASSWORD = 'p4ss/w0rd+of=the&"user ü'
VAULT = 'v4ult/k3y+of=the&"home'
NEXT_VAULT = 'n3xt/vault+k3y=of&"home'
SIGNING = 's1gning/k3y+of=the&"hooks'
ID_TOKEN = "eyJpZC10b2tlbg.eyJzdWIiOiJhbm4ifQ.s1gnature-of-the-id-token"

SEEDED = (KEY, WRONG_KEY, SECRET, f"{CLIENT}:{SECRET}", PASSWORD, VAULT, NEXT_VAULT, SIGNING, ID_TOKEN)

OAUTH = {
    "oauth": ("oauth2", {"authorizationUrl": "/oauth/authorize", "tokenUrl": "/oauth/token"}, ["read", "write"]),
    "entra": ("aad", {"loginUri": "", "tenantId": TENANT, "enableOnbehalfOfLogin": "true"}, []),
}
"""Provider, custom parameters (paths get the server in front) and scopes."""


class WithIdTokens:
    """An app whose token replies have an id token, too."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        held: list[MutableMapping[str, Any]] = []

        async def sending(message: MutableMapping[str, Any]) -> None:
            if not scope.get("path", "").endswith("/token"):
                await send(message)
            elif message["type"] == "http.response.start":
                held.append(message)
            else:
                body = message["body"].replace(
                    b'{"access_token"', b'{"id_token":"%s","access_token"' % ID_TOKEN.encode()
                )
                kept = [pair for pair in held[0]["headers"] if pair[0] != b"content-length"]
                await send({**held[0], "headers": [*kept, (b"content-length", b"%d" % len(body))]})
                await send({**message, "body": body})

        await self._app(scope, receive, sending)


@dataclass
class House:
    """Servers, folders and everything that was said."""

    path: Path
    origin: str
    inventory: str
    state: Any
    said: list[bytes] = field(default_factory=list)
    assertion: str = field(default="", repr=False)
    """Somebody's token for the app itself."""

    @property
    def home(self) -> Path:
        return self.path / "home"

    @property
    def work(self) -> Path:
        """Where the person works; nothing of the test's own is in it."""
        return self.path / "work"

    @property
    def env(self) -> dict[str, str]:
        secrets = {"KEY": KEY, "WRONG": WRONG_KEY, "SECRET": SECRET, "PASSWORD": PASSWORD, "SIGNING": SIGNING}
        own = {"TIELINE_HOME": str(self.home), "TIELINE_KEY": VAULT, "NEXT": NEXT_VAULT, "ASSERTION": self.assertion}
        return {**os.environ, **secrets, **own}

    @property
    def env_of_server(self) -> dict[str, str]:
        return {name: value for name, value in self.env.items() if name not in os.environ and name != "TIELINE_HOME"}

    def __call__(self, *words: str | Path, code: int = 0, **env: str) -> bytes:
        """Runs a command in the work folder; what it says is kept."""
        done = subprocess.run(
            [sys.executable, "-m", "tieline", *map(str, words)],
            cwd=self.work,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        self.said += [done.stdout, done.stderr]
        assert done.returncode == code, (words, done.stderr)
        return done.stdout

    def attended(self, *words: str, mark: bytes, act: Callable[[str], None]) -> None:
        """Runs a command, and does what a person does on the first line with a mark."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tieline", *words],
            cwd=self.work,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        for line in process.stderr:
            self.said.append(line)
            if mark in line:
                act(line.decode().strip())
                break
        out, talk = process.communicate(timeout=60)
        self.said += [out, talk]
        assert process.returncode == 0, (words, talk)

    @property
    def given(self) -> tuple[str, ...]:
        """What the identity server gave away."""
        records = self.state.records
        return (*records.codes, *records.accesses, *records.refreshes, *records.devices)


def posted(url: str, **fields: str) -> bytes:
    """A form as a browser sends it, redirects followed."""
    with urlopen(Request(url, urlencode(fields).encode())) as reply:
        data: bytes = reply.read()
        return data


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The servers, and a work folder with the descriptions of the API."""
    path = tmp_path_factory.mktemp("house")
    module = load_identity()
    client = module.Client(id=CLIENT, secret=SECRET, scopes=("read", "write"))
    options = module.IdentityOptions(
        clients=(client,), users=(module.User(name=USER, password=PASSWORD),), device_interval=0.05
    )
    app = module.create_app(options)
    with listen_in_thread(WithIdTokens(app)) as origin:
        api = load_inventory().create_app(api_key=KEY, bearer=app.state.identity.bearer, identity_url=origin)
        with listen_in_thread(api) as inventory:
            made = House(path=path, origin=origin, inventory=inventory, state=app.state.identity)
            made.work.mkdir()
            yield made


def folder(house: House, name: str, scheme: dict[str, str], parameters: dict[str, Any]) -> None:
    """The Inventory as a connector, with this sign-in."""
    example = inventory_folder()
    assert example is not None
    house("import", f"{house.inventory}/openapi.yaml", "-o", name)
    definition = json.loads((house.work / name / "apiDefinition.swagger.json").read_text(encoding="utf-8"))
    definition["securityDefinitions"] = {"way": scheme}
    definition["security"] = [{"way": []}]
    definition["x-ms-capabilities"] = {"testConnection": {"operationId": "GetProducts"}}
    (house.work / name / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
    properties = {"properties": {"connectionParameters": parameters}}
    (house.work / name / "apiProperties.json").write_text(json.dumps(properties), encoding="utf-8")


def oauth_folder(house: House, name: str) -> None:
    provider, custom, scopes = OAUTH[name]
    urls = {
        key: {"value": house.origin + value if key.endswith(("Url", "Uri")) else value} for key, value in custom.items()
    }
    resource = {"resourceUri": {"value": "api://inventory"}} if provider == "aad" else {}
    settings = {
        "identityProvider": provider,
        "clientId": CLIENT,
        "scopes": scopes,
        "customParameters": {**urls, **resource},
    }
    parameters = {"token": {"type": "oauthSetting", "oAuthSettings": settings}}
    folder(house, name, {"type": "oauth2", "flow": "accessCode"}, parameters)


def connect_all(house: House) -> None:
    """A connection by each way there is."""
    folder(
        house, "Keyed", {"type": "apiKey", "in": "header", "name": "X-API-Key"}, {"api_key": {"type": "securestring"}}
    )
    oauth_folder(house, "oauth")
    oauth_folder(house, "entra")
    trace, app = ("--trace", "--format", "json"), ("--client-secret", "env:SECRET")
    house("connect", "Keyed", "--secret", "api_key=env:KEY", *trace)
    house("connect", "Keyed", "--name", "wrong", "--secret", "api_key=env:WRONG", "--keep", code=1)
    house("connect", "Keyed", "--name", "no", "--secret", "api_key=env:WRONG", code=1)

    def sign_in(line: str) -> None:
        posted(line, username=USER, password=PASSWORD, answer="allow")

    def type_in(line: str) -> None:
        code = line.rpartition(" ")[2]
        posted(f"{house.origin}/device", username=USER, password=PASSWORD, answer="allow", user_code=code)

    browser = ("--no-browser", "--trace", "--wait", "30")
    house.attended("connect", "oauth", *app, *browser, mark=b"state=", act=sign_in)
    house.attended("connect", "entra", *app, *browser, "--pkce", mark=b"state=", act=sign_in)
    device = ("--grant", "device_code", "--name", "device", "--trace")
    house.attended("connect", "entra", *app, *device, mark=b"and type", act=type_in)
    house("connect", "entra", *app, "--grant", "client_credentials", "--name", "app", *trace)
    person = ("--set", f"username={USER}", "--secret", "password=env:PASSWORD")
    house("connect", "entra", *app, "--grant", "password", *person, "--name", "person", *trace)
    mine = {"client_id": CLIENT, "client_secret": SECRET, "resource": CLIENT}
    reply = posted(
        f"{house.origin}/{TENANT}/oauth2/token", grant_type="password", username=USER, password=PASSWORD, **mine
    )
    house.assertion = json.loads(reply)["access_token"]
    behalf = ("--grant", "on_behalf_of", "--secret", "assertion=env:ASSERTION", "--name", "behalf")
    house("connect", "entra", *app, *behalf, *trace)
    house("connect", "oauth", "--token", "env:ASSERTION", "--name", "given", "--keep", code=0)
    house(
        "connect",
        "oauth",
        "--name",
        "bad",
        "--client-secret",
        "env:WRONG",
        "--grant",
        "client_credentials",
        "--debug",
        code=3,
    )


def call_all(house: House) -> None:
    """Calls that work and calls that fail, with everything that can be said of them."""
    for name, connector in (
        ("Keyed", "Keyed"),
        ("given", "oauth"),
        ("oauth", "oauth"),
        *((one, "entra") for one in ENTRA),
    ):
        if connector == "entra" or name == "oauth":
            house("connections", "expire", name)
        form = "json" if name in ("oauth", "app") else "text"
        more = ("--connection", name, "--trace", "--har", f"{name}.har", "--format", form)
        house("call", "GetProducts", connector, "limit=1", *more)
    house("connections", "refresh", "person")
    house("connections", "test", "behalf", "--format", "json")
    house("connections", "show", "Keyed")
    house("connections", "show", "behalf", "--format", "json")
    wrong = ("call", "GetProducts", "Keyed", "--connection", "wrong", "--trace", "--har", "wrong.har")
    house(*wrong, code=1)
    house(*wrong, "--format", "json", code=1)
    house(
        "call", "GetProducts", "Keyed", "--connection", "Keyed", "--server", "http://127.0.0.1:9/v1", "--trace", code=3
    )
    house("call", "GetProducts", "Keyed", "--secret", "api_key=env:WRONG", "--trace", "limit=x", code=2)
    house("call", "Nothing", "Keyed", "--connection", "Keyed", code=2)
    house("call", "CreateProduct", "Keyed", "name=x", "category=Tools", "price=1", "--connection", "Keyed", "--trace")


ENTRA = ("entra", "device", "app", "person", "behalf")


def serve_all(house: House) -> None:
    """Triggers with a webhook, a poll and receivers that take and that refuse."""
    signed = ("--secret", "env:SIGNING")
    with serving(house.work / "Keyed", "--port", "0", home=house.home, **house.env_of_server) as server:
        server.wait_for(b"triggers on")
        on = ("triggers", "enable", "CreateWebhook", "Keyed", "eventType=created", "--connection", "Keyed")
        house(*on, "--name", "hook", "--to", "http://127.0.0.1:9/take", *signed, "--max-age", "0")
        more = ("PollForNewItems", "oauth", "--connection", "oauth", "--name", "poll")
        house("triggers", "enable", *more, "--to", f"{sys.executable} -c pass")
        body = house.path / "body.json"
        body.write_text('{"id": "1"}', encoding="utf-8")
        house("triggers", "fire", "hook", "--body", body)
        house("triggers", "fire", "poll", "--now")
        server.wait_for(b"dead-letter")
        for words in (("list",), ("show", "hook", "--format", "json"), ("events",), ("dead", "--format", "json")):
            house("triggers", *words)
        gateway = json.loads((house.home / "serve.json").read_text(encoding="utf-8"))["address"]
        for name, connector in (("Keyed", "Keyed"), ("wrong", "Keyed"), ("oauth", "oauth")):
            house.said.append(got(f"{gateway}/apim/{connector}/{name}/products?limit=1"))
        house.said += [got(f"{gateway}/health"), got(f"{gateway}/metrics")]
        house("triggers", "disable", "hook")
    house.said.append(server.said)


def got(url: str) -> bytes:
    """The body at an address, whatever the status is."""
    from urllib.error import HTTPError

    try:
        with urlopen(url) as reply:
            data: bytes = reply.read()
    except HTTPError as error:
        with error:
            data = error.read()
    return data


def look_at_all(house: House) -> None:
    """All that only looks, and the rest that writes."""
    with mocking(house) as address:
        house("call", "GetProducts", "Keyed", "--connection", "Keyed", "--server", f"{address}/v1", "--trace")
        house.said.append(got(f"{address}/.tieline/requests"))
    house("import", f"{house.inventory}/openapi.yaml", "-o", "Keyed")
    house("connections", "list")
    house("connections", "list", "--format", "json")
    house("connections", "rename", "given", "other")
    house("doctor")
    house("doctor", "--format", "json")
    house("show", "oauth")
    assert house.state.revoke(USER) > 0
    house("connections", "refresh", "oauth", code=3)
    house("call", "GetProducts", "oauth", "--connection", "oauth", code=3)
    house("connections", "rotate-key", "--new-key", "env:NEXT")
    house("connections", "list", code=1)
    house("connections", "list", TIELINE_KEY=NEXT_VAULT)
    house("connections", "remove", "other", "--yes", TIELINE_KEY=NEXT_VAULT)


@contextmanager
def mocking(house: House) -> Iterator[str]:
    """``tieline mock``; what it says is kept."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tieline", "mock", "Keyed", "--port", "0"],
        cwd=house.work,
        env=house.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    assert process.stdout is not None
    line = ""
    while "http://127.0.0.1:" not in line:
        line = process.stderr.readline().decode()
        assert line, "the mock did not start"
    house.said.append(line.encode())
    try:
        yield "http://127.0.0.1:" + line.partition("http://127.0.0.1:")[2].split("/")[0].split()[0]
    finally:
        process.terminate()
        house.said += process.communicate(timeout=30)


def found(secrets: Iterable[str], data: bytes) -> list[str]:
    """Those that are in some bytes, in any form in which they may be written."""
    text = data.decode("utf-8", "surrogateescape")
    return [secret for secret in secrets if any(form in text for form in forms_of(secret))]


def leaks(house: House) -> dict[str, list[str]]:
    """Where a secret is: files below the home and the work folder, and what was said."""
    secrets = (*SEEDED, *house.given, house.assertion)
    places = {"said": b"\n".join(house.said)}
    for file in (*house.home.rglob("*"), *house.work.rglob("*")):
        if file.is_file():
            places[str(file)] = file.read_bytes()
    return {place: inside for place, data in places.items() if (inside := found(secrets, data))}


@pytest.mark.skipif(sys.platform == "win32", reason="a process is not asked to end there")
def test_nothing_that_was_written_holds_a_secret(house: House) -> None:
    """Connections by each grant, calls, files, triggers, mock and everything said: no secret in any form anywhere."""
    connect_all(house)
    call_all(house)
    serve_all(house)
    look_at_all(house)
    assert len(house.given) >= 15
    assert len(list((house.home / "connections").glob("*.json"))) >= 8
    assert len(list(house.work.rglob("*.har"))) >= 8
    assert leaks(house) == {}


def test_the_search_finds_what_is_there(house: House) -> None:
    """Each secret is found in plain, in URLs, JSON and base64."""
    import base64
    from urllib.parse import quote

    for secret in SEEDED:
        for form in (secret, quote(secret, safe=""), json.dumps(secret), base64.b64encode(secret.encode()).decode()):
            assert found([secret], f"before {form} after".encode()) == [secret]
    assert found(SEEDED, b"nothing of the kind") == []
