"""What a backend got: a bounded list, oldest first."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from ..model import Finding

KEPT = 1_000
"""Requests that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request and what became of it. Holds no headers, query or body: those may hold secrets."""

    number: int
    """1 for the first request since the start."""
    method: str
    path: str
    """Path as sent, without query."""
    operation: str
    """operationId; empty when none was found."""
    status: int
    findings: tuple[Finding, ...] = ()
    """What was wrong with the request, and with the definition as far as it mattered."""


class Log:
    """The last requests."""

    __slots__ = ("_entries", "count")

    def __init__(self, kept: int = KEPT) -> None:
        """Takes how many requests are remembered."""
        self._entries: deque[Entry] = deque(maxlen=kept)
        self.count = 0
        """How many there were in all."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The requests that are remembered, newest last."""
        return tuple(self._entries)

    @property
    def last(self) -> Entry | None:
        """The newest request, if it is remembered."""
        return self._entries[-1] if self._entries else None

    def add(self, entry: Entry) -> None:
        """Remember a request; its number is given here."""
        self._entries.append(entry)

    def next_number(self) -> int:
        """The number of the next request."""
        self.count += 1
        return self.count

    def clear(self) -> None:
        """Forget all requests; numbers go on."""
        self._entries.clear()
