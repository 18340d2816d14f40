"""The state that a parameter is sent: what it is first, and what it is after a reply.

The guide's ``x-ms-trigger-metadata: triggerState`` names the parameter and nothing more; all of this is inferred. A
state is a time (seconds since the epoch) or, where the user names a property that is no time, a value of that property.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..model import MISSING, first_header
from .items import Item, property_of, time_property
from .moment import http_date, seconds_of, text_of
from .plan import PollPlan
from .protocol import Called
from .text import keepable


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How far a polling trigger has come."""

    time: float | None = None
    """Seconds since the epoch; None where ``value`` counts."""
    value: str | int | float = ""
    """The largest value of a stated property that is no time."""
    floor: float = 0.0
    """Where the subscription began, by the server's clock as soon as that is known: no state goes below."""
    name: str = ""
    """The property that orders the items; empty until it was found."""


NO_MARK = Watermark()
"""Of a subscription that never polled."""


def beginning(now: float) -> Watermark:
    """The state of the first poll: the time of the subscription."""
    return Watermark(time=now, floor=now)


def argument(mark: Watermark, plan: PollPlan) -> str | int | float:
    """What the parameter is sent."""
    if mark.time is None:
        return mark.value
    if plan.format == "seconds":
        return math.floor(mark.time)
    text = text_of(mark.time)
    return text.partition("T")[0] if plan.format == "date" else text


def server_start(called: Called, started: float, now: float) -> float:
    """When a poll began by the server's clock, else by this machine's."""
    date = http_date(first_header(called.headers, "date"))
    return started if date is None else date - max(0.0, now - started)


def after_first(mark: Watermark, items: Sequence[Item], stated: str, ahead: float) -> Watermark:
    """The state after the first reply: the subscription's time still, by the server's clock now. ``ahead`` is by how
    much that is ahead of this machine's.

    Only a stated property that is no time gives a later one, since nothing else is known of it.
    """
    floor = mark.floor + ahead
    found = stated_value(items, stated) if stated else None
    if found is not None and found.time is None:
        return found
    return Watermark(time=floor, floor=floor, name=stated if found is not None else time_property(items))


def after(mark: Watermark, plan: PollPlan, items: Sequence[Item], stated: str, start: float) -> Watermark:
    """The state after a reply.

    The largest value of the stated property, else of a date-time that all items share (never above the start of the
    poll, since a wrong guess must lose nothing), else the start of the poll. Times less the overlap, for what comes
    late. Without items a property's state stays.
    """
    overlap = plan.settings.overlap
    if stated and (found := stated_value(items, stated)) is not None:
        if found.time is None:
            return _later(mark, found)
        return Watermark(time=max(mark.time or 0.0, found.time - overlap, mark.floor), floor=mark.floor, name=stated)
    if mark.time is None or (not items and mark.name):
        return mark
    name = mark.name if mark.name and _times(items, mark.name) else time_property(items)
    times = _times(items, name) if name else []
    if times:
        reached = max(mark.floor, min(max(times), start) - overlap)
        return Watermark(time=max(reached, mark.time) if mark.name else reached, floor=mark.floor, name=name)
    return Watermark(time=max(mark.floor, start - overlap), floor=mark.floor)


def _later(mark: Watermark, found: Watermark) -> Watermark:
    """The larger of two values that are no times; values of two kinds cannot be compared, so the newer counts."""
    if mark.time is None and type(mark.value) is type(found.value):
        larger = max(mark.value, found.value)
        return Watermark(value=larger, name=found.name)
    return found


def stated_value(items: Sequence[Item], name: str) -> Watermark | None:
    """The largest value of a property; None where not every item has one that can be compared."""
    times = _times(items, name)
    if times:
        return Watermark(time=max(times), name=name)
    values = [property_of(item.value, name) for item in items]
    numbers = [value for value in values if _is_number(value)]
    texts = [keepable(value) for value in values if isinstance(value, str)]
    if not values or max(len(numbers), len(texts)) < len(values):
        return None
    return Watermark(value=max(numbers) if numbers else max(texts), name=name)


def _is_number(value: Any) -> bool:
    """Whether a value is a number that can be kept: of at most 64 bits."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 2**63


def _times(items: Sequence[Item], name: str) -> list[float]:
    """The times of a property, when every item has one."""
    found = [seconds_of(property_of(item.value, name)) for item in items if item.value is not MISSING]
    times = [time for time in found if time is not None]
    return times if len(times) == len(items) else []


def after_subscription(item: Item, mark: Watermark, stated: str) -> bool:
    """Whether an item of the first reply is younger than the subscription by its own time, so that it is new."""
    name = stated or mark.name
    time: Any = seconds_of(property_of(item.value, name)) if name and item.value is not MISSING else None
    return time is not None and mark.time is not None and time > mark.floor
