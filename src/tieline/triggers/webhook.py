"""The life of a webhook subscription: registering, taking notifications in, unregistering.

Reference: triggers, section 1. ``TABLE`` says for each status and kind of input what happens, or why nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, TypeGuard

from ..model import MISSING, Subscription
from ..policy.json_body import parse
from .events import emitted, ids_of
from .items import Item, split
from .location import location_of
from .moved import Ignored, Moved
from .notification_url import body_of, url_names, with_url
from .plan import WebhookPlan
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
from .text import keepable
from .unsubscription import Remover, by_location, by_reply, why_not

WebhookStatus: TypeAlias = Literal["registering", "active", "unregistering", "removed", "failed"]

AGAIN = "unregister"
"""Tag of the wish to try the removal again."""

GONE = (404, 410)
"""Statuses of a DELETE that say that the hook is not there, which is what was wanted."""

LATER = (0, 401, 408, 425, 429)
"""Statuses of a DELETE besides 5xx after which another try may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookState:
    """A webhook subscription."""

    status: WebhookStatus
    subscription: Subscription
    plan: WebhookPlan
    callback_url: str = ""
    serial: int = 0
    """Rises with each call; tells answers to old calls apart."""
    count: int = 0
    """Notifications that had no id."""
    location: str = ""
    """``Location`` of the registration, absolute; empty for none."""
    reply: bytes = b""
    """Body of the reply to the registration."""
    tries: int = 0
    """Tries to remove the hook that failed."""
    leaving: bool = False
    """Registering: switched off meanwhile."""
    forget: bool = False
    """Whether it goes altogether when it is removed."""
    again: WebhookPlan | None = None
    """Unregistering: what it is to be registered with after that, since it was switched on again meanwhile."""
    version: int = 1


def enabled(state: WebhookState | None, given: Enable, now: float) -> Moved:
    """Registers the callback URL."""
    assert isinstance(given.plan, WebhookPlan)
    serial = 1 if state is None else state.serial + 1
    fresh = WebhookState(
        status="registering",
        subscription=given.subscription,
        plan=replace(given.plan, findings=()),
        callback_url=given.callback_url,
        serial=serial,
        count=0 if state is None else state.count,
    )
    call = Call(
        tag=f"register {serial}",
        subscription=fresh.subscription,
        operation=fresh.plan.operation,
        arguments=registration(fresh),
    )
    return Moved(state=fresh, commands=(call,))


def registration(state: WebhookState) -> dict[str, Any]:
    """The arguments of the registering call: the user's, and a body with the callback URL in it."""
    places = state.plan.places
    names = url_names(places)
    given = {name: value for name, value in state.subscription.arguments.items() if name.casefold() not in names}
    wholes = [given.pop(name) for name in (state.plan.body, "body") if name in given]
    body = body_of(wholes[0]) if wholes else None
    return {**given, state.plan.body: with_url(body, places, state.callback_url)}


def _registered(state: WebhookState, given: Called, now: float) -> Moved:
    """A 2xx makes it active; else it has failed, with the service's words. Switched off meanwhile: unregisters."""
    if given.tag != f"register {state.serial}":
        return Moved(state=state)
    if not ok(given):
        return _refused(state, given)
    widest = state.plan.settings.widest_registration
    fresh = replace(
        state,
        status="active",
        location=location_of(given, state.subscription.server),
        reply=given.body if len(given.body) <= widest else b"",
    )
    report = Report(rule="hook-registered", message=f'the service took the hook of "{state.plan.operation}"')
    if state.leaving:
        return _unregister(replace(fresh, serial=state.serial + 1), report)
    return Moved(state=fresh, commands=(report,))


def _refused(state: WebhookState, given: Called) -> Moved:
    if state.leaving:
        return _removed(state)
    report = Report(rule="hook-refused", message=words(given), remedy=remedy(given), severity="error")
    return Moved(state=replace(state, status="failed"), commands=(report,))


def _notified(state: WebhookState, given: Notified, now: float) -> Moved:
    """Gives the events of it. While registering, too: the service may be quicker than its own reply."""
    plan = state.plan
    fresh = state if given.id else replace(state, count=state.count + 1)
    if plan.split is None and given.event_id:
        return _event(state, given, now, lambda _: given.event_id)
    ids = ids_of(state.subscription, f"id {given.id}" if given.id else f"count {fresh.count}")
    if plan.split is None:
        return _event(fresh, given, now, ids)
    most = plan.settings.most_items // max(1, len(state.subscription.receivers))
    found = split(given.body, keepable(given.content_type), plan.split, most)
    items = [(item, "") for item in found.items]
    commands = emitted(state.subscription, "webhook", ids, items, now)
    if found.left:
        commands.append(too_many(found.left, most))
    return Moved(state=fresh, commands=tuple(commands))


