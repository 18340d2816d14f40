"""What a person can do with triggers: switch them on and off, fire, list, look at events, replay.

Each verb is one function from a running engine and a typed question to a JSON answer. ``control`` calls them, in the
server that runs or in a process of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from ..formats import cloudevents
from ..model import Connector, DocumentError, Event, Finding, Operation, Receiver, ServiceError, Severity, Subscription
from ..store.history import EventFilter, KeptKey
from ..store.tokens import new_id
from ..triggers import (
    CODEC,
    Plan,
    PollState,
    Settings,
    WebhookPlan,
    WebhookState,
    delivery_key,
    plan,
    subscription_key,
)
from ..triggers.protocol import Deliver, Disable, Enable, Fire, Notified, Report

if TYPE_CHECKING:
    from .running import Running

SETTLE = 60.0
"""Seconds that a service may take for registering or removing a hook before the command stops waiting."""

LOOK = 0.02
"""Seconds between looks at whether it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableTrigger:
    """A trigger that is to be switched on."""

    folder: str
    """Connector folder."""
    operation: str
    name: str = ""
    """Empty for connector and operation."""
    connection: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    receivers: tuple[Receiver, ...] = ()
    server: str = ""
    interval: float = 180.0
    watermark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A subscription by name or id."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTrigger:
    """Poll now, or take in a notification as if the service had sent it."""

    name: str
    body: str | None = None
    """For webhooks: the notification, as text."""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which events; all that is set has to hold."""

    name: str = ""
    """Name or id of a subscription; empty for all."""
    id: str = ""
    """One event."""
    type: str = ""
    since: float | None = None
    until: float | None = None
    dead: bool = False
    """For ``replay``: only deliveries that were given up."""
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Events as they come in."""

    name: str = ""
    since: float | None = None
    after: int | None = None
    """Position behind which they are wanted; None for the end, or with ``since`` for the beginning."""
    wait: float = 25.0
    """Seconds to wait for the first one."""


async def list_all(running: Running, asked: None) -> dict[str, Any]:
    """All subscriptions with their state."""
    found = await asyncio.to_thread(running.subscriptions.all)
    return {"version": 1, "subscriptions": await _all_shown(running, found)}


async def show(running: Running, asked: Named) -> dict[str, Any]:
    """One subscription with its last reports and how many events it gave."""
    one = running.subscriptions.get(asked.name)
    key = subscription_key(one.id)
    kept = [*await asyncio.to_thread(running.history.reports, key), *running.said(key)]
    kept.sort(key=lambda report: report.time, reverse=True)
    told = [{"time": cloudevents.moment(report.time), **_said(report.report)} for report in kept]
    return {"version": 1, **await _shown(running, one), "reports": told}


async def enable(running: Running, asked: EnableTrigger) -> dict[str, Any]:
    """Switch a trigger on, and wait until the service has taken the hook or the polling stands.

    Raises DocumentError for what is no trigger or a name that is taken, ServiceError ``not-enabled`` when the service
    refuses the hook: nothing stays then; and ``no-server`` for a hook when nobody listens.
    """
    connector = running.connectors.get(asked.folder)
    operation = connector.definition.operations.named(asked.operation)
    subscription = Subscription(
        id=new_id(),
        name=asked.name or f"{connector.name} {operation.id}",
        connector=connector.name,
        folder=absolute(asked.folder),
        operation=operation.id,
        connection=asked.connection,
        arguments=asked.arguments,
        receivers=asked.receivers,
        server=asked.server,
        interval=asked.interval,
        watermark=asked.watermark,
        created=running.clock.now(),
    )
    made = _planned(connector, operation, subscription)
    _refuse_hook(running, operation, made)
    running.subscriptions.add(subscription)
    try:
        said = await _switched_on(running, subscription, made)
    except BaseException:
        await _forget(running, subscription)
        raise
    findings = [*(_finding(one) for one in made.findings), *said]
    return {"version": 1, **await _shown(running, subscription), "findings": findings}


async def _switched_on(running: Running, one: Subscription, made: Plan) -> list[dict[str, Any]]:
    """What was said of the registration or the first poll. Raises ServiceError ``not-enabled`` for a hook that the
    service refuses."""
    key = subscription_key(one.id)
    before = await _last_report(running, key)
    url = running.intake.url(one.id, one.operation)
    await running.engine.submit(key, Enable(subscription=one, plan=made, callback_url=url), new_id())
    status = await _settled(running, key, "registering", "starting", "polling")
    reports = [kept.report for kept in await asyncio.to_thread(running.history.reports, key, after=before)]
    if status == "failed":
        refused = next((report for report in reports if report.severity == "error"), None)
        raise ServiceError(
            "not-enabled",
            f'the trigger "{one.operation}" was not enabled: {refused.message if refused else "it was refused"}',
            remedy=refused.remedy if refused else "",
        )
    return [_said(report) for report in reports if report.severity != "info"]


