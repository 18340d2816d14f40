"""What all tests share: where the corpus is, and the async backend."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

for name, same in (("same", True), ("search", False)):
    settings.register_profile(
        name, derandomize=same, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=not same
    )
settings.load_profile("same")
"""Property tests give the same verdict on the same code, however busy the machine is.
``--hypothesis-profile search`` tries
other examples each time; what it finds becomes a case."""

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Shells start what runs in the background so, and programs that tests interrupt would inherit it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with corpus, guide and reference beside the checkout."""
    if not (SHARED / "corpus").is_dir():
        pytest.skip(f"{SHARED} is not there: tests on the corpus and the guide were skipped")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A store of the tests' own, and no keyring: nothing touches those of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("TIELINE_HOME", str(folder))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        patch.delenv("TIELINE_KEY", raising=False)
        yield folder


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, the loop that Tieline uses."""
    return "asyncio"
