"""What one input brings about: the states, wishes, events and commands of one transaction, worked out in memory.

Pure: what is kept is read through a function, and nothing is written here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ..model import BugError, Event
from ..triggers.protocol import Call, Emit, Input, Key, Push, Report, Tell, WakeAt, Woken
from .protocol import State, Step


@dataclass(slots=True)
class Held:
    """What is known of a key."""

    state: State | None = None
    timers: dict[str, float] = field(default_factory=dict)
    """When it wants to be woken, by tag."""


@dataclass(slots=True)
class Turn:
    """What is to be kept at once, or not at all."""

    now: float
    held: dict[Key, Held] = field(default_factory=dict)
    """The keys that took part, as they are afterwards."""
    before: dict[Key, State | None] = field(default_factory=dict)
    """Their states before."""
    ids: dict[tuple[Key, str], None] = field(default_factory=dict)
    """Ids of inputs that were taken, in order."""
    timers: dict[tuple[Key, str], float | None] = field(default_factory=dict)
    """Wishes that changed: the new time, or None for a forgotten one."""
    events: list[Event] = field(default_factory=list)
    reports: list[tuple[Key, Report]] = field(default_factory=list)
    commands: list[tuple[Key, Call | Push]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Source:
    """What a turn is worked out from."""

    step: Step
    read: Callable[[Key], Held]
    """What is kept of a key. What it gives is not changed."""
    known: Callable[[Key, str], bool]
    """Whether an id was taken before."""
    steps: int
    """The most steps of one turn."""


def take(source: Source, key: Key, given: Input, id: str, now: float) -> Turn | None:
    """Works out what an input brings about, with all that keys tell each other; None when its id was taken before.

    Raises BugError ``endless-telling`` when keys tell each other for ever, and whatever the step raises.
    """
    if id and source.known(key, id):
        return None
    turn = Turn(now)
    if id:
        turn.ids[key, id] = None
    told = deque(_move(source, turn, key, given))
    steps = 1
    while told:
        there, said, its = told.popleft()
        if its:
            if (there, its) in turn.ids or source.known(there, its):
                continue
            turn.ids[there, its] = None
        steps += 1
        if steps > source.steps:
            raise BugError("endless-telling", f'"{key}" made keys tell each other more than {source.steps} times')
        told.extend(_move(source, turn, there, said))
    return turn


def _move(source: Source, turn: Turn, key: Key, given: Input) -> list[tuple[Key, Input, str]]:
    """Moves one key, and gives what it tells others."""
    held = turn.held.get(key)
    if held is None:
        kept = source.read(key)
        held = turn.held[key] = Held(kept.state, kept.timers)
        turn.before[key] = kept.state
    if type(given) is Woken and given.tag in held.timers:
        _wish(turn, key, held, given.tag, None)
    moved = source.step(held.state, given, turn.now)
    held.state = moved.state
    told: list[tuple[Key, Input, str]] = []
    for command in moved.commands:
        match command:
            case Emit():
                turn.events.append(command.event)
            case Tell():
                told.append((command.key, command.input, command.id))
            case WakeAt():
                _wish(turn, key, held, command.tag, command.when if command.when >= 0 else None)
            case Report():
                turn.reports.append((key, command))
            case Call() | Push():
                turn.commands.append((key, command))
            case _:
                raise BugError("unknown-command", f'a step asked for "{type(command).__name__}", which nobody performs')
    if moved.state is None:
        forget(turn, key, held)
    return told


def forget(turn: Turn, key: Key, held: Held) -> None:
    """Forgets all wishes of a key."""
    for tag in held.timers:
        turn.timers[key, tag] = None
    held.timers = {}


def _wish(turn: Turn, key: Key, held: Held, tag: str, when: float | None) -> None:
    """Changes a wish in a copy, since what was read is shared."""
    if when is None:
        held.timers = {other: due for other, due in held.timers.items() if other != tag}
    else:
        held.timers = {**held.timers, tag: when}
    turn.timers[key, tag] = when
