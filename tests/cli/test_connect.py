"""``tieline connect`` as a user runs it: options, exit codes, prompts, the browser, nothing secret anywhere."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tieline.net.listener import listen_in_thread

KEY, TOKEN, CLIENT_SECRET, CODE = "k3y-of-the-api", "acc3ss-token", "cl1ent-secret", "c0de-of-the-sign-in"

FAKE_BROWSER = f"""#!{sys.executable}
import sys
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

query = parse_qs(urlsplit(sys.argv[2]).query)
refused = {{"error": "access_denied", "error_description": "not today"}}
answer = {{"code": {CODE!r}}} if sys.argv[1] == "allow" else refused
urlopen(query["redirect_uri"][0] + "?" + urlencode({{"state": query["state"][0], **answer}})).read()
"""
"""A browser whose person allows or denies at once."""


@dataclass
class Service:
    """An identity provider, and an API that takes a key or its tokens."""

    origin: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/items", self._items),
                Route("/", self._items),
            ]
        )

    async def _token(self, request: Request) -> Response:
        self.forms.append(dict(parse_qsl((await request.body()).decode())))
        return JSONResponse({"access_token": TOKEN, "expires_in": 600})

    async def _items(self, request: Request) -> Response:
        fine = KEY in request.headers.get("x-key", "") or request.headers.get("authorization") == f"Bearer {TOKEN}"
        return JSONResponse([] if fine else {"error": {"message": "who are you"}}, 200 if fine else 401)


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    made = Service()
    with listen_in_thread(made.app) as origin:
        made.origin = origin
        yield made


def definition(origin: str, scheme: dict[str, str]) -> dict[str, Any]:
    return {
        "swagger": "2.0",
        "info": {"title": "Items", "version": "1"},
        "host": urlsplit(origin).netloc,
        "schemes": ["http"],
        "paths": {"/items": {"get": {"operationId": "ListItems", "responses": {"200": {"description": ""}}}}},
        "securityDefinitions": {"way": scheme},
        "x-ms-capabilities": {"testConnection": {"operationId": "ListItems"}},
    }


PARAMETERS = {
    "kind": {
        "type": "string",
        "uiDefinition": {
            "displayName": "Kind of account",
            "constraints": {"allowedValues": [{"text": "Free", "value": "f"}, {"text": "Paid", "value": "p"}]},
        },
    },
    "api_key": {"type": "securestring", "uiDefinition": {"displayName": "The key", "description": "From your profile"}},
}


@pytest.fixture
def keyed(tmp_path: Path, service: Service) -> Path:
    """A connector with a choice and a key."""
    folder = tmp_path / "Keyed"
    folder.mkdir()
    swagger = definition(service.origin, {"type": "apiKey", "in": "header", "name": "X-Key"})
    (folder / "apiDefinition.swagger.json").write_text(json.dumps(swagger), encoding="utf-8")
    properties = {"properties": {"connectionParameters": PARAMETERS}}
    (folder / "apiProperties.json").write_text(json.dumps(properties), encoding="utf-8")
    return folder


@pytest.fixture
def signed(tmp_path: Path, service: Service) -> Path:
    """A connector that signs in at ``login.example.com``."""
    folder = tmp_path / "Signed"
    folder.mkdir()
    swagger = definition(service.origin, {"type": "oauth2", "flow": "accessCode"})
    urls = {"authorizationUrl": "https://login.example.com/go", "tokenUrl": "https://login.example.com/token"}
    custom = {name: {"value": url} for name, url in urls.items()}
    oauth = {"identityProvider": "oauth2", "clientId": "app", "scopes": ["read"], "customParameters": custom}
    (folder / "apiDefinition.swagger.json").write_text(json.dumps(swagger), encoding="utf-8")
    properties = {"properties": {"connectionParameters": {"token": {"type": "oauthSetting", "oAuthSettings": oauth}}}}
    (folder / "apiProperties.json").write_text(json.dumps(properties), encoding="utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """Variables of a user who has no connections yet."""
    return {"TIELINE_HOME": str(tmp_path / "home"), "TIELINE_KEY": "ab" * 32, "API_KEY": KEY, "SECRET": CLIENT_SECRET}


@pytest.fixture
def browser(tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Variables that name a browser whose person answers ``allow`` or ``deny``."""
    if os.name == "nt":
        pytest.skip("BROWSER is for systems with a shell")
    script = tmp_path / "browser"
    script.write_text(FAKE_BROWSER, encoding="utf-8")
    script.chmod(0o755)
    return lambda answer: {"BROWSER": f"{script} {answer} %s"}


