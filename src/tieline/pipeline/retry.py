"""Which calls are repeated, and after how long. Pure: times are arguments, there is no jitter.

=========  =====================================================  ===========================================
setting    what is repeated                                       how often
=========  =====================================================  ===========================================
none       nothing                                                1 try
safe       see :func:`may_repeat`                                 3 tries, 0.5 s and 1 s apart, within 30 s
platform   408, 429, every 5xx and a lost connection, of any      9 tries, 7 s apart and doubling
           method, as the service does
=========  =====================================================  ===========================================

``Retry-After`` is obeyed in place of the usual pause; one that leads out of the time allowed ends the call.
Sources: reference: limits, section 1 (retries of the platform), RFC 9110, sections 9.2.2 and 10.2.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model import Exchange, Finding, Operation, Severity
from .options import Retry

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""Methods that may be sent twice (RFC 9110, section 9.2.2)."""

SAFE_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses that another try may mend."""

FOR_GOOD = frozenset({"tls", "url", "too-large", "protocol", "dns"})
"""Failures that another try soon after will not mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How persistent a call is."""

    tries: int
    """Sends in all."""
    pause: float = 0.0
    """Seconds before the first repetition; doubled each time."""
    budget: float = 0.0
    """Seconds from the start within which the last try must begin."""


RULES: dict[Retry, Rules] = {
    "none": Rules(tries=1),
    "safe": Rules(tries=3, pause=0.5, budget=30),
    "platform": Rules(tries=9, pause=7, budget=3_600),
}
"""The rules of each setting. ``platform``: up to 8 repetitions from 7 s to about 15 min (reference: limits, section 1;
low plans make 2 only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to do after a try."""

    wait: float | None = None
    """Seconds until the next try; None for no other try."""
    finding: Finding | None = None
    """Why there is no other try, where that may surprise."""


STOP = Decision()


def decide(operation: Operation, exchange: Exchange, retry: Retry, tries: int, elapsed: float) -> Decision:
    """Whether a call is tried again after ``tries`` tries and ``elapsed`` seconds, and when."""
    rules = RULES[retry]
    if retry == "none" or not _may_mend(exchange, retry):
        return STOP
    if tries >= rules.tries:
        return STOP
    if retry == "safe" and not may_repeat(operation, exchange):
        return Decision(finding=_not_repeated(operation, exchange))
    asked = exchange.error.retry_after if exchange.error is not None else None
    wait = rules.pause * 2 ** (tries - 1) if asked is None else asked
    if elapsed + wait <= rules.budget:
        return Decision(wait=wait)
    return STOP if asked is None else Decision(finding=_too_long(operation, asked, rules.budget, retry))


def _may_mend(exchange: Exchange, retry: Retry) -> bool:
    """Whether another try may end better."""
    if exchange.failure is not None:
        return exchange.failure.kind not in FOR_GOOD
    if exchange.reply is None:
        return False
    status = exchange.reply.status
    return status in SAFE_STATUSES or (retry == "platform" and status >= 500)


def may_repeat(operation: Operation, exchange: Exchange) -> bool:
    """Whether repeating cannot do a thing twice.

    True for idempotent methods and ``x-ms-safe-operation``. For others only when the service has not done it: it cannot
    have seen the request, it answered 429, or 503 with ``Retry-After`` (it says itself that it is not at work).
    """
    if _method(operation, exchange) in IDEMPOTENT or operation.raw.get("x-ms-safe-operation") is True:
        return True
    if exchange.failure is not None:
        return not exchange.failure.sent
    status = 0 if exchange.reply is None else exchange.reply.status
    promised = exchange.error is not None and exchange.error.retry_after is not None
    return status == 429 or (status == 503 and promised)


def _method(operation: Operation, exchange: Exchange) -> str:
    """The method that was really sent: a policy or a followed link may have another than the operation."""
    return operation.method if exchange.request is None else exchange.request.method


def _not_repeated(operation: Operation, exchange: Exchange) -> Finding:
    what = f"status {exchange.reply.status}" if exchange.reply is not None else "a lost connection"
    return Finding(
        rule="not-repeated",
        route=operation.route,
        message=f"{_method(operation, exchange)} was not repeated after {what}: the service may have done it",
        remedy="look whether it was done; --retry platform repeats it as the service does",
        severity=Severity.INFO,
    )


def _too_long(operation: Operation, asked: float, budget: float, retry: Retry) -> Finding:
    return Finding(
        rule="retry-after-too-long",
        route=operation.route,
        message=f'the service asks to wait {asked:g} s, which is longer than "{retry}" may take ({budget:g} s in all)',
        remedy="call again later" + (", or add --retry platform" if retry == "safe" else ""),
    )
