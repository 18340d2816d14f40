"""What the state tables of triggers are asked and what they ask for. An engine knows this file and nothing else here.

A *key* names one thing with a state: ``subscription/{id}`` or ``delivery/{id}``. ``step(state, input, now)`` is pure
and gives the next state and commands; an engine stores both in one transaction, performs the commands, and gives what
came of them back as inputs. Each input has an id: the same id twice for a key is the same input, and is taken once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..model import Event, Receiver, Subscription

Key: TypeAlias = str


# Commands: what a step asks for.


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Run an operation of the subscription's connector, one pass through the pipeline; answered with ``Called``."""

    tag: str
    """Comes back in the answer: ``register``, ``unregister``, ``poll``."""
    subscription: Subscription
    operation: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Arguments by name; a body property at any depth by its path of names joined with ``.`` is not used: the body is
    given whole."""
    url: str = ""
    """Instead of arguments: a URL (the ``Location`` of a former reply) that is called, through the connector when it
    lies below its base."""
    method: str = ""
    """With ``url``: the method; empty for the operation's."""
    signed: bool = True
    """Whether the connection's credential and the policies apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Give an event to a receiver; answered with ``Pushed``."""

    event: Event
    receiver: Receiver
    attempt: int
    """1 for the first try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """Write an event into the history, in the transaction of the step."""

    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeAt:
    """Give the key a ``Woken`` at that time or soon after; an earlier wish with the same tag is forgotten."""

    when: float
    """Seconds since the epoch; below zero forgets the wish."""
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Give another key an input, in the transaction of the step."""

    key: Key
    input: Input
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Say something that a person should know, for history, log and metrics."""

    rule: str
    message: str
    remedy: str = ""
    severity: str = "info"
    """``error``, ``warning`` or ``info``."""


Command: TypeAlias = Call | Push | Emit | WakeAt | Tell | Report


# Inputs: what a key is given.


@dataclass(frozen=True, slots=True, kw_only=True)
class Enable:
    """Switch a subscription on; for a new key it also makes it."""

    subscription: Subscription
    plan: Any = None
    """What ``triggers.plan`` found out about the operation; a dataclass of ``triggers``."""
    callback_url: str = ""
    """Where notifications are to be sent; for webhooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disable:
    """Switch it off: unregister the hook, stop polling."""

    forget: bool = False
    """Also remove it when that is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """A notification came in for a webhook subscription."""

    body: bytes
    content_type: str = ""
    id: str = ""
    """Tells the notification apart, as the id of the input does; the same one gives the same event id. Empty: a count
    in the state stands in, so that the state is written with each notification."""
    event_id: str = ""
    """With ``id``, and of no other notification: what the event is called when there is one alone. Empty: it is made of
    ``id``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """What came of a ``Call``."""

    tag: str
    status: int = 0
    """HTTP status; 0 when there was no reply."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    url: str = ""
    """The URL that was called, as the caller of the connector sees it."""
    problem: str = ""
    """Why there was no reply; empty when there was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What came of a ``Push``."""

    ok: bool
    problem: str = ""
    """Why not; empty when ok."""
    final: bool = False
    """Whether trying again is of no use."""
    retry_after: float | None = None
    """Seconds that the receiver asked to wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """The time of a ``WakeAt`` has come."""

    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """A person asks for a poll at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """A new delivery (for a delivery key), or an old one again from the start."""

    event: Event
    receiver: Receiver


Input: TypeAlias = Enable | Disable | Notified | Called | Pushed | Woken | Fire | Deliver
