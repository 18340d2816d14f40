"""Handshakes: what services ask of a callback URL before they use it.

An extension: the platform's callback endpoint answers none of them, and such services need a proxy there (reference:
triggers, section 1.3). Whoever answers one says so with ``USED``.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from ..model import Reply, Request
from ..policy.json_body import dump, parse
from .replies import warning

USED = warning(
    "handshake-answered",
    "a handshake of the service was answered; the platform does not do that, so this hook needs a proxy there",
    "see the notes of the service on validating webhook URLs",
)
"""What is to be said of an answered handshake."""

ECHOED = ("validationToken", "validationtoken", "hub.challenge", "challenge", "crc_challenge")
"""Query parameters whose value is sent back as text: Microsoft Graph, Meta and WebSub, Dropbox and others."""

HOOK_SECRET = "X-Hook-Secret"
"""Header that is sent back as it came: Asana and others."""

LONGEST = 4096
"""Characters of a challenge that are sent back; longer ones are none."""

_PLAIN = ("Content-Type", "text/plain; charset=utf-8")
_JSON = ("Content-Type", "application/json")
_SAFE = (("X-Content-Type-Options", "nosniff"),)


def handshake(asked: Request) -> Reply | None:
    """The answer to a request that is a handshake; None for one that is a notification."""
    return next((reply for answer in HANDSHAKES if (reply := answer(asked)) is not None), None)


def _echo(asked: Request) -> Reply | None:
    """``?validationToken=…`` with GET or POST; the others with GET alone."""
    try:
        pairs = dict(parse_qsl(urlsplit(asked.url).query, max_num_fields=100))
    except ValueError:
        return None
    names = ECHOED if asked.method == "GET" else ECHOED[:2]
    token = next((pairs[name] for name in names if name in pairs), "")
    if not token or len(token) > LONGEST:
        return None
    return Reply(status=200, reason="OK", headers=(_PLAIN, *_SAFE), body=token.encode("utf-8", "replace"))


def _hook_secret(asked: Request) -> Reply | None:
    """The first POST of Asana: the secret as header, and nothing in the body."""
    secret = asked.header(HOOK_SECRET)
    if not secret or len(secret) > LONGEST or asked.body.strip() not in (b"", b"{}"):
        return None
    return Reply(status=200, reason="OK", headers=((HOOK_SECRET, secret),))


def _url_verification(asked: Request) -> Reply | None:
    """``{"type": "url_verification", "challenge": …}`` of Slack, and ``{"challenge": …}`` alone of monday.com."""
    if asked.method != "POST" or b'"challenge"' not in asked.body or len(asked.body) > 2 * LONGEST:
        return None
    body = parse(asked.body)
    if not isinstance(body, dict) or not isinstance(body.get("challenge"), str):
        return None
    if body.get("type") != "url_verification" and len(body) > 1:
        return None
    return Reply(status=200, reason="OK", headers=(_JSON,), body=dump({"challenge": body["challenge"]}))


def _event_grid(asked: Request) -> Reply | None:
    """``SubscriptionValidationEvent`` of Azure Event Grid."""
    if (asked.header("aeg-event-type") or "").lower() != "subscriptionvalidation":
        return None
    body = parse(asked.body)
    first = body[0] if isinstance(body, list) and body else body
    data = first.get("data") if isinstance(first, dict) else None
    code = data.get("validationCode") if isinstance(data, dict) else None
    if not isinstance(code, str):
        return None
    return Reply(status=200, reason="OK", headers=(_JSON,), body=dump({"validationResponse": code}))


def _abuse_protection(asked: Request) -> Reply | None:
    """OPTIONS of CloudEvents (HTTP webhooks 1.0, section 4)."""
    origin = asked.header("WebHook-Request-Origin")
    if asked.method != "OPTIONS" or not origin:
        return None
    return Reply(status=200, reason="OK", headers=(("WebHook-Allowed-Origin", origin), ("Allow", "POST")))


HANDSHAKES: tuple[Callable[[Request], Reply | None], ...] = (
    _echo,
    _hook_secret,
    _url_verification,
    _event_grid,
    _abuse_protection,
)
"""All handshakes, in the order in which they are tried."""
