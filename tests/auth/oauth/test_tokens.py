"""Grants made of tokens, and when they have to be renewed."""

from __future__ import annotations

import pytest

from tieline.auth import oauth
from tieline.model import Grant, Secret


def lasting(seconds: float | None, obtained: float = 1000.0) -> Grant:
    """A grant whose token is good for so many seconds."""
    tokens = oauth.Tokens(access_token=Secret("at-1"), lifetime=seconds)
    return oauth.granted(tokens, "authorization_code", obtained)


def test_a_new_refresh_token_replaces_the_old_one() -> None:
    """Rotation: the returned refresh token is kept, without one the former is."""
    first = oauth.granted(
        oauth.Tokens(access_token=Secret("at-1"), refresh_token=Secret("rt-1"), lifetime=60, scope="read"),
        "authorization_code",
        1000.0,
    )
    kept = oauth.granted(oauth.Tokens(access_token=Secret("at-2")), "authorization_code", 1060.0, first)
    rotated = oauth.granted(
        oauth.Tokens(access_token=Secret("at-3"), refresh_token=Secret("rt-2")), "authorization_code", 1120.0, kept
    )
    assert (first.expires, first.refresh_token) == (1060.0, Secret("rt-1"))
    assert (kept.expires, kept.refresh_token, kept.scope) == (None, Secret("rt-1"), "read")
    assert (rotated.access_token, rotated.refresh_token) == (Secret("at-3"), Secret("rt-2"))


@pytest.mark.parametrize(
    ("lifetime", "now", "expired"),
    [
        (3600, 1000, False),
        (3600, 4299, False),
        (3600, 4300, True),
        (3600, 9000, True),
        (60, 1029, False),
        (60, 1030, True),
        (None, 1e12, False),
        (3600, 701, False),
        (3600, 699, True),
    ],
)
def test_tokens_are_renewed_a_little_early(lifetime: float | None, now: float, expired: bool) -> None:
    """Five minutes before the end, half the lifetime for short tokens, and when the clock went back."""
    assert oauth.expired(lasting(lifetime), now, oauth.Settings()) is expired


def test_the_margin_is_a_setting() -> None:
    """With no margin a token is used to its end."""
    assert not oauth.expired(lasting(60), 1059.0, oauth.Settings(early=0))
    assert oauth.expired(lasting(60), 1060.0, oauth.Settings(early=0))
