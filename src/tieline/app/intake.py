"""Webhook intake: takes notifications in at unguessable URLs, persists them, and then answers 202.

An ASGI app of its own, without a framework, since this is the one place where thousands of requests a second come in.
The URLs have the shape and the character classes of the platform's (reference: triggers, section 1.1): services that
re-encode or cut them break here as they would there.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

from ..model import Reply, Request, TielineError
from ..net.guard import Message, Receive, Scope, Send, refuse
from ..triggers import WebhookState, accepts, handshake, subscription_key
from ..triggers.protocol import Key, Notified

if TYPE_CHECKING:
    from ..engine.protocol import Engine

PREFIX = "/workflows/"
"""What the path of every callback URL begins with."""

VERSION = "08585287554177334956853859655CU00"
"""``versions/{…}``: of the length of the platform's; means nothing."""

QUERY = "api-version=2016-10-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig="
"""The query but for the signature: with ``%2F`` and ``&``, as the platform's."""

IDS = (b"webhook-id", b"ce-id", b"x-github-delivery", b"x-shopify-webhook-id", b"idempotency-key")
"""Headers in which a sender tells a notification apart; the same one again is the same event, and is taken once. An
extension: the platform starts a run for each POST. ``x-request-id`` is none of them: it is handed on through all that
one request brings about, which may be several notifications."""

