"""Where an engine of this process keeps what has to last: the seam between its behaviour and memory or disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from ..model import TielineError
from ..triggers.protocol import Key
from .lanes import Task
from .protocol import Settled
from .turn import Held, Turn


@dataclass(slots=True)
class Cached:
    """A key in memory."""

    held: Held
    pending: int = 0
    """Records with it that are not durable yet. As long as there are some, memory knows more than what is kept."""


@dataclass(slots=True)
class Record:
    """What is kept at once, or not at all."""

    epoch: int
    """Records of one epoch build on one another: when one is lost, so are all behind it."""
    turn: Turn
    tasks: Sequence[Task] = ()
    """Commands of the turn."""
    states: dict[Key, Any] = field(default_factory=dict)
    """What the ledger made of the states that changed, when it prepared the record; None for those that are gone."""
    commands: Sequence[Any] = ()
    """What it made of ``tasks``."""
    done: int = 0
    """Id of the command that this answers; 0 for none."""
    begun: int = 0
    """Id of a command that is begun; 0 for none."""
    lease: float = 0.0
    """With ``begun``: when that command is given up."""
    forgotten: Key = ""
    """A key that is removed with all that belongs to it."""
    shift: float = 0.0
    """Seconds by which all wishes to be woken are moved."""
    cached: Sequence[Cached] = ()
    """The keys that took part, in memory."""
    waiters: Sequence[Settled] = ()
    """Who wants to know when it is durable."""
    told: bool = False
    """Whether it is durable or lost."""
    wrong: TielineError | None = None
    """Why it is lost."""


Told: TypeAlias = Callable[[Sequence[Record], TielineError | None], None]
"""Called on the event loop with records in order, and None when they are durable, else why they are lost."""


class Ledger(Protocol):
    """Keeps records. What is read is what is durable or is about to be told so. Reads may raise TielineError."""

    def open(self, told: Told) -> None:
        """Gets ready, on the running event loop."""

    async def close(self) -> None:
        """Keeps all that was written, tells it, and lets go."""

    def prepare(self, record: Record) -> None:
        """Does what may fail because of the record itself. Raises what the codec raises: nothing happened then."""

    def write(self, record: Record) -> None:
        """Takes a record that was prepared; ``told`` follows later."""

    def read(self, key: Key) -> Held:
        """What is kept of a key."""

    def known(self, key: Key, id: str) -> bool:
        """Whether an input with that id was taken."""

    def due(self, now: float, most: int) -> Sequence[tuple[Key, str, float]]:
        """Key, tag and time of the wishes whose time has come, earliest first."""

    def next_due(self) -> float | None:
        """The earliest time of a wish."""

    def lanes(self) -> Sequence[str]:
        """The lanes that have commands."""

    def tasks(self, lane: str, after: int, most: int) -> Sequence[Task]:
        """Commands of a lane behind an id, in order."""

    def waiting(self) -> tuple[int, int]:
        """How many commands there are, and the highest id."""

    def dead(self, before: float, most: int) -> Sequence[Key]:
        """Keys with the status ``dead`` since before that time."""

    async def clean(self, ids: float, history: float) -> None:
        """Removes ids of inputs, and events and reports, from before these times. Raises TielineError."""