Tieline = Callable[..., Any]
Home = dict[str, str]


def test_from_options_to_a_call(tieline: Tieline, keyed: Path, home: Home) -> None:
    """Given answers make a connection without a question, and it calls by its name."""
    made = tieline("connect", keyed, "--set", "kind=p", "--secret", "api_key=env:API_KEY", env=home)
    assert (made.code, made.out) == (0, b"Keyed\n")
    assert "kept as" in made.talk
    called = tieline("call", "ListItems", keyed, "--connection", "Keyed", env=home)
    assert (called.code, called.out) == (0, b"[]")
    quiet = tieline("connect", keyed, "--set", "kind=p", "--secret", "api_key=env:API_KEY", "-q", "--replace", env=home)
    assert (quiet.code, quiet.out, quiet.talk) == (0, b"Keyed\n", "")


def test_what_is_missing(tieline: Tieline, keyed: Path, home: Home) -> None:
    """Without a terminal nothing is asked; the error names the option, and nothing is kept."""
    made = tieline("connect", keyed, "--set", "kind=p", env=home)
    assert made.code == 2
    assert "--secret api_key=env:NAME" in made.talk
    assert tieline("connections", "list", env=home).out == b""


def test_refused_by_the_service(tieline: Tieline, keyed: Path, home: Home) -> None:
    """A key that the service refuses gives exit code 1, and the connection is kept only on demand."""
    words = ("connect", keyed, "--set", "kind=p", "--secret", "api_key=env:API_KEY")
    wrong = {**home, "API_KEY": "wr0ng-key-of-the-api"}
    made = tieline(*words, env=wrong)
    assert (made.code, made.out) == (1, b"")
    assert "who are you" in made.talk
    assert "wr0ng" not in made.talk
    kept = tieline(*words, "--keep", "--format", "json", env=wrong)
    assert kept.code == 1
    assert (kept.json["kept"], kept.json["test"]["verdict"], kept.json["test"]["status"]) == (True, "refused", 401)


def test_a_name_that_is_taken(tieline: Tieline, keyed: Path, home: Home) -> None:
    """A second connection needs a name of its own, or replaces the first."""
    words = ("connect", keyed, "--set", "kind=p", "--secret", "api_key=env:API_KEY", "--no-test")
    assert tieline(*words, env=home).code == 0
    taken = tieline(*words, env=home)
    assert (taken.code, "--replace" in taken.talk) == (2, True)
    assert tieline(*words, "--replace", env=home).code == 0
    assert tieline(*words, "--name", "second", env=home).out == b"second\n"


def test_in_the_browser(
    tieline: Tieline, signed: Path, home: Home, browser: Callable[[str], Home], service: Service
) -> None:
    """The user's browser is opened; the sign-in gives a connection; every line that is printed is free of secrets."""
    words = ("connect", signed, "--login-server", service.origin, "--client-secret", "env:SECRET", "--trace")
    made = tieline(*words, env={**home, **browser("allow")})
    assert made.code == 0, made.talk
    assert made.out == b"Signed\n"
    for said in ("register at the identity provider", "/redirect", "global.consent", "in the place of", "ListItems"):
        assert said in made.talk
    assert service.forms[-1]["client_secret"] == CLIENT_SECRET
    shown = made.talk + made.out.decode()
    assert not [secret for secret in (TOKEN, CLIENT_SECRET, CODE) if secret in shown]
    again = tieline(*words, "--replace", "--format", "json", env={**home, **browser("allow")})
    assert again.json["grant"] == "authorization_code"
    assert not [secret for secret in (TOKEN, CLIENT_SECRET, CODE) if secret in again.out.decode() + again.talk]


def test_denied_in_the_browser(
    tieline: Tieline, signed: Path, home: Home, browser: Callable[[str], Home], service: Service
) -> None:
    """A person who does not allow it gives exit code 3 and the provider's words."""
    made = tieline("connect", signed, "--login-server", service.origin, env={**home, **browser("deny")})
    assert made.code == 3
    assert "not today" in made.talk
    assert tieline("connections", "list", env=home).out == b""


def test_renewed_by_hand(tieline: Tieline, signed: Path, home: Home, service: Service) -> None:
    """``connections refresh`` says when the new token ends, in JSON as a date as everywhere."""
    words = ("--login-server", service.origin, "--client-secret", "env:SECRET", "--grant", "client_credentials")
    assert tieline("connect", signed, *words, env=home).code == 0
    done = tieline("connections", "refresh", "Signed", "--format", "json", env=home)
    assert done.code == 0, done.talk
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", done.json["expires"])
    assert "expires in 9 min" in tieline("connections", "refresh", "Signed", env=home).talk