def _refuse_hook(running: Running, operation: Operation, made: Plan) -> None:
    """Raises ServiceError ``no-server`` for a hook when nobody listens."""
    if isinstance(made, WebhookPlan) and not running.address:
        raise ServiceError(
            "no-server",
            f'"{operation.id}" is a webhook, and no server runs that could take its notifications in',
            remedy="start tieline serve first",
        )


async def _last_report(running: Running, key: str) -> int:
    """The position behind which reports of a key are new."""
    last = await asyncio.to_thread(running.history.reports, key, limit=1)
    return last[0].position if last else 0


async def disable(running: Running, asked: Named) -> dict[str, Any]:
    """Switch a subscription off: the hook is removed at the service, polling stops. It can be enabled again."""
    one = running.subscriptions.get(asked.name)
    key = subscription_key(one.id)
    before = await _last_report(running, key)
    await running.engine.submit(key, Disable(), new_id())
    await _settled(running, key, "registering", "unregistering")
    reports = await asyncio.to_thread(running.history.reports, key, after=before)
    findings = [_said(kept.report) for kept in reports if kept.report.severity != "info"]
    return {"version": 1, **await _shown(running, one), "findings": findings}


async def again(running: Running, asked: Named) -> dict[str, Any]:
    """Switch a subscription that is off on again; polling starts anew, as on the platform.

    Raises ServiceError ``not-enabled`` when the service refuses the hook: it stays off then; ``no-server`` as
    ``enable``.
    """
    one = running.subscriptions.get(asked.name)
    connector = running.connectors.get(one.folder)
    operation = connector.definition.operations.named(one.operation)
    made = _planned(connector, operation, one)
    _refuse_hook(running, operation, made)
    return {"version": 1, "findings": await _switched_on(running, one, made), **await _shown(running, one)}


async def remove(running: Running, asked: Named) -> dict[str, Any]:
    """Switch a subscription off and forget it; its events stay in the history until they are too old. A hook that the
    service does not let go in time stays there, which is said."""
    one = running.subscriptions.get(asked.name)
    key = subscription_key(one.id)
    before = await _last_report(running, key)
    await running.engine.submit(key, Disable(forget=True), new_id())
    left = await _settled(running, key, gone=True)
    reports = await asyncio.to_thread(running.history.reports, key, after=before)
    findings = [_said(kept.report) for kept in reports if kept.report.severity != "info"]
    if left:
        findings.append(_said(Report(rule="hook-left", message=STAYS, remedy="remove it there", severity="warning")))
    await _forget(running, one)
    return {"version": 1, "removed": one.name, "findings": findings}


STAYS = "the service did not let the hook go in time, so it stays there"


async def fire(running: Running, asked: FireTrigger) -> dict[str, Any]:
    """Poll at once, or take in a notification; gives the events that came of it, and what was said.

    Raises DocumentError ``trigger-off``, ``no-notification`` for a webhook without body and ``not-a-webhook`` for a
    poll with one.
    """
    one = running.subscriptions.get(asked.name)
    key = subscription_key(one.id)
    _refuse_fire(await running.engine.state(key), one, asked)
    before = (await asyncio.to_thread(running.history.counts, 0.0)).events
    reported = await _last_report(running, key)
    if asked.body is not None:
        given = Notified(body=asked.body.encode(), content_type=asked.content_type)
        await running.engine.submit(key, given, new_id())
    else:
        await running.engine.submit(key, Fire(), new_id())
        await _settled(running, key, "polling", "starting")
    found = await asyncio.to_thread(running.history.events, EventFilter(subscription=one.id, after=before, limit=1000))
    reports = await asyncio.to_thread(running.history.reports, key, after=reported)
    return {
        "version": 1,
        **await _shown(running, one),
        "events": [_event(kept.event) for kept in found],
        "findings": [_said(kept.report) for kept in reports if kept.report.severity != "info"],
    }


def _refuse_fire(state: Any, one: Subscription, asked: FireTrigger) -> None:
    """Raises DocumentError for what would bring nothing about."""
    if state is None or state.status in OFF:
        remedy = f'switch it on first: tieline triggers resume "{one.name}"'
        raise DocumentError("trigger-off", f'the trigger "{one.name}" is off', remedy=remedy)
    if isinstance(state, WebhookState) and asked.body is None:
        remedy = "give a notification with --body FILE, or --body - for stdin"
        raise DocumentError("no-notification", f'"{one.name}" is a webhook, which cannot be polled', remedy=remedy)
    if not isinstance(state, WebhookState) and asked.body is not None:
        remedy = "leave --body out: it is polled"
        raise DocumentError("not-a-webhook", f'"{one.name}" is polled and takes no notifications', remedy=remedy)


