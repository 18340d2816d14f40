"""The clock of this machine, as engines see it."""

from __future__ import annotations

import asyncio
import time

LOOK = 30.0
"""Seconds after which the time of day is looked at again, since somebody may have set it or the machine slept."""


class SystemClock:
    """Time of day."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def wait(self, until: float) -> None:
        """Waits for that time, at most ``LOOK`` seconds."""
        await asyncio.sleep(min(max(until - time.time(), 0.0), LOOK))
