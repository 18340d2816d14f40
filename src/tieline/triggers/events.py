"""Events and their deliveries, made of payloads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from urllib.parse import quote

from ..model import Event, Subscription
from .digest import id_of
from .items import Item
from .keys import delivery_key
from .protocol import Command, Deliver, Emit, Tell


def emitted(
    subscription: Subscription, how: str, ids: Callable[[int], str], items: Sequence[tuple[Item, str]], now: float
) -> list[Command]:
    """The commands that write events into the history and tell their deliveries.

    ``how`` is ``webhook`` or ``polling``; ``ids`` gives the id of the event of the item with that number, see
    ``ids_of``; each item comes with its subject.
    """
    source = _source(subscription.connector, subscription.operation)
    commands: list[Command] = []
    for number, (item, subject) in enumerate(items):
        event = Event(
            id=ids(number),
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


def ids_of(subscription: Subscription, cause: str) -> Callable[[int], str]:
    """The ids of events: ``cause`` tells apart what the items came with, and the same cause gives the same ids."""
    return partial(id_of, subscription.id, cause)


@lru_cache
def _source(connector: str, operation: str) -> str:
    return f"/connectors/{quote(connector, safe='')}/operations/{quote(operation, safe='')}"
