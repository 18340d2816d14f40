"""Wakes keys at the times that they wished for.

Wishes are times of day. When the clock is set back while the engine runs, all wishes are moved back with it: else a
subscription that wanted to poll in three minutes would wait until the old time comes round again. When it is set
forward, or the machine slept, they come at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..model import TielineError
from ..triggers.protocol import Key, Woken
from .cache import Cache
from .ledger import Ledger, Record
from .protocol import Clock
from .turn import Held

if TYPE_CHECKING:
    from .machine import Machine

MOST = 256
"""Keys that are woken at a time."""

APART = 0.05
"""Seconds between two looks at least: those whose time comes within are woken together."""

BACK = 5.0
"""Seconds by which the clock may go back without anything being moved."""

LATER = 300.0
"""Seconds after which a key is woken again that could not be."""

LOOK = 3600.0
"""Seconds after which the ledger is looked at again in any case."""


class Timers:
    """The wishes of all keys."""

    def __init__(self, machine: Machine, ledger: Ledger, cache: Cache, clock: Clock) -> None:
        """Takes the engine that it belongs to, and what that consists of."""
        self._machine = machine
        self._ledger = ledger
        self._cache = cache
        self._clock = clock
        self._changed = asyncio.Event()
        self._asleep_until = 0.0
        self._unsettled = False
        self._seen = 0.0

    def follow(self, times: Iterable[float]) -> None:
        """Takes note of wishes that became durable."""
        if min(times, default=self._asleep_until) < self._asleep_until:
            self._changed.set()

    def look(self) -> None:
        """Says that what is kept has caught up with memory."""
        if self._unsettled:
            self._changed.set()

    async def run(self) -> None:
        """Wakes keys until it is cancelled."""
        self._seen = self._clock.now()
        while True:
            now = self._clock.now()
            try:
                if now < self._seen - BACK:
                    await self._machine.kept(self._shift(now - self._seen))
                self._seen = now
                await self._wake(now)
            except TielineError:
                # What is kept cannot be read or written now; nothing was woken that is not kept.
                await self._sleep(now + 1.0)

    def _shift(self, seconds: float) -> Record:
        """Moves all wishes, in memory and where they are kept."""
        record = self._machine.blank()
        record.shift = seconds
        for cached in self._cache.all():
            held = cached.held
            cached.held = Held(held.state, {tag: due + seconds for tag, due in held.timers.items()})
        return self._machine.write(record)

    async def _wake(self, now: float) -> None:
        """Wakes all whose time has come, and sleeps until the next."""
        self._changed.clear()
        due = self._ledger.due(now, MOST)
        woken = [record for key, tag, _ in due if (record := self._woken(key, tag, now)) is not None]
        for record in woken:
            await self._machine.kept(record)
        if woken:
            return
        self._unsettled = bool(due)
        if due:
            # Memory knows better than what is kept, which catches up with the next commit.
            await self._sleep(now + 1.0)
            self._unsettled = False
            return
        later = self._ledger.next_due()
        await self._sleep(max(now + LOOK if later is None else later, now + APART))

    def _woken(self, key: Key, tag: str, now: float) -> Record | None:
        """Wakes a key, unless it has come to wish otherwise."""
        try:
            wish = self._cache.get(key).held.timers.get(tag)
            if wish is None or wish > now:
                return None
            return self._machine.take(key, Woken(tag=tag), "")
        except Exception as error:  # noqa: BLE001 - one key that cannot be moved must not keep all others waiting
            words = error.finding.message if isinstance(error, TielineError) else f"{type(error).__name__} was raised"
            self._machine.say(key, "cannot-wake", f'"{key}" cannot be woken for "{tag}": {words}')
            return self._postpone(key, tag, now + LATER)

    def _postpone(self, key: Key, tag: str, when: float) -> Record:
        record = self._machine.blank()
        record.turn.timers[key, tag] = when
        cached = self._cache.loaded(key)
        if cached is not None:
            cached.held = Held(cached.held.state, {**cached.held.timers, tag: when})
        return self._machine.write(record)

    async def _sleep(self, until: float) -> None:
        """Sleeps until a time, an earlier wish, or a look at the clock."""
        self._asleep_until = until
        waits = [asyncio.ensure_future(self._clock.wait(until)), asyncio.ensure_future(self._changed.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            self._asleep_until = 0.0
