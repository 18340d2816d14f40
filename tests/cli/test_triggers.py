"""``tieline triggers`` as a user runs it, with a server and without."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from trigger_world import World, serving, world

from tieline.store.database import owned

Tieline = Callable[..., Any]


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[World]:
    """No server runs."""
    with world(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server runs."""
    with (
        world(tmp_path_factory.mktemp("served")) as made,
        serving(made.folder, "--port", "0", home=made.home) as server,
    ):
        server.wait_for(b"triggers on")
        yield made


@pytest.fixture
def triggers(tieline: Tieline) -> Tieline:
    """``tieline triggers`` in a world."""

    def run(made: World, *words: str | Path, **more: Any) -> Any:
        return tieline("triggers", *words, env={"TIELINE_HOME": str(made.home)}, **more)

    return run


def test_help(tieline: Tieline) -> None:
    """The help of the group names every command, and of one its options."""
    said = tieline("triggers", "--help")
    assert said.code == 0
    names = b"list show enable resume disable remove fire events watch dead replay".split()
    assert all(name in said.out for name in names)
    said = tieline("triggers", "enable", "--help").out
    assert all(option in said for option in (b"--to", b"--connection", b"--interval", b"--watermark", b"--secret"))


def test_list_of_a_connector(triggers: Tieline, alone: World) -> None:
    """With a folder, the triggers that a connector has."""
    said = triggers(alone, "list", alone.folder)
    assert [line.split() for line in said.out.decode().splitlines()] == [
        ["OnThing", "webhook", "trigger", "When", "a", "thing", "is", "made"],
        ["NewThings", "polling", "trigger", "When", "things", "are", "new"],
    ]
    rows = triggers(alone, "list", alone.folder, "--format", "json").json["triggers"]
    assert rows[0] == {"operation": "OnThing", "kind": "webhook trigger", "summary": "When a thing is made"}


def test_polling_alone(triggers: Tieline, alone: World) -> None:
    """Without a server polling triggers are switched on, fired, listed and switched off all the same."""
    assert triggers(alone, "list").talk.startswith("no triggers; switch one on with")
    said = triggers(alone, "enable", "NewThings", alone.folder, "--name", "poll", "--connection", "mine")
    assert (said.code, said.out.decode().splitlines()[0]) == (0, "poll: on")
    assert "next poll 20" in said.out.decode()
    alone.service.things.append({"id": "new"})
    fired = triggers(alone, "fire", "poll", "--now")
    assert fired.code == 0
    assert json.loads(fired.out)["data"] == {"id": "new"}
    assert fired.talk.endswith("1 event\n")
    (row,) = triggers(alone, "list", "--format", "json").json["subscriptions"]
    assert (row["name"], row["status"], row["state"], row["event_count"]) == ("poll", "on", "waiting", 1)
    assert row["next"]
    assert triggers(alone, "events", "poll").out == fired.out
    off = triggers(alone, "disable", "poll", "--format", "json").json
    assert (off["status"], off["state"], off["next"]) == ("off", "stopped", None)
    said = triggers(alone, "fire", "poll")
    assert (said.code, "[trigger-off]" in said.talk) == (2, True)
    assert triggers(alone, "remove", "poll").out == b'"poll" is removed\n'


def test_looking_beside_another_command(triggers: Tieline, alone: World) -> None:
    """While another command holds the store, looking works all the same; the others wait, and then say so."""
    on = ("enable", "NewThings", alone.folder, "--name", "poll", "--connection", "mine")
    assert triggers(alone, *on).code == 0
    with owned(alone.home / "tieline.db"):
        assert triggers(alone, "list").out.decode().startswith("poll  on  0 events")
        assert triggers(alone, "show", "poll").code == 0
        assert triggers(alone, "events").code == 0
        said = triggers(alone, "fire", "poll")
        assert (said.code, "[store-in-use]" in said.talk) == (3, True)


def test_webhook_alone(triggers: Tieline, alone: World) -> None:
    """Without a server a webhook is refused, with what to do, and nothing is registered."""
    said = triggers(alone, "enable", "OnThing", alone.folder, "--connection", "mine")
    assert said.code == 3
    assert "no server runs that could take its notifications in [no-server]" in said.talk
    assert "start tieline serve first" in said.talk
    assert alone.service.bodies == []
    said = triggers(alone, "enable", "OnThing", alone.folder, "--connection", "mine", "--format", "json")
    assert (said.code, said.json["findings"][0]["rule"]) == (3, "no-server")
    assert triggers(alone, "list", "--format", "json").json["subscriptions"] == []


