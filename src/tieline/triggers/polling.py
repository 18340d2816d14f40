"""The life of a polling subscription: when it polls, and what becomes of each reply.

Reference: triggers, section 2. ``TABLE`` says for each status and kind of input what happens, or why nothing does. What
a successful reply means is worked out in ``yields``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from ..model import Subscription, first_header
from .digest import share
from .events import emitted, ids_of
from .moment import retry_after
from .moved import Ignored, Moved
from .plan import PollPlan
from .protocol import (
    Call,
    Called,
    Command,
    Deliver,
    Disable,
    Enable,
    Fire,
    Input,
    Notified,
    Pushed,
    Report,
    WakeAt,
    Woken,
)
from .replies import ok, remedy, warning, words
from .watermark import NO_MARK, Watermark, argument, beginning
from .yields import Asked, has_items, taken

PollStatus: TypeAlias = Literal["starting", "waiting", "polling", "backing-off", "stopped"]

POLL = "poll"
"""Tag of the wish to poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """A polling subscription."""

    status: PollStatus
    subscription: Subscription
    plan: PollPlan
    serial: int = 0
    """Rises with each poll; tells answers to old polls apart, and makes event ids."""
    first: bool = True
    """Whether no reply came yet that the state could be taken from; until then nothing fires."""
    started: float = 0.0
    """When the poll under way began."""
    location: str = ""
    """Where the next poll goes; empty for the operation with the user's arguments."""
    mark: Watermark = NO_MARK
    """For the style ``parameter``: what the next poll sends."""
    seen: bytes = b""
    """Identities of items that need not fire any more; see ``seen``."""
    failures: int = 0
    """Polls in a row that failed."""
    bursts: int = 0
    """Polls in a row that followed at once."""
    said: tuple[str, ...] = ()
    """Rules that were reported and are not said again."""
    version: int = 1


def enabled(state: PollState | None, given: Enable, now: float) -> Moved:
    """Begins with a first poll. A former state is lost, as on the platform (reference: triggers, section 2.3)."""
    assert isinstance(given.plan, PollPlan)
    fresh = PollState(
        status="starting",
        subscription=given.subscription,
        plan=replace(given.plan, findings=()),
        serial=0 if state is None else state.serial,
        mark=beginning(now),
    )
    return poll(fresh, now)


def poll(state: PollState, now: float) -> Moved:
    """Polls now."""
    plan, serial = state.plan, state.serial + 1
    status: PollStatus = "starting" if state.first else "polling"
    fresh = replace(state, status=status, serial=serial, started=now)
    arguments = dict(state.subscription.arguments)
    if plan.style == "parameter" and not state.location:
        arguments[plan.parameter] = argument(state.mark, plan)
    call = Call(
        tag=f"{POLL} {serial}",
        subscription=state.subscription,
        operation=plan.operation,
        arguments={} if state.location else arguments,
        url=state.location,
    )
    return Moved(state=fresh, commands=(call,))


def _polled(state: PollState, given: Called, now: float) -> Moved:
    """Success moves the state and gives the events of what is new, never on the first reply; else backs off."""
    if given.tag != f"{POLL} {state.serial}":
        return Moved(state=state)
    if not ok(given):
        return _failed(state, given, now)
    if not has_items(state.plan, given):
        return _failed(state, replace(given, status=0, problem=NO_ITEMS), now)
    yielded = taken(_asked(state), given, now)
    fresh = replace(
        state,
        first=False,
        failures=0,
        location=yielded.location,
        mark=yielded.mark,
        seen=yielded.seen,
        said=(*state.said, *(one.rule for one in yielded.reports)),
    )
    commands: list[Command] = []
    if yielded.fires:
        ids = ids_of(state.subscription, f"poll {state.serial}")
        commands.extend(emitted(state.subscription, "polling", ids, yielded.fires, now))
    commands.extend(yielded.reports)
    if state.failures:
        commands.append(Report(rule="poll-recovered", message=f"polls work again after {state.failures} that failed"))
    return _next(fresh, given, now, tuple(commands))


NO_ITEMS = "the service answered with something that is no JSON, where items were to be"
"""A page that says that the service is down, mostly: were it taken for an empty list, what comes meanwhile would be
lost."""


def _asked(state: PollState) -> Asked:
    return Asked(
        subscription=state.subscription,
        plan=state.plan,
        first=state.first,
        started=state.started,
        location=state.location,
        mark=state.mark,
        seen=state.seen,
        said=state.said,
    )


