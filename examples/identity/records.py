"""What the server remembers: sign-ins and the codes and tokens that were given for them. In memory, nothing else.

All of it is used from one event loop, and no method here waits, so each is a single step to everybody else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

KEPT = 20_000
"""Entries of one kind above which those that have ended are thrown away."""


@dataclass(slots=True, kw_only=True)
class Family:
    """One sign-in. All that was given for it ends with it."""

    client_id: str
    user: str
    """Empty for an app that signed in for itself."""
    ended: str = ""
    """Why nothing of it is good any more; empty while it is."""


@dataclass(slots=True, kw_only=True)
class Code:
    """An authorization code."""

    family: Family
    redirect_uri: str
    scopes: tuple[str, ...]
    resource: str
    challenge: str | None
    method: str | None
    expires: float
    used: bool = False


@dataclass(slots=True, kw_only=True)
class Access:
    """An access token."""

    family: Family
    rights: frozenset[str]
    """Scopes without the resource that they belong to."""
    audience: str
    issued: float
    expires: float


@dataclass(slots=True, kw_only=True)
class Refresh:
    """A refresh token."""

    family: Family
    scopes: tuple[str, ...]
    resource: str
    expires: float
    used: bool = False
    """Whether another one took its place."""


@dataclass(slots=True, kw_only=True)
class DeviceCode:
    """A sign-in that a device waits for."""

    user_code: str
    client_id: str
    scopes: tuple[str, ...]
    resource: str
    expires: float
    interval: float
    polled: float | None = None
    """When it was last asked for."""
    answer: Literal["", "allowed", "denied", "used"] = ""
    user: str = ""


@dataclass(slots=True, kw_only=True)
class Records:
    """Everything, by the secret that names it."""

    now: Callable[[], float]
    codes: dict[str, Code] = field(default_factory=dict, repr=False)
    accesses: dict[str, Access] = field(default_factory=dict, repr=False)
    refreshes: dict[str, Refresh] = field(default_factory=dict, repr=False)
    devices: dict[str, DeviceCode] = field(default_factory=dict, repr=False)
    assertions: dict[str, float] = field(default_factory=dict, repr=False)
    """``jti`` of client assertions that were used -> when they end."""

    def active(self, token: str) -> Access | None:
        """An access token that is good now."""
        found = self.accesses.get(token)
        if found is None or found.family.ended or found.expires <= self.now():
            return None
        return found

    def device(self, user_code: str) -> DeviceCode | None:
        """The device sign-in that waits for an answer under a code, however a person types that."""
        wanted = plain_code(user_code)
        for device in self.devices.values():
            if plain_code(device.user_code) == wanted and not device.answer and device.expires > self.now():
                return device
        return None

    def expire(self) -> int:
        """End all access tokens now; how many were good."""
        now = self.now()
        good = [access for access in self.accesses.values() if not access.family.ended and access.expires > now]
        for access in good:
            access.expires = now
        return len(good)

    def revoke(self, user: str, why: str) -> int:
        """End all sign-ins of a user, or of all users for ""; how many there were."""
        held = [each.family for each in self.codes.values()]
        held += [each.family for each in self.accesses.values()]
        held += [each.family for each in self.refreshes.values()]
        good = {id(family): family for family in held if family.user and not family.ended}
        ended = [family for family in good.values() if user in ("", family.user)]
        for family in ended:
            family.ended = why
        return len(ended)

    def tidy(self) -> None:
        """Throw away what has ended, where there is much of it."""
        now = self.now()
        kinds: tuple[dict[str, Any], ...] = (self.codes, self.accesses, self.refreshes, self.devices)
        for kind in kinds:
            if len(kind) > KEPT:
                _drop(kind, [name for name, each in kind.items() if each.expires <= now])
        if len(self.assertions) > KEPT:
            _drop(self.assertions, [name for name, end in self.assertions.items() if end <= now])


def plain_code(user_code: str) -> str:
    """A user code without case and what people put between its letters."""
    return "".join(letter for letter in user_code.upper() if letter.isalnum())


def _drop(kind: dict[str, Any], names: list[str]) -> None:
    for name in names:
        del kind[name]
