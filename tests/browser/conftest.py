"""A real Chromium. Tests that need it are skipped, visibly, where there is none; ``TIELINE_NEEDS_BROWSER`` makes them
fail instead."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tieline.app.example import load_identity, load_inventory
from tieline.net.listener import listen

pytest.importorskip("playwright", reason="playwright is not installed: browser tests were skipped")

from playwright.async_api import BrowserContext, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The browser's program."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    driver = find_spec("playwright")
    if found is not None and driver is not None:
        return Path(found)
    what = "Chromium" if found is None else "playwright"
    if os.environ.get("TIELINE_NEEDS_BROWSER"):
        pytest.fail(f"there is no {what}, and TIELINE_NEEDS_BROWSER asks for it")
    pytest.skip(f"there is no {what}: browser tests were skipped")


@pytest.fixture
async def context(chromium: Path) -> AsyncIterator[BrowserContext]:
    """A browser with nothing in it."""

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context()
        context.set_default_timeout(15_000)
        yield context
        await browser.close()


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """An empty page in it."""
    return await context.new_page()


@dataclass
class Servers:
    """The example's authorization server, and the Inventory API that takes its tokens."""

    origin: str = ""
    inventory: str = ""
    state: Any = field(default=None, repr=False)
    """The authorization server's records."""

    @property
    def secrets(self) -> list[str]:
        """All that it gave away and that must not be seen anywhere."""
        records = self.state.records
        return [*records.codes, *records.accesses, *records.refreshes, *records.devices]


@pytest.fixture
async def identity() -> AsyncIterator[Servers]:
    """Both of them, running."""
    app = load_identity().create_app()
    made = Servers(state=app.state.identity)
    api = load_inventory().create_app(bearer=made.state.bearer)
    async with listen(app) as made.origin, listen(api) as made.inventory:
        yield made
