"""What Inventory keeps, as plain values, and how each looks in JSON. No storage and no HTTP here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

EventType = Literal["created", "updated", "deleted"]

EVENT_TYPES: tuple[EventType, ...] = ("created", "updated", "deleted")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def date_time(milliseconds: int) -> str:
    """A moment, in milliseconds since 1970, as an RFC 3339 date-time: always UTC, always three decimals."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductInput:
    """What a caller says about a product; already checked."""

    name: str
    category: str
    price: float
    quantity: int | None
    """None where the caller said nothing: 0 for a new product, as it was for an old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product as it is stored."""

    id: str
    name: str
    category: str
    price: float
    quantity: int
    created: int
    """Milliseconds since 1970, as is `updated`. No two changes share a moment."""
    updated: int

    def to_json(self) -> dict[str, Any]:
        """The `Product` of the description."""
        return {
            "id": self.id,
            "name": self.name,
            "category": self.category,
            "price": self.price,
            "quantity": self.quantity,
            "inStock": self.quantity > 0,
            "lastUpdated": date_time(self.updated),
        }

    def to_item(self) -> dict[str, Any]:
        """The `Item` of the description: the product, and whether its last change was the first."""
        return {**self.to_json(), "change": "created" if self.created == self.updated else "updated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A wish to be told of changes."""

    id: str
    callback_url: str
    event_type: EventType | None
    """None: every change."""
    created: int

    def to_json(self) -> dict[str, Any]:
        """The `Webhook` of the description, without what became of its deliveries."""
        event = {"eventType": self.event_type} if self.event_type else {}
        return {"id": self.id, "callbackUrl": self.callback_url, **event, "createdAt": date_time(self.created)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One committed change of a product, and the hooks that were there to hear of it."""

    id: str
    event_type: EventType
    product: Product
    """After the change; for a deletion, before it."""
    occurred: int
    hooks: tuple[Hook, ...]

    def to_json(self) -> dict[str, Any]:
        """The `WebhookPayload` of the description."""
        return {
            "eventId": self.id,
            "eventType": self.event_type,
            "occurredAt": date_time(self.occurred),
            "item": self.product.to_json(),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyItem:
    """One record of the older interface."""

    external_id: str
    display_name: str
    source: str
    timestamp: str
    """As the sender wrote it; senders of this interface do not agree on a format."""
    created: int

    def to_json(self) -> dict[str, Any]:
        """The `LegacyItem` of the description."""
        return {
            "externalId": self.external_id,
            "displayName": self.display_name,
            "createdAt": date_time(self.created),
        }
