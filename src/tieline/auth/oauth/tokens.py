"""What an identity provider gives: tokens, and the codes of the device grant. When a grant has to be renewed."""

from __future__ import annotations

from dataclasses import dataclass

from ...model import Grant, GrantType, Secret
from .settings import DEFAULTS, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A reply that grants something."""

    access_token: Secret
    refresh_token: Secret | None = None
    """None when the provider gave none."""
    lifetime: float | None = None
    """Seconds; None when the provider did not say, or said nothing above zero."""
    scope: str = ""
    """As given; empty when it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What a person types on another machine to let this one in (RFC 8628)."""

    code: Secret
    """For the polls; never shown."""
    user_code: str
    """What the person types."""
    verification_url: str
    """Where."""
    complete_url: str = ""
    """The same with the code in it; empty when the provider gave none."""
    interval: float = 5.0
    """Seconds between polls."""
    lifetime: float = 900.0
    """Seconds until the codes are worth nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A poll came before the person had approved."""

    interval: float
    """Seconds until the next poll; longer than before when the provider asked to slow down."""


def granted(tokens: Tokens, type: GrantType, now: float, former: Grant | None = None) -> Grant:
    """The grant that tokens are. A returned refresh token replaces the former one, else that one is kept (RFC 6749,
    section 6); the same goes for the scope."""
    kept = former.refresh_token if former is not None else None
    scope = former.scope if former is not None else ""
    return Grant(
        type=type,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or kept,
        obtained=now,
        expires=None if tokens.lifetime is None else now + tokens.lifetime,
        scope=tokens.scope or scope,
    )


def expired(grant: Grant, now: float, settings: Settings = DEFAULTS) -> bool:
    """Whether an access token has to be renewed before it is used.

    A token without a known end never has to be (inferred). It has as well when this machine's clock went back behind
    the time at which the token came by more than the margin: then nobody knows how old it is.
    """
    if grant.expires is None:
        return False
    margin = min(settings.early, max(0.0, grant.expires - grant.obtained) / 2)
    return now >= grant.expires - margin or now < grant.obtained - settings.early
