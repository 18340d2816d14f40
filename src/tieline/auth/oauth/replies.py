"""What came back from an identity provider: tokens, or what is wrong, in words that hold no secret.

Any bytes are either read or become a :class:`Problem`. Nothing of a reply is repeated but the provider's own error
words, a page's title and the names of fields.
"""

from __future__ import annotations

import math
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

import orjson

from ...model import HIDDEN, Redactor, Reply, Secret, Sent
from .tokens import Tokens

LARGEST = 1_048_576
"""Bytes of a reply that are looked at; tokens with many claims stay far below."""

WORDS = 400
"""Characters of the provider's own words that are shown: Entra ID's take about 300."""

LATER = frozenset({"temporarily_unavailable", "server_error", "internal_server_error", "too_many_requests"})
"""Errors that say nothing about the sign-in itself."""

BUSY = frozenset({408, 425, 429})
"""Statuses below 500 that say the same."""

ELSEWHERE = frozenset({404, 405, 410})
"""Statuses that say that nobody gives tokens at an address, unless an error of OAuth comes with them."""

WHERE = 'check that "tokenUrl" is the address that gives tokens'
"""What to do about a reply that is none of a token address."""

REMEDIES = {
    "access_denied": "sign in again and allow the access",
    "authorization_declined": "sign in again and allow the access",
    "consent_required": "sign in again and allow the access; an administrator may have to",
    "expired_token": "start again: the code was not entered in time",
    "interaction_required": "sign in again: tieline connect",
    "invalid_client": "check client id and secret: --client-id, --client-secret",
    "invalid_grant": "sign in again: tieline connect",
    "invalid_scope": 'check "scopes" in the connector\'s files',
    "invalid_resource": "check the resource: --set resourceUri=VALUE",
    "invalid_target": "check the resource: --set resourceUri=VALUE",
    "redirect_uri_mismatch": "register the redirect URL at the identity provider exactly as it is shown",
    "unauthorized_client": "allow this grant for the app at the identity provider",
    "unsupported_grant_type": "use another grant; this provider does not offer it",
    "unsupported_response_type": "allow the authorization code flow for the app at the identity provider",
}
"""Error code (RFC 6749, RFC 8628, Entra ID) -> what to do."""

