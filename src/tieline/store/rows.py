"""The statements of an engine's tables. Each takes a connection; transactions are the caller's business.

Many rows go into one statement: SQLite lets go of the interpreter around each statement, and to get it back from a busy
event loop may cost more than the statement itself.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from ..model import Event
from ..triggers.protocol import Report

CHUNK = 32
"""Most rows of one statement. There is a statement for each number up to it, prepared when it is first needed."""


def plain(text: str) -> str:
    """Text that SQLite can keep: half a surrogate pair, which JSON may hold, becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def digest(key: str, id: str) -> bytes:
    """What is remembered of an input's id."""
    return hashlib.blake2b(f"{key}\0{id}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


# What is written.

STATES = (
    "INSERT INTO keys (key, kind, status, state, changed) VALUES",
    "(?,?,?,?,?)",
    "ON CONFLICT (key) DO UPDATE SET status=excluded.status, state=excluded.state, changed=excluded.changed",
)
TAKEN = ("INSERT OR IGNORE INTO taken (digest, at) VALUES", "(?,?)", "")
TIMERS = (
    "INSERT INTO timers (key, tag, due) VALUES",
    "(?,?,?)",
    "ON CONFLICT (key, tag) DO UPDATE SET due=excluded.due",
)
COMMANDS = ("INSERT INTO commands (id, key, lane, body, created) VALUES", "(?,?,?,?,?)", "")
EVENTS = (
    "INSERT INTO events (id, source, type, time, subject, subscription, content_type, data) VALUES",
    "(?,?,?,?,?,?,?,?)",
    "",
)
REPORTS = ("INSERT INTO reports (key, at, rule, severity, message, remedy) VALUES", "(?,?,?,?,?,?)", "")
NO_STATES = ("DELETE FROM keys WHERE key IN (", "?", ")")
NO_TIMERS = ("DELETE FROM timers WHERE (key, tag) IN (VALUES", "(?,?)", ")")
NO_COMMANDS = ("DELETE FROM commands WHERE id IN (", "?", ")")


def run(connection: sqlite3.Connection, statement: tuple[str, str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Carries out one of the statements above on rows."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        connection.execute(_for(statement, len(chunk)), list(chain.from_iterable(chunk)))


@cache
def _for(statement: tuple[str, str, str], count: int) -> str:
    head, row, tail = statement
    return f"{head} {','.join([row] * count)} {tail}"


def event_row(event: Event) -> tuple[Any, ...]:
    """An event for ``EVENTS``."""
    return (
        plain(event.id),
        plain(event.source),
        plain(event.type),
        event.time,
        plain(event.subject),
        plain(event.subscription),
        plain(event.content_type),
        event.data,
    )


def report_row(key: str, report: Report, when: float) -> tuple[Any, ...]:
    """A report for ``REPORTS``."""
    said = (report.rule, report.severity, report.message, report.remedy)
    return (plain(key), when, *map(plain, said))


def begun(connection: sqlite3.Connection, tasks: Iterable[tuple[float, int]]) -> None:
    """Notes that commands are under way: the end of each one's lease, and its id."""
    connection.executemany("UPDATE commands SET begun=begun+1, lease=? WHERE id=?", tasks)


def forget(connection: sqlite3.Connection, key: str) -> None:
    """Removes a key with its timers and commands."""
    for table in ("keys", "timers", "commands"):
        connection.execute(f"DELETE FROM {table} WHERE key=?", (plain(key),))


def shift(connection: sqlite3.Connection, seconds: float) -> None:
    """Moves all timers."""
    connection.execute("UPDATE timers SET due=due+?", (seconds,))


# What is read.


def state(connection: sqlite3.Connection, key: str) -> bytes | None:
    """The state of a key."""
    found = connection.execute("SELECT state FROM keys WHERE key=?", (plain(key),)).fetchall()
    return found[0][0] if found else None


def timers(connection: sqlite3.Connection, key: str) -> dict[str, float]:
    """The timers of a key by tag."""
    return dict(connection.execute("SELECT tag, due FROM timers WHERE key=?", (plain(key),)).fetchall())


def taken(connection: sqlite3.Connection, its: bytes) -> bool:
    """Whether an input was taken, by its digest."""
    return bool(connection.execute("SELECT 1 FROM taken WHERE digest=?", (its,)).fetchall())


def due(connection: sqlite3.Connection, now: float, most: int) -> list[tuple[str, str, float]]:
    """Key, tag and time of the timers whose time has come, earliest first."""
    return connection.execute(
        "SELECT key, tag, due FROM timers WHERE due<=? ORDER BY due LIMIT ?", (now, most)
    ).fetchall()


def next_due(connection: sqlite3.Connection) -> float | None:
    """The earliest time of a timer."""
    found: float | None = connection.execute("SELECT min(due) FROM timers").fetchall()[0][0]
    return found


def lanes(connection: sqlite3.Connection) -> list[str]:
    """The lanes that have commands."""
    return [lane for (lane,) in connection.execute("SELECT DISTINCT lane FROM commands").fetchall()]


def commands(connection: sqlite3.Connection, lane: str, after: int, most: int) -> list[tuple[int, str, bytes, int]]:
    """Id, key, body and how often it was begun, of the commands of a lane behind an id."""
    return connection.execute(
        "SELECT id, key, body, begun FROM commands WHERE lane=? AND id>? ORDER BY id LIMIT ?",
        (plain(lane), after, most),
    ).fetchall()


def commands_waiting(connection: sqlite3.Connection) -> tuple[int, int]:
    """How many commands there are, and the highest id."""
    count, last = connection.execute("SELECT count(*), max(id) FROM commands").fetchall()[0]
    return count, last or 0


# What is too old.

OLD = 1000
"""Rows that are removed in one transaction, so that nobody waits long for the writer."""


def dead_before(connection: sqlite3.Connection, when: float, most: int) -> list[str]:
    """Keys with status ``dead`` since before a time."""
    found = connection.execute(
        "SELECT key FROM keys WHERE status='dead' AND changed<? LIMIT ?", (when, most)
    ).fetchall()
    return [key for (key,) in found]


def remove_history(connection: sqlite3.Connection, before: float) -> bool:
    """Removes some of the events and reports older than a time; tells whether there may be more."""
    removed = 0
    for table, time in (("events", "time"), ("reports", "at")):
        some = f"SELECT n FROM {table} WHERE {time}<? ORDER BY {time} LIMIT ?"
        removed += connection.execute(f"DELETE FROM {table} WHERE n IN ({some})", (before, OLD)).rowcount
    return removed >= OLD


def remove_taken(connection: sqlite3.Connection, before: float, start: bytes) -> bytes | None:
    """Removes what is older than a time among some ids from ``start`` on; tells where to go on, None at the end."""
    some = "SELECT digest FROM taken WHERE digest>=? ORDER BY digest LIMIT 1 OFFSET ?"
    found = connection.execute(some, (start, OLD)).fetchall()
    end: bytes | None = found[0][0] if found else None
    until, values = ("AND digest<?", (start, before, end)) if end else ("", (start, before))
    connection.execute(f"DELETE FROM taken WHERE digest>=? AND at<? {until}", values)
    return end
