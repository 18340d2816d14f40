"""Giving events to receivers that are really there: an HTTP server, a program, a callable."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tieline.app import receivers
from tieline.app.receivers import push
from tieline.model import Event, Receiver
from tieline.net.listener import listen
from tieline.net.transport import Transport
from tieline.triggers.protocol import Push, Pushed

EVENT = Event(id="e1", source="/connectors/S/operations/On", type="t", time=1_700_000_000.0, data=b'{"n": 1}')


async def given(receiver: Receiver) -> Pushed:
    """What comes of giving the event once."""
    async with Transport() as transport:
        return await push(Push(event=EVENT, receiver=receiver, attempt=1), transport)


class Taker:
    """An HTTP receiver that answers as it is told."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.status = status
        self.headers = headers or {}
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.app = Starlette(routes=[Route("/take", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        self.got.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status, headers=self.headers)


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, Pushed(ok=True)),
        (204, {}, Pushed(ok=True)),
        (503, {"Retry-After": "7"}, Pushed(ok=False, problem="the receiver answered 503", retry_after=7.0)),
        (302, {"Location": "/other"}, Pushed(ok=False, problem="the receiver answered 302")),
        (410, {}, Pushed(ok=False, problem="the receiver answered 410", final=True)),
    ],
)
async def test_http(status: int, headers: dict[str, str], expected: Pushed) -> None:
    """An event is one POST of structured CloudEvents; 2xx is a receipt, Retry-After counts, a 410 is final."""
    taker = Taker(status, headers)
    async with listen(taker.app) as address:
        pushed = await given(Receiver(kind="http", target=f"{address}/take"))
    assert (pushed.ok, pushed.final, pushed.retry_after) == (expected.ok, expected.final, expected.retry_after)
    assert pushed.problem.startswith(expected.problem)
    (sent, body), *more = taker.got
    assert not more
    assert sent["content-type"] == "application/cloudevents+json"
    assert sent["webhook-id"] == "e1"
    assert "webhook-signature" not in sent
    assert json.loads(body)["data"] == {"n": 1}


@pytest.mark.parametrize("key", ["a plain key", "whsec_" + base64.b64encode(b"0123456789").decode()])
async def test_signed(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key the request is signed as Standard Webhooks are; the key itself is nowhere in it."""
    monkeypatch.setenv("HOOK_KEY", key)
    taker = Taker()
    async with listen(taker.app) as address:
        assert (await given(Receiver(kind="http", target=f"{address}/take", secret="env:HOOK_KEY"))).ok
    headers, body = taker.got[0]
    raw = base64.b64decode(key[6:]) if key.startswith("whsec_") else key.encode()
    signed = f"e1.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(raw, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60  # of the try, not of the event
    assert key not in str(taker.got)


async def test_a_key_that_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that cannot be read is final, and is not said."""
    monkeypatch.setenv("HOOK_KEY", "whsec_a*")
    pushed = await given(Receiver(kind="http", target="http://127.0.0.1:9/take", secret="env:HOOK_KEY"))
    assert (pushed.ok, pushed.final) == (False, True)
    assert "a*" not in pushed.problem


async def test_nobody_there() -> None:
    """A receiver that is not there is a problem that may pass."""
    pushed = await given(Receiver(kind="http", target="http://127.0.0.1:9/take"))
    assert not pushed.ok
    assert not pushed.final
    assert "127.0.0.1:9" in pushed.problem


async def test_a_key_that_is_not_set() -> None:
    """A missing signing key is final and says which variable; nothing is sent unsigned."""
    taker = Taker()
    async with listen(taker.app) as address:
        pushed = await given(Receiver(kind="http", target=f"{address}/take", secret="env:TIELINE_NO_SUCH_KEY"))
    assert not pushed.ok
    assert pushed.final
    assert "TIELINE_NO_SUCH_KEY" in pushed.problem
    assert not taker.got


PROGRAM = (
    "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read()); sys.exit(int(sys.argv[2]))"
)


@pytest.mark.parametrize(("code", "ok"), [(0, True), (3, False)])
async def test_program(tmp_path: Path, code: int, ok: bool) -> None:
    """A program is given the event as one line; exit code 0 is a receipt."""
    taken = tmp_path / "taken.json"
    words = [sys.executable, "-c", PROGRAM, str(taken), str(code)]
    pushed = await given(Receiver(kind="program", target=json.dumps(words)))
    assert pushed.ok is ok
    line, end = taken.read_bytes().split(b"\n")
    assert json.loads(line)["id"] == "e1"
    assert end == b""


@pytest.mark.parametrize(
    ("kind", "target", "final"),
    [
        ("program", '["/no/such/program"]', False),
        ("program", "not a list", True),
        ("python", "no_such_module:f", True),
        ("python", "json", True),
        ("python", "json:dumpling", True),
        ("python", "json:loads", False),
    ],
)
async def test_receivers_that_cannot_take(kind: Any, target: str, final: bool) -> None:
    """What is no program or callable is final; one that fails may work the next time."""
    pushed = await given(Receiver(kind=kind, target=target))
    assert not pushed.ok
    assert pushed.problem
    assert pushed.final is final


async def test_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A callable, blocking or not, is given the event as a dict; modules of the current folder count."""
    source = "GOT = []\ndef take(event): GOT.append(event)\nasync def later(event): GOT.append(event)\n"
    (tmp_path / "taking_module.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert (await given(Receiver(kind="python", target="taking_module:take"))).ok
    assert (await given(Receiver(kind="python", target="taking_module:later"))).ok
    assert [event["id"] for event in sys.modules["taking_module"].GOT] == ["e1", "e1"]


async def test_none_and_every_kind_has_a_way() -> None:
    """An event for nobody is received at once; each kind of receiver is known."""
    assert await given(Receiver()) == Pushed(ok=True)
    assert set(receivers.WAYS) == {"none", "http", "program", "python"}
