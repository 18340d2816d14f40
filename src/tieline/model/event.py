"""Events: what a trigger produced, as CloudEvents 1.0 (https://github.com/cloudevents/spec, version 1.0.2)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, once for each run that the platform would start."""

    id: str
    """Unique within ``source``; the same however often the event is delivered, after a crash too."""
    source: str
    """``/connectors/{connector}/operations/{operation}``, a URI reference."""
    type: str
    """``tieline.webhook.{operation}`` or ``tieline.polling.{operation}``."""
    time: float
    """When Tieline took it in, seconds since the epoch (``time`` of CloudEvents, written as RFC 3339 in UTC)."""
    subject: str = ""
    """What tells the item apart, where the trigger knows it; empty for none."""
    subscription: str = ""
    """Id of the subscription; the extension attribute ``subscription``."""
    content_type: str = "application/json"
    """``datacontenttype``."""
    data: bytes = field(default=b"", repr=False)
    """The payload as it came, or as JSON for a polled item; written as ``data`` when it is JSON, else as
    ``data_base64``."""
