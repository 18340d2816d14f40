"""Locks among processes; ``test_connections.py`` has the processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.model import ServiceError
from tieline.store.locks import held


def test_only_one_holds(tmp_path: Path) -> None:
    """A second holder waits for its time and is told what it waited for; after the first it holds."""
    file = tmp_path / "locks" / "a.lock"
    with held(file, "the thing", 1), pytest.raises(ServiceError) as caught, held(file, "the thing", 0.05):
        pass
    assert caught.value.finding.rule == "locked"
    assert caught.value.finding.message == "another process has kept the thing for more than 0.05 seconds"
    with held(file, "the thing", 0.05):
        pass


def test_an_error_lets_go(tmp_path: Path) -> None:
    """Whatever happens inside, the lock is free afterwards."""
    with pytest.raises(ZeroDivisionError), held(tmp_path / "a.lock", "the thing", 1):
        raise ZeroDivisionError
    with held(tmp_path / "a.lock", "the thing", 0.05):
        pass


def test_no_place_for_a_lock(tmp_path: Path) -> None:
    """A file where the folder should be is an error that names it."""
    (tmp_path / "locks").touch()
    with pytest.raises(ServiceError, match="cannot write"), held(tmp_path / "locks" / "a.lock", "the thing", 1):
        pass
