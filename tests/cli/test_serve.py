"""``tieline serve`` as a user runs it: what it says, what it refuses, and that no secret is ever in what it says."""

from __future__ import annotations

import json
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from trigger_world import World, serving, world

Tieline = Callable[..., Any]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    """A connector and its service."""
    with world(tmp_path) as it:
        yield it


def test_help_and_tunnels(tieline: Tieline) -> None:
    """Help names the options; the tunnels are given with the port of the intake."""
    said = tieline("serve", "--help").out
    assert all(option in said for option in (b"--public-url", b"--keep-days", b"--intake-port", b"/apim/CONNECTOR"))
    tunnels = tieline("serve", "--tunnels", "--intake-port", "9123")
    assert tunnels.code == 0
    assert b"cloudflared tunnel --url http://127.0.0.1:9123" in tunnels.out
    listed = tieline("serve", "--tunnels", "--intake-port", "9123", "--format", "json").json["tunnels"]
    assert listed["ngrok"] == "ngrok http 9123"


@pytest.mark.parametrize(
    ("words", "code", "rule"),
    [
        (["nowhere"], 2, "no-connector"),
        (["--port", "70000"], 2, "wrong-usage"),
        (["--keep-days", "0"], 2, "wrong-usage"),
        (["--public-url", "name.example"], 2, "bad-argument"),
        (["--bind", "no.such.host.invalid", "--port", "0"], 3, "cannot-listen"),
    ],
)
def test_refused(tieline: Tieline, made: World, words: list[str], code: int, rule: str) -> None:
    """What cannot be served is refused with a rule."""
    env = {"TIELINE_HOME": str(made.home)}
    said = tieline("serve", *words, "--format", "json", cwd=made.folder, env=env)
    assert (said.code, said.json["findings"][0]["rule"]) == (code, rule)


@pytest.mark.skipif(sys.platform == "win32", reason="a process is not asked to end there")
def test_says_where_it_is(tieline: Tieline, made: World) -> None:
    """It says where it listens and how many triggers are on; a second one on the store is refused with 3; it ends with
    0 on Ctrl-C."""
    with serving(made.folder, "--port", "0", home=made.home) as server:
        server.wait_for(b"triggers on")
        assert server.said.startswith(f"Things: {made.note['address']}/apim/  (Ctrl-C ends)\n0 triggers on".encode())
        second = tieline("serve", made.folder, "--port", "0", env={"TIELINE_HOME": str(made.home)})
        assert (second.code, "another process runs on the store" in second.talk) == (3, True)
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
    assert not (made.home / "serve.json").exists()


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_secrets(tieline: Tieline, made: World, form: str) -> None:
    """Neither credential, signing key, token, receiver's password nor the signature of a callback URL is ever said."""
    env = {"TIELINE_HOME": str(made.home), "SIGNING": "the-signing-key"}
    port = ("--port", "0", "--format", form)
    with serving(made.folder, *port, home=made.home, SIGNING="the-signing-key") as server:
        server.wait_for(b"triggers on" if form == "text" else b"listening")
        token = made.note["token"]

        def triggers(*words: str | Path) -> Any:
            return tieline("triggers", *words, env=env)

        to = ("--to", "http://127.0.0.1:1/take?code=the-code", "--secret", "env:SIGNING")
        on = ("enable", "OnThing", made.folder, "--connection", "mine", *to)
        assert triggers(*on, "--name", "hook", "--max-age", "0").code == 0
        said = [triggers("list"), triggers("show", "hook", "--format", "json")]
        said.append(triggers(*on, "--name", "wrong", "--to", "http://me:the-password@127.0.0.1:1/take"))
        assert said[-1].code == 2
        url = made.service.bodies[-1]["url"]
        said.append(triggers("fire", "hook", "--body", made.folder / "apiProperties.json"))
        server.wait_for(b"dead-letter")
        said += [triggers("dead"), triggers("dead", "--format", "json"), triggers("disable", "hook")]
        made.service.status = 400
        said += [triggers(*on, "--name", "refused"), triggers("resume", "hook")]
        server.wait_for(b"hook-refused")
    everything = server.said + b"".join(one.out + one.talk.encode() for one in said)
    assert b"no: http://" in everything
    for secret in (token, url.rpartition("sig=")[2], "the-secret-key", "the-signing-key", "the-password", "the-code"):
        assert secret.encode() not in everything, secret
    if form == "json":
        lines = [json.loads(line) for line in server.out]
        assert [line["event"] for line in lines[:2]] == ["listening", "report"]
        assert set(lines[1]) == {"event", "about", "severity", "rule", "message", "remedy"}


def test_keep_days(tieline: Tieline, made: World) -> None:
    """Events and reports older than --keep-days are removed with the next start, younger ones stay."""
    env = {"TIELINE_HOME": str(made.home)}
    on = ("triggers", "enable", "NewThings", made.folder, "--connection", "mine", "--name", "poll")
    assert tieline(*on, env=env).code == 0
    for number in ("old", "new"):
        made.service.things.append({"id": number})
        assert tieline("triggers", "fire", "poll", env=env).code == 0
    store = sqlite3.connect(made.home / "tieline.db")
    with store:
        store.execute("UPDATE events SET time=time-2*86400 WHERE n=(SELECT min(n) FROM events)")
    store.close()
    with serving(made.folder, "--port", "0", "--keep-days", "1", home=made.home) as server:
        server.wait_for(b"1 trigger on")
        for _ in range(20):  # the first look for what is too old is made at the start, beside the first answers
            out = tieline("triggers", "events", env=env).out
            if len(out.splitlines()) == 1:
                break
    assert [json.loads(line)["data"]["id"] for line in out.splitlines()] == ["new"]
