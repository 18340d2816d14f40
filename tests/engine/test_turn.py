"""What one input brings about, worked out without keeping anything."""

from __future__ import annotations

import pytest
from engine_table import START, event, say, step

from tieline.engine.turn import Held, Source, take
from tieline.model import BugError
from tieline.triggers.protocol import Woken


def source(kept: dict[str, Held] | None = None, known: set[tuple[str, str]] | None = None, steps: int = 10) -> Source:
    """What turns are worked out from."""
    return Source(
        step, lambda key: (kept or {}).get(key) or Held(), lambda key, id: (key, id) in (known or set()), steps
    )


def test_a_turn_has_everything_of_its_input() -> None:
    """States, wishes, events, reports and ids of all keys that took part are in it."""
    given = say(["emit", "e"], ["wake", "a", START + 1], ["tell", "k/2", [["report", "r"]], "t"], body="w")
    turn = take(source(), "k/1", given, "i", START)
    assert turn is not None
    assert {key: held.state.words for key, held in turn.held.items() if held.state} == {"k/1": ("w",), "k/2": ("told",)}
    assert turn.timers == {("k/1", "a"): START + 1}
    assert turn.events == [event("e")]
    assert [(key, report.message) for key, report in turn.reports] == [("k/2", "r")]
    assert list(turn.ids) == [("k/1", "i"), ("k/2", "t")]


def test_what_was_read_is_not_changed() -> None:
    """The kept values are shared with others: a turn changes copies."""
    kept = {"k/1": Held(None, {"a": START, "b": START})}
    turn = take(source(kept), "k/1", Woken(tag="a"), "", START)
    assert turn is not None
    assert kept == {"k/1": Held(None, {"a": START, "b": START})}
    assert turn.held["k/1"].timers == {"b": START}
    assert turn.timers == {("k/1", "a"): None}


def test_a_known_id_is_no_turn() -> None:
    """An id that was taken gives nothing; one that a key is told again is passed over."""
    known = {("k/1", "i"), ("k/2", "t")}
    assert take(source(known=known), "k/1", say(), "i", START) is None
    turn = take(source(known=known), "k/1", say(["tell", "k/2", [], "t"]), "", START)
    assert turn is not None
    assert list(turn.held) == ["k/1"]


def test_telling_in_a_circle_ends() -> None:
    """The steps of one turn are counted."""
    many = say(*(["tell", "k/1", [], ""] for _ in range(10)))
    with pytest.raises(BugError, match="more than 10 times"):
        take(source(), "k/1", many, "", START)
