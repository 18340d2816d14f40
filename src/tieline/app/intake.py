"""Webhook intake: takes notifications in at unguessable URLs, persists them, and then answers 202.

An ASGI app of its own, without a framework, since this is the one place where thousands of requests a second come in;
what comes whole and is as notifications mostly are does not even need a task (``Intake.short``).
The URLs have the shape and the character classes of the platform's (reference: triggers, section 1.1): services that
re-encode or cut them break here as they would there.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeAlias
from urllib.parse import quote

from ..model import Reply, Request, TielineError
from ..net.guard import Message, Receive, Scope, Send, refusal, refuse
from ..net.protocol import Answer, ShortWay
from ..triggers import WebhookState, accepts, handshake, subscription_key
from ..triggers.protocol import Key, Notified

if TYPE_CHECKING:
    from ..engine.protocol import PromptEngine

PREFIX = "/workflows/"
"""What the path of every callback URL begins with."""

VERSION = "08585287554177334956853859655CU00"
"""``versions/{…}``: of the length of the platform's; means nothing."""

QUERY = f"api-version=2016-10-01&sp=%2Fversions%2F{VERSION}%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig="
"""The query but for the signature: with ``%2F`` and ``&``, as the platform's."""

IDS = frozenset({b"webhook-id", b"ce-id", b"x-github-delivery", b"x-shopify-webhook-id", b"idempotency-key"})
"""Headers in which a sender tells a notification apart; the same one again is the same event, and is taken once. An
extension: the platform starts a run for each POST. ``x-request-id`` is none of them: it is handed on through all that
one request brings about, which may be several notifications."""

Headers: TypeAlias = Mapping[bytes, bytes]
"""Headers by their names in lower case; the last one of a name counts."""

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

    def full(self, subscription: str, limits: IntakeLimits) -> int:
        """The status with which another notification is refused; 0 when there is room."""
        if self.all >= limits.all:
            return 503
        return 429 if self.each.get(subscription, 0) >= limits.each else 0

    def begin(self, subscription: str) -> None:
        """Another one."""
        self.all += 1
        self.each[subscription] = self.each.get(subscription, 0) + 1

    def end(self, subscription: str) -> None:
        """One less."""
        self.all -= 1
        left = self.each[subscription] - 1
        if left:
            self.each[subscription] = left
        else:
            del self.each[subscription]


