"""Makes the state table of these tests importable, and gives each test a house for its engines."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_table import House


@pytest.fixture(params=["memory", "embedded"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    """One house of each kind."""
    return House(kind=request.param, path=tmp_path / "tieline.db")


@pytest.fixture
def stored(tmp_path: Path) -> House:
    """A house with a file."""
    return House(kind="embedded", path=tmp_path / "tieline.db")