def _next(state: PollState, given: Called, now: float, commands: tuple[Command, ...]) -> Moved:
    """What follows a reply: a poll at once, or a wait."""
    settings = state.plan.settings
    asked = retry_after(first_header(given.headers, "retry-after"), now)
    if asked is not None and state.plan.policy and given.status == 202:
        asked = None  # the policy writes the designer's interval there; the subscription has its own
    if asked == 0 and state.bursts < settings.burst:
        moved = poll(replace(state, bursts=state.bursts + 1), now)
        return Moved(state=moved.state, commands=(*commands, *moved.commands))
    wait = min(asked, settings.longest_wait) if asked else pace(state)
    fresh = replace(state, status="waiting", bursts=0)
    if asked == 0:
        commands = (*commands, _too_eager(settings.burst))
    return Moved(state=fresh, commands=(*commands, WakeAt(when=now + wait, tag=POLL)))


def _too_eager(burst: int) -> Report:
    return warning(
        "poll-burst-ended",
        f"the service asked {burst} times in a row to be polled at once; now the interval counts",
        'let it answer "Retry-After: 0" only while there is more',
    )


def interval(state: PollState) -> float:
    """Seconds between polls."""
    return max(state.subscription.interval, state.plan.settings.minimum_interval)


def pace(state: PollState) -> float:
    """Seconds to the next poll: the interval and up to a tenth of it, so that many subscriptions spread."""
    spread = state.plan.settings.jitter * share(state.subscription.id, state.serial)
    return interval(state) * (1.0 + spread)


def _failed(state: PollState, given: Called, now: float) -> Moved:
    """Tries again later with the same state: the interval, then twice as long with each failure."""
    settings, usual = state.plan.settings, interval(state)
    doubled = usual * 2.0 ** min(state.failures, 32)
    wait = max(usual, min(doubled, settings.longest_back_off))
    asked = retry_after(first_header(given.headers, "retry-after"), now)
    wait = max(wait, min(asked or 0.0, settings.longest_wait))
    fresh = replace(state, status="backing-off", failures=state.failures + 1, bursts=0)
    return Moved(state=fresh, commands=(_failure(given), WakeAt(when=now + wait, tag=POLL)))


def _failure(given: Called) -> Report:
    rule = {401: "poll-unauthorized", 403: "poll-unauthorized", 404: "poll-not-found"}.get(given.status, "poll-failed")
    severity = "warning" if rule == "poll-failed" else "error"
    return Report(rule=rule, message=f"the poll failed: {words(given)}", remedy=remedy(given), severity=severity)


def _woken(state: PollState, given: Woken, now: float) -> Moved:
    """Polls."""
    return poll(state, now) if given.tag == POLL else Moved(state=state)


def _fired(state: PollState, given: Fire, now: float) -> Moved:
    """Polls at once."""
    moved = poll(state, now)
    return Moved(state=moved.state, commands=(WakeAt(when=-1, tag=POLL), *moved.commands))


def _off(state: PollState, given: Disable, now: float) -> Moved:
    """Stops; its state is lost, as on the platform. With `forget` it goes."""
    fresh = replace(state, status="stopped", first=True, location="", seen=b"", failures=0, bursts=0, said=())
    return Moved(state=None if given.forget else fresh, commands=(WakeAt(when=-1, tag=POLL),))


def _forgotten(state: PollState, given: Disable, now: float) -> Moved:
    """Stays stopped; with `forget` it goes."""
    return Moved(state=None if given.forget else state)


def _not_asked(state: PollState, given: Notified, now: float) -> Moved:
    """Reports that it starts nothing."""
    report = warning("notification-dropped", "a notification came for a polling trigger; it starts nothing")
    return Moved(state=state, commands=(report,))


def _stopped(state: PollState, given: Fire, now: float) -> Moved:
    """Reports that it is off."""
    return Moved(state=state, commands=(warning("trigger-off", "the trigger is off, so it is not polled", ENABLE),))


ENABLE = "enable it first"

Handler: TypeAlias = Callable[[Any, Any, float], Moved]
Row: TypeAlias = Mapping[type[Input], Handler | Ignored]

ON = Ignored("it is on already; switch it off first to begin anew")
NOT_MINE = Ignored("belongs to deliveries")
STALE_CALL = Ignored("the answer to a poll that no longer matters")
STALE_WISH = Ignored("a poll is under way, or none is wanted")
UNDER_WAY = Ignored("a poll is under way")

_BETWEEN: Row = {
    Enable: ON,
    Disable: _off,
    Notified: _not_asked,
    Called: STALE_CALL,
    Woken: _woken,
    Fire: _fired,
    Pushed: NOT_MINE,
    Deliver: NOT_MINE,
}
_DURING: Row = {**_BETWEEN, Called: _polled, Woken: STALE_WISH, Fire: UNDER_WAY}

TABLE: Mapping[str, Row] = {
    "starting": _DURING,
    "waiting": _BETWEEN,
    "polling": _DURING,
    "backing-off": _BETWEEN,
    "stopped": {**_BETWEEN, Enable: enabled, Disable: _forgotten, Woken: STALE_WISH, Fire: _stopped},
}
"""What happens: status -> kind of input -> who handles it, or why nothing happens."""