async def events(running: Running, asked: Which) -> dict[str, Any]:
    """Events of the history, newest first."""
    return {"version": 1, "events": [_event(one) for one in await _chosen(running, asked)]}


async def dead(running: Running, asked: Which) -> dict[str, Any]:
    """Deliveries that were given up: the event, its receiver, why."""
    letters = await _dead(running, asked)
    return {
        "version": 1,
        "dead": [
            {
                "key": kept.key,
                "since": cloudevents.moment(kept.changed),
                "receiver": _receiver(state.receiver),
                "attempts": state.attempt,
                "problem": state.problem,
                "event": _event(state.event),
            }
            for kept, state in letters
        ],
    }


async def _dead(running: Running, asked: Which) -> list[tuple[KeptKey, Any]]:
    """The deliveries that were given up and that a question means, those given up last first."""
    wanted = running.subscriptions.get(asked.name).id if asked.name else ""
    most = LOOKED_THROUGH if wanted or asked.id else asked.limit
    found = await asyncio.to_thread(running.history.keys, "delivery", "dead", most)
    letters = ((kept, CODEC.decode(kept.state)) for kept in found)
    meant = ((kept, state) for kept, state in letters if wanted in ("", state.event.subscription))
    return list(islice((one for one in meant if asked.id in ("", one[1].event.id)), asked.limit))


LOOKED_THROUGH = 100_000
"""Dead letters that are looked through for those of one subscription."""


async def replay(running: Running, asked: Which) -> dict[str, Any]:
    """Deliver events again to the receivers of their subscriptions, as new deliveries with the same event id."""
    if asked.dead:
        return await _revive(running, asked)
    subscriptions = {one.id: one for one in await asyncio.to_thread(running.subscriptions.all)}
    found = await _chosen(running, asked)
    owned = ((event, subscriptions.get(event.subscription)) for event in reversed(found))
    wanted = [
        (delivery_key(event, number), Deliver(event=event, receiver=receiver))
        for event, owner in owned
        for number, receiver in enumerate(owner.receivers if owner is not None else ())
    ]
    await _begin(running, wanted)
    return {"version": 1, "events": len(found), "deliveries": len(wanted)}


async def _revive(running: Running, asked: Which) -> dict[str, Any]:
    """Deliveries that were given up, begun again."""
    letters = await _dead(running, asked)
    await _begin(running, [(kept.key, Deliver(event=one.event, receiver=one.receiver)) for kept, one in letters])
    return {"version": 1, "events": len({one.event.id for _, one in letters}), "deliveries": len(letters)}


async def _begin(running: Running, wanted: list[tuple[str, Deliver]]) -> None:
    """Begins deliveries, many with one write."""
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        await asyncio.gather(*(running.engine.submit(key, given, new_id()) for key, given in some))


BATCH = 200
"""Deliveries that a replay begins at a time."""


async def tail(running: Running, asked: Tail) -> dict[str, Any]:
    """Events behind a position, oldest first; waits for the first one where there is none."""
    one = running.subscriptions.get(asked.name).id if asked.name else ""
    after = asked.after
    if after is None:
        after = 0 if asked.since is not None else (await asyncio.to_thread(running.history.counts, 0.0)).events
    wanted = EventFilter(subscription=one, since=asked.since, after=after, limit=500)
    found = await running.arrived(wanted, asked.wait)
    last = found[-1].position if found else after
    return {"version": 1, "after": last, "events": [_event(kept.event) for kept in found]}


Verb = Callable[["Running", Any], Awaitable[dict[str, Any]]]

VERBS: Mapping[str, tuple[Verb, Any]] = {
    "list": (list_all, None),
    "show": (show, Named),
    "enable": (enable, EnableTrigger),
    "again": (again, Named),
    "disable": (disable, Named),
    "remove": (remove, Named),
    "fire": (fire, FireTrigger),
    "events": (events, Which),
    "dead": (dead, Which),
    "replay": (replay, Which),
    "tail": (tail, Tail),
}
"""What can be asked of a running engine, with the type of the question."""


LOOKING = frozenset({"list", "show", "events", "dead"})
"""Verbs that bring nothing about."""