def _event(state: WebhookState, given: Notified, now: float, ids: Callable[[int], str]) -> Moved:
    """Gives one event, the notification as it came."""
    commands = emitted(state.subscription, "webhook", ids, ((_whole(given), ""),), now)
    return Moved(state=state, commands=tuple(commands))


def _whole(given: Notified) -> Item:
    """A notification as one payload, which need not be read; one without body only says that something happened."""
    content_type = keepable(given.content_type)
    if not content_type:
        json = given.body and parse(given.body) is not MISSING
        content_type = "application/json" if json else "application/octet-stream"
    return Item(data=given.body, content_type=content_type)


def too_many(left: int, most: int) -> Report:
    """The report that more items came than may start runs."""
    return Report(
        rule="too-many-items",
        message=f"{left} items above the first {most} start nothing",
        remedy="let the service send fewer at a time",
        severity="error",
    )


def _dropped(state: WebhookState, given: Notified, now: float) -> Moved:
    """Reports that it starts nothing; the server answers 404."""
    return Moved(state=state, commands=(dropped(state.status),))


def dropped(status: str) -> Report:
    """The report on a notification that nobody waits for."""
    return warning(
        "notification-dropped", f"a notification came while the subscription was {status}; it starts nothing"
    )


def _off(state: WebhookState, given: Disable, now: float) -> Moved:
    """Unregisters; without anything to call it is removed."""
    return _unregister(replace(state, serial=state.serial + 1, forget=given.forget, tries=0))


def _unregister(state: WebhookState, *before: Command) -> Moved:
    """Calls what removes the hook; without anything to call it counts as removed."""
    fresh = replace(state, status="unregistering", leaving=False)
    reports, call = removal(fresh)
    if call is None:
        return _removed(fresh, *before, *reports)
    told = reports if state.tries == 0 else ()
    return Moved(state=fresh, commands=(*before, *told, call))


def removal(state: WebhookState) -> tuple[tuple[Report, ...], Call | None]:
    """The call that removes a hook and what is to be said of it (reference: triggers, section 1.2)."""
    plan = state.plan
    if state.location:
        found = by_location(plan.removers, plan.bases, state.location)
        if found is not None:
            return (), _delete(state, *found)
        call = Call(
            tag=f"unregister {state.serial}",
            subscription=state.subscription,
            operation=plan.operation,
            url=state.location,
            method="DELETE",
            signed=False,
        )
        return (_elsewhere(),), call
    found = by_reply(plan.removers, state.reply)
    if found is not None:
        return (_would_leak(found[0]),), _delete(state, *found)
    return (_leaked(why_not(plan.removers, state.reply)),), None


def _delete(state: WebhookState, remover: Remover, arguments: Mapping[str, Any]) -> Call:
    return Call(
        tag=f"unregister {state.serial}",
        subscription=state.subscription,
        operation=remover.operation,
        arguments=arguments,
    )


def _elsewhere() -> Report:
    return warning(
        "hook-elsewhere",
        "the hook's Location leads to no DELETE operation of the connector; it is called without the credential",
        "let the service answer with a URL that a DELETE operation has",
    )


def _would_leak(remover: Remover) -> Report:
    return warning(
        "hook-would-leak",
        f'the registration gave no Location, so "{remover.operation}" is called with the id that the reply gave; '
        "the platform would leave this hook at the service",
        "let the registration answer with Location",
    )


def _leaked(why: str) -> Report:
    return warning(
        "hook-leaked",
        f"the hook stays at the service: the registration gave no Location, and {why}",
        "remove it at the service, and let the registration answer with Location",
    )


def _unregistered(state: WebhookState, given: Called, now: float) -> Moved:
    """Removed when the service says so or does not know it; else tried again a few times, then removed and reported."""
    if given.tag != f"unregister {state.serial}":
        return Moved(state=state)
    if ok(given) or given.status in GONE:
        return _removed(state, Report(rule="hook-removed", message="the hook is removed at the service"))
    waits = state.plan.settings.unregister_waits
    if state.tries < len(waits) and (given.status in LATER or given.status >= 500):
        fresh = replace(state, tries=state.tries + 1, serial=state.serial + 1)
        return Moved(state=fresh, commands=(WakeAt(when=now + waits[state.tries], tag=AGAIN),))
    report = warning("hook-left", f"the hook stays at the service: {words(given)}", "remove it at the service")
    return _removed(state, report)


