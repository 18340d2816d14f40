"""Subscriptions: a trigger of a connector that somebody switched on, and where its events go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ReceiverKind = Literal["none", "http", "program", "python"]
"""Where events go: nowhere but into the history; to a URL; to a program's standard input; to a Python callable. (An
operation of another connector comes later.)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who is given the events of a subscription."""

    kind: ReceiverKind = "none"
    target: str = ""
    """URL, program with its arguments as JSON list, or ``module:function``."""
    secret: str = ""
    """Where the signing key of an ``http`` receiver is found, ``env:NAME`` or ``file:PATH``; empty for unsigned."""
    max_age: float = 24 * 3600.0
    """Seconds for which a delivery is tried again; then it is a dead letter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One trigger that was switched on."""

    id: str
    """Unguessable, URL-safe."""
    name: str
    """What the user calls it; unique in a store, compared in any case."""
    connector: str
    """The connector's name."""
    folder: str
    """Where its files are, absolute."""
    operation: str
    """operationId of the trigger."""
    connection: str = ""
    """Name of the stored connection; empty for none."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the trigger operation as the user gave them."""
    receivers: tuple[Receiver, ...] = ()
    server: str = ""
    """URL that replaces scheme, host and base path of the service; empty for none."""
    interval: float = 180.0
    """Seconds between polls (reference: triggers, section 2: the designer's default is 3 minutes, the minimum 60 s)."""
    watermark: str = ""
    """Property of the items that orders them in time; empty: found by the trigger itself."""
    created: float = 0.0
    """Seconds since the epoch."""
