"""What an engine is, for everybody outside: inputs go in, states come out, commands are performed.

No word of how that is kept may appear here: an engine over many machines has to fit the same few lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from ..model import Event, TielineError
from ..triggers.protocol import Call, Command, Input, Key, Push, Report

State: TypeAlias = Any
"""A state of ``triggers``. An engine looks at one thing in it: a text ``status``, where it has one."""


class Moved(Protocol):
    """What a step gives."""

    @property
    def state(self) -> State:
        """The next state; None forgets the key and its wishes to be woken."""

    @property
    def commands(self) -> Sequence[Command]:
        """What is to be done, in this order."""


Step: TypeAlias = Callable[[State, Input, float], Moved]
"""``step(state, input, now)``: pure. The state of a new key is None."""


class Performer(Protocol):
    """What does the work that leaves the engine."""

    async def perform(self, key: Key, command: Call | Push) -> Input:
        """What came of a command; never raises for what the world does."""


class Clock(Protocol):
    """What tells the time of day and waits for it. Tests move it by hand."""

    def now(self) -> float:
        """Seconds since the epoch. It may jump, in both directions."""

    async def wait(self, until: float) -> None:
        """Ends when that time has come, or earlier: whoever waits looks at the time again."""


class Codec(Protocol):
    """States and commands as bytes and back."""

    def encode(self, value: Any) -> bytes:
        """The bytes of a state or command."""

    def decode(self, data: bytes) -> Any:
        """The state or command; raises DocumentError for what is none."""


class Listener(Protocol):
    """Who is told of what became durable, as it happens. What it raises goes to the event loop's handler."""

    def emitted(self, event: Event) -> None:
        """An event is in the history."""

    def reported(self, key: Key, report: Report, when: float) -> None:
        """Something that a person should know."""


class Engine(Protocol):
    """Takes inputs durably, moves states, and performs what the steps ask for: at least once."""

    async def submit(self, key: Key, input: Input, id: str) -> bool:
        """Takes an input; it is durable when this returns.

        False when that id was taken before for this key: then nothing happens. An empty id belongs to an input that
        cannot be told apart from others, and is always taken. Raises ServiceError when it could not be kept
        (``engine-busy``, ``store-full``, ``store-locked``): nothing of it happened then.
        """

    async def state(self, key: Key) -> State | None:
        """The state after the last input that was taken; None for a key that has none."""

    async def cancel(self, key: Key) -> None:
        """Forgets the key, its wishes to be woken and its commands; those under way are broken off."""

    async def start(self) -> None:
        """Begins to take inputs and to perform commands, first those that a former run left."""

    async def stop(self) -> None:
        """Ends gracefully: commands under way may end within the grace time, all others stay for the next start."""


Settled: TypeAlias = Callable[[TielineError | None], None]
"""Is told on the event loop, once, what became of an input: None when it is durable, else why it is lost."""


class PromptEngine(Engine, Protocol):
    """An engine in the process of whoever asks, which need not be waited for in a task."""

    def glance(self, key: Key) -> State | None:
        """The state of a key that is in memory; None for others, whatever their state."""

    def offer(self, key: Key, input: Input, id: str, settled: Settled) -> None:
        """``submit``, without waiting. Raises as that does when the input cannot be taken, and tells nobody then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How much an engine does at a time, and how long it remembers."""

    tasks: int = 128
    """Commands under way at a time."""
    lane: int = 4
    """Those of one lane: the calls of one subscription, or its deliveries to one receiver. A slow receiver keeps these
    busy and no more."""
    taking: int = 4096
    """Inputs that are not durable yet; above it ``submit`` raises ServiceError ``engine-busy``."""
    waiting: int = 100_000
    """Commands that wait for their turn; above it notifications are refused with ``engine-busy``, since what performs
    cannot follow."""
    longest: float = 600.0
    """Seconds after which a command under way is broken off and answered with a problem."""
    begun: int = 5
    """How often a command is begun when the process dies over it each time; then it is answered with a problem."""
    grace: float = 10.0
    """Seconds that commands under way have when the engine stops."""
    states: int = 4096
    """States in memory."""
    steps: int = 1_000_000
    """Steps of one transaction; more is a circle of keys that tell each other."""
    keep_ids: float = 7 * 86400.0
    """Seconds for which ids of inputs are remembered."""
    keep_events: float = 30 * 86400.0
    """Seconds for which events and reports stay in the history."""
    keep_dead: float = 90 * 86400.0
    """Seconds for which dead deliveries can be replayed."""
    clean: float = 600.0
    """Seconds between two looks for what is too old."""
