"""Control and gateway as HTTP: who may, what comes back for wrong questions, and whom the server does not answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from house import House


async def ask(home: House, verb: str, body: bytes, token: str = "") -> tuple[int, Any]:
    """A question to the server, with its token unless another one is given."""
    headers = {"authorization": f"Bearer {token or home.running.token}", "content-type": "application/json"}
    status, _, said = await home.send(f"{home.started.address}/control/{verb}", body, headers=headers)
    return status, json.loads(said)


async def test_control(home_of_things: House) -> None:
    """With the token a question is answered."""
    assert await ask(home_of_things, "list", b"{}") == (200, {"version": 1, "subscriptions": []})
    assert await ask(home_of_things, "list", b"") == (200, {"version": 1, "subscriptions": []})


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", "Basic abc", "Bearer \u00e4"])
async def test_control_without_token(home_of_things: House, authorization: str) -> None:
    """Without its token nobody learns anything from the server, nor changes anything."""
    home = home_of_things
    headers = {"authorization": authorization} if authorization else {}
    status, _, body = await home.send(f"{home.started.address}/control/list", b"{}", headers=headers)
    assert status == 401
    assert json.loads(body)["error"]["code"] == "not-allowed"
    assert home.running.token.encode() not in body


@pytest.mark.parametrize(
    ("verb", "body", "rule"),
    [
        ("list", b"[", "bad-argument"),
        ("list", b"[]", "bad-argument"),
        ("show", b"\xff", "bad-argument"),
        ("show", b"{}", "bad-argument"),
        ("show", b'{"name": 1}', "bad-argument"),
        ("show", b'{"name": "nobody"}', "unknown-subscription"),
        ("enable", b'{"folder": "/nowhere", "operation": "x"}', "no-such-file"),
        ("enable", b'{"folder": "\\u0000", "operation": "x"}', "unreadable-file"),
        ("events", b'{"limit": "all"}', "bad-argument"),
        ("replay", b'{"id": "nothing"}', "unknown-event"),
        ("explode", b"{}", "unknown-verb"),
        ("_forget", b"{}", "unknown-verb"),
    ],
)
async def test_wrong_questions(home_of_things: House, verb: str, body: bytes, rule: str) -> None:
    """A wrong question is a finding that says what is wrong."""
    status, said = await ask(home_of_things, verb, body)
    assert (status, said["kind"], said["findings"][0]["rule"]) == (422, "DocumentError", rule)


async def test_only_post(home_of_things: House) -> None:
    """Questions are POSTed, since no page of another site may send JSON with a token unasked."""
    assert (await home_of_things.get("/control/list"))[0] == 405


@pytest.mark.parametrize("path", ["/apim/Things/mine/echo/1", "/control/list", "/health", "/metrics", "/workflows/x"])
async def test_other_hosts_and_pages(home_of_things: House, path: str) -> None:
    """Requests under another name, or from pages of other sites, get nothing anywhere."""
    home = home_of_things
    assert (await home.get(path, host="evil.example"))[0] == 421
    assert (await home.get(path, origin="https://evil.example"))[0] == 403


async def test_signed_urls_of_others(home_of_things: House) -> None:
    """A callback URL does not open the server to other names and pages either."""
    home = home_of_things
    url = await home.enable()
    assert (await home.send(url, headers={"host": "evil.example"}))[0] == 421
    assert (await home.send(url, headers={"origin": "https://evil.example"}))[0] == 403
    assert home.running.history.events() == []


async def test_gateway(home_of_things: House) -> None:
    """A request goes through the connector with the stored connection."""
    status, body = await home_of_things.get("/apim/things/mine/echo/a%20b")
    assert (status, json.loads(body)) == (200, {"path": "/v1/echo/a b", "key": "the-secret-key"})


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/apim/Nothing/-/x", 404, "unknown-connector"),
        ("/apim/", 404, "unknown-connector"),
        ("/apim/Things", 404, "unknown-operation"),
        ("/apim/Things/mine", 404, "unknown-operation"),
        ("/apim/Th%2Fings/mine", 404, "unknown-connector"),
        ("/apim/Things/mine/nowhere", 404, "unknown-operation"),
        ("/apim/Things/nobody/echo/1", 400, "unknown-connection"),
        ("/apim/Things/%00/echo/1", 400, "unknown-connection"),
        ("/apim/Things/-/echo/1", 401, "missing-credential"),
    ],
)
async def test_gateway_errors(home_of_things: House, path: str, status: int, code: str) -> None:
    """What cannot be passed on is an error in one shape."""
    got, body = await home_of_things.get(path)
    assert (got, json.loads(body)["error"]["code"]) == (status, code)


async def test_nothing_else(home_of_things: House) -> None:
    """Other paths are 404."""
    for path in ("/", "/workflow", "/apim", "/docs"):
        assert (await home_of_things.get(path))[0] == 404, path
