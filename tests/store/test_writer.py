"""The writer commits what waits together, and tells everybody the truth."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tieline.model import ServiceError, TielineError
from tieline.store.database import open_to_read, open_to_write
from tieline.store.writer import Job, Writer


@dataclass
class Word:
    """A record: a subscription with that id."""

    id: str
    epoch: int = 0


@dataclass
class Desk:
    """A writer and what it told."""

    path: Path
    told: list[tuple[list[str], TielineError | None]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.writer: Writer[Word] = Writer(self.path, open_to_write(self.path), apply=self._apply, told=self._hear)

    def _apply(self, connection: sqlite3.Connection, records: Sequence[Word]) -> None:
        self.gate.wait(10)
        connection.executemany("INSERT INTO subscriptions VALUES (?, ?, '')", [(word.id, word.id) for word in records])

    def _hear(self, records: Sequence[Word], wrong: TielineError | None) -> None:
        self.told.append(([word.id for word in records], wrong))

    def kept(self) -> list[str]:
        """What is in the file."""
        connection = open_to_read(self.path)
        try:
            return [id for (id,) in connection.execute("SELECT id FROM subscriptions ORDER BY id").fetchall()]
        finally:
            connection.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk, closed afterwards by the test."""
    return Desk(tmp_path / "tieline.db")


def test_what_waits_is_committed_together(desk: Desk) -> None:
    """What comes during one commit is the next one as a whole."""
    for id in "abcdef":
        desk.writer.put([Word(id)])
    desk.writer.start()
    desk.gate.set()
    desk.writer.close()
    assert [ids for ids, _ in desk.told] == [list("abcdef")]
    assert desk.kept() == list("abcdef")


def test_a_lost_record_takes_those_behind_it_along(desk: Desk) -> None:
    """After a failure all records of the epoch are refused with its reason, and those of the next are kept."""
    for word in (Word("a"), Word("b"), Word("a"), Word("c", 1), Word("d", 1)):
        desk.writer.put([word])
    desk.gate.set()
    desk.writer.start()
    desk.writer.put([Word("e", 0)])
    desk.writer.put([Word("f", 1)])
    desk.writer.close()
    lost = [id for ids, wrong in desk.told if wrong for id in ids]
    assert lost == ["a", "b", "a", "e"]
    assert all(isinstance(wrong, ServiceError) for _, wrong in desk.told if wrong)
    assert desk.kept() == ["c", "d", "f"]


def test_a_job_that_fails_takes_nothing_along(desk: Desk) -> None:
    """A job has a transaction of its own: records before and behind it are kept whatever becomes of it."""
    heard: list[TielineError | None] = []
    desk.writer.put([Word("a")])
    desk.writer.put(Job(lambda connection: connection.execute("INSERT INTO nothing VALUES (1)") and None, heard.append))
    desk.writer.put([Word("b")])
    desk.writer.put(Job(lambda connection: connection.execute("DELETE FROM subscriptions") and None, heard.append))
    desk.gate.set()
    desk.writer.start()
    desk.writer.close()
    assert isinstance(heard[0], ServiceError)
    assert heard[1] is None
    assert [ids for ids, wrong in desk.told if wrong is None] == [["a"], ["b"]]
    assert desk.kept() == []


def test_the_log_is_folded_into_the_file_at_the_end(desk: Desk) -> None:
    """After closing there is one file to copy, even when somebody had it open to read."""
    reader = open_to_read(desk.path)
    desk.writer.put([Word("a")])
    desk.gate.set()
    desk.writer.start()
    desk.writer.close()
    log = desk.path.with_name("tieline.db-wal")
    assert not log.exists() or not log.stat().st_size
    reader.close()
