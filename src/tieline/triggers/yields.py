"""What a successful reply to a poll yields: the next state, and the payloads of what is new.

Three ways. With a ``Location`` the service (or the policy) keeps the state there, and 200 says that all in it is new
(reference: triggers, section 2). With a state parameter, or with neither, items are told apart here. A first reply
never fires.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from ..model import MISSING, Subscription, first_header
from ..pipeline.target import origin
from ..policy.json_body import parse
from ..policy.url import below
from .items import Item, Keys, identities, is_change, property_of, split, time_property
from .location import location_of
from .moment import seconds_of
from .plan import PollPlan
from .protocol import Called, Report
from .replies import warning
from .seen import known, remember
from .text import keepable
from .watermark import Watermark, after, after_first, after_subscription, server_start, stated_value

Way: TypeAlias = Literal["location", "parameter", "memory"]
"""Who knows what is new: the ``Location``, the parameter with the memory of items, the memory alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The state from which a poll was made; see ``polling.PollState``."""

    subscription: Subscription
    plan: PollPlan
    first: bool
    started: float
    location: str
    mark: Watermark
    seen: bytes
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Yielded:
    """What came of it."""

    location: str
    mark: Watermark
    seen: bytes
    fires: tuple[tuple[Item, str], ...]
    """Payloads of events, each with its subject."""
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reply:
    """A reply as it was read."""

    way: Way
    location: str
    """The new one, absolute; empty for none."""
    items: tuple[Item, ...]
    told: tuple[tuple[bytes, str], ...]
    """For each item its identity and its own name."""
    left: int
    value: Any
    """The body as JSON, MISSING for none."""


def has_items(plan: PollPlan, given: Called) -> bool:
    """Whether the items of a successful reply can be looked for, or it needs none: the platform cannot split what is no
    JSON."""
    listed = plan.split is not None or plan.lists is not None
    return not listed or given.status in EMPTY or not given.body.strip() or parse(given.body) is not MISSING


EMPTY = (202, 204)
"""Statuses that say that nothing is new, whatever the body says."""


def taken(asked: Asked, given: Called, now: float) -> Yielded:
    """What a successful reply yields."""
    reply = _read(asked, given)
    reports = [one for one in _reports(asked, given, reply) if one.rule not in asked.said]
    ids = [identity for identity, _ in reply.told]
    before = known(asked.seen)
    if asked.first:
        fires: tuple[tuple[Item, str], ...] = ()
    elif reply.way == "location":
        fires = tuple((item, name) for item, (_, name) in zip(reply.items, reply.told, strict=True))
    else:
        fires = tuple(
            (item, name)
            for item, (identity, name) in zip(reply.items, reply.told, strict=True)
            if identity not in before
        )
    mark = _mark(asked, given, reply, now)
    if asked.first and reply.way == "parameter":
        stated = asked.subscription.watermark
        pairs = zip(reply.items, ids, strict=True)
        ids = [identity for item, identity in pairs if not after_subscription(item, mark, stated)]
    if reply.way == "location":
        seen = b"".join(ids) if ids else asked.seen
    else:
        seen = remember(asked.seen, ids, asked.plan.settings.remembered)
    location = reply.location or asked.location
    return Yielded(location=location, mark=mark, seen=seen, fires=fires, reports=tuple(reports))


def _read(asked: Asked, given: Called) -> _Reply:
    plan = asked.plan
    location = location_of(given, asked.subscription.server)
    way: Way = "location" if location else "memory" if asked.location or plan.style == "reply" else "parameter"
    content_type = keepable(first_header(given.headers, "content-type") or "")
    body = b"" if given.status in EMPTY else given.body
    value = parse(body) if body else MISSING
    keys = plan.split if way == "location" else _keys(plan, value)
    most = plan.settings.most_items // max(1, len(asked.subscription.receivers))
    found = split(body, content_type, keys, most)
    name = asked.subscription.watermark or asked.mark.name or time_property(found.items)
    told = identities(found.items, plan.operation, name)
    return _Reply(way=way, location=location, items=found.items, told=tuple(told), left=found.left, value=value)


def _keys(plan: PollPlan, value: Any) -> Keys | None:
    """Where the items are that have to be told apart: as declared, else the only array of the body."""
    if plan.lists is not None or not plan.batch:
        return plan.lists
    if isinstance(value, list):
        return ()
    lists = [name for name, one in value.items() if isinstance(one, list)] if isinstance(value, Mapping) else []
    return (lists[0],) if len(lists) == 1 else None


def _mark(asked: Asked, given: Called, reply: _Reply, now: float) -> Watermark:
    stated = asked.subscription.watermark
    if reply.way == "location":
        return asked.mark
    if reply.way == "memory":
        name = asked.mark.name or time_property(reply.items)
        return replace(asked.mark, name=name) if is_change(name) else asked.mark
    start = server_start(given, asked.started, now)
    if asked.first:
        return after_first(asked.mark, reply.items, stated, start - asked.started)
    return after(asked.mark, asked.plan, reply.items, stated, start)


# What a person should know; each rule is said once in the life of a subscription.


def _reports(asked: Asked, given: Called, reply: _Reply) -> Iterator[Report]:
    if reply.way == "location":
        yield from _by_location(asked, given, reply)
    elif reply.way == "memory":
        yield from _by_memory(asked, reply)
    else:
        yield from _by_parameter(asked, reply)
    if reply.left:
        yield Report(
            rule="too-many-items",
            message=f"{reply.left} items above the first {len(reply.items)} start nothing",
            remedy="let the service send fewer at a time",
            severity="error",
        )
    link = property_of(reply.value, asked.plan.next_link) if asked.plan.next_link else MISSING
    if isinstance(link, str) and link:
        message = f'there are more items on the page that "{asked.plan.next_link}" leads to; they are not given'
        yield warning("trigger-page-left", message, "let the service send more items on one page")


def _by_location(asked: Asked, given: Called, reply: _Reply) -> Iterator[Report]:
    if asked.first and reply.items:
        yield warning(
            "first-poll-fired",
            f"the first poll gave {len(reply.items)} items with 200; a first poll only finds the state, so they start "
            "nothing",
            "answer a call without state with 202 and Location",
        )
    if not asked.first and reply.items and {identity for identity, _ in reply.told} <= known(asked.seen):
        yield warning(
            "trigger-fires-again",
            "all items of this poll were in the last one, too, and start runs again",
            'let the filter leave out the item that the state names: "gt", not "ge"',
        )
    if asked.plan.order and _rises(reply.items, asked.plan.order):
        yield warning(
            "trigger-oldest-first",
            "the oldest item comes first, and the state is taken from it, so that the same items come again",
            "let the service send the newest first",
        )
    if not asked.plan.policy and _foreign(asked, given, reply.location):
        yield warning(
            "location-elsewhere",
            "the reply's Location does not lead back through the connector; it is called as it is, without the "
            "credential",
            "answer with a URL below the one that was called",
        )


def _by_memory(asked: Asked, reply: _Reply) -> Iterator[Report]:
    if asked.location:
        yield warning(
            "location-missing",
            "a reply has no Location, though former ones had; the last one is called again, and items are told apart",
            "give Location with every reply",
        )
    elif reply.items:
        yield warning(
            "poll-without-state",
            "the reply has no Location, so the platform would start runs for all its items with every poll; here items "
            "are told apart, and only new ones do",
            "use a pollingtrigger policy, or answer with Location",
        )


def _by_parameter(asked: Asked, reply: _Reply) -> Iterator[Report]:
    stated = asked.subscription.watermark
    if stated and reply.items and stated_value(reply.items, stated) is None:
        yield warning(
            "watermark-missing",
            f'not every item has a "{stated}" that can be compared; the state is found in another way',
            "name a property that all items have",
        )


def _rises(items: tuple[Item, ...], name: str) -> bool:
    """Whether the first item is older than the last by a property."""
    if len(items) < 2:
        return False
    first, last = (property_of(item.value, name) for item in (items[0], items[-1]))
    times = seconds_of(first), seconds_of(last)
    if times[0] is not None and times[1] is not None:
        return times[0] < times[1]
    numbers = all(isinstance(one, (int, float)) for one in (first, last))
    return bool(numbers and first < last)


def _foreign(asked: Asked, given: Called, location: str) -> bool:
    """Whether a Location is below no known URL of the connector."""
    if origin(location) == origin(given.url):
        return False
    return all(below(location, base) is None for base in asked.plan.bases)
