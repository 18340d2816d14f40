"""The one thread that writes: everything that waits is committed together, and all who wait are told at once.

Knows transactions, not tables.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Generic, Protocol, TypeVar

from ..model import BugError, TielineError
from .database import refusal

MOST = 512
"""Records after which a transaction takes no more in."""


class Record(Protocol):
    """Something to keep."""

    epoch: int
    """Records of one epoch build on one another: when one of them is lost, all that come behind it are."""


R = TypeVar("R", bound=Record)


@dataclass(slots=True)
class Job:
    """Work in a transaction of its own, which nothing builds on."""

    work: Callable[[sqlite3.Connection], None]
    told: Callable[[TielineError | None], None]
    """Called with None when it is durable, else with what went wrong; in the writer's thread."""


class Writer(Generic[R]):
    """Commits records in the order in which they come."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        *,
        apply: Callable[[sqlite3.Connection, Sequence[R]], None],
        told: Callable[[Sequence[R], TielineError | None], None],
    ) -> None:
        """Takes a connection for this thread alone, ``apply`` which carries out the changes of records in an open
        transaction, and ``told``, which is called after each commit, in the writer's thread, with None or with what
        went wrong (nothing of these records was kept then)."""
        self._path = path
        self._connection = connection
        self._apply = apply
        self._told = told
        self._queue: SimpleQueue[Sequence[R] | Job | None] = SimpleQueue()
        self._lost: tuple[int, TielineError] | None = None
        self._thread = threading.Thread(target=self._main, name="tieline-writer", daemon=True)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    def put(self, work: Sequence[R] | Job) -> None:
        """Hands records or a job over; the caller is told later."""
        self._queue.put(work)

    def close(self) -> None:
        """Writes what is there, ends the thread, and folds the log into the file. Blocks."""
        self._queue.put(None)
        self._thread.join()

    def _main(self) -> None:
        end = False
        while not end:
            waiting = list(self._gathered())
            end = waiting[-1] is None
            for group in _grouped(item for item in waiting if item is not None):
                if isinstance(group, Job):
                    group.told(self._transaction(group.work))
                else:
                    self._write(group)
        self._end()

    def _end(self) -> None:
        # A log that cannot be folded in now, since somebody reads or the disk is full, is read with the next start.
        with suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout=0")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._connection.close()

    def _gathered(self) -> Iterator[R | Job | None]:
        """Waits for something, and takes what came besides while the last commit was under way; None is the end."""
        count = 0
        given = self._queue.get()
        while given is not None:
            items = [given] if isinstance(given, Job) else given
            yield from items
            count += len(items)
            if count >= MOST:
                return
            try:
                given = self._queue.get_nowait()
            except Empty:
                return
        yield None

    def _write(self, records: list[R]) -> None:
        if self._lost is not None and records[0].epoch <= self._lost[0]:
            self._told(records, self._lost[1])
            return
        wrong = self._transaction(lambda connection: self._apply(connection, records))
        if wrong is not None:
            self._lost = (records[0].epoch, wrong)
        self._told(records, wrong)

    def _transaction(self, work: Callable[[sqlite3.Connection], None]) -> TielineError | None:
        """Does it and commits; gives what went wrong, and then nothing is changed."""
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            work(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            wrong: TielineError = refusal(self._path, error)
        except TielineError as error:
            wrong = error
        except Exception as error:  # noqa: BLE001 - the thread has to live, and who waits has to be told
            wrong = BugError("record-not-written", f"a record cannot be written: {type(error).__name__}: {error}")
        else:
            return None
        self._undo()
        return wrong

    def _undo(self) -> None:
        # SQLite has rolled back by itself after some errors.
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            return


def _grouped(items: Iterator[R | Job]) -> Iterator[list[R] | Job]:
    """Records that belong into one transaction: those of one epoch between two jobs."""
    group: list[R] = []
    for item in items:
        if group and (isinstance(item, Job) or item.epoch != group[0].epoch):
            yield group
            group = []
        if isinstance(item, Job):
            yield item
        else:
            group.append(item)
    if group:
        yield group
