"""Lanes take turns, keep few tasks in memory, and leave room for others."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from engine_table import COMMANDS
from hypothesis import given
from hypothesis import strategies as st

from tieline.engine.lanes import WINDOW, Lanes, Task, lane_of
from tieline.model import ServiceError


class Kept:
    """Tasks by lane, as a ledger keeps them."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def add(self, lane: str) -> Task:
        """Keeps one more."""
        task = Task(id=len(self.tasks) + 1, key=f"k/{lane}", lane=lane, command=COMMANDS["call"]("t"))
        self.tasks.append(task)
        return task

    def load(self, lane: str, after: int, most: int) -> Sequence[Task]:
        """The next of a lane."""
        return [task for task in self.tasks if task.lane == lane and task.id > after][:most]


def test_lanes_take_turns() -> None:
    """With one place each task of another lane comes after at most one of a full lane."""
    kept = Kept()
    lanes = Lanes(kept.load, places=1, each=1)
    for lane in "aaaaaabbc":
        lanes.add(kept.add(lane))
    order = []
    while (task := lanes.next()) is not None:
        order.append(task.lane)
        assert lanes.next() is None, "there is one place"
        lanes.done(task.lane)
    assert "".join(order) == "abcabaaaa"


def test_a_lane_has_its_places_and_no_more() -> None:
    """One lane gets what it may have, and the last quarter of all places goes to lanes that have none."""
    kept = Kept()
    lanes = Lanes(kept.load, places=8, each=8)
    for _ in range(20):
        lanes.add(kept.add("a"))
    begun = [task.lane for _ in range(10) if (task := lanes.next()) is not None]
    assert begun == ["a"] * 6
    lanes.add(kept.add("b"))
    task = lanes.next()
    assert task is not None
    assert task.lane == "b"
    assert lanes.next() is None


def test_many_tasks_are_loaded_in_order_once() -> None:
    """A lane longer than its window is loaded piece by piece, and each task comes once and in order."""
    kept = Kept()
    lanes = Lanes(kept.load, places=1, each=1)
    for _ in range(WINDOW * 3 + 5):
        lanes.add(kept.add("a"))
    seen = []
    while (task := lanes.next()) is not None:
        seen.append(task.id)
        lanes.done("a")
    assert seen == [task.id for task in kept.tasks]


def test_a_lane_that_cannot_be_loaded_keeps_its_turn() -> None:
    """When what is kept cannot be read, the lane is asked again later."""
    kept = Kept()
    kept.add("a")
    fails = [True]

    def load(lane: str, after: int, most: int) -> Sequence[Task]:
        if fails.pop():
            raise ServiceError("store-failed", "no disk")
        return kept.load(lane, after, most)

    lanes = Lanes(load, places=1, each=1)
    lanes.expect("a")
    with pytest.raises(ServiceError):
        lanes.next()
    fails.append(False)
    task = lanes.next()
    assert task is not None
    assert task.id == 1


def test_tasks_of_a_key_can_be_dropped() -> None:
    """A dropped key's tasks do not come; the lane is forgotten when it is empty."""
    kept = Kept()
    lanes = Lanes(kept.load, places=2, each=1)
    for lane in "aab":
        lanes.add(kept.add(lane))
    lanes.drop("k/a")
    task = lanes.next()
    assert task is not None
    assert task.lane == "b"
    assert lanes.next() is None
    lanes.done("b")
    assert lanes._lanes == {}


def test_calls_and_receivers_have_lanes_of_their_own() -> None:
    """A poll does not wait behind deliveries, nor one receiver behind another of the same subscription."""
    commands = [COMMANDS["call"]("t", "s"), COMMANDS["push"]("e", "s", "x"), COMMANDS["push"]("e", "s", "y")]
    assert len({lane_of(command) for command in commands}) == 3  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.sampled_from(["add", "kept", "next", "done"]), st.sampled_from("abcd")), max_size=300))
def test_no_task_is_lost_or_done_twice(moves: list[tuple[str, str]]) -> None:
    """However tasks come, are loaded and end: each comes once, and the places are never exceeded."""
    kept = Kept()
    lanes = Lanes(kept.load, places=4, each=2)
    late: list[Task] = []
    running: list[Task] = []
    seen: list[int] = []
    for move, lane in moves:
        if move == "add":
            late.append(kept.add(lane))  # durable already, told a little later
        elif move == "kept" and late:
            lanes.add(late.pop(0))
        elif move == "next" and (task := lanes.next()) is not None:
            running.append(task)
            seen.append(task.id)
        elif move == "done" and running and running[0].id not in {task.id for task in late}:
            lanes.done(running.pop(0).lane)
        assert lanes.running == len(running) <= 4
    for task in late:
        lanes.add(task)
    while running or (task := lanes.next()) is not None:
        if running:
            lanes.done(running.pop().lane)
        else:
            running.append(task)
            seen.append(task.id)
    assert sorted(seen) == [task.id for task in kept.tasks]
