"""Phases from marks; that the marks are set at all is seen in ``test_transport``."""

from __future__ import annotations

import pytest

from tieline.model import Timings
from tieline.net.phases import Phases


def timings(monkeypatch: pytest.MonkeyPatch, now: float, **marks: float) -> Timings:
    """The phases of a request that was asked for at second 100, seen at ``now``."""
    phases = Phases()
    phases.started, phases.asked = 5.0, 100.0
    for name, value in marks.items():
        setattr(phases, name, value)
    monkeypatch.setattr("time.perf_counter", lambda: now)
    return phases.timings()


NEW = {"created": 101.0, "lookup": 101.5, "resolved": 102.5, "connected": 105.0, "ready": 105.0}


@pytest.mark.parametrize(
    ("now", "marks", "expected"),
    [
        (110.0, {**NEW, "sent": 106.0, "replied": 108.0}, (1000, 1000, 3000, 1000, 2000, 2000)),
        (110.0, {"ready": 103.0, "replied": 104.0}, (3000, -1, -1, 0, 1000, 6000)),
        (102.0, {}, (2000, -1, -1, 0, 0, 0)),
        (102.0, {"created": 101.0, "lookup": 101.5}, (1000, 500, 500, 0, 0, 0)),
        (104.0, {"created": 101.0}, (1000, -1, 3000, 0, 0, 0)),
        (109.0, NEW, (1000, 1000, 3000, 0, 4000, 0)),
    ],
    ids=["all of them", "kept connection", "no connection", "lookup broke off", "connecting broke off", "no reply"],
)
def test_phases(
    now: float, marks: dict[str, float], expected: tuple[float, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Phases follow each other without a gap, and those that did not occur are -1."""
    found = timings(monkeypatch, now, **marks)
    assert (found.blocked, found.dns, found.connect, found.send, found.wait, found.receive) == expected
    assert found.total == (now - 100) * 1000
    assert found.started == 5
