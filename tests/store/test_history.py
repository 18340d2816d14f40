"""Questions to a store's history, and the user's list of subscriptions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.model import Event, ServiceError
from tieline.store import rows
from tieline.store.database import open_to_write
from tieline.store.history import EventFilter, History
from tieline.triggers.protocol import Report


def an_event(n: int) -> Event:
    """The n-th event: of two subscriptions in turn, of two types."""
    return Event(
        id=f"e{n}",
        source="/s",
        type=f"t{n // 5}",
        time=1000.0 + n,
        subject=f"subject {n}",
        subscription=f"s{n % 2}",
        content_type="text/plain",
        data=bytes([n, 0, 255]),
    )


@pytest.fixture
def history(tmp_path: Path) -> History:
    """Ten events and three reports."""
    connection = open_to_write(tmp_path / "tieline.db")
    rows.run(connection, rows.EVENTS, [rows.event_row(an_event(n)) for n in range(10)])
    reports = [rows.report_row(f"k/{n % 2}", Report(rule="r", message=str(n)), 5.0 + n) for n in range(3)]
    rows.run(connection, rows.REPORTS, reports)
    connection.close()
    return History(tmp_path / "tieline.db")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EventFilter(), [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (EventFilter(limit=2), [9, 8]),
        (EventFilter(subscription="s1"), [9, 7, 5, 3, 1]),
        (EventFilter(type="t1", subscription="s0"), [8, 6]),
        (EventFilter(since=1003.0, until=1006.0), [5, 4, 3]),
        (EventFilter(after=7), [7, 8, 9]),
        (EventFilter(after=2, limit=2), [2, 3]),
        (EventFilter(after=10), []),
        (EventFilter(since=0.0, until=0.0), []),
        (EventFilter(subscription="' OR 1=1 --"), []),
    ],
)
def test_filters(history: History, wanted: EventFilter, found: list[int]) -> None:
    """All conditions hold together; events come back as they were."""
    assert [kept.event for kept in history.events(wanted)] == [an_event(n) for n in found]


def test_one_event(history: History) -> None:
    """An event is found by its id."""
    assert history.event("e4") == an_event(4)
    assert history.event("nothing") is None


def test_one_event_is_found_without_reading_payloads(history: History) -> None:
    """Looking for an id walks over an index alone."""
    connection = open_to_write(history._path)
    asked = "SELECT max(n) FROM events INDEXED BY events_by_subscription WHERE id='e4'"
    steps = connection.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    connection.close()
    assert "COVERING INDEX events_by_subscription" in str(steps)


def test_positions_serve_a_tail(history: History) -> None:
    """Whoever goes on behind the last position misses nothing and sees nothing twice."""
    seen, after = [], 0
    while page := history.events(EventFilter(after=after, limit=3)):
        seen += [kept.event.id for kept in page]
        after = page[-1].position
    assert seen == [f"e{n}" for n in range(10)]


def test_reports(history: History) -> None:
    """Reports of all keys or one, newest first, or behind a position."""
    assert [kept.report.message for kept in history.reports()] == ["2", "1", "0"]
    assert [kept.report.message for kept in history.reports("k/0")] == ["2", "0"]
    assert [kept.time for kept in history.reports(after=1)] == [6.0, 7.0]


def test_a_history_needs_a_store(tmp_path: Path) -> None:
    """Without a store the question is a ServiceError."""
    with pytest.raises(ServiceError, match="no store"):
        History(tmp_path / "none.db").events()


def test_what_is_old_is_removed_piece_by_piece(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events before a time go a few at a time; the rest stays."""
    monkeypatch.setattr(rows, "OLD", 2)
    connection = open_to_write(history._path)
    assert rows.remove_history(connection, 1003.0)
    while rows.remove_history(connection, 1003.0):
        pass
    connection.close()
    assert [kept.event.id for kept in history.events()] == ["e9", "e8", "e7", "e6", "e5", "e4", "e3"]


def test_old_ids_are_removed_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk over all ids removes exactly those from before a time."""
    monkeypatch.setattr(rows, "OLD", 7)
    connection = open_to_write(tmp_path / "tieline.db")
    rows.run(connection, rows.TAKEN, [(rows.digest("k", str(n)), float(n)) for n in range(100)])
    start: bytes | None = b""
    steps = 0
    while start is not None:
        start = rows.remove_taken(connection, 40.0, start)
        steps += 1
    assert steps > 10
    assert [n for n in range(100) if rows.taken(connection, rows.digest("k", str(n)))] == list(range(40, 100))
    connection.close()


@given(st.integers(0, 300))
def test_any_number_of_rows_goes_in(count: int) -> None:
    """Rows are all written, however many there are."""
    import sqlite3

    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE taken (digest, at)")
    rows.run(connection, rows.TAKEN, [(bytes([n % 256]), n) for n in range(count)])
    assert connection.execute("SELECT at FROM taken ORDER BY rowid").fetchall() == [(n,) for n in range(count)]
    connection.close()


@given(st.text(st.characters()))
def test_any_text_can_be_kept(text: str) -> None:
    """Text comes out as UTF-8 can hold it, and stays as it is when it can."""
    kept = rows.plain(text)
    kept.encode()
    assert kept == text or any("\ud800" <= character <= "\udfff" for character in text)