def _removed(state: WebhookState, *commands: Command) -> Moved:
    """What follows the end of a hook: nothing, oblivion, or registering anew."""
    wishes: tuple[Command, ...] = (WakeAt(when=-1, tag=AGAIN),) if state.tries else ()
    fresh = replace(state, status="removed", leaving=False, location="", reply=b"", tries=0)
    if state.again is not None:
        enable = Enable(subscription=state.subscription, plan=state.again, callback_url=state.callback_url)
        moved = enabled(fresh, enable, 0.0)
        return Moved(state=moved.state, commands=(*commands, *wishes, *moved.commands))
    return Moved(state=None if state.forget else fresh, commands=(*commands, *wishes))


def _again(state: WebhookState, given: Woken, now: float) -> Moved:
    """Tries to remove the hook again."""
    if given.tag != AGAIN or not state.tries:
        return Moved(state=state)
    return _unregister(state)


def _leave(state: WebhookState, given: Disable, now: float) -> Moved:
    """Unregisters as soon as the registration is answered."""
    return Moved(state=replace(state, leaving=True, forget=state.forget or given.forget))


def _stay(state: WebhookState, given: Enable, now: float) -> Moved:
    """Stays on, whatever was said since."""
    return Moved(state=replace(state, leaving=False, forget=False))


def _return(state: WebhookState, given: Enable, now: float) -> Moved:
    """Registers anew after the removal, which is under way."""
    if not isinstance(given.plan, WebhookPlan):
        report = warning("trigger-kind-changed", "the trigger is no webhook any more", "enable it when it is removed")
        return Moved(state=state, commands=(report,))
    plan = replace(given.plan, findings=())
    fresh = replace(state, again=plan, forget=False, subscription=given.subscription, callback_url=given.callback_url)
    return Moved(state=fresh)


def _still_leave(state: WebhookState, given: Disable, now: float) -> Moved:
    """Stays off after the removal."""
    return Moved(state=replace(state, again=None, forget=state.forget or given.forget))


def _end(state: WebhookState, given: Disable, now: float) -> Moved:
    """Stays removed; with `forget` it goes."""
    return Moved(state=None if given.forget else replace(state, status="removed"))


def _no_poll(state: WebhookState, given: Fire, now: float) -> Moved:
    """Reports that a webhook cannot be polled."""
    return Moved(state=state, commands=(warning("webhook-not-polled", "a webhook cannot be polled", NO_POLL),))


NO_POLL = "send it a notification"

Handler: TypeAlias = Callable[[Any, Any, float], Moved]
Row: TypeAlias = Mapping[type[Input], Handler | Ignored]

ON = Ignored("it is on already; switch it off first to register anew")
NOT_MINE = Ignored("belongs to deliveries")
STALE_CALL = Ignored("the answer to a call that no longer matters")
STALE_WISH = Ignored("the wish is no longer needed")

TABLE: Mapping[str, Row] = {
    "registering": {
        Enable: _stay,
        Disable: _leave,
        Notified: _notified,
        Called: _registered,
        Woken: STALE_WISH,
        Fire: _no_poll,
        Pushed: NOT_MINE,
        Deliver: NOT_MINE,
    },
    "active": {
        Enable: ON,
        Disable: _off,
        Notified: _notified,
        Called: STALE_CALL,
        Woken: STALE_WISH,
        Fire: _no_poll,
        Pushed: NOT_MINE,
        Deliver: NOT_MINE,
    },
    "unregistering": {
        Enable: _return,
        Disable: _still_leave,
        Notified: _dropped,
        Called: _unregistered,
        Woken: _again,
        Fire: _no_poll,
        Pushed: NOT_MINE,
        Deliver: NOT_MINE,
    },
    "removed": {
        Enable: enabled,
        Disable: _end,
        Notified: _dropped,
        Called: STALE_CALL,
        Woken: STALE_WISH,
        Fire: _no_poll,
        Pushed: NOT_MINE,
        Deliver: NOT_MINE,
    },
    "failed": {
        Enable: enabled,
        Disable: _end,
        Notified: _dropped,
        Called: STALE_CALL,
        Woken: STALE_WISH,
        Fire: _no_poll,
        Pushed: NOT_MINE,
        Deliver: NOT_MINE,
    },
}
"""What happens: status -> kind of input -> who handles it, or why nothing happens."""


def accepts(state: Any) -> TypeGuard[WebhookState]:
    """Whether a notification for this state starts anything; else the server answers it 4xx."""
    return isinstance(state, WebhookState) and TABLE[state.status][Notified] is _notified
