"""The life of a delivery: tried until its receiver takes it, or until it is too old.

A delivery that was taken is gone; one that was given up stays as a dead letter, which ``Deliver`` replays. ``TABLE``
says for each status and kind of input what happens, or why nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from ..model import Event, Receiver
from .digest import share
from .moved import Ignored, Moved
from .protocol import Called, Deliver, Disable, Enable, Fire, Input, Notified, Push, Pushed, Report, WakeAt, Woken

DeliveryStatus: TypeAlias = Literal["trying", "waiting", "dead"]

RETRY = "retry"
"""Tag of the wish to try again."""

FIRST_WAIT = 1.0
"""Seconds before the second try; each failure doubles them. Ours."""

LONGEST_WAIT = 900.0
"""Most seconds between two tries, unless the receiver asks for more. Ours."""

JITTER = 0.1
"""Share of the wait by which tries are spread. Ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryState:
    """An event on its way to one receiver."""

    status: DeliveryStatus
    event: Event
    receiver: Receiver
    attempt: int = 1
    """The try under way, or the last one."""
    since: float = 0.0
    """When the delivery began; a replay begins anew."""
    problem: str = ""
    """Why the last try failed; empty before any did."""
    version: int = 1


def begun(state: DeliveryState | None, given: Deliver, now: float) -> Moved:
    """Tries for the first time, or again from the start."""
    if given.receiver.kind == "none":
        return Moved(state=None)
    fresh = DeliveryState(status="trying", event=given.event, receiver=given.receiver, since=now)
    stop = (WakeAt(when=-1, tag=RETRY),) if state is not None else ()
    return Moved(state=fresh, commands=(*stop, _push(fresh)))


def _push(state: DeliveryState) -> Push:
    return Push(event=state.event, receiver=state.receiver, attempt=state.attempt)


def _pushed(state: DeliveryState, given: Pushed, now: float) -> Moved:
    """Taken: it is gone. Else waits, or is dead when it is too old or another try is of no use."""
    if given.ok:
        return Moved(state=None)
    fresh = replace(state, problem=given.problem or "the receiver did not say why")
    end = state.since + state.receiver.max_age
    asked = max(0.0, given.retry_after or 0.0)
    if given.final or now >= end or now + asked > end:
        return _dead(fresh)
    wait = max(asked, back_off(state))
    return Moved(state=replace(fresh, status="waiting"), commands=(WakeAt(when=min(now + wait, end), tag=RETRY),))


def back_off(state: DeliveryState) -> float:
    """Seconds to wait after the try that failed."""
    wait = min(FIRST_WAIT * 2.0 ** min(state.attempt - 1, 32), LONGEST_WAIT)
    return wait * (1.0 + JITTER * share(state.event.id, state.receiver.target, state.attempt))


def _dead(state: DeliveryState) -> Moved:
    tries = f"{state.attempt} {'try' if state.attempt == 1 else 'tries'}"
    report = Report(
        rule="dead-letter",
        message=f'the event "{state.event.id}" was given up after {tries}: {state.problem}',
        remedy="mend the receiver, then tieline triggers replay --dead",
        severity="error",
    )
    return Moved(state=replace(state, status="dead"), commands=(report,))


def _woken(state: DeliveryState, given: Woken, now: float) -> Moved:
    """Tries again."""
    if given.tag != RETRY:
        return Moved(state=state)
    fresh = replace(state, status="trying", attempt=state.attempt + 1)
    return Moved(state=fresh, commands=(_push(fresh),))


def _gone(state: DeliveryState, given: Disable, now: float) -> Moved:
    """It is gone."""
    return Moved(state=None)


Handler: TypeAlias = Callable[[Any, Any, float], Moved]
Row: TypeAlias = Mapping[type[Input], Handler | Ignored]

NOT_MINE = Ignored("belongs to subscriptions")
UNDER_WAY = Ignored("a try is under way")
STALE_PUSH = Ignored("the answer to a try that no longer matters")
STALE_WISH = Ignored("the wish is no longer needed")

_ROW: Row = {
    Enable: NOT_MINE,
    Disable: _gone,
    Notified: NOT_MINE,
    Called: NOT_MINE,
    Woken: STALE_WISH,
    Fire: NOT_MINE,
    Pushed: STALE_PUSH,
    Deliver: begun,
}

TABLE: Mapping[str, Row] = {
    "trying": {**_ROW, Pushed: _pushed, Deliver: UNDER_WAY},
    "waiting": {**_ROW, Woken: _woken},
    "dead": _ROW,
}
"""What happens: status -> kind of input -> who handles it, or why nothing happens."""