def test_webhook(triggers: Tieline, served: World) -> None:
    """The life of a webhook with every command, as text and as JSON."""
    on = ("enable", "OnThing", served.folder, "--name", "hook", "--connection", "mine")
    said = triggers(served, *on, "--to", "python:nowhere:take")
    assert (said.code, said.out.decode().splitlines()[0]) == (0, "hook: on")
    again = triggers(served, *on)
    assert (again.code, "[subscription-exists]" in again.talk) == (2, True)
    fired = triggers(served, "fire", "hook", "--body", "-", stdin=b'{"id": "1"}')
    assert (fired.code, json.loads(fired.out)["data"]) == (0, {"id": "1"})
    line = triggers(served, "list").out.decode()
    assert line == "hook  on  1 event  Things OnThing  python nowhere:take\n"
    watched = triggers(served, "watch", "hook", "--since", "2000-01-01", "--count", "1")
    assert (watched.code, watched.out) == (0, fired.out)
    (letter,) = triggers(served, "dead", "hook", "--format", "json").json["dead"]
    assert (letter["receiver"]["target"], letter["attempts"]) == ("nowhere:take", 1)
    assert "is no Python callable" in triggers(served, "dead").out.decode()
    assert triggers(served, "replay", "--dead").out == b"1 event, 1 delivery begun\n"
    replayed = triggers(served, "replay", "--event", json.loads(fired.out)["id"], "--format", "json").json
    assert (replayed["events"], replayed["deliveries"]) == (1, 1)
    shown = triggers(served, "show", "hook").out.decode()
    assert "hook-registered" in shown
    assert triggers(served, "show", "HOOK", "--format", "json").json["state"] == "active"
    assert triggers(served, "disable", "hook").out.decode().startswith("hook: off\n")
    assert served.service.hooks == {}
    assert triggers(served, "resume", "hook").out.decode().startswith("hook: on\n")
    assert triggers(served, "remove", "hook", "--format", "json").json["removed"] == "hook"
    assert served.service.hooks == {}
    assert triggers(served, "events", "--since", "2000-01-01", "--until", "2001-01-01", "--format", "json").json == {
        "version": 1,
        "events": [],
        "more": False,
    }


@pytest.mark.parametrize(
    ("words", "stdin", "code", "rule"),
    [
        (["show", "nobody"], b"", 2, "unknown-subscription"),
        (["replay"], b"", 2, "bad-argument"),
        (["replay", "--event", "nothing"], b"", 2, "unknown-event"),
        (["events", "--since", "yesterday"], b"", 2, "bad-argument"),
        (["fire", "poll", "--now", "--body", "-"], b"", 2, "bad-argument"),
        (["fire", "poll", "--body", "-"], b"{}", 2, "not-a-webhook"),
        (["enable", "Echo"], b"", 2, "not-a-trigger"),
        (["enable", "Nothing"], b"", 2, "unknown-operation"),
        (["enable", "NewThings", "--to", "http://"], b"", 2, "bad-receiver"),
        (["enable", "NewThings", "--to", "take 'it"], b"", 2, "bad-receiver"),
        (["enable", "NewThings", "--to", ""], b"", 2, "bad-receiver"),
        (["enable", "NewThings", "--to", "http://a", "--secret", "hush"], b"", 2, "bad-reference"),
        (["enable", "NewThings", "--to", "http://u:hush@127.0.0.1/"], b"", 2, "bad-receiver"),
        (["enable", "NewThings", "--to", "http://127.0.0.1:99999/?hush"], b"", 2, "bad-receiver"),
        (["enable", "NewThings", "--to", "http://a b/"], b"", 2, "bad-receiver"),
        (["enable", "NewThings", "--to", "python:json.loads"], b"", 2, "bad-receiver"),
        (["enable", "NewThings", "--to", "http://a", "--secret", "env:TIELINE_NO_SUCH_KEY"], b"", 2, "unset-variable"),
        (["enable", "NewThings", "--secret", "env:PATH"], b"", 2, "bad-argument"),
        (["enable", "NewThings", "--secret", "env:PATH", "--to", "cat"], b"", 2, "bad-argument"),
        (["enable", "NewThings", "--interval", "often"], b"", 2, "wrong-usage"),
        (["enable", "NewThings", "--interval", "nan"], b"", 2, "bad-argument"),
        (["enable", "NewThings", "--max-age", "inf"], b"", 2, "bad-argument"),
        (["enable", "NewThings", "--name", "new\nthings"], b"", 2, "bad-name"),
        (["enable", "NewThings", "--connection", "mien"], b"", 2, "unknown-connection"),
        (["enable", "NewThings", ".", "colour=red", "--connection", "mine"], b"", 2, "unknown-argument"),
        (["explode"], b"", 2, "wrong-usage"),
    ],
)
def test_wrong_usage(triggers: Tieline, polled: World, words: list[str], stdin: bytes, code: int, rule: str) -> None:
    """Whatever is wrong in a command line is told with a rule, and the exit code says whose turn it is."""
    said = triggers(polled, *words, "--format", "json", cwd=polled.folder, stdin=stdin)
    assert (said.code, said.json["findings"][0]["rule"]) == (code, rule)
    assert "hush" not in said.out.decode() + said.talk


