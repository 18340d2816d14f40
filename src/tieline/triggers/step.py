"""One step of any key: the table of its kind of state is looked up, and the handler that stands there is run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from . import delivery, polling, webhook
from .delivery import DeliveryState
from .moved import Ignored, Moved
from .plan import PollPlan, WebhookPlan
from .polling import PollState
from .protocol import Called, Deliver, Disable, Enable, Fire, Input, Notified, Pushed, Woken
from .webhook import WebhookState

State: TypeAlias = WebhookState | PollState | DeliveryState
"""What a key may have as state."""


def _enabled(state: None, given: Enable, now: float) -> Moved:
    """Begins: registers a webhook, polls a polling trigger for the first time."""
    return _begun(None, given, now)


def _dropped(state: None, given: Notified, now: float) -> Moved:
    """Reports that it starts nothing; the server answers 404."""
    return Moved(state=None, commands=(webhook.dropped("gone"),))


_BEGIN: Mapping[type[Any], webhook.Handler] = {WebhookPlan: webhook.enabled, PollPlan: polling.enabled}

GONE = Ignored("the key is gone")

NEW: webhook.Row = {
    Enable: _enabled,
    Disable: GONE,
    Notified: _dropped,
    Called: GONE,
    Woken: GONE,
    Fire: GONE,
    Pushed: GONE,
    Deliver: delivery.begun,
}
"""What happens to a key without state: a new one, or one that is gone."""

TABLES: Mapping[type[Any], Mapping[str, webhook.Row]] = {
    type(None): {"new": NEW},
    WebhookState: webhook.TABLE,
    PollState: polling.TABLE,
    DeliveryState: delivery.TABLE,
}
"""Every move there is: kind of state -> status -> kind of input -> handler, or why nothing happens."""


def step(state: State | None, input: Input, now: float) -> Moved:
    """The next state of a key and what is to be done, in one transaction.

    ``state`` is None for a new key, and in the outcome for one that is gone. Pure: the same arguments give the same
    outcome. ``now`` is seconds since the epoch and may jump in both directions.
    """
    status = "new" if state is None else state.status
    handler = TABLES[type(state)][status][type(input)]
    if isinstance(handler, Ignored):
        return Moved(state=state)
    if isinstance(input, Enable) and handler in _BEGIN.values():
        return _begun(state, input, now)
    return handler(state, input, now)


def _begun(state: State | None, given: Enable, now: float) -> Moved:
    """Begins again; from nothing when the connector was changed and the trigger is of another kind now."""
    begin = _BEGIN[type(given.plan)]
    same = isinstance(state, WebhookState) == isinstance(given.plan, WebhookPlan)
    return begin(state if same else None, given, now)
