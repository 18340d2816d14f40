"""Giving events to receivers that are really there: an HTTP server, a program, a callable."""

from __future__ import annotations

import asyncio
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
from tieline.app.receiver_words import receiver_of
from tieline.app.receivers import push
from tieline.model import DocumentError, Event, Receiver
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
        ("program", '["a\\u0000b"]', False),
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


TAKERS = """
import sys, time
class Taker:
    async def __call__(self, event):
        raise ValueError("not today")
taker = Taker()
def later(event): return taker(event)
def each(event): yield event
def leave(event): sys.exit(3)
async def leave_later(event): sys.exit(3)
def stop(event): raise KeyboardInterrupt
async def give_up(event):
    import asyncio
    raise asyncio.CancelledError
def sleep(event): time.sleep(600)
"""


@pytest.mark.parametrize(
    ("name", "problem", "final"),
    [
        ("taker", "raised ValueError: not today (takers_module.py, line 5)", False),
        ("later", "raised ValueError: not today (takers_module.py, line 5)", False),
        ("each", "is a generator", True),
        ("leave", "raised SystemExit: 3", False),
        ("leave_later", "raised SystemExit: 3", False),
        ("stop", "KeyboardInterrupt", False),
        ("give_up", "CancelledError", False),
    ],
)
async def test_python_that_does_not_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, problem: str, final: bool
) -> None:
    """What a callable gives back is waited for, what it raises is told, and one that would end Python ends nothing."""
    (tmp_path / "takers_module.py").write_text(TAKERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    pushed = await given(Receiver(kind="python", target=f"takers_module:{name}"))
    assert not pushed.ok
    assert problem in pushed.problem
    assert pushed.final is final


@pytest.mark.parametrize(
    ("source", "said"), [("def take(:", "SyntaxError"), ("exit(1)", "SystemExit"), ("1 / 0", "ZeroDivisionError")]
)
async def test_a_module_that_cannot_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, said: str
) -> None:
    """It is told why, and no other event is tried in vain; the module can be mended while the server runs."""
    module = f"broken_{said.lower()}"
    (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    pushed = await given(Receiver(kind="python", target=f"{module}:take"))
    assert (pushed.ok, pushed.final) == (False, True)
    assert said in pushed.problem
    (tmp_path / f"{module}.py").write_text("def take(event): return event", encoding="utf-8")
    assert (await given(Receiver(kind="python", target=f"{module}:take"))).ok


async def test_python_that_hangs_takes_no_thread_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many callables hang, other work in threads goes on."""
    (tmp_path / "takers_module.py").write_text(TAKERS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    hanging = [asyncio.create_task(given(Receiver(kind="python", target="takers_module:sleep"))) for _ in range(40)]
    await asyncio.sleep(0)
    assert await asyncio.wait_for(asyncio.to_thread(lambda: 1), 20) == 1
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


LEAVES = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'], stdin=0, stderr=2)"
)


async def test_a_program_that_leaves_another_one_behind() -> None:
    """The exit code of the program counts, whoever still holds its input and errors open."""
    begun = time.monotonic()
    assert (await given(Receiver(kind="program", target=json.dumps([sys.executable, "-c", LEAVES])))).ok
    assert time.monotonic() - begun < 20


async def test_a_program_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended, with what it started, and tried again."""
    monkeypatch.setattr(receivers, "PROGRAM_SECONDS", 1.0)
    begun = time.monotonic()
    words = [sys.executable, "-c", LEAVES + "; import time; time.sleep(30)"]
    pushed = await given(Receiver(kind="program", target=json.dumps(words)))
    assert (pushed.ok, pushed.final) == (False, False)
    assert "took longer than 1 s" in pushed.problem
    assert time.monotonic() - begun < 20


def test_a_key_in_a_file_that_cannot_be() -> None:
    """A path that leads nowhere is refused when the trigger is switched on."""
    with pytest.raises(DocumentError) as caught:
        receiver_of("http://127.0.0.1:1/", "file:a\0b", 60)
    assert caught.value.finding.rule == "bad-reference"


async def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    """A script that the system does not start by itself is told from a program that is not there."""
    script = tmp_path / "take.txt"
    script.write_bytes(b"\0\0 no program")
    script.chmod(0o755)
    pushed = await given(Receiver(kind="program", target=json.dumps([str(script)])))
    assert "another program runs" in pushed.problem
    assert not pushed.final


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has batch files")
async def test_a_batch_file_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the PATH has under another ending than ``.exe`` is found (npx is ``npx.cmd``)."""
    (tmp_path / "take-it.cmd").write_bytes(b"@exit /b %1\r\n")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=";")
    assert (await given(Receiver(kind="program", target='["take-it", "0"]'))).ok
    assert "ended with 3" in (await given(Receiver(kind="program", target='["take-it", "3"]'))).problem


async def test_words_of_a_program_are_one_line() -> None:
    """What a program says cannot drive the terminal, and only its end is repeated."""
    code = r"import sys; sys.stderr.write('x' * 9000 + '\n\x1b[31mred\n'); sys.exit(1)"
    pushed = await given(Receiver(kind="program", target=json.dumps([sys.executable, "-c", code])))
    assert pushed.problem.endswith("x [31mred")
    assert len(pushed.problem) < 600


async def test_none_and_every_kind_has_a_way() -> None:
    """An event for nobody is received at once; each kind of receiver is known."""
    assert await given(Receiver()) == Pushed(ok=True)
    assert set(receivers.WAYS) == {"none", "http", "program", "python"}
