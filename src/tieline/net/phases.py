"""When each phase of one request began, given as ``model.Timings``. Reads the clock; knows nothing of the client."""

from __future__ import annotations

import time
from contextvars import ContextVar

from ..model import Timings


class Phases:
    """The marks of one request, in ``perf_counter`` seconds; 0 for what did not happen."""

    __slots__ = ("asked", "connected", "created", "lookup", "ready", "replied", "resolved", "sent", "started")

    def __init__(self) -> None:
        """Starts the clock."""
        self.started = time.time()
        """Seconds since the epoch."""
        self.asked = time.perf_counter()
        """The request was given to the transport."""
        self.created = 0.0
        """A new connection was begun; stays 0 when a kept one is used."""
        self.lookup = 0.0
        """The look-up of the name was begun."""
        self.resolved = 0.0
        """The name was found."""
        self.connected = 0.0
        """The new connection was open, TLS included."""
        self.ready = 0.0
        """The request was handed to a connection, new or kept."""
        self.sent = 0.0
        """The last piece of a large body was handed over; stays 0 for a small one."""
        self.replied = 0.0
        """The head of the reply was there."""

    def timings(self) -> Timings:
        """The phases up to now. A phase that broke off lasted until now."""
        now = time.perf_counter()
        dns = connect = -1.0
        if self.created:
            connect = (self.connected or now) - self.created
            if self.lookup:
                dns = (self.resolved or now) - self.lookup
                connect -= dns
        sent = self.sent or self.ready
        replied = self.replied or now
        return Timings(
            started=self.started,
            blocked=_ms((self.created or self.ready or now) - self.asked),
            dns=_ms(dns),
            connect=_ms(connect),
            send=_ms(sent - self.ready),
            wait=_ms(replied - sent) if sent else 0,
            receive=_ms(now - replied),
        )


def _ms(seconds: float) -> float:
    return seconds * 1000 if seconds >= 0 else -1


PHASES: ContextVar[Phases] = ContextVar("tieline-phases")
"""The marks of the request that the current task sends."""
