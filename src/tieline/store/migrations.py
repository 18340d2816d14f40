"""What the tables of a store are, as numbered steps. A step that was released is never edited: add one instead."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

APPLICATION = 0x5469654C
"""``application_id`` of the file: "TieL"."""

STEPS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE subscriptions (
            id TEXT PRIMARY KEY, folded TEXT NOT NULL UNIQUE, body BLOB NOT NULL
        ) WITHOUT ROWID""",
        """CREATE TABLE keys (
            n INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, status TEXT NOT NULL,
            state BLOB NOT NULL, changed REAL NOT NULL
        )""",
        "CREATE INDEX keys_by_status ON keys (status, kind)",
        "CREATE TABLE taken (digest BLOB PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
        """CREATE TABLE timers (
            key TEXT NOT NULL, tag TEXT NOT NULL, due REAL NOT NULL, PRIMARY KEY (key, tag)
        ) WITHOUT ROWID""",
        "CREATE INDEX timers_by_due ON timers (due)",
        """CREATE TABLE commands (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL, lane TEXT NOT NULL, body BLOB NOT NULL, created REAL NOT NULL,
            begun INTEGER NOT NULL DEFAULT 0, lease REAL NOT NULL DEFAULT 0
        )""",
        "CREATE INDEX commands_by_lane ON commands (lane, id)",
        "CREATE INDEX commands_by_key ON commands (key)",
        """CREATE TABLE events (
            n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL,
            time REAL NOT NULL, subject TEXT NOT NULL, subscription TEXT NOT NULL, content_type TEXT NOT NULL,
            data BLOB NOT NULL
        )""",
        # Ids are random: an index on them would write another page for each event, a fifth of what taking one in costs.
        # Who looks for one id walks over this index instead, which has no payloads.
        "CREATE INDEX events_by_subscription ON events (subscription, n, id)",
        "CREATE INDEX events_by_time ON events (time)",
        """CREATE TABLE reports (
            n INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, at REAL NOT NULL, rule TEXT NOT NULL,
            severity TEXT NOT NULL, message TEXT NOT NULL, remedy TEXT NOT NULL
        )""",
        "CREATE INDEX reports_by_key ON reports (key, n)",
        "CREATE INDEX reports_by_time ON reports (at)",
    ),
)
"""Step i makes version i + 1 of version i."""

VERSION = len(STEPS)
"""The version that this program writes."""


def upgrade(connection: sqlite3.Connection, version: Callable[[], int]) -> None:
    """Brings a file to the current version, in one transaction. ``version`` reads what it has, and refuses newer ones.

    Raises sqlite3.Error; the file is as it was then.
    """
    if version() == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number, step in enumerate(STEPS[version() :], version() + 1):
            for statement in step:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={number}")
        connection.execute(f"PRAGMA application_id={APPLICATION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