class _Ids:
    """Random ids. The system is asked for many at a time: it lets go of the interpreter each time, and to get that back
    costs more than all else here."""

    def __init__(self) -> None:
        self._left: list[str] = []

    def next(self) -> str:
        """32 hexadecimal digits."""
        if not self._left:
            digits = os.urandom(4096).hex()
            self._left = [digits[start : start + 32] for start in range(0, len(digits), 32)]
        return self._left.pop()


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
        engine: PromptEngine,
        secret: bytes,
        base: Callable[[], str],
        limits: IntakeLimits = IntakeLimits(),
        notices: Notices | None = None,
        handshakes: bool = True,
    ) -> None:
        """Takes the engine, the secret that signs URLs, the public address, limits, who is told (None: nobody), and
        whether handshakes are answered, which the platform does not do."""
        self._engine = engine
        self._secret = secret
        self._base = base
        self._limits = limits
        self._notices = notices
        self._handshakes = handshakes
        self._signatures: dict[str, bytes] = {}
        self._taking = _Taking()
        self._ids = _Ids()
        self.taken = 0
        """Notifications that were persisted since the start."""
        self.refused: dict[int, int] = {}
        """Notifications that were not taken, by status."""
        self._failed: tuple[int, TielineError, float] | None = None

    def url(self, subscription: str, name: str) -> str:
        """The callback URL of a subscription."""
        path = f"{PREFIX}{subscription}/triggers/{quote(name, safe='')}/versions/{VERSION}/run"
        return f"{self._base()}{path}?{QUERY}{self._signature(subscription).decode()}"

    def leads_here(self, url: str) -> bool:
        """Whether a callback URL that was registered before is one of this server."""
        return url.startswith(f"{self._base()}{PREFIX}")

    @property
    def failing(self) -> tuple[TielineError, float] | None:
        """Why the last notification could not be kept, and how many seconds ago; None when it was, or when there was
        none."""
        if self._failed is None or self._failed[0] != self.taken:
            return None
        return self._failed[1], asyncio.get_running_loop().time() - self._failed[2]

    def mended(self) -> None:
        """Says that something else could be kept since."""
        self._failed = None

    def _signature(self, subscription: str) -> bytes:
        digest = hmac.digest(self._secret, subscription.encode("utf-8", "replace"), "sha384")
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
        status = self._taking.full(subscription, self._limits)
        if status:
            await self._refuse(scope, send, status, "too many at a time")
            return
        self._taking.begin(subscription)
        try:
            await self._take(state, scope, receive, send)
        finally:
            self._taking.end(subscription)

    def short_way(self) -> ShortWay:
        """The way of notifications as they mostly are."""
        return ShortWay(method="POST", path=PREFIX, take=self.short)

    def short(self, scope: Scope, body: bytes, answer: Answer) -> bool:
        """Takes a notification that came whole (see ``net.protocol.Take``): for a subscription that is in memory and
        has room. All else is left to the app, which says what is wrong with it."""
        subscription = scope["path"][len(PREFIX) :].partition("/")[0]
        expected = self._signatures.get(subscription)
        if expected is None or not hmac.compare_digest(_given_signature(scope["query_string"]), expected):
            return False
        key = subscription_key(subscription)
        state = self._engine.glance(key)
        if not accepts(state) or len(body) > self._limits.body or self._taking.full(subscription, self._limits):
            return False
        headers = dict(scope["headers"])
        if self._handshakes and _may_be_handshake(scope, headers, body):
            return False
        given, own = self._given(scope, headers, body)
        self._taking.begin(subscription)
        try:
            self._engine.offer(key, given, own, partial(self._settled, state, given, answer))
        except BaseException:
            self._taking.end(subscription)
            raise
        return True

    def _settled(self, state: WebhookState, given: Notified, answer: Answer, wrong: TielineError | None) -> None:
        """Answers a notification that went the short way."""
        self._taking.end(state.subscription.id)
        if wrong is not None:
            self._note_failure(wrong)
            self.refused[503] = self.refused.get(503, 0) + 1
            answer(503, *refusal(NOT_KEPT, RETRY_AFTER[503]))
            return
        self.taken += 1
        answer(202, NO_BODY, b"")
        if self._notices is not None:
            self._notices.notified(state, given.body, given.content_type)

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
        if not accepts(state):
            await self._refuse(scope, send, 404, NOBODY)
            return
        said = self._shaken(state, scope, body)
        if said is not None:
            await _answer(send, said)
        elif scope["method"] not in TAKING:
            await self._refuse(scope, send, 405, "notifications are sent with POST")
        else:
            await self._keep(state, scope, body, send)

    def _shaken(self, state: WebhookState, scope: Scope, body: bytes) -> Reply | None:
        """The answer to a handshake; None for what is none."""
        if not self._handshakes or not _may_be_handshake(scope, dict(scope["headers"]), body):
            return None
        said = handshake(_message(scope, body))
        if said is not None and self._notices is not None:
            self._notices.shaken(subscription_key(state.subscription.id))
        return said

    async def _keep(self, state: WebhookState, scope: Scope, body: bytes, send: Send) -> None:
        """Persists the notification, and only then answers."""
        given, own = self._given(scope, dict(scope["headers"]), body)
        try:
            await self._engine.submit(subscription_key(state.subscription.id), given, own)
        except TielineError as error:
            await self._not_kept(error, scope, send)
            return
        self.taken += 1
        await send(ACCEPTED)
        await send(EMPTY)
        if self._notices is not None:
            self._notices.notified(state, body, given.content_type)

    def _given(self, scope: Scope, headers: Headers, body: bytes) -> tuple[Notified, str]:
        """A notification, and what the sender tells it apart by; empty for nothing."""
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        own = "" if IDS.isdisjoint(headers) else _own_id(scope)
        made = "" if own else self._ids.next()
        return Notified(body=body, content_type=content_type, id=own or made, event_id=made), own

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
        self._note_failure(error)
        await self._refuse(scope, send, 503, NOT_KEPT)

    def _note_failure(self, error: TielineError) -> None:
        """What went wrong is for the people here, not for whoever sent the notification."""
        self._failed = (self.taken, error, asyncio.get_running_loop().time())

    async def _refuse(self, scope: Scope, send: Send, status: int, reason: str) -> None:
        self.refused[status] = self.refused.get(status, 0) + 1
        await refuse(scope, send, status, reason, RETRY_AFTER.get(status, ()))


class _Refused(Exception):
    """A notification that is not taken: status and reason."""


def _given_signature(query: bytes) -> bytes:
    """The last ``sig`` of a query, as sent; services that encode it once more are not understood, as there."""
    _, found, signature = query.rpartition(b"sig=")
    return signature.partition(b"&")[0] if found else b""


def _own_id(scope: Scope) -> str:
    """The first of ``IDS`` that a notification has."""
    return next(_sender_id(scope, name, value) for name, value in scope["headers"] if name in IDS)


def _sender_id(scope: Scope, name: bytes, value: bytes) -> str:
    """An id with what makes it one: those of CloudEvents are told apart within their source."""
    if name == b"ce-id":
        value += b" " + b" ".join(other for there, other in scope["headers"] if there == b"ce-source")
    shown = value.decode("latin-1") if len(value) <= LONGEST_ID else hashlib.sha256(value).hexdigest()
    return f"{name.decode()} {shown}"


def _may_be_handshake(scope: Scope, headers: Headers, body: bytes) -> bool:
    """Whether it is worth a closer look; a notification hardly ever is."""
    if scope["method"] != "POST" or b"alidation" in scope["query_string"]:
        return True
    if len(body) < SHORT and b'"challenge"' in body:
        return True
    return not SHAKING.isdisjoint(headers)


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

NOT_KEPT = "the notification could not be kept; send it again later"

NOBODY = "nobody waits for this notification: the trigger is off or gone"

SHAKING = frozenset({b"x-hook-secret", b"aeg-event-type"})
"""Headers that only handshakes have."""

SHORT = 8192
"""Bytes below which a body may be a handshake."""

NO_BODY = ((b"content-length", b"0"),)
ACCEPTED = {"type": "http.response.start", "status": 202, "headers": NO_BODY}
EMPTY = {"type": "http.response.body", "body": b""}
