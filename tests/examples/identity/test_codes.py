"""Signing in with a page: codes, redirects, proof keys, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REDIRECT = "http://127.0.0.1:54321/redirect"
QUERY = {"client_id": "demo-client", "response_type": "code", "redirect_uri": REDIRECT}
PAGE = f"/oauth/authorize?{urlencode(QUERY)}"


async def test_a_person_signs_in(place: Any) -> None:
    """The redirect carries a code and the state as it was given; the code gives tokens that are good."""
    ended = await place.sign_in(scope="read")
    assert set(ended) == {"code", "state"}
    assert ended["state"] == "s 1&"
    tokens = (await place.redeem(ended["code"])).body
    found = json.loads(tokens)
    assert (found["token_type"], found["expires_in"], found["scope"]) == ("Bearer", 3600, "read")
    bearer = place.state.bearer(found["access_token"])
    assert (bearer.subject, bearer.client_id, bearer.scopes) == ("demo", "demo-client", frozenset({"read"}))
    place.clock.now += 3600
    assert place.state.bearer(found["access_token"]) is None


async def test_denied(place: Any) -> None:
    """Whoever denies needs no password, and the client is told with its state."""
    ended = await place.sign_in(form={"answer": "deny", "username": "", "password": ""})
    assert ended == {"error": "access_denied", "error_description": "the user declined", "state": "s 1&"}


async def test_a_wrong_password(place: Any) -> None:
    """A wrong password shows the form again, with the name and without the password."""
    reply = await place.post(PAGE, {"username": '"><i>', "password": "wr0ng", "answer": "allow"})
    text = reply.body.decode()
    assert reply.status == 403
    assert "do not match" in text
    assert "wr0ng" not in text
    assert "<i>" not in text
    assert "&quot;&gt;&lt;i&gt;" in text


async def test_the_page_is_guarded(place: Any) -> None:
    """The page loads nothing, stands in no frame, and its form may only lead here and to the client's address."""
    reply = await place.ask("GET", PAGE)
    policy = reply.header("content-security-policy")
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert policy.endswith("form-action 'self' http://127.0.0.1:54321")
    assert reply.header("cache-control") == "no-store"
    assert "<script" not in reply.body.decode()


async def test_a_code_is_good_once(place: Any) -> None:
    """A code that comes again is refused, and what it gave the first time is revoked."""
    code = (await place.sign_in())["code"]
    first = json.loads((await place.redeem(code)).body)
    assert place.state.bearer(first["access_token"]) is not None
    again = await place.redeem(code)
    assert (again.status, b"invalid_grant" in again.body) == (400, True)
    assert place.state.bearer(first["access_token"]) is None
    refused = await place.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (refused.status, b"its code was used twice" in refused.body) == (400, True)


async def test_a_code_of_another_client(place: Any) -> None:
    """A code is worth nothing to another client, and stays good for its own."""
    code = (await place.sign_in())["code"]
    other = await place.redeem(code, client_id="demo-reader", client_secret="demo-reader-secret")
    assert (other.status, b"invalid_grant" in other.body) == (400, True)
    assert (await place.redeem(code)).status == 200


async def test_a_code_expires(place: Any) -> None:
    """After its time a code is refused."""
    code = (await place.sign_in())["code"]
    place.clock.now += 600
    late = await place.redeem(code)
    assert (late.status, b"the code has expired" in late.body) == (400, True)


@pytest.mark.parametrize("uri", ["http://127.0.0.1:54322/redirect", "http://localhost:54321/redirect"])
async def test_a_code_for_another_redirect(place: Any, uri: str) -> None:
    """A code is redeemed with the very address that it was sent to."""
    code = (await place.sign_in())["code"]
    other = await place.redeem(code, redirect_uri=uri)
    assert (other.status, b"invalid_grant" in other.body) == (400, True)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:54321/other",
        "http://127.0.0.1:54321/redirect?x=1",
        "http://127.0.0.1:54321/redirect#x",
        "http://127.0.0.1.example.com/redirect",
        "http://me@127.0.0.1:54321/redirect",
        "http://127.0.0.1:0/redirect",
        "http://127.0.0.1:99999/redirect",
        "https://127.0.0.1:54321/redirect",
        "https://evil.example.com/redirect",
        "file:///redirect",
        "javascript:alert(1)",
        "redirect",
        "",
    ],
)
async def test_a_wrong_redirect(place: Any, uri: str) -> None:
    """Nobody is sent to an address that is not registered: a page says so instead."""
    query = {"client_id": "demo-client", "response_type": "code", "state": "s", "redirect_uri": uri}
    reply = await place.ask("GET", f"/oauth/authorize?{urlencode(query)}")
    assert reply.status == 400
    assert reply.header("location") is None
    assert "This sign-in cannot be done" in reply.body.decode()


