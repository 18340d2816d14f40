"""Inventory takes the tokens that Identity gives."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.app.example import load_inventory
from tieline.net.listener import listen

PRODUCT = b'{"name": "Lamp", "category": "Tests", "price": 12.5, "quantity": 3}'
JSON = "application/json"


@pytest.fixture
async def api(place: Any) -> AsyncIterator[str]:
    """An Inventory API that takes the tokens of the identity server."""
    app = load_inventory().create_app(bearer=place.state.bearer, identity_url=place.origin)
    async with listen(app) as address:
        yield address


async def test_reading_and_writing(place: Any, api: str) -> None:
    """A token reads and writes as its scopes say; a key still works."""
    both = "Bearer " + (await place.tokens(grant_type="client_credentials"))["access_token"]
    reading = "Bearer " + (await place.tokens(grant_type="client_credentials", scope="read"))["access_token"]
    url = f"{api}/v1/products"
    assert (await place.ask("GET", url, Authorization=both)).status == 200
    assert (await place.ask("GET", url, Authorization=reading)).status == 200
    assert (await place.ask("POST", url, PRODUCT, Content_Type=JSON, Authorization=both)).status == 201
    refused = await place.ask("POST", url, PRODUCT, Content_Type=JSON, Authorization=reading)
    assert refused.status == 403
    assert refused.header("www-authenticate") == 'Bearer realm="inventory", error="insufficient_scope", scope="write"'
    assert json.loads(refused.body)["code"] == "Forbidden"
    assert (await place.ask("GET", url, X_API_Key="demo-key")).status == 200
    assert (await place.ask("GET", url, X_API_Key="demo-key", Authorization="Basic x")).status == 200
    writing = (await place.tokens(grant_type="client_credentials", scope="write"))["access_token"]
    assert (await place.ask("GET", url, Authorization=f"bearer {writing}")).status == 403


async def test_no_good_token(place: Any, api: str) -> None:
    """A token that has expired or was revoked, and nothing at all, give 401 and how to come."""
    url = f"{api}/v1/products"
    code = (await place.sign_in())["code"]
    token = "Bearer " + json.loads((await place.redeem(code)).body)["access_token"]
    assert (await place.ask("GET", url, Authorization=token)).status == 200
    place.state.revoke("demo")
    own = "Bearer " + (await place.tokens(grant_type="client_credentials"))["access_token"]
    place.clock.now += 3600
    for header in (token, own, "Bearer x", "Bearer "):
        refused = await place.ask("GET", url, Authorization=header)
        assert refused.status == 401
        assert 'Bearer realm="inventory", error="invalid_token"' in refused.header("www-authenticate")
    nothing = await place.ask("GET", url)
    assert nothing.status == 401
    assert nothing.header("www-authenticate") == 'Bearer realm="inventory", ApiKey header="X-API-Key"'


async def test_keys_alone(place: Any) -> None:
    """Without a way to verify tokens the API is as it was, and there is no second description."""
    async with listen(load_inventory().create_app()) as address:
        refused = await place.ask("GET", f"{address}/v1/products", Authorization="Bearer x")
        assert refused.header("www-authenticate") == 'ApiKey header="X-API-Key"'
        assert (await place.ask("GET", f"{address}/openapi-oauth.yaml")).status == 404


async def test_the_second_description(place: Any, api: str) -> None:
    """The description with OAuth differs from the other in how to sign in, and in nothing else."""
    plain = yaml.safe_load((await place.ask("GET", f"{api}/openapi.yaml")).body)
    other = yaml.safe_load((await place.ask("GET", f"{api}/openapi-oauth.yaml")).body)
    assert other.pop("security") == [{"oauth": ["read", "write"]}]
    scheme = other["components"].pop("securitySchemes")["oauth"]
    flow = scheme["flows"]["authorizationCode"]
    assert flow["authorizationUrl"] == f"{place.origin}/oauth/authorize"
    assert set(flow["scopes"]) == {"read", "write"}
    assert plain.pop("security") == [{"apiKey": []}]
    assert set(plain["components"].pop("securitySchemes")) == {"apiKey"}
    assert other == plain


def test_a_changed_description_is_noticed(tmp_path: Path) -> None:
    """A description in which the way to sign in is not where it was is refused."""
    load_inventory()
    from tieline_example_inventory.oauth import with_oauth  # type: ignore[import-not-found]

    with pytest.raises(ValueError, match="how to sign in"):
        with_oauth("openapi: 3.0.3\n", "http://127.0.0.1:1")
