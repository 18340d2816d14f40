"""What a person can do with triggers: switch them on and off, fire, list, look at events, replay.

Each verb is one function from a running engine and a typed question to a JSON answer. ``control`` calls them, in the
server that runs or in a process of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..formats import cloudevents
from ..model import DocumentError, Event, Finding, Operation, Receiver, ServiceError, Subscription
from ..store.history import EventFilter, KeptKey
from ..store.tokens import new_id
from ..triggers import (
    CODEC,
    Plan,
    PollState,
    WebhookPlan,
    WebhookState,
    delivery_key,
    subscription_key,
)
from ..triggers.protocol import Deliver, Disable, Enable, Fire, Notified, Report
from .enabling import fitting, planned, refuse_name
from .receiver_words import shown_target

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
    body: bytes | None = None
    """For webhooks: the notification, in JSON as base64."""
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
    one = await _named(running, asked.name)
    key = subscription_key(one.id)
    kept = [*await asyncio.to_thread(running.history.reports, key), *running.said(key)]
    kept.sort(key=lambda report: report.time, reverse=True)
    told = [{"time": cloudevents.moment(report.time), **_said(report.report)} for report in kept]
    return {"version": 1, **await _shown(running, one), "reports": told}


async def enable(running: Running, asked: EnableTrigger) -> dict[str, Any]:
    """Switch a trigger on, and wait until the service has taken the hook or the polling stands.

    Raises DocumentError for what is no trigger, a name that is taken, a connection, an argument or a key that is
    wrong; ServiceError ``not-enabled`` when the service refuses the hook: nothing stays then; and ``no-server`` for a
    hook when nobody listens.
    """
    refuse_name(asked.name)
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
    made = planned(connector, operation, subscription)
    _refuse_hook(running, operation, made)
    arguments = fitting(running, connector, operation, subscription, made)
    await asyncio.to_thread(running.subscriptions.add, subscription)
    try:
        said = await _switched_on(running, subscription, made)
    except BaseException:
        await _forget(running, subscription)
        raise
    findings = [_finding(one) for one in dict.fromkeys((*made.findings, *arguments))]
    return {"version": 1, **await _shown(running, subscription), "findings": [*findings, *said]}


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


async def _named(running: Running, name: str) -> Subscription:
    """The subscription of that name or id; read in a thread, since the list may be long and the disk slow."""
    return await asyncio.to_thread(running.subscriptions.get, name)


async def _id_of(running: Running, name: str) -> str:
    """The id of a subscription; empty for no name."""
    return (await _named(running, name)).id if name else ""


async def _last_report(running: Running, key: str) -> int:
    """The position behind which reports of a key are new."""
    last = await asyncio.to_thread(running.history.reports, key, limit=1)
    return last[0].position if last else 0


async def disable(running: Running, asked: Named) -> dict[str, Any]:
    """Switch a subscription off: the hook is removed at the service, polling stops. It can be enabled again."""
    one = await _named(running, asked.name)
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
    one = await _named(running, asked.name)
    connector = running.connectors.get(one.folder)
    operation = connector.definition.operations.named(one.operation)
    made = planned(connector, operation, one)
    _refuse_hook(running, operation, made)
    fitting(running, connector, operation, one, made)
    return {"version": 1, "findings": await _switched_on(running, one, made), **await _shown(running, one)}


async def remove(running: Running, asked: Named) -> dict[str, Any]:
    """Switch a subscription off and forget it; its events stay in the history until they are too old. A hook that the
    service does not let go in time stays there, which is said."""
    one = await _named(running, asked.name)
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
    one = await _named(running, asked.name)
    key = subscription_key(one.id)
    _refuse_fire(await running.engine.state(key), one, asked)
    before = (await asyncio.to_thread(running.history.counts, 0.0)).events
    reported = await _last_report(running, key)
    if asked.body is not None:
        findings = [_finding(found) for found in running.mismatches(one, asked.body, asked.content_type)]
        given = Notified(body=asked.body, content_type=asked.content_type)
        await running.engine.submit(key, given, new_id())
    else:
        await running.engine.submit(key, Fire(), new_id())
        status = await _settled(running, key, *UNDER_WAY)
        findings = [_said(POLL_UNDER_WAY)] if status in UNDER_WAY else []
    wanted = EventFilter(subscription=one.id, after=before, limit=FIRED + 1)
    found = await asyncio.to_thread(running.history.events, wanted)
    findings += [_said(MORE_FIRED)] if len(found) > FIRED else []
    reports = await asyncio.to_thread(running.history.reports, key, after=reported)
    findings += [_said(kept.report) for kept in reports if kept.report.severity != "info"]
    return {
        "version": 1,
        **await _shown(running, one),
        "events": [_event(kept.event) for kept in found[:FIRED]],
        "findings": findings,
    }


UNDER_WAY = ("polling", "starting")
"""States in which a poll is under way."""

FIRED = 1000
"""Events that came of one poll that are shown."""

POLL_UNDER_WAY = Report(
    rule="poll-under-way",
    message=f"the service has not answered the poll within {SETTLE:g} s; what comes of it is not known yet",
    remedy="see tieline triggers show, and tieline triggers events",
    severity="warning",
)

MORE_FIRED = Report(
    rule="more-events",
    message=f"more than {FIRED} events came of it; these are the first",
    remedy="see all of them with tieline triggers events --limit",
    severity="warning",
)


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
    """Events of the history, newest first; ``more`` says whether there are older ones."""
    found, more = await _chosen(running, asked)
    return {"version": 1, "events": [_event(one) for one in found], "more": more}


async def dead(running: Running, asked: Which) -> dict[str, Any]:
    """Deliveries that were given up: the event, its receiver, why; ``more`` says whether there are others."""
    letters, more = await _dead(running, asked)
    return {
        "version": 1,
        "more": more,
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


async def _dead(running: Running, asked: Which) -> tuple[list[tuple[KeptKey, Any]], bool]:
    """The deliveries that were given up and that a question means, those given up last first; whether there are
    more."""
    wanted = await _id_of(running, asked.name)
    most = LOOKED_THROUGH if wanted or asked.id else asked.limit + 1
    found = await asyncio.to_thread(running.history.keys, "delivery", "dead", most)
    letters = ((kept, CODEC.decode(kept.state)) for kept in found)
    meant = ((kept, state) for kept, state in letters if wanted in ("", state.event.subscription))
    chosen = list(islice((one for one in meant if asked.id in ("", one[1].event.id)), asked.limit + 1))
    return chosen[: asked.limit], len(chosen) > asked.limit


LOOKED_THROUGH = 100_000
"""Dead letters that are looked through for those of one subscription."""


async def replay(running: Running, asked: Which) -> dict[str, Any]:
    """Deliver events again to the receivers of their subscriptions, as new deliveries with the same event id."""
    if asked.dead:
        return await _revive(running, asked)
    subscriptions = {one.id: one for one in await asyncio.to_thread(running.subscriptions.all)}
    found, more = await _chosen(running, asked)
    owned = ((event, subscriptions.get(event.subscription)) for event in reversed(found))
    wanted = [
        (delivery_key(event, number), Deliver(event=event, receiver=receiver))
        for event, owner in owned
        for number, receiver in enumerate(owner.receivers if owner is not None else ())
    ]
    await _begin(running, wanted)
    return {"version": 1, "events": len(found), "deliveries": len(wanted), "more": more}


async def _revive(running: Running, asked: Which) -> dict[str, Any]:
    """Deliveries that were given up, begun again."""
    letters, more = await _dead(running, asked)
    await _begin(running, [(kept.key, Deliver(event=one.event, receiver=one.receiver)) for kept, one in letters])
    events = {one.event.id for _, one in letters}
    return {"version": 1, "events": len(events), "deliveries": len(letters), "more": more}


async def _begin(running: Running, wanted: list[tuple[str, Deliver]]) -> None:
    """Begins deliveries, many with one write."""
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        await asyncio.gather(*(running.engine.submit(key, given, new_id()) for key, given in some))


BATCH = 200
"""Deliveries that a replay begins at a time."""


async def tail(running: Running, asked: Tail) -> dict[str, Any]:
    """Events behind a position, oldest first; waits for the first one where there is none."""
    one = await _id_of(running, asked.name)
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


async def _chosen(running: Running, asked: Which) -> tuple[list[Event], bool]:
    """The events that a question means, newest first; whether there are more."""
    if asked.id:
        event = await asyncio.to_thread(running.history.event, asked.id)
        owner = await _id_of(running, asked.name)
        if event is None or owner not in ("", event.subscription):
            of = f' of "{asked.name}"' if asked.name else ""
            remedy = "see tieline triggers events"
            raise DocumentError("unknown-event", f'there is no event "{asked.id}"{of}', remedy=remedy)
        return [event], False
    wanted = EventFilter(
        subscription=await _id_of(running, asked.name),
        type=asked.type,
        since=asked.since,
        until=asked.until,
        limit=asked.limit + 1,
    )
    found = await asyncio.to_thread(running.history.events, wanted)
    return [kept.event for kept in found[: asked.limit]], len(found) > asked.limit


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
    return {"kind": receiver.kind, "target": shown_target(receiver)}


def _event(event: Event) -> dict[str, Any]:
    return cloudevents.shown(event)


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