def test_a_token_from_stdin(tieline: Tieline, signed: Path, home: Home) -> None:
    """A token that one has is read from stdin and kept."""
    made = tieline("connect", signed, "--token", "-", "--format", "json", env=home, stdin=f"{TOKEN}\n".encode())
    assert (made.code, made.json["grant"]) == (0, "given")
    empty = tieline("connect", signed, "--token", "-", "--replace", env=home)
    assert (empty.code, "empty" in empty.talk) == (2, True)
    other = tieline("connect", signed, "--token", "-", "--replace", env=home, stdin=b"\xe9\n")
    assert (other.code, "[unreadable-secret]" in other.talk) == (2, True)


def test_a_token_in_the_project(tieline: Tieline, signed: Path, home: Home) -> None:
    """A token or secret that is read from the connector's folder is warned of; a given token has nothing to expire."""
    (signed / "token.txt").write_text(TOKEN, encoding="utf-8")
    made = tieline("connect", signed, "--token", f"file:{signed / 'token.txt'}", env=home)
    assert made.code == 0
    assert "[secret-in-project]" in made.talk
    expired = tieline("connections", "expire", "Signed", env=home)
    assert (expired.code, "was given" in expired.talk) == (2, True)
    refreshed = tieline("connections", "refresh", "Signed", env=home)
    assert (refreshed.code, "[missing-refresh-token]" in refreshed.talk) == (3, True)


@pytest.mark.skipif(sys.platform == "win32", reason="signals to other processes are POSIX's")
def test_ctrl_c(signed: Path, home: Home, service: Service) -> None:
    """Ctrl-C ends the wait at once, says nothing more, and frees the port."""
    words = [sys.executable, "-m", "tieline", "connect", str(signed), "--login-server", service.origin, "--no-browser"]
    with subprocess.Popen(words, env={**os.environ, **home}, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        port = next(urlsplit(word).port for line in lines for word in line.split() if word.endswith("/redirect"))
        next(line for line in lines if "state=" in line)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=20)[1]
    assert process.returncode == 130
    assert time.monotonic() - begun < 10
    assert "Traceback" not in rest
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port or 0)) != 0


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")
def test_in_a_terminal(keyed: Path, home: Home) -> None:
    """A terminal is asked with labels and choices; what is secret is not echoed."""
    with in_terminal(keyed, home) as (process, leader):
        shown = type_at(leader, "kind", "2")
        shown += type_at(leader, "From your profile", KEY)
        shown += read_until(leader, "kept as")
        out = process.communicate(timeout=20)[0]
    assert process.returncode == 0
    assert out == b"Keyed\n"
    assert "1. Free" in shown
    assert "2. Paid" in shown
    assert "The key" in shown
    assert KEY not in shown


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")
def test_a_question_is_left(keyed: Path, home: Home) -> None:
    """A secret default is hidden, and one Ctrl-C at a question ends the command."""
    file = keyed / "apiProperties.json"
    properties = json.loads(file.read_text(encoding="utf-8"))
    for parameter in properties["properties"]["connectionParameters"].values():
        if parameter["type"] == "securestring":
            parameter["defaultValue"] = KEY
    file.write_text(json.dumps(properties), encoding="utf-8")
    with in_terminal(keyed, home) as (process, leader):
        shown = type_at(leader, "kind", "2") + read_until(leader, "[***]: ")
        os.write(leader, b"\x03")
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert KEY not in shown


@contextmanager
def in_terminal(folder: Path, home: Home) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """``tieline connect`` in a terminal of its own, and the other end of that."""
    import fcntl
    import pty
    import termios

    leader, follower = pty.openpty()

    def own_terminal() -> None:
        fcntl.ioctl(follower, termios.TIOCSCTTY, 0)

    with subprocess.Popen(
        [sys.executable, "-m", "tieline", "connect", str(folder)],
        env={**os.environ, **home},
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
        start_new_session=True,
        preexec_fn=own_terminal,
    ) as process:
        os.close(follower)
        yield process, leader
    os.close(leader)


def type_at(leader: int, prompt: str, answer: str) -> str:
    """Wait for a prompt and the colon behind it, and answer."""
    shown = read_until(leader, prompt)
    shown += "" if shown.rstrip(" ").endswith(":") else read_until(leader, ": ")
    os.write(leader, f"{answer}\n".encode())
    return shown


def read_until(leader: int, words: str) -> str:
    """What the terminal shows up to some words."""
    shown = ""
    while words not in shown:
        shown += os.read(leader, 1024).decode()
    return shown
