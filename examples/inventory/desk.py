"""Brings the store and the deliveries together for the endpoints: who works in which thread, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from .deliveries import Deliveries, Delivery
from .records import Change
from .store import Store

_Result = TypeVar("_Result")


class Desk:
    """What the endpoints work with. Open while :meth:`running` is entered."""

    def __init__(self, database: str | Path, delivery: Delivery) -> None:
        self.deliveries = Deliveries(delivery)
        self._database = database
        self._store: Store | None = None
        self._thread: ThreadPoolExecutor | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Open the database and start to deliver; end both. Raises `sqlite3.Error` if the database cannot be used."""
        loop = asyncio.get_running_loop()

        def tell(change: Change) -> None:
            # Called in the store's thread at each commit, so that hooks hear of changes in the order of commits.
            loop.call_soon_threadsafe(self.deliveries.publish, change)

        # One thread: SQLite's work stays off the event loop, and one transaction at a time needs no lock.
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="inventory") as self._thread:
            self._store = await loop.run_in_executor(self._thread, lambda: Store(self._database, tell))
            try:
                async with self.deliveries:
                    yield
            finally:
                await loop.run_in_executor(self._thread, self._store.close)

    async def ask(self, work: Callable[[Store], _Result]) -> _Result:
        """Do some work with the store, in its own thread."""
        store, thread = self._store, self._thread
        if store is None or thread is None:
            raise RuntimeError("the server must send lifespan events, which open the database")
        return await asyncio.get_running_loop().run_in_executor(thread, lambda: work(store))
