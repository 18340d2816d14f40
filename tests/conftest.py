"""What all tests share: where the corpus is, and the async backend."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with corpus, guide and reference beside the checkout."""
    if not (SHARED / "corpus").is_dir():
        pytest.skip(f"{SHARED} is not there: tests on the corpus and the guide were skipped")
    return SHARED


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, the loop that Tieline uses."""
    return "asyncio"