@pytest.mark.parametrize("uri", ["http://me@127.0.0.1:1/redirect", "http://127.0.0.1:1/redirect#x", "http://[::1"])
def test_what_only_looks_like_loopback(examples: Any, uri: str) -> None:
    """Besides the port nothing of a loopback address may differ."""
    redirects = importlib.import_module(f"{examples.__name__}.redirects")
    assert redirects.redirect_allowed(examples.CLIENT, "http://127.0.0.1:1/redirect")
    assert not redirects.redirect_allowed(examples.CLIENT, uri)


@pytest.mark.parametrize("uri", ["http://127.0.0.1/redirect", "http://localhost:1/redirect", "http://[::1]:8/redirect"])
async def test_loopback_ports(place: Any, uri: str) -> None:
    """A loopback address may have any port or none."""
    ended = await place.sign_in(redirect_uri=uri)
    assert (await place.redeem(ended["code"], redirect_uri=uri)).status == 200


async def test_an_exact_redirect(start: Any, examples: Any) -> None:
    """Another address is matched to the letter, and where it is the only one it need not be given."""
    client = examples.Client(id="demo-client", secret="demo-secret", redirect_uris=("https://example.com/back?x=1",))
    place = await start(clients=(client,))
    query = {"client_id": "demo-client", "response_type": "code"}
    answer = {"username": "demo", "password": "demo-password", "answer": "allow"}
    reply = await place.post(f"/oauth/authorize?{urlencode(query)}", answer)
    location = urlsplit(reply.header("location"))
    assert location.netloc == "example.com"
    found = dict(parse_qsl(location.query))
    assert found["x"] == "1"
    got = await place.token(grant_type="authorization_code", code=found["code"])
    assert got.status == 200, got.body
    other = await place.ask(
        "GET", f"/oauth/authorize?{urlencode({**query, 'redirect_uri': 'https://example.com:444/back?x=1'})}"
    )
    assert other.status == 400


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"scope": "read admin"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S512"}, "invalid_request"),
    ],
)
async def test_errors_go_to_the_client(place: Any, query: dict[str, str], error: str) -> None:
    """What is wrong with a request beyond client and redirect is told to the client, with its state."""
    ended = await place.sign_in(**query)
    assert (ended["error"], ended["state"], "code" in ended) == (error, "s 1&", False)


async def test_unknown_client_and_doubled_fields(place: Any) -> None:
    """A client that is not known, or fields that come twice, lead nowhere."""
    one = await place.ask("GET", f"/oauth/authorize?{urlencode({'client_id': 'x', 'redirect_uri': REDIRECT})}")
    two = await place.ask("GET", f"/oauth/authorize?client_id=demo-client&state=1&state=2&redirect_uri={REDIRECT}")
    odd = await place.ask("GET", "/oauth/authorize?client_id=%7B{ClientId}%ff&%zz=|")
    assert [each.status for each in (one, two, odd)] == [400, 400, 400]


@pytest.mark.parametrize("method", ["S256", "plain"])
async def test_a_proof_key(place: Any, method: str) -> None:
    """With a challenge only its verifier redeems the code."""
    challenge = CHALLENGE if method == "S256" else VERIFIER
    code = (await place.sign_in(code_challenge=challenge, code_challenge_method=method))["code"]
    assert (await place.redeem(code)).status == 400
    assert (await place.redeem(code, code_verifier="w" * 50)).status == 400
    assert (await place.redeem(code, code_verifier=VERIFIER)).status == 200


async def test_a_required_proof_key(start: Any) -> None:
    """Where proof keys are required, a sign-in without is refused and one with works."""
    place = await start(pkce="required")
    assert (await place.sign_in())["error"] == "invalid_request"
    code = (await place.sign_in(code_challenge=CHALLENGE, code_challenge_method="S256"))["code"]
    assert (await place.redeem(code)).status == 400
    assert (await place.redeem(code, code_verifier=VERIFIER)).status == 200


async def test_a_refused_proof_key(start: Any) -> None:
    """Where proof keys are refused, a sign-in with one fails and one without works."""
    place = await start(pkce="refused")
    refused = await place.sign_in(code_challenge=CHALLENGE, code_challenge_method="S256")
    assert (refused["error"], refused["error_description"]) == ("invalid_request", "code_challenge is not known here")
    assert (await place.redeem((await place.sign_in())["code"])).status == 200


async def test_a_public_client(place: Any) -> None:
    """A client without a secret redeems its code with its id alone, and is refused with a secret."""
    code = (await place.sign_in(client_id="demo-public"))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "client_id": "demo-public"}
    refused = await place.post("/oauth/token", {**form, "client_secret": "x"})
    assert (refused.status, b"the client is public" in refused.body) == (401, True)
    assert (await place.post("/oauth/token", form)).status == 200
    assert [asked.client_auth for asked in place.state.log][-2:] == ["body", "none"]
