"""The device grant: a code that a person types on another machine (RFC 8628)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...model import DocumentError, Secret, Sent
from ..scheme import Asking
from .asking import Question, ask, attempts_of
from .provider import Provider
from .replies import Hider, Problem, fields_of, number, tokens_of
from .tokens import Device, Pending, Tokens

GRANT = "urn:ietf:params:oauth:grant-type:device_code"

SLOWER = 5.0
"""Seconds that ``slow_down`` adds (RFC 8628, section 3.5)."""

LONGEST = 300.0
"""Seconds between polls at most, whatever a provider says: the codes end sooner."""

CODES = 900.0
"""Seconds for which codes are good where the provider does not say it (Entra ID: 15 minutes)."""


def device(provider: Provider) -> Asking[Device]:
    """The codes for a sign-in on another machine.

    Raises DocumentError ``grant-not-offered``, and ServiceError as all requests do.
    """
    if not provider.device_url:
        raise DocumentError(
            "grant-not-offered",
            f'connection parameter "{provider.parameter.name}" has no address for the device grant',
            remedy='add "deviceAuthorizationUrl" to "customParameters", or --set deviceAuthorizationUrl=VALUE',
            route=provider.parameter.route,
        )
    target = (("resource", provider.resource),) if provider.resource else ()
    scope = (("scope", " ".join(provider.scopes)),) if provider.scopes else ()
    attempts = attempts_of(provider, provider.device_url, (*target, *scope), identified=False)
    question = Question(provider=provider, attempts=attempts, doing="start a sign-in on another machine")
    return (yield from ask(question, _device))


def device_tokens(provider: Provider, device: Device) -> Asking[Tokens | Pending]:
    """The tokens, once the person has approved; before that how long to wait before asking again."""
    old = provider.entra == "v1"
    kind, name = ("device_code", "code") if old else (GRANT, "device_code")
    fields = (("grant_type", kind), (name, device.code.reveal()))
    target = (("resource", provider.resource),) if provider.resource else ()
    attempts = attempts_of(provider, provider.token_url, (*fields, *target))
    secrets = (device.code, Secret(device.user_code))
    question = Question(provider=provider, attempts=attempts, doing="finish the sign-in", secrets=secrets)

    def read(sent: Sent, hidden: tuple[Secret, ...]) -> Tokens | Pending | Problem:
        found = tokens_of(sent, hidden, provider.now)
        if isinstance(found, Problem) and found.code == "authorization_pending":
            return Pending(interval=device.interval)
        if isinstance(found, Problem) and found.code == "slow_down":
            return Pending(interval=min(device.interval + SLOWER, LONGEST))
        return found

    asking: Asking[Tokens | Pending] = ask(question, read)
    return (yield from asking)


def _device(sent: Sent, secrets: tuple[Secret, ...]) -> Device | Problem:
    fields = fields_of(sent, secrets)
    if isinstance(fields, Problem):
        return fields
    code, user_code = fields.get("device_code"), fields.get("user_code")
    url = _address(fields, "verification_uri") or _address(fields, "verification_url")
    if not (isinstance(code, str) and code and isinstance(user_code, str) and user_code and url):
        assert sent.reply is not None  # fields_of found some
        return Problem(
            rule="sign-in-reply",
            said=f"{sent.reply.status} without a device code, a user code and an http address for it",
            remedy='check that "deviceAuthorizationUrl" is the address that gives device codes',
            status=sent.reply.status,
        )
    interval, lifetime = number(fields.get("interval")), number(fields.get("expires_in"))
    return Device(
        code=Secret(code),
        user_code=Hider(()).text(user_code)[:40],
        verification_url=url,
        complete_url=_address(fields, "verification_uri_complete"),
        interval=min(interval, LONGEST) if interval and interval > 0 else 5.0,
        lifetime=lifetime if lifetime and lifetime > 0 else CODES,
    )


def _address(fields: Mapping[str, Any], name: str) -> str:
    """An address that a person may be sent to; empty for anything that is none."""
    value = fields.get(name)
    if not isinstance(value, str) or not value.lower().startswith(("https://", "http://")):
        return ""
    return value if len(value) <= 2000 and all(char.isprintable() and not char.isspace() for char in value) else ""
