"""Events and their deliveries, made of payloads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import quote

from ..model import Event, Subscription
from .digest import id_of
from .items import Item
from .keys import delivery_key
from .protocol import Command, Deliver, Emit, Tell


def emitted(
    subscription: Subscription, how: str, cause: str, items: Sequence[tuple[Item, str]], now: float
) -> list[Command]:
    """The commands that write events into the history and tell their deliveries.

    ``how`` is ``webhook`` or ``polling``; ``cause`` tells apart what the items came with, so that the same cause gives
    the same event ids; each item comes with its subject.
    """
    source = _source(subscription.connector, subscription.operation)
    commands: list[Command] = []
    for number, (item, subject) in enumerate(items):
        event = Event(
            id=id_of(subscription.id, cause, number),
            source=source,
            type=f"tieline.{how}.{subscription.operation}",
            time=now,
            subject=subject,
            subscription=subscription.id,
            content_type=item.content_type,
            data=item.data,
        )
        commands.append(Emit(event=event))
        for place, receiver in enumerate(subscription.receivers):
            if receiver.kind != "none":
                key = delivery_key(event, place)
                commands.append(Tell(key=key, input=Deliver(event=event, receiver=receiver), id=event.id))
    return commands


@lru_cache
def _source(connector: str, operation: str) -> str:
    return f"/connectors/{quote(connector, safe='')}/operations/{quote(operation, safe='')}"
