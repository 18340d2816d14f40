"""What happened: events, reports, dead letters and counts, read from a store's file beside a running engine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import Event
from ..triggers.protocol import Key, Report
from .database import open_to_read, ours
from .rows import plain, state


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events; all that is set has to hold."""

    subscription: str = ""
    """Id of the subscription."""
    type: str = ""
    """CloudEvents type."""
    since: float | None = None
    """Not before this time."""
    until: float | None = None
    """Before this time."""
    after: int | None = None
    """Behind this position of the history: then they come oldest first, as a live tail wants them."""
    limit: int = 100
    """At most so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """An event and its place."""

    position: int
    """Rises with every event of the store."""
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """A report, of what and when."""

    position: int
    key: Key
    time: float
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """A key that has a state."""

    key: Key
    status: str
    changed: float
    state: bytes
    """As the engine's codec wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Figures for metrics."""

    keys: dict[tuple[str, str], int]
    """How many keys there are, by kind and status."""
    commands: int
    """Calls and deliveries that wait or are under way."""
    oldest: float | None
    """When the oldest of them came; None for none."""
    timers: int
    """Wishes to be woken."""
    overdue: float
    """Seconds by which the earliest of them is late; 0 for none."""
    events: int
    """Position of the last event: how many there ever were."""


_EVENT = "n, id, source, type, time, subject, subscription, content_type, data"


class History:
    """Questions to a store. Each opens the file for itself: any thread and any process may ask.

    Raises ServiceError ``no-store`` and what else opening raises.
    """

    def __init__(self, path: Path) -> None:
        """Takes the store's file."""
        self._path = path

    def events(self, wanted: EventFilter = EventFilter()) -> list[KeptEvent]:
        """Events, newest first; with ``after`` oldest first."""
        conditions = {
            "subscription=?": plain(wanted.subscription) or None,
            "type=?": plain(wanted.type) or None,
            "time>=?": wanted.since,
            "time<?": wanted.until,
            "n>?": wanted.after,
        }
        order = "n DESC" if wanted.after is None else "n"
        found = self._select(f"SELECT {_EVENT} FROM events", conditions, f"ORDER BY {order} LIMIT ?", (wanted.limit,))
        return [_event(row) for row in found]

    def event(self, id: str) -> Event | None:
        """The event with that id; the newest, where it was emitted more than once."""
        newest = "n=(SELECT max(n) FROM events INDEXED BY events_by_subscription WHERE id=?)"
        found = self._select(f"SELECT {_EVENT} FROM events", {newest: plain(id)}, "LIMIT 1")
        return _event(found[0]).event if found else None

    def reports(self, key: Key = "", *, after: int | None = None, limit: int = 100) -> list[KeptReport]:
        """Reports of a key or all, newest first; with ``after`` oldest first."""
        order = "n DESC" if after is None else "n"
        found = self._select(
            "SELECT n, key, at, rule, message, remedy, severity FROM reports",
            {"key=?": plain(key) or None, "n>?": after},
            f"ORDER BY {order} LIMIT ?",
            (limit,),
        )
        return [
            KeptReport(
                position=row[0],
                key=row[1],
                time=row[2],
                report=Report(rule=row[3], message=row[4], remedy=row[5], severity=row[6]),
            )
            for row in found
        ]

    def keys(self, kind: str = "", status: str = "", limit: int = 100) -> list[KeptKey]:
        """Keys of a kind and status, those that changed last first: dead letters are ``delivery`` and ``dead``."""
        found = self._select(
            "SELECT key, status, changed, state FROM keys",
            {"kind=?": kind or None, "status=?": status or None},
            "ORDER BY changed DESC LIMIT ?",
            (limit,),
        )
        return [KeptKey(key=row[0], status=row[1], changed=row[2], state=row[3]) for row in found]

    def event_counts(self, subscriptions: Sequence[str]) -> dict[str, int]:
        """How many events there are of subscriptions, by their ids."""
        question = "SELECT count(*) FROM events WHERE subscription=?"
        with self._reading() as connection:
            return {id: connection.execute(question, (plain(id),)).fetchall()[0][0] for id in subscriptions}

    def wakes(self, keys: Sequence[Key]) -> dict[Key, float]:
        """When keys are to be woken next; those that are not are missing."""
        question = "SELECT min(due) FROM timers WHERE key=?"
        with self._reading() as connection:
            found = {key: connection.execute(question, (plain(key),)).fetchall()[0][0] for key in keys}
        return {key: due for key, due in found.items() if due is not None}

    def state(self, key: Key) -> bytes | None:
        """The state of a key, as the engine's codec wrote it; None for a key that has none."""
        with self._reading() as connection:
            return state(connection, key)

    def counts(self, now: float) -> Counts:
        """Figures for metrics, at a time."""
        with self._reading() as connection:
            connection.execute("BEGIN")  # all of the same moment
            keys = connection.execute("SELECT kind, status, count(*) FROM keys GROUP BY kind, status").fetchall()
            commands, oldest = connection.execute("SELECT count(*), min(created) FROM commands").fetchall()[0]
            timers, due = connection.execute("SELECT count(*), min(due) FROM timers").fetchall()[0]
            last = connection.execute("SELECT seq FROM sqlite_sequence WHERE name='events'").fetchall()
        return Counts(
            keys={(kind, status): count for kind, status, count in keys},
            commands=commands,
            oldest=oldest,
            timers=timers,
            overdue=0.0 if due is None else max(now - due, 0.0),
            events=last[0][0] if last else 0,
        )

    def _select(
        self, head: str, conditions: dict[str, Any], tail: str, values: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        """The rows for which all conditions hold whose value is not None."""
        held = {condition: value for condition, value in conditions.items() if value is not None}
        where = f"WHERE {' AND '.join(held)}" if held else ""
        with self._reading() as connection:
            return connection.execute(f"{head} {where} {tail}", (*held.values(), *values)).fetchall()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection = open_to_read(self._path)
        try:
            with ours(self._path):
                yield connection
        finally:
            connection.close()


def _event(row: Sequence[Any]) -> KeptEvent:
    names = ("id", "source", "type", "time", "subject", "subscription", "content_type", "data")
    return KeptEvent(position=row[0], event=Event(**dict(zip(names, row[1:], strict=True))))
