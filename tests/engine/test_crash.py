"""Processes that are killed at random points lose nothing that they acknowledged."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tieline.store.history import EventFilter, History

BODIES = 3000
KILLS = 12


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """Killed a dozen times amid intake and deliveries, every notification is one event with one id, all delivered."""
    seed = random.randrange(1 << 30)
    luck = random.Random(seed)
    path, log = tmp_path / "tieline.db", tmp_path / "log"
    open_ = list(range(BODIES))
    for kill in range(KILLS + 1):
        most = luck.randrange(BODIES // KILLS) if kill < KILLS else BODIES + 1
        acknowledged = _run(path, log, open_, most)
        open_ = [number for number in open_ if number not in acknowledged]
    assert not open_, f"seed {seed}"
    _check(path, log, seed)


def _run(path: Path, log: Path, bodies: list[int], most: int) -> set[int]:
    """One life of the process: up to so many acknowledgements, then it is killed; gives all that it acknowledged."""
    here = Path(__file__).with_name("crash_child.py")
    command = [sys.executable, str(here), str(path), str(log)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin
        assert child.stdout
        child.stdin.write(json.dumps(bodies) + "\n")
        child.stdin.flush()
        said = []
        for line in child.stdout:
            said.append(line.strip())
            if len(said) == most + 1:
                child.kill()
        child.wait()
    assert most <= BODIES or said[-1] == "done", "the last life ends by itself"
    return {int(word) for word in said if word.isdecimal()}


def _check(path: Path, log: Path, seed: int) -> None:
    kept = [one.event for one in History(path).events(EventFilter(after=0, limit=BODIES * 2))]
    bodies = Counter(event.data for event in kept)
    assert sorted(map(int, bodies)) == list(range(BODIES)), f"seed {seed}"
    assert set(bodies.values()) == {1}, f"an input that was taken twice, seed {seed}"
    assert len({event.id for event in kept}) == BODIES
    delivered = Counter(log.read_text(encoding="utf-8").splitlines())
    assert set(delivered) == {f"{event.id} {event.data.decode()}" for event in kept}, f"seed {seed}"
    assert History(path).keys("delivery") == []
