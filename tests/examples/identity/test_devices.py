"""The device grant: codes, polls, the page on which a person lets a device in."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
USER = {"username": "demo", "password": "demo-password"}


async def codes(place: Any, path: str = "/oauth/device", **form: str) -> dict[str, Any]:
    reply = await place.post(path, {"client_id": "demo-public", **form})
    assert reply.status == 200, reply.body
    found: dict[str, Any] = json.loads(reply.body)
    return found


async def poll(place: Any, found: dict[str, Any], client: str = "demo-public") -> tuple[int, dict[str, Any]]:
    form = {"grant_type": GRANT, "device_code": found["device_code"], "client_id": client}
    reply = await place.post("/oauth/token", form)
    return reply.status, json.loads(reply.body)


async def error(place: Any, found: dict[str, Any]) -> str:
    return str((await poll(place, found))[1].get("error", ""))


async def test_a_device_is_let_in(place: Any) -> None:
    """A device gets codes, waits while nobody answers, and gets tokens once after a person allowed it."""
    found = await codes(place, scope="read")
    assert (found["interval"], found["expires_in"]) == (5, 900)
    assert re.fullmatch(r"[B-Z]{4}-[B-Z]{4}", found["user_code"])
    assert found["verification_uri"] == f"{place.origin}/device"
    assert await error(place, found) == "authorization_pending"
    page = await place.ask("GET", found["verification_uri_complete"])
    assert (page.status, f'value="{found["user_code"]}"' in page.body.decode()) == (200, True)
    typed = found["user_code"].lower().replace("-", " ")
    done = await place.post("/device", {**USER, "user_code": typed, "answer": "allow"})
    assert (done.status, "The device is let in" in done.body.decode()) == (200, True)
    place.clock.now += 5
    status, tokens = await poll(place, found)
    assert (status, tokens["scope"]) == (200, "read")
    assert place.state.bearer(tokens["access_token"]).subject == "demo"
    assert await error(place, found) == "invalid_grant"
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "demo-public"}
    assert (await place.post("/oauth/token", form)).status == 200


async def test_too_fast(place: Any) -> None:
    """Whoever polls too fast is told so, and has to wait five seconds more from then on."""
    found = await codes(place)
    assert await error(place, found) == "authorization_pending"
    place.clock.now += 2
    assert await error(place, found) == "slow_down"
    place.clock.now += 5
    assert await error(place, found) == "slow_down"
    place.clock.now += 15
    assert await error(place, found) == "authorization_pending"


async def test_expired_and_denied(place: Any) -> None:
    """A device hears that it was denied, or that its time is over; then nobody can let it in."""
    one, two = await codes(place), await codes(place)
    denied = await place.post("/device", {"user_code": one["user_code"], "answer": "deny"})
    assert denied.status == 200
    assert await error(place, one) == "access_denied"
    again = await place.post("/device", {**USER, "user_code": one["user_code"], "answer": "allow"})
    assert again.status == 403
    assert await error(place, one) == "access_denied"
    place.clock.now += 900
    assert await error(place, two) == "expired_token"
    late = await place.post("/device", {**USER, "user_code": two["user_code"], "answer": "allow"})
    assert (late.status, "its time is over" in late.body.decode()) == (403, True)


async def test_wrong_answers(place: Any) -> None:
    """A wrong code or password lets nobody in; the page says which, and holds no password."""
    found = await codes(place)
    for fields in ({"user_code": "BBBB-BBBB"}, {"user_code": found["user_code"], "password": "wr0ng"}, {"x": "y"}):
        reply = await place.post("/device", {**USER, "answer": "allow", **fields})
        assert reply.status == 403
        assert "wr0ng" not in reply.body.decode()
    assert await error(place, found) == "authorization_pending"
    assert (await poll(place, found, "demo-reader"))[0] == 401


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "x"}, 401, "invalid_client"),
        ({}, 401, "invalid_client"),
        ({"client_id": "demo-client", "client_secret": "x"}, 401, "invalid_client"),
        ({"client_id": "demo-public", "scope": "admin"}, 400, "invalid_scope"),
    ],
)
async def test_no_codes(place: Any, form: dict[str, str], status: int, error: str) -> None:
    """A device whose client or scopes are not known gets no codes."""
    reply = await place.post("/oauth/device", form)
    assert (reply.status, json.loads(reply.body)["error"]) == (status, error)


async def test_as_microsoft_does(place: Any) -> None:
    """On Microsoft's paths the replies read as theirs, and v1 polls with the field ``code``."""
    app = {"client_id": "demo-client", "client_secret": "demo-secret"}
    old = await codes(place, "/contoso/oauth2/devicecode", client_id="demo-client", resource="api://inventory")
    assert (old["verification_url"], old["interval"], old["expires_in"]) == (f"{place.origin}/device", "5", "900")
    new = await codes(place, "/contoso/oauth2/v2.0/devicecode", client_id="demo-client", scope="api://inventory/read")
    assert (new["interval"], new["user_code"] in new["message"]) == (5, True)
    for found in (old, new):
        await place.post("/device", {**USER, "user_code": found["user_code"], "answer": "allow"})
    one = {**app, "grant_type": "device_code", "code": old["device_code"]}
    two = {**app, "grant_type": GRANT, "device_code": new["device_code"]}
    for path, form in (("/contoso/oauth2/token", one), ("/contoso/oauth2/v2.0/token", two)):
        reply = await place.post(path, form)
        assert reply.status == 200, reply.body
        assert place.state.bearer(json.loads(reply.body)["access_token"]).audience == "api://inventory"
    refused = await place.post("/contoso/oauth2/devicecode", {"client_id": "demo-client"})
    assert json.loads(refused.body)["error_codes"] == [900144]