@pytest.fixture(scope="module")
def polled(served: World, tieline: Tieline) -> World:
    """A server with a polling trigger."""
    words = ("triggers", "enable", "NewThings", served.folder, "--name", "poll", "--connection", "mine")
    assert tieline(*words, env={"TIELINE_HOME": str(served.home)}).code == 0
    return served


def test_any_body_is_fired_as_it_is(triggers: Tieline, served: World, tmp_path: Path) -> None:
    """A notification from a file is taken in to the byte, what does not fit is said, and all events can be listed."""
    assert triggers(served, "enable", "OnThing", served.folder, "--name", "any", "--connection", "mine").code == 0
    picture, odd = tmp_path / "picture", tmp_path / "odd.json"
    picture.write_bytes(b"\xff\xfe\0")
    fired = triggers(served, "fire", "any", "--body", picture, "--content-type", "image/png")
    assert json.loads(fired.out)["data_base64"] == "//4A"
    assert "[notification-mismatch]" in fired.talk
    odd.write_bytes(b'{"id": "1", "s": "\\ud800", "n": 99999999999999999999999}')
    assert triggers(served, "fire", "any", "--body", odd).code == 0
    assert [json.loads(line)["datacontenttype"] for line in triggers(served, "events", "any").out.splitlines()] == [
        "application/json",
        "image/png",
    ]
    said = triggers(served, "events", "any", "--limit", "1")
    assert (len(said.out.splitlines()), said.talk) == (1, "there are more; to have them, give a higher --limit\n")
    assert triggers(served, "watch", "any", "--since", "2000-01-01", "--count", "2").code == 0
    assert triggers(served, "remove", "any").code == 0


def test_a_delivery_that_fails_is_told_at_once(triggers: Tieline, served: World) -> None:
    """Why a receiver does not take events can be seen long before they are given up, without what its URL hides."""
    to = "http://127.0.0.1:1/take?code=hush"
    on = ("enable", "OnThing", served.folder, "--name", "lame", "--connection", "mine", "--to", to)
    assert triggers(served, *on).code == 0
    assert triggers(served, "fire", "lame", "--body", "-", stdin=b'{"id": "1"}').code == 0
    until = time.monotonic() + 30
    while "delivery-failed" not in (said := triggers(served, "show", "lame").out.decode()):
        assert time.monotonic() < until, said
    assert "http http://127.0.0.1:1/take: " in said
    assert "hush" not in said
    assert triggers(served, "remove", "lame").code == 0


def test_refused_by_the_service(triggers: Tieline, served: World) -> None:
    """What the service says to a registration is told without signature and key; the exit code is 3."""
    served.service.status = 400
    said = triggers(served, "enable", "OnThing", served.folder, "--name", "no", "--connection", "mine")
    served.service.status = 201
    assert said.code == 3
    assert "the service answered 400: no: http://" in said.talk
    assert served.service.bodies[-1]["url"].rpartition("sig=")[2] not in said.talk
    assert "the-secret-key" not in said.talk


def test_first_poll_fails(triggers: Tieline, served: World) -> None:
    """A trigger whose first poll fails is on, and says why it has not begun."""
    said = triggers(served, "enable", "NewThings", served.folder, "--name", "lost", "--server", "http://127.0.0.1:1")
    assert said.code == 0
    assert said.out.decode().startswith("lost: failing\n")
    assert "[poll-failed]" in said.talk
