"""An engine that keeps everything in memory: for tests, trials and the demo. It forgets all when the process ends."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

from ..model import Event
from ..triggers.protocol import Key, Report
from .lanes import Task
from .ledger import Record, Told
from .machine import Machine
from .protocol import Clock, EngineOptions, Listener, Performer, Step
from .turn import Held


class MemoryLedger:
    """A ``Ledger`` of this process. It outlives its engine: another one may go on with it."""

    def __init__(self) -> None:
        """An empty ledger."""
        self.events: list[Event] = []
        """The history, oldest first."""
        self.reports: list[tuple[float, Key, Report]] = []
        """What was reported, oldest first."""
        self._held: dict[Key, Held] = {}
        self._changed: dict[Key, float] = {}
        self._ids: dict[tuple[Key, str], float] = {}
        self._tasks: dict[int, Task] = {}
        self._written: deque[Record] = deque()

    def open(self, told: Told) -> None:
        """Gets ready."""
        self._told = told
        self._loop = asyncio.get_running_loop()

    async def close(self) -> None:
        """Keeps and tells the rest."""
        self._commit()

    def prepare(self, record: Record) -> None:
        """Nothing can fail: values are kept as they are."""

    def write(self, record: Record) -> None:
        """Keeps it with the next turn of the event loop, together with what came besides."""
        if not self._written:
            self._loop.call_soon(self._commit)
        self._written.append(record)

    def read(self, key: Key) -> Held:
        """What is kept of a key."""
        return self._held.get(key) or Held()

    def known(self, key: Key, id: str) -> bool:
        """Whether an input with that id was taken."""
        return (key, id) in self._ids

    def due(self, now: float, most: int) -> list[tuple[Key, str, float]]:
        """The wishes whose time has come."""
        wishes = [(when, key, tag) for key, held in self._held.items() for tag, when in held.timers.items()]
        return [(key, tag, when) for when, key, tag in sorted(wish for wish in wishes if wish[0] <= now)[:most]]

    def next_due(self) -> float | None:
        """The earliest time of a wish."""
        return min((when for held in self._held.values() for when in held.timers.values()), default=None)

    def lanes(self) -> list[str]:
        """The lanes that have commands."""
        return list(dict.fromkeys(task.lane for task in self._tasks.values()))

    def tasks(self, lane: str, after: int, most: int) -> list[Task]:
        """Commands of a lane behind an id."""
        return [task for task in self._tasks.values() if task.lane == lane and task.id > after][:most]

    def waiting(self) -> tuple[int, int]:
        """How many commands there are, and the highest id."""
        return len(self._tasks), max(self._tasks, default=0)

    def dead(self, before: float, most: int) -> list[Key]:
        """Keys with the status ``dead`` since before that time."""
        states = ((key, held.state) for key, held in self._held.items() if self._changed[key] < before)
        return [key for key, state in states if getattr(state, "status", "") == "dead"][:most]

    async def clean(self, ids: float, history: float) -> None:
        """Removes what is older."""
        self._ids = {its: at for its, at in self._ids.items() if at >= ids}
        self.events = [event for event in self.events if event.time >= history]
        self.reports = [report for report in self.reports if report[0] >= history]

    def _commit(self) -> None:
        records = list(self._written)
        self._written.clear()
        for record in records:
            self._keep(record)
        if records:
            self._told(records, None)

    def _keep(self, record: Record) -> None:
        turn = record.turn
        for key, held in turn.held.items():
            self._held[key] = held
            self._changed[key] = turn.now
            if held.state is None:
                del self._held[key], self._changed[key]
        if record.shift:
            for key, held in self._held.items():
                shifted = {tag: due + record.shift for tag, due in held.timers.items()}
                self._held[key] = Held(held.state, shifted)
        for (key, tag), due in turn.timers.items():
            kept = self._held.get(key)
            if kept is not None and due is not None and kept.timers.get(tag) != due:
                self._held[key] = Held(kept.state, {**kept.timers, tag: due})
        self._ids.update(dict.fromkeys(turn.ids, turn.now))
        self.events += turn.events
        self.reports += [(turn.now, key, report) for key, report in turn.reports]
        self._keep_tasks(record)

    def _keep_tasks(self, record: Record) -> None:
        if record.forgotten:
            self._tasks = {id: task for id, task in self._tasks.items() if task.key != record.forgotten}
        if record.begun in self._tasks:
            task = self._tasks[record.begun]
            self._tasks[task.id] = replace(task, begun=task.begun + 1)
        self._tasks.pop(record.done, None)
        self._tasks.update({task.id: task for task in record.tasks})


class MemoryEngine(Machine):
    """An ``Engine`` without a disk."""

    def __init__(
        self,
        step: Step,
        performer: Performer,
        *,
        clock: Clock | None = None,
        options: EngineOptions | None = None,
        listener: Listener | None = None,
        ledger: MemoryLedger | None = None,
    ) -> None:
        """Takes what ``Machine`` takes, and a ledger that a former engine left (None: an empty one)."""
        self.ledger = ledger or MemoryLedger()
        """What is kept."""
        super().__init__(self.ledger, step, performer, clock=clock, options=options, listener=listener)