_PROOF = re.compile(r"code.?challenge|pkce|proof key", re.IGNORECASE)
_JWT = re.compile(r"eyJ[\w-]{5,}(\.[\w-]*)*")
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{1,200})", re.IGNORECASE)
_FIELD = re.compile(r"[A-Za-z_]{1,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a request gave nothing."""

    rule: str
    """``sign-in-refused``: no repetition helps; ``sign-in-reply``: what came is no answer; ``sign-in-unavailable``: try
    later; ``sign-in-unreachable``: no reply."""
    said: str
    """What came, in a phrase without secrets."""
    remedy: str = ""
    status: int = 0
    """0 without a reply."""
    code: str = ""
    """The provider's error code in lower case."""


def fields_of(sent: Sent, secrets: Iterable[Secret]) -> Mapping[str, Any] | Problem:
    """The fields of a successful reply, JSON or form-encoded whatever its content type says, or what is wrong."""
    if sent.reply is None:
        failure = sent.failure
        assert failure is not None  # Sent has one of the two
        return Problem(rule="sign-in-unreachable", said=failure.message, remedy=failure.remedy)
    reply, held = sent.reply, tuple(secrets)
    if 300 <= reply.status < 400:
        remedy = "a redirect is not followed, since it would carry the secret elsewhere: write the final address"
        said = f"{_status(reply, Hider(held))}, a redirect"
        return Problem(rule="sign-in-reply", said=said, remedy=remedy, status=reply.status)
    fields = parsed(reply.body)
    if fields is None:
        return _unreadable(reply, Hider(held))
    if fields.get("error") or reply.status >= 400:
        return _refused(reply, fields, Hider(held))
    return fields


def tokens_of(sent: Sent, secrets: Iterable[Secret], now: float) -> Tokens | Problem:
    """The tokens in a reply, or what is wrong. ``now``: for ``expires_on``, which Entra ID v1 gives (epoch)."""
    held = tuple(secrets)
    fields = fields_of(sent, held)
    if isinstance(fields, Problem):
        return fields
    access, refresh = fields.get("access_token"), fields.get("refresh_token")
    if not isinstance(access, str) or not access.strip():
        assert sent.reply is not None  # fields_of found some
        return _tokenless(sent.reply, fields, Hider(held))
    tokens = Tokens(
        access_token=Secret(access.strip()),
        refresh_token=Secret(refresh) if isinstance(refresh, str) and refresh else None,
        lifetime=lifetime_of(fields, now),
    )
    given = tuple(secret for secret in (tokens.access_token, tokens.refresh_token) if secret is not None)
    return replace(tokens, scope=Hider((*held, *given)).text(_scope(fields.get("scope"))))


def _tokenless(reply: Reply, fields: Mapping[str, Any], hider: Hider) -> Problem:
    """The problem of a reply that says that all is well and has no token: what it says, and what it has instead."""
    names = ", ".join(f'"{name}"' for name in list(fields)[:8] if _FIELD.fullmatch(name))
    told = refused(*words_of(fields), hider)
    said = f'{_status(reply, hider)} without an "access_token" as text' + (f", only with {names}" if names else "")
    return Problem(
        rule="sign-in-reply",
        said=hider.text(said) + (f": {told}" if told else ""),
        remedy=WHERE,
        status=reply.status,
    )


def _scope(value: Any) -> str:
    """Scopes as one text; some providers give a list."""
    parts = value if isinstance(value, list) else [value]
    return " ".join(part for part in parts if isinstance(part, str))


def lifetime_of(fields: Mapping[str, Any], now: float) -> float | None:
    """Seconds for which a token is good, from ``expires_in`` or ``expires_on``; None for nothing above zero, which some
    providers send for tokens without an end (inferred)."""
    seconds = number(fields.get("expires_in"))
    if seconds is None and now:
        ends = number(fields.get("expires_on"))
        seconds = None if ends is None else ends - now
    return seconds if seconds is not None and seconds > 0 else None


def number(value: Any) -> float | None:
    """A finite number, given as number or as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


class Hider:
    """Makes a provider's words fit to be shown: no secret, no token, no control characters, not too many."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """Takes what must be hidden."""
        held = tuple(secrets)
        self._redactor = Redactor(held)
        short = sorted({secret.reveal() for secret in held if 0 < len(secret.reveal()) < 4}, key=len, reverse=True)
        self._short = re.compile("|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in short)) if short else None

    def text(self, words: str) -> str:
        """The words on one line."""
        shown = _JWT.sub(HIDDEN, self._redactor.text(words))
        if self._short is not None:
            shown = self._short.sub(HIDDEN, shown)
        line = " ".join("".join(char if char.isprintable() else " " for char in shown).split())
        return line if len(line) <= WORDS else f"{line[:WORDS]}…"


def words_of(fields: Mapping[str, Any]) -> tuple[str, str]:
    """Error code and description, from the places where providers put them; either may be empty. Of several errors, the
    first."""
    error = fields.get("error") or fields.get("errors")
    error = next(iter(error), None) if isinstance(error, list) else error
    inner = error if isinstance(error, Mapping) else fields
    code = error if isinstance(error, str) else _first(inner, CODES)
    return code.strip(), _first(inner, DESCRIPTIONS).strip()


CODES = ("code", "type", "status", "error_code", "errcode")
"""Fields in which providers say what kind an error is of, where ``error`` is not a text."""

DESCRIPTIONS = (
    *("error_description", "message", "error_message", "errorMessage", "errmsg", "msg", "detail", "title"),
    "description",
)
"""Fields in which providers say in words what is wrong."""


def remedy_of(code: str, description: str) -> str:
    """What to do about an error of a provider."""
    if _PROOF.search(description):
        return "add --pkce; the platform does not send a proof key, so this provider will refuse the connector there"
    return REMEDIES.get(code.lower(), "check what the identity provider says")


def refused(code: str, description: str, hider: Hider) -> str:
    """A provider's error as one phrase."""
    told = [code] if description == code else [code, description]
    return ": ".join(filter(None, map(hider.text, told)))


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = (fields.get(name) for name in names)
    texts = (str(value) if type(value) is int else value for value in found)
    return next((text for text in texts if isinstance(text, str) and text), "")


def _refused(reply: Reply, fields: Mapping[str, Any], hider: Hider) -> Problem:
    code, description = words_of(fields)
    code = "" if code == str(reply.status) else code
    told, status = refused(code, description, hider), _status(reply, hider)
    problem = Problem(
        rule="sign-in-refused",
        said=f"{status}: {told}" if told else f"{status} without a reason",
        remedy=remedy_of(code, description),
        status=reply.status,
        code=code.lower(),
    )
    if reply.status >= 500 or reply.status in BUSY or code.lower() in LATER:
        return replace(problem, rule="sign-in-unavailable", remedy="try again later")
    if reply.status in ELSEWHERE and code.lower() not in REMEDIES:
        return replace(problem, rule="sign-in-reply", remedy=WHERE)
    return problem


def _unreadable(reply: Reply, hider: Hider) -> Problem:
    """The problem of a reply that is no object: its kind, and no content but a page's title."""
    body = reply.body
    if len(body) > LARGEST:
        what = f"a reply of {len(body):,} bytes"
    elif not body.strip():
        what = "an empty reply"
    elif b"<" in body[:200]:
        title = hider.text(_title(body))[:120]
        what = f'a page, "{title}"' if title else "a page or XML"
    else:
        what = f"{len(body):,} bytes that are no JSON object and no form"
    return Problem(
        rule="sign-in-unavailable" if reply.status >= 500 or reply.status in BUSY else "sign-in-reply",
        said=f"{_status(reply, hider)} with {what}",
        remedy=WHERE,
        status=reply.status,
    )


def _title(body: bytes) -> str:
    """The title of a page; empty for none."""
    from html import unescape  # 4 ms of import that only a page needs

    match = _TITLE.search(body[:100_000])
    return unescape(match[1].decode("utf-8", "replace")) if match else ""


def parsed(body: bytes) -> Mapping[str, Any] | None:
    """The fields of a JSON object or of a form that looks like an answer; None for anything else."""
    if len(body) > LARGEST:
        return None
    text = _decoded(body)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _form(text)
    return value if isinstance(value, dict) else None


def _decoded(body: bytes) -> str:
    """A body as text: UTF-8 as all JSON should be, UTF-16 where it says so, else Latin-1, which old servers have."""
    try:
        return body.decode("utf-16" if body.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _form(text: str) -> Mapping[str, Any] | None:
    try:
        fields = dict(parse_qsl(text.strip(), max_num_fields=100))
    except ValueError:
        return None
    return fields if fields.keys() & {"access_token", "error", "error_description", "device_code"} else None


def _status(reply: Reply, hider: Hider) -> str:
    return f"{reply.status} {hider.text(reply.reason)[:40]}".strip()
