"""The clock of this machine."""

from __future__ import annotations

import asyncio
import time

import pytest

from tieline.engine import clock
from tieline.engine.clock import SystemClock


async def test_it_waits_no_longer_than_until_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time far away is looked at again soon, since the clock may be set; one that has come is not waited for."""
    monkeypatch.setattr(clock, "LOOK", 0.01)
    ours = SystemClock()
    assert abs(ours.now() - time.time()) < 1
    async with asyncio.timeout(5):
        await ours.wait(ours.now() + 3600)
        await ours.wait(ours.now() - 3600)
