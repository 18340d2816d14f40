"""Renewing: tokens that rotate, stay or are not given, and consent that is taken back."""

from __future__ import annotations

import asyncio
import json
from typing import Any


async def signed_in(place: Any, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((await place.redeem((await place.sign_in(**query))["code"])).body)
    return found


async def refreshed(place: Any, token: str, **form: str) -> tuple[int, dict[str, Any]]:
    reply = await place.token("/oauth/refresh", grant_type="refresh_token", refresh_token=token, **form)
    return reply.status, json.loads(reply.body)


async def test_rotation(place: Any) -> None:
    """Each refresh gives new tokens; a refresh token that comes again ends all that its sign-in gave."""
    first = await signed_in(place)
    _, second = await refreshed(place, first["refresh_token"])
    status, third = await refreshed(place, second["refresh_token"])
    assert status == 200
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3
    assert place.state.bearer(third["access_token"]) is not None
    status, refused = await refreshed(place, first["refresh_token"])
    assert (status, refused["error"]) == (400, "invalid_grant")
    assert "used twice" in refused["error_description"]
    assert place.state.bearer(third["access_token"]) is None
    assert (await refreshed(place, third["refresh_token"]))[0] == 400


async def test_a_family_of_its_own(place: Any) -> None:
    """What one sign-in loses does not touch another of the same person."""
    first, other = await signed_in(place), await signed_in(place)
    await refreshed(place, first["refresh_token"])
    await refreshed(place, first["refresh_token"])
    assert place.state.bearer(other["access_token"]) is not None
    assert (await refreshed(place, other["refresh_token"]))[0] == 200


async def test_many_at_once(place: Any) -> None:
    """Of many refreshes with one token at the same time exactly one is granted."""
    token = (await signed_in(place))["refresh_token"]
    results = await asyncio.gather(*(refreshed(place, token) for _ in range(20)))
    assert sorted(status for status, _ in results) == [200] + [400] * 19


async def test_fixed(start: Any) -> None:
    """A fixed refresh token comes back unchanged, and stays good until it expires."""
    place = await start(refresh="fixed", refresh_lifetime=100_000)
    first = await signed_in(place)
    for _ in range(3):
        status, again = await refreshed(place, first["refresh_token"])
        assert (status, again["refresh_token"]) == (200, first["refresh_token"])
        assert place.state.bearer(again["access_token"]) is not None
    place.clock.now += 100_000
    status, late = await refreshed(place, first["refresh_token"])
    assert (status, late["error_description"]) == (400, "the refresh token has expired")


async def test_none(start: Any) -> None:
    """Where there are no refresh tokens, none is given."""
    assert "refresh_token" not in await signed_in(await start(refresh="none"))


async def test_offline_access(start: Any) -> None:
    """Where the scope offline_access is wanted, only that gives a refresh token."""
    place = await start(offline_access=True)
    assert "refresh_token" not in await signed_in(place, scope="read")
    assert "refresh_token" in await signed_in(place, scope="read offline_access")


async def test_less_and_more(place: Any) -> None:
    """A refresh may ask for less for once, and not for more than was granted."""
    first = await signed_in(place, scope="read write")
    _, less = await refreshed(place, first["refresh_token"], scope="read")
    assert place.state.bearer(less["access_token"]).scopes == {"read"}
    _, all_again = await refreshed(place, less["refresh_token"])
    assert place.state.bearer(all_again["access_token"]).scopes == {"read", "write"}
    reading = await signed_in(place, scope="read")
    status, refused = await refreshed(place, reading["refresh_token"], scope="read write")
    assert (status, refused["error"]) == (400, "invalid_scope")


async def test_another_client(place: Any) -> None:
    """A refresh token is worth nothing to another client."""
    first = await signed_in(place)
    other = {"client_id": "demo-reader", "client_secret": "demo-reader-secret"}
    assert (await refreshed(place, first["refresh_token"], **other))[1]["error"] == "invalid_grant"
    assert (await refreshed(place, first["refresh_token"]))[0] == 200


async def test_revoked_consent(place: Any) -> None:
    """Taking consent back ends access and refresh tokens of that user, and no app's own."""
    first = await signed_in(place)
    own = await place.tokens(grant_type="client_credentials")
    assert json.loads((await place.post("/admin/revoke", {"user": "nobody"})).body) == {"ended": 0}
    assert place.state.bearer(first["access_token"]) is not None
    assert json.loads((await place.post("/admin/revoke", {"user": "demo"})).body) == {"ended": 1}
    assert place.state.bearer(first["access_token"]) is None
    assert place.state.bearer(own["access_token"]) is not None
    status, refused = await refreshed(place, first["refresh_token"])
    assert (status, refused["error"]) == (400, "invalid_grant")
    assert "consent was revoked" in refused["error_description"]
    assert (await refreshed(place, (await signed_in(place))["refresh_token"]))[0] == 200


async def test_expired_now(place: Any) -> None:
    """Ending all access tokens leaves the refresh tokens good."""
    first = await signed_in(place)
    assert json.loads((await place.ask("POST", "/admin/expire")).body) == {"ended": 1}
    assert place.state.bearer(first["access_token"]) is None
    status, again = await refreshed(place, first["refresh_token"])
    assert status == 200
    assert place.state.bearer(again["access_token"]) is not None
