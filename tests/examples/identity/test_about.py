"""What the server says of itself and remembers, and how it misbehaves when it is told to."""

from __future__ import annotations

import dataclasses
import json
import logging
from typing import Any

import pytest

from tieline.model import Request
from tieline.net.options import TransportOptions
from tieline.net.transport import Transport

APP = {"client_id": "demo-client", "client_secret": "demo-secret"}


async def test_discovery(place: Any) -> None:
    """The endpoints that are told answer, with and without a tenant."""
    paths = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
    tenants = ("/contoso/.well-known/openid-configuration", "/contoso/v2.0/.well-known/openid-configuration")
    for path in (*paths, *tenants):
        told = json.loads((await place.ask("GET", path)).body)
        for name in ("token_endpoint", "device_authorization_endpoint", "introspection_endpoint"):
            assert (await place.post(told[name], {})).status in (400, 401), told[name]
        assert (await place.ask("GET", told["authorization_endpoint"])).status == 400
    assert told["issuer"] == f"{place.origin}/contoso/v2.0"
    assert told["token_endpoint"] == f"{place.origin}/contoso/oauth2/v2.0/token"


async def test_introspection(place: Any) -> None:
    """A client that proves itself hears what a token is good for; others hear nothing."""
    token = (await place.tokens(grant_type="client_credentials", scope="read"))["access_token"]
    found = json.loads((await place.post("/oauth/introspect", {**APP, "token": token})).body)
    expected = {"active": True, "scope": "read", "client_id": "demo-client", "sub": "demo-client"}
    assert found == {**expected, "token_type": "Bearer", "iat": 1_800_000_000, "exp": 1_800_003_600}
    assert json.loads((await place.post("/oauth/introspect", {**APP, "token": "x"})).body) == {"active": False}
    assert (await place.post("/oauth/introspect", {"token": token})).status == 401
    assert (await place.post("/oauth/introspect", APP)).status == 400


async def test_the_log_holds_no_secret(place: Any) -> None:
    """All that was asked can be read back, without codes, tokens, secrets and passwords."""
    ended = await place.sign_in(scope="read")
    got = json.loads((await place.redeem(ended["code"])).body)
    await place.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
    await place.token(grant_type="password", username="demo", password="demo-password")
    await place.post("/oauth/token", {"grant_type": "demo-secret", "client_id": "demo-password"})
    text = (await place.ask("GET", "/requests")).body.decode()
    secrets = [ended["code"], got["access_token"], got["refresh_token"], "demo-secret", "demo-password", ended["state"]]
    assert [secret for secret in secrets if secret in text] == []
    entries = json.loads(text)
    grants = [each["grant_type"] for each in entries]
    assert grants == ["", "authorization_code", "refresh_token", "password", "unknown"]
    assert entries[0] == {
        "at": 1_800_000_000.0,
        "method": "POST",
        "path": "/oauth/authorize",
        "grant_type": "",
        "client_id": "demo-client",
        "client_auth": "",
        "scope": "read",
        "resource": "",
        "status": 302,
        "error": "",
    }
    assert (entries[4]["client_id"], entries[4]["status"]) == ("unknown", 400)
    shown = repr(place.state.options) + repr(place.state.records) + repr(place.state.log)
    assert [secret for secret in secrets if secret in shown] == []


async def test_nothing_secret_is_logged(place: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A program that logs all it can does not log codes and tokens."""
    caplog.set_level(logging.DEBUG)
    code = (await place.sign_in())["code"]
    got = json.loads((await place.redeem(code)).body)
    await place.token(grant_type="refresh_token", refresh_token=got["refresh_token"])
    secrets = [code, got["access_token"], got["refresh_token"], "demo-secret"]
    assert [secret for secret in secrets if secret in caplog.text] == []


async def test_no_admin(start: Any) -> None:
    """The pages for tests can be switched off."""
    place = await start(admin=False)
    for method, path in (("GET", "/requests"), ("POST", "/admin/expire"), ("POST", "/admin/revoke")):
        assert (await place.ask(method, path)).status == 404


async def test_nothing_there(place: Any) -> None:
    """Unknown paths and methods give JSON."""
    assert (await place.ask("GET", "/x")).status == 404
    assert (await place.ask("GET", "/oauth/token")).status == 405
    assert (await place.ask("GET", "/health")).status == 200


# -- quirks


async def test_a_page_in_the_place_of_tokens(place: Any, examples: Any) -> None:
    """The token endpoint can answer 200 with a page, and stop doing so."""
    place.state.quirks = examples.Quirks(html_reply=True)
    reply = await place.token(grant_type="client_credentials")
    assert (reply.status, reply.media_type) == (200, "text/html")
    place.state.quirks = examples.Quirks()
    assert (await place.tokens(grant_type="client_credentials"))["access_token"]


async def test_a_reply_without_end(start: Any, examples: Any) -> None:
    """The token endpoint can send without end; whoever hangs up ends it."""
    place = await start(quirks=examples.Quirks(endless_reply=True))
    async with Transport(TransportOptions(environment=False, max_reply=1_000_000)) as transport:
        form = Request(
            method="POST",
            url=f"{place.origin}/oauth/token",
            headers=(("Content-Type", "application/x-www-form-urlencoded"),),
            body=b"grant_type=client_credentials",
        )
        sent = await transport.send(form)
    assert sent.failure is not None
    assert sent.failure.kind == "too-large"
    assert (await place.ask("GET", "/health")).status == 200


@pytest.mark.parametrize("target", ["https://evil.example.com/token", "http://169.254.169.254/x", "file:///etc/passwd"])
async def test_a_redirect_of_the_token_endpoint(start: Any, examples: Any, target: str) -> None:
    """The token endpoint can redirect anywhere, in the way that makes clients send everything again."""
    place = await start(quirks=examples.Quirks(token_redirect=target))
    reply = await place.token(grant_type="client_credentials")
    assert (reply.status, reply.header("location")) == (307, target)


async def test_a_wrong_state(start: Any, examples: Any) -> None:
    """The redirect can carry a state that nobody gave, after an answer of either kind."""
    place = await start(quirks=examples.Quirks(wrong_state=True))
    allowed, denied = await place.sign_in(), await place.sign_in(form={"answer": "deny"})
    assert "s 1&" not in (allowed["state"], denied["state"])
    assert (await place.redeem(allowed["code"])).status == 200


def test_options_are_documented(examples: Any) -> None:
    """Options are values: they cannot be changed, and take names only."""
    options = examples.IdentityOptions()
    with pytest.raises(dataclasses.FrozenInstanceError):
        options.pkce = "required"
