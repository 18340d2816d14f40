"""The other grants, the shapes of replies, and how clients prove themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

USER = {"username": "demo", "password": "demo-password"}
APP = {"client_id": "demo-client", "client_secret": "demo-secret"}
CASES = json.loads((Path(__file__).parent / "data" / "refusals.json").read_text(encoding="utf-8"))


async def test_an_app_by_itself(place: Any) -> None:
    """Client credentials give an access token of the app and no refresh token."""
    found = await place.tokens(grant_type="client_credentials", scope="read")
    assert "refresh_token" not in found
    bearer = place.state.bearer(found["access_token"])
    assert (bearer.subject, bearer.scopes) == ("demo-client", {"read"})


async def test_a_password(place: Any) -> None:
    """User name and password give tokens of the user, with all scopes of the app where none is asked for."""
    found = await place.tokens(grant_type="password", **USER)
    bearer = place.state.bearer(found["access_token"])
    assert (bearer.subject, bearer.scopes) == ("demo", {"read", "write"})
    assert (await place.tokens(grant_type="refresh_token", refresh_token=found["refresh_token"]))["access_token"]


async def test_on_behalf(place: Any) -> None:
    """A user's token is exchanged for one for another resource; taking consent back ends both."""
    form = {"grant_type": "password", **USER, "scope": "api://demo-client/.default"}
    assertion = (await place.tokens("/contoso/oauth2/v2.0/token", **form))["access_token"]
    behalf = {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": assertion,
        "requested_token_use": "on_behalf_of",
        "scope": "api://inventory/.default",
    }
    found = await place.tokens("/contoso/oauth2/v2.0/token", **behalf)
    bearer = place.state.bearer(found["access_token"])
    assert (bearer.subject, bearer.audience, bearer.scopes) == ("demo", "api://inventory", {"read", "write"})
    other = await place.token("/contoso/oauth2/v2.0/token", **{**behalf, "assertion": found["access_token"]})
    assert json.loads(other.body)["error_codes"] == [500131]
    place.state.revoke("demo")
    assert place.state.bearer(found["access_token"]) is None
    late = await place.token("/contoso/oauth2/v2.0/token", **behalf)
    assert (late.status, json.loads(late.body)["error_codes"]) == (400, [50013])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
async def test_refusals(place: Any, case: dict[str, Any]) -> None:
    """What is wrong with a token request gives its status, its error and, on Microsoft's paths, its number."""
    form = {**({} if case.get("alone") else APP), **case["form"]}
    reply = await place.post(case.get("path", "/oauth/token"), form, **case.get("headers", {}))
    found = json.loads(reply.body)
    assert (reply.status, found["error"]) == (case["status"], case["error"]), found
    assert reply.header("cache-control") == "no-store"
    assert (reply.header("www-authenticate") is not None) == (reply.status == 401)
    if "number" in case:
        assert found["error_codes"] == [case["number"]]
        assert found["error_description"].startswith(f"AADSTS{case['number']}: ")
        assert "Trace ID: " in found["error_description"]
    else:
        assert set(found) <= {"error", "error_description"}
    assert place.state.log[-1].error == case["error"]


async def test_every_error_as_entra(start: Any) -> None:
    """The style of errors is a setting too."""
    entra, plain = await start(errors="entra"), await start(errors="oauth")
    assert "error_codes" in json.loads((await entra.token(grant_type="x")).body)
    assert "error_codes" not in json.loads((await plain.token("/common/oauth2/token", grant_type="x")).body)


@pytest.mark.parametrize(("told", "expected"), [("number", 3600), ("text", "3600"), ("missing", None)])
async def test_expires_in(start: Any, told: str, expected: Any) -> None:
    """The lifetime is told as a number, as text, or not at all."""
    place = await start(expires_in=told)
    assert (await place.tokens(grant_type="client_credentials")).get("expires_in") == expected
    old = await place.tokens("/t/oauth2/token", grant_type="client_credentials", resource="api://inventory")
    assert ("expires_in" in old, "expires_on" in old) == (told != "missing",) * 2


async def test_a_short_life(start: Any) -> None:
    """A lifetime of nothing is one."""
    place = await start(lifetime=0)
    found = await place.tokens(grant_type="client_credentials")
    assert found["expires_in"] == 0
    assert place.state.bearer(found["access_token"]) is None


async def test_tokens_as_a_form(start: Any) -> None:
    """A reply may be form-encoded; errors stay JSON."""
    place = await start(token_format="form")
    reply = await place.token(grant_type="client_credentials")
    assert reply.media_type == "application/x-www-form-urlencoded"
    found = dict(parse_qsl(reply.body.decode()))
    assert found["expires_in"] == "3600"
    assert place.state.bearer(found["access_token"]) is not None
    assert (await place.token(grant_type="x")).media_type == "application/json"


