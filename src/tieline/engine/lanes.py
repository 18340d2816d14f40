"""Whose turn it is: commands wait in lanes, and lanes take turns. Knows no I/O.

A lane holds few commands in memory; what is beyond stays where it is kept and is loaded when the lane gets there. The
last quarter of all places goes only to lanes that have nothing under way, so that many slow lanes with much to do
leave room for others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..triggers.protocol import Call, Key, Push

WINDOW = 64
"""Commands of one lane in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A command that waits for being performed."""

    id: int
    """Rises with time."""
    key: Key
    lane: str
    command: Call | Push
    begun: int = 0
    """How often it was begun."""


Load = Callable[[str, int, int], Sequence[Task]]
"""``load(lane, after, most)``: the next kept tasks of a lane behind an id, in order."""


def lane_of(command: Call | Push) -> str:
    """The lane of a command: the calls of a subscription are one, its deliveries to each receiver another."""
    if isinstance(command, Call):
        return f"call {command.subscription.id}"
    receiver = command.receiver
    return f"push {command.event.subscription} {receiver.kind} {receiver.target}"


@dataclass(slots=True)
class _Lane:
    waiting: deque[Task] = field(default_factory=deque)
    running: int = 0
    more: bool = False
    """Whether some are kept that are not in ``waiting``."""
    last: int = 0
    """The highest id that came here."""
    queued: bool = False
    """Whether it stands in the round."""


class Lanes:
    """The round of all lanes that have something to do."""

    def __init__(self, load: Load, *, places: int, each: int) -> None:
        """Takes what loads kept tasks, the number of places, and how many of them one lane may have."""
        self._load = load
        self._places = places
        self._each = each
        self._lanes: dict[str, _Lane] = {}
        self._round: deque[str] = deque()
        self.running = 0
        """Tasks under way."""

    def expect(self, lane: str) -> None:
        """Says that tasks of a lane are kept that were not added."""
        found = self._lane(lane)
        found.more = True
        self._queue(lane, found)

    def add(self, task: Task) -> None:
        """Adds a task that is kept; one that was loaded already is not added again."""
        lane = self._lane(task.lane)
        if task.id <= lane.last:
            return
        if lane.more or len(lane.waiting) >= WINDOW:
            lane.more = True
        else:
            lane.last = task.id
            lane.waiting.append(task)
        self._queue(task.lane, lane)

    def next(self) -> Task | None:
        """The next task to begin; None when there is none or no place."""
        reserved = self.running >= self._places - self._places // 4
        for _ in range(len(self._round) if self.running < self._places else 0):
            name = self._round.popleft()
            lane = self._lanes[name]
            lane.queued = False
            if lane.running and reserved:
                self._queue(name, lane)
                continue
            try:
                task = self._first(name, lane)
            except BaseException:
                self._queue(name, lane)
                raise
            if task is not None:
                lane.running += 1
                self.running += 1
                self._queue(name, lane)
                return task
            self._tidy(name, lane)
        return None

    def done(self, lane: str) -> None:
        """Gives the place of a task back."""
        found = self._lanes[lane]
        found.running -= 1
        self.running -= 1
        self._queue(lane, found)
        self._tidy(lane, found)

    def drop(self, key: Key) -> None:
        """Forgets the waiting tasks of a key."""
        for lane in self._lanes.values():
            if any(task.key == key for task in lane.waiting):
                lane.waiting = deque(task for task in lane.waiting if task.key != key)

    def _lane(self, name: str) -> _Lane:
        return self._lanes.setdefault(name, _Lane())

    def _queue(self, name: str, lane: _Lane) -> None:
        if not lane.queued and lane.running < self._each and (lane.waiting or lane.more):
            lane.queued = True
            self._round.append(name)

    def _first(self, name: str, lane: _Lane) -> Task | None:
        if not lane.waiting and lane.more:
            loaded = self._load(name, lane.last, WINDOW)
            lane.more = len(loaded) == WINDOW
            lane.waiting.extend(loaded)
            lane.last = loaded[-1].id if loaded else lane.last
        return lane.waiting.popleft() if lane.waiting else None

    def _tidy(self, name: str, lane: _Lane) -> None:
        if not (lane.running or lane.waiting or lane.more or lane.queued):
            del self._lanes[name]