TAKING = frozenset({"POST", "PUT", "PATCH"})
"""Methods of a notification. Services send POST (reference: triggers, section 1.1); what the platform answers to others
is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """How much is taken in at a time."""

    body: int = 10 * 1024 * 1024
    """Bytes of one notification; more is answered 413."""
    each: int = 256
    """Notifications of one subscription that are being taken in at a time; more are answered 429."""
    all: int = 2048
    """Notifications of all subscriptions; more are answered 503."""
    seconds: float = 30.0
    """How long a sender may take for the body; then it is answered 408."""
    memory: int = 256 * 1024 * 1024
    """Bytes of bodies that come in several pieces and are not complete yet, of all subscriptions; more are answered
    503."""


@dataclass(slots=True)
class _Taking:
    """What is being taken in."""

    each: dict[str, int] = field(default_factory=dict)
    all: int = 0
    bytes: int = 0


class Notices(Protocol):
    """Who is told of what comes in."""

    def shaken(self, key: Key) -> None:
        """A handshake of a service was answered."""

    def notified(self, state: WebhookState, body: bytes, content_type: str) -> None:
        """A notification was persisted and answered."""


class Intake:
    """The callback URLs of one server. Raises nothing: every request is answered."""

    def __init__(
        self,
        engine: Engine,
        secret: bytes,
        base: Callable[[], str],
        limits: IntakeLimits = IntakeLimits(),
        notices: Notices | None = None,
    ) -> None:
        """Takes the engine, the secret that signs URLs, the public address, limits, and who is told (None: nobody; then
        handshakes are not answered either, as the platform does)."""
        self._engine = engine
        self._secret = secret
        self._base = base
        self._limits = limits
        self._notices = notices
        self._signatures: dict[str, bytes] = {}
        self._taking = _Taking()
        self.taken = 0
        """Notifications that were persisted since the start."""
        self.refused: dict[int, int] = {}
        """Notifications that were not taken, by status."""
        self._failed: tuple[int, TielineError] | None = None

    def url(self, subscription: str, name: str) -> str:
        """The callback URL of a subscription."""
        path = f"{PREFIX}{subscription}/triggers/{quote(name, safe='')}/versions/{VERSION}/run"
        return f"{self._base()}{path}?{QUERY}{self._signature(subscription).decode()}"

    def leads_here(self, url: str) -> bool:
        """Whether a callback URL that was registered before is one of this server."""
        return url.startswith(f"{self._base()}{PREFIX}")

    @property
    def failing(self) -> TielineError | None:
        """Why the last notification could not be kept; None when it was, or when there was none."""
        return self._failed[1] if self._failed is not None and self._failed[0] == self.taken else None

    def mended(self) -> None:
        """Says that something else could be kept since."""
        self._failed = None

    def _signature(self, subscription: str) -> bytes:
        digest = hmac.digest(self._secret, subscription.encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=")

    async def _known(self, subscription: str, given: bytes) -> WebhookState | None:
        """The subscription that a URL belongs to. The signature counts first, so that nobody learns which ids there
        are, and made-up ones cost no look into the store."""
        expected = self._signatures.get(subscription) or self._signature(subscription)
        if not hmac.compare_digest(given, expected):
            return None
        state = await self._engine.state(subscription_key(subscription))
        if not isinstance(state, WebhookState):
            return None
        if len(self._signatures) < MOST_SIGNATURES:
            self._signatures[subscription] = expected
        return state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        subscription = scope["path"][len(PREFIX) :].partition("/")[0]
        try:
            state = await self._known(subscription, _given_signature(scope["query_string"]))
        except TielineError as error:
            await self._not_kept(error, scope, send)
            return
        if state is None:
            await self._refuse(scope, send, 401, NOT_COMPLETE)
            return
        taking = self._taking
        busy = taking.each.get(subscription, 0)
        if taking.all >= self._limits.all or busy >= self._limits.each:
            await self._refuse(scope, send, 503 if taking.all >= self._limits.all else 429, "too many at a time")
            return
        taking.all += 1
        taking.each[subscription] = busy + 1
        try:
            await self._take(state, scope, receive, send)
        finally:
            taking.all -= 1
            left = taking.each[subscription] - 1
            if left:
                taking.each[subscription] = left
            else:
                del taking.each[subscription]

    async def _take(self, state: WebhookState, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await self._body(receive)
        except TimeoutError:
            await self._refuse(scope, send, 408, "the body did not come in time")
            return
        except _Refused as refused:
            await self._refuse(scope, send, *refused.args)
            return
        if self._notices is not None and _may_be_handshake(scope, body):
            said = handshake(_message(scope, body))
            if said is not None:
                self._notices.shaken(subscription_key(state.subscription.id))
                await _answer(send, said)
                return
        if not accepts(state):
            await self._refuse(scope, send, 404, NOBODY)
        elif scope["method"] not in TAKING:
            await self._refuse(scope, send, 405, "notifications are sent with POST")
        else:
            await self._keep(state, scope, body, send)

    async def _keep(self, state: WebhookState, scope: Scope, body: bytes, send: Send) -> None:
        """Persists the notification, and only then answers."""
        content_type, own = _told_apart(scope)
        given = Notified(body=body, content_type=content_type, method=scope["method"], id=own or os.urandom(16).hex())
        try:
            await self._engine.submit(subscription_key(state.subscription.id), given, own)
        except TielineError as error:
            await self._not_kept(error, scope, send)
            return
        self.taken += 1
        await send(ACCEPTED)
        await send(EMPTY)
        if self._notices is not None:
            self._notices.notified(state, body, content_type)

    async def _body(self, receive: Receive) -> bytes:
        """The whole body. Raises ``_Refused`` when it is too large or the sender hung up."""
        message = await receive()
        if message["type"] != "http.request":
            raise _Refused(400, GONE)
        if message.get("more_body"):
            return await self._pieces(message, receive)
        body: bytes = message.get("body", b"")
        if len(body) > self._limits.body:
            raise self._too_large()
        return body

    async def _pieces(self, message: Message, receive: Receive) -> bytes:
        """A body that comes in several pieces: what all such bodies hold is limited while they come."""
        taking, limits = self._taking, self._limits
        parts: list[bytes] = []
        size = 0
        try:
            while True:
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                taking.bytes += len(parts[-1])
                if size > limits.body:
                    raise self._too_large()
                if taking.bytes > limits.memory:
                    raise _Refused(503, "too much at a time")
                if not message.get("more_body"):
                    return b"".join(parts)
                message = await receive()
                if message["type"] != "http.request":
                    raise _Refused(400, GONE)
        finally:
            taking.bytes -= size

    def _too_large(self) -> _Refused:
        return _Refused(413, f"the notification is larger than {self._limits.body} bytes")

    async def _not_kept(self, error: TielineError, scope: Scope, send: Send) -> None:
        """What went wrong is for the people here, not for whoever sent the notification."""
        self._failed = (self.taken, error)
        await self._refuse(scope, send, 503, "the notification could not be kept; send it again later")

    async def _refuse(self, scope: Scope, send: Send, status: int, reason: str) -> None:
        self.refused[status] = self.refused.get(status, 0) + 1
        await refuse(scope, send, status, reason, RETRY_AFTER.get(status, ()))


class _Refused(Exception):
    """A notification that is not taken: status and reason."""


def _given_signature(query: bytes) -> bytes:
    """The last ``sig`` of a query, as sent; services that encode it once more are not understood, as there."""
    _, found, signature = query.rpartition(b"sig=")
    return signature.partition(b"&")[0] if found else b""


def _told_apart(scope: Scope) -> tuple[str, str]:
    """The content type, and what the sender tells the notification apart by; empty for nothing."""
    content_type = sender_id = ""
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value.decode("latin-1")
        elif name in IDS and not sender_id:
            sender_id = _sender_id(scope, name, value)
    return content_type, sender_id


def _sender_id(scope: Scope, name: bytes, value: bytes) -> str:
    """An id with what makes it one: those of CloudEvents are told apart within their source."""
    if name == b"ce-id":
        value += b" " + b" ".join(other for there, other in scope["headers"] if there == b"ce-source")
    shown = value.decode("latin-1") if len(value) <= LONGEST_ID else hashlib.sha256(value).hexdigest()
    return f"{name.decode()} {shown}"


def _may_be_handshake(scope: Scope, body: bytes) -> bool:
    """Whether it is worth a closer look; a notification hardly ever is."""
    if scope["method"] != "POST" or b"alidation" in scope["query_string"]:
        return True
    if len(body) < SHORT and b'"challenge"' in body:
        return True
    return any(name in SHAKING for name, _ in scope["headers"])


def _message(scope: Scope, body: bytes) -> Request:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    url = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    return Request(method=scope["method"], url=url, headers=headers, body=body)


async def _answer(send: Send, reply: Reply) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in reply.headers]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


NOT_COMPLETE = "the URL is not complete: nobody is known by it, or its signature is missing or wrong"

GONE = "the sender hung up"

RETRY_AFTER = {429: ((b"retry-after", b"1"),), 503: ((b"retry-after", b"5"),)}
"""Headers of refusals that do not last, by status: when another try may help."""

LONGEST_ID = 200
"""Characters of a sender's id; of a longer one its digest counts."""

MOST_SIGNATURES = 20_000
"""Signatures in memory; those of further subscriptions are worked out each time."""

NOBODY = "nobody waits for this notification: the trigger is off or gone"

SHAKING = frozenset({b"x-hook-secret", b"aeg-event-type"})
"""Headers that only handshakes have."""

SHORT = 8192
"""Bytes below which a body may be a handshake."""

ACCEPTED = {"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]}
EMPTY = {"type": "http.response.body", "body": b""}