@pytest.mark.parametrize(("allowed", "body", "header"), [("both", 200, 200), ("body", 200, 401), ("basic", 401, 200)])
async def test_where_the_secret_is(start: Any, basic: Any, allowed: str, body: int, header: int) -> None:
    """A secret counts in the places that are allowed, and 401 says how to come otherwise."""
    place = await start(client_auth=allowed)
    form = {"grant_type": "client_credentials"}
    one = await place.post("/oauth/token", {**form, **APP})
    two = await place.post("/oauth/token", form, Authorization=basic("demo-client", "demo-secret"))
    assert (one.status, two.status) == (body, header)
    refused = one if body == 401 else two
    assert (refused.header("www-authenticate") is None) == (refused.status == 200)
    assert [asked.client_auth for asked in place.state.log] == ["body", "basic"]


async def test_an_odd_secret_in_a_header(start: Any, examples: Any, basic: Any) -> None:
    """A Basic header is read both encoded as RFC 6749 wants it and as it is."""
    client = examples.Client(id="a b:c", secret="s+1/%41:€")
    place = await start(clients=(client, examples.Client(id="x", secret="s+1/%41:€")))
    form = {"grant_type": "client_credentials"}
    encoded = basic("a+b%3Ac", "s%2B1%2F%2541%3A%E2%82%AC")
    assert (await place.post("/oauth/token", form, Authorization=encoded)).status == 200
    assert (await place.post("/oauth/token", form, Authorization=basic("x", "s+1/%41:€"))).status == 200
    assert (await place.post("/oauth/token", form, Authorization=basic("x", "s 1/A:€"))).status == 401


async def test_fields_in_the_query(start: Any) -> None:
    """Fields in the token endpoint's URL are refused unless the setting takes them."""
    form = {"grant_type": "client_credentials"}
    query = "/oauth/token?client_id=demo-client&client_secret=demo-secret"
    assert (await (await start()).post(query, form)).status == 400
    place = await start(token_query="accepted")
    assert (await place.post(query, form)).status == 200
    assert place.state.log[-1].path == "/oauth/token"


async def test_paths_of_ones_own(start: Any) -> None:
    """The endpoints can be at any paths, for connectors whose URLs are their own."""
    place = await start(
        authorize_paths=("/services/oauth2/authorize", "/{rest:path}authorize"),
        token_paths=("/services/oauth2/token", "/{rest:path}"),
    )
    for base in ("/services/oauth2/", "/o/auth/v2/", "/"):
        code = (await place.sign_in(f"{base}authorize"))["code"]
        assert (await place.redeem(code, f"{base}token")).status == 200
    found = await place.tokens("/contoso/oauth2/token", grant_type="client_credentials", resource="api://inventory")
    assert found["resource"] == "api://inventory"
    assert (await place.ask("GET", "/health")).status == 200


async def test_a_client_that_may_less(start: Any, examples: Any) -> None:
    """A client uses only the grants and scopes that it is registered for."""
    client = examples.Client(id="demo-client", secret="demo-secret", grants=("authorization_code",), scopes=("read",))
    place = await start(clients=(client,))
    refused = await place.token(grant_type="client_credentials")
    assert json.loads(refused.body)["error"] == "unauthorized_client"
    found = json.loads((await place.redeem((await place.sign_in())["code"])).body)
    assert "refresh_token" not in found
    assert found["scope"] == "read"


async def test_any_scope(start: Any, examples: Any) -> None:
    """A client may be let to ask for anything."""
    client = examples.Client(id="demo-client", secret="demo-secret", scopes=("read", examples.ANY))
    place = await start(clients=(client,))
    found = await place.tokens(grant_type="client_credentials", scope="https://example.com/auth/mail x.y:z")
    assert place.state.bearer(found["access_token"]).scopes == {"mail", "x.y:z"}


async def test_a_body_that_is_too_large(place: Any) -> None:
    """A body beyond the cap, of another kind or of odd bytes gives an error and nothing else."""
    large = await place.post("/oauth/token", {"x": "y" * 70_000})
    odd = await place.ask("POST", "/oauth/token", b"{}", Content_Type="application/json")
    bytes_ = await place.ask(
        "POST",
        "/oauth/token",
        b"\xff%ff&=&a=%zz&grant_type=|",
        Content_Type=("application/x-www-form-urlencoded; charset=x"),
    )
    assert [each.status for each in (large, odd, bytes_)] == [400, 400, 400]
    assert json.loads(bytes_.body)["error"] == "unsupported_grant_type"