async def perform(running: Running, verb: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a question as JSON. Raises DocumentError ``unknown-verb``, ``bad-argument``, and what verbs do."""
    if verb not in VERBS:
        raise DocumentError(
            "unknown-verb", f'this server knows no "{verb}"', remedy="use the same version on both sides"
        )
    work, kind = VERBS[verb]
    if kind is None:
        return await work(running, None)
    try:
        asked = msgspec.convert(given, kind, strict=True)
    except msgspec.ValidationError as error:
        raise DocumentError("bad-argument", f'"{verb}" was asked in a wrong way: {error}') from None
    return await work(running, asked)


def absolute(folder: str) -> str:
    """A folder as any process finds it."""
    return str(Path(folder).resolve())


async def _settled(running: Running, key: str, *passing: str, gone: bool = False) -> str:
    """The status of a key once it is none of those that pass by themselves; empty for a key without state. Events and
    reports that came before are in the history then."""
    until = asyncio.get_running_loop().time() + SETTLE
    while True:
        state = await running.engine.state(key)
        status = "" if state is None else str(state.status)
        if (not gone and status not in passing) or not status or asyncio.get_running_loop().time() > until:
            await running.engine.submit(NOBODY, Fire(), "")
            return status
        await asyncio.sleep(LOOK)


NOBODY = "nobody/"
"""A key that never has a state. What it is given brings nothing about, and is kept after all that was given before."""


async def _forget(running: Running, subscription: Subscription) -> None:
    await running.engine.cancel(subscription_key(subscription.id))
    await asyncio.to_thread(running.subscriptions.remove, subscription.id)


async def _chosen(running: Running, asked: Which) -> list[Event]:
    """The events that a question means, newest first."""
    if asked.id:
        event = await asyncio.to_thread(running.history.event, asked.id)
        if event is None:
            raise DocumentError(
                "unknown-event", f'there is no event "{asked.id}"', remedy="see tieline triggers events"
            )
        return [event]
    wanted = EventFilter(
        subscription=running.subscriptions.get(asked.name).id if asked.name else "",
        type=asked.type,
        since=asked.since,
        until=asked.until,
        limit=asked.limit,
    )
    return [kept.event for kept in await asyncio.to_thread(running.history.events, wanted)]


async def _shown(running: Running, one: Subscription) -> dict[str, Any]:
    [shown] = await _all_shown(running, [one])
    return shown


async def _all_shown(running: Running, wanted: list[Subscription]) -> list[dict[str, Any]]:
    """Subscriptions as they are shown: with their state, the time of the next poll, and how many events they gave."""
    ids = [one.id for one in wanted]
    keys = [subscription_key(id) for id in ids]
    counts = await asyncio.to_thread(running.history.event_counts, ids)
    wakes = await asyncio.to_thread(running.history.wakes, keys)
    states = [await running.state(key) for key in keys]
    return [
        _row(one, state, counts.get(one.id, 0), wakes.get(key))
        for one, key, state in zip(wanted, keys, states, strict=True)
    ]


def _row(one: Subscription, state: Any, count: int, wake: float | None) -> dict[str, Any]:
    status = "off" if state is None else str(state.status)
    return {
        "name": one.name,
        "id": one.id,
        "connector": one.connector,
        "operation": one.operation,
        "connection": one.connection,
        "kind": KINDS.get(type(state), ""),
        "status": "off" if status in OFF else STATUS.get(status, status),
        "state": status,
        "next": None if wake is None or not isinstance(state, PollState) else cloudevents.moment(wake),
        "event_count": count,
        "interval": one.interval,
        "receivers": [_receiver(receiver) for receiver in one.receivers],
    }


OFF = frozenset({"removed", "failed", "stopped"})
"""States of subscriptions that are off."""

KINDS: Mapping[type[Any], str] = {WebhookState: "webhook", PollState: "polling"}

STATUS = {
    "registering": "switching on",
    "starting": "first poll",
    "unregistering": "switching off",
    "backing-off": "failing",
    "active": "on",
    "waiting": "on",
}
"""What people read for states that are not their own words."""


def _receiver(receiver: Receiver) -> dict[str, Any]:
    """A receiver as it is shown: a URL without user and query, which may hold secrets."""
    target = receiver.target
    if receiver.kind == "http":
        parts = urlsplit(target)
        target = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return {"kind": receiver.kind, "target": target}


def _event(event: Event) -> dict[str, Any]:
    return cloudevents.value_of(event)


def _said(report: Any) -> dict[str, Any]:
    return {
        "rule": report.rule,
        "message": report.message,
        "remedy": report.remedy,
        "severity": report.severity,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "message": finding.message,
        "remedy": finding.remedy,
        "severity": finding.severity.name.lower(),
    }


def _planned(connector: Connector, operation: Operation, subscription: Subscription) -> Plan:
    """What the engine has to know. An interval below the platform's least one is taken, since it was asked for."""
    settings = Settings(minimum_interval=min(Settings().minimum_interval, max(subscription.interval, SHORTEST)))
    made = plan(connector, operation, subscription, settings)
    _refuse(made.findings, operation)
    return made


SHORTEST = 0.1
"""Least seconds between polls that anybody can ask for."""


def _refuse(findings: tuple[Finding, ...], operation: Operation) -> None:
    """Raises DocumentError for a plan that cannot work."""
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        first, *more = errors
        raise DocumentError(
            first.rule, first.message, remedy=first.remedy, route=first.route, more=tuple(replace(one) for one in more)
        )
