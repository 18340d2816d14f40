"""How keys are called."""

from __future__ import annotations

from ..model import Event
from .protocol import Key


def subscription_key(id: str) -> Key:
    """The key of a subscription."""
    return f"subscription/{id}"


def delivery_key(event: Event, receiver: int) -> Key:
    """The key of the delivery of an event to the receiver with that place in its subscription."""
    return f"delivery/{event.id}/{receiver}"
