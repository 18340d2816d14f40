"""What a call of the API passes first: its key or token, its share of the rate, and a failure that was asked for."""

from __future__ import annotations

import hmac
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .problems import Problem

KEY_HEADER = "X-API-Key"

READ, WRITE = "read", "write"
"""Scopes that a bearer token needs: the second for whatever changes something."""

MOST_SUBJECTS = 1000
"""Owners of tokens whose share of the rate is remembered; beyond them it starts anew for all."""

FAILURES_PATH = "/demo/failures"
"""Below the API's root. Calls of it never fail on request, since it is the way to end the failures."""

_READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How fast one key may call. The default is out of reach of people and flows."""

    per_second: float = 1000.0
    burst: float = 5000.0
    """How many calls a key may make at once after a rest."""


class Bucket:
    """A token bucket: fills steadily up to the burst, and each call takes one token out."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._capacity = max(1.0, rate.burst)
        self._tokens = self._capacity
        self._filled = clock()

    def take(self) -> float:
        """Take a token: 0, or the seconds until there is one."""
        now = self._clock()
        self._tokens = min(self._capacity, self._tokens + (now - self._filled) * self._rate.per_second)
        self._filled = now
        if self._tokens < 1.0:
            return (1.0 - self._tokens) / self._rate.per_second
        self._tokens -= 1.0
        return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Failures that somebody asked for."""

    status: int
    times: int
    """How many more calls fail."""
    retry_after: int | None
    """Seconds for the `Retry-After` header; None for no such header."""


class Failures:
    """Holds the plan of failures, if there is one."""

    def __init__(self) -> None:
        self.plan: Plan | None = None

    def next(self) -> Plan | None:
        """The failure that this call must have, or None; counts it."""
        plan = self.plan
        if plan is not None:
            self.plan = replace(plan, times=plan.times - 1) if plan.times > 1 else None
        return plan


@dataclass(slots=True, kw_only=True)
class Key:
    """One API key."""

    secret: str = field(repr=False)
    may_write: bool
    bucket: Bucket


class Bearer(Protocol):
    """What is known of a bearer token that is good."""

    @property
    def subject(self) -> str:
        """Whose it is."""

    @property
    def scopes(self) -> frozenset[str]:
        """What it is good for."""


Verify = Callable[[str], Bearer | None]
"""Says what a bearer token is good for; None for one that is not good."""


class Holders:
    """Those who come with bearer tokens, as keys. Raises :class:`Problem` with 401 (RFC 6750, section 3)."""

    def __init__(self, verify: Verify, rate: Rate) -> None:
        self._verify = verify
        self._rate = rate
        self._buckets: dict[str, Bucket] = {}

    def key(self, token: str, *, writing: bool) -> Key:
        """The key that a token is for a call."""
        found = self._verify(token)
        if found is None:
            message = "the access token is not known, has expired or was revoked"
            raise Problem(401, message, headers=_challenge(error="invalid_token", error_description=message))
        needed = WRITE if writing else READ
        if needed not in found.scopes:
            message = f'the access token lacks the scope "{needed}"'
            raise Problem(403, message, headers=_challenge(error="insufficient_scope", scope=needed))
        if len(self._buckets) > MOST_SUBJECTS:
            self._buckets.clear()
        bucket = self._buckets.setdefault(found.subject, Bucket(self._rate))
        return Key(secret="", may_write=True, bucket=bucket)  # what it lacks was refused above


class Gate:
    """ASGI middleware around the API. Raises :class:`Problem` with 401, 403, 429, or whatever failure was asked for."""

    def __init__(self, app: ASGIApp, keys: tuple[Key, ...], failures: Failures, holders: Holders | None = None) -> None:
        self._app = app
        self._keys = keys
        self._failures = failures
        self._holders = holders

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the call pass, or raise."""
        key = self._admitted(Headers(scope=scope), writing=scope["method"] not in _READING)
        wait = key.bucket.take()
        if wait:
            seconds = max(1, math.ceil(wait))
            raise Problem(429, f"too many calls, try again in {seconds} s", headers={"Retry-After": str(seconds)})
        if not scope["path"].endswith(FAILURES_PATH):
            self._fail_on_request()
        if scope["method"] not in _READING and not key.may_write:
            raise Problem(403, "this key may only read")
        await self._app(scope, receive, send)

    def _admitted(self, headers: Headers, *, writing: bool) -> Key:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if self._holders is not None and scheme.lower() == "bearer" and KEY_HEADER not in headers:
            return self._holders.key(token.strip(), writing=writing)
        return self._key(headers.get(KEY_HEADER))

    def _key(self, given: str | None) -> Key:
        for key in self._keys:
            # Header values arrive as Latin-1 of the bytes that were sent.
            if given is not None and hmac.compare_digest(given.encode("latin-1"), key.secret.encode("utf-8")):
                return key
        message = f"the header {KEY_HEADER} is missing" if given is None else f"the key in {KEY_HEADER} is not known"
        challenge = f'ApiKey header="{KEY_HEADER}"'
        if self._holders is not None:
            challenge = f"{_challenge()['WWW-Authenticate']}, {challenge}"
        raise Problem(401, message, headers={"WWW-Authenticate": challenge})

    def _fail_on_request(self) -> None:
        plan = self._failures.next()
        if plan is None:
            return
        headers = {} if plan.retry_after is None else {"Retry-After": str(plan.retry_after)}
        more = plan.times - 1
        raise Problem(plan.status, f"this failure was asked for, and {more} more after it", headers=headers)


def _challenge(**parts: str) -> dict[str, str]:
    """The header that says how to come with a bearer token, and what was wrong with the one that came."""
    given = "".join(f', {name}="{value}"' for name, value in parts.items())
    return {"WWW-Authenticate": f'Bearer realm="inventory"{given}'}
