"""Makes the house of these tests importable."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from house import House, house


@pytest.fixture
async def home_of_things(tmp_path: Path) -> AsyncIterator[House]:
    """A house as usual."""
    async with house(tmp_path) as made:
        yield made
