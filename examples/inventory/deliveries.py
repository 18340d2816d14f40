"""Tells the hooks of changes: one POST each, in the order of the changes for each hook, without holding anybody up.

What waits here is in memory: a hook may miss what was still waiting when the program ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import aiohttp
from yarl import URL

from .records import Change, Hook

_log = logging.getLogger("inventory.deliveries")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How hard Inventory tries to tell a hook."""

    retries: int = 3
    """After the first try."""
    delay: float = 0.25
    """Seconds before the first retry; each further one waits twice as long."""
    timeout: float = 5.0
    """Seconds for one try."""
    grace: float = 2.0
    """Seconds that the end of the program waits for what is on its way."""
    backlog: int = 10_000
    """Changes that may wait for one hook; further ones count as failed."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What became of the deliveries of one hook since the program started."""

    delivered: int = 0
    failed: int = 0
    last_error: str = ""

    def to_json(self) -> dict[str, Any]:
        """The `deliveries` of a `Webhook` in the description."""
        error = {"lastError": self.last_error} if self.last_error else {}
        return {"delivered": self.delivered, "failed": self.failed, **error}


class Deliveries:
    """The tasks that tell hooks of changes, one for each hook that has something waiting. Used from one event loop."""

    def __init__(self, settings: Delivery) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._open = False
        self._waiting: dict[str, deque[Change]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._reports: dict[str, Report] = {}

    async def __aenter__(self) -> Deliveries:
        """Start to deliver."""
        self._session = aiohttp.ClientSession(
            # A kept connection that its server has closed meanwhile would fail the next POST for no good reason.
            connector=aiohttp.TCPConnector(force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout),
            headers={"User-Agent": "inventory"},
        )
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait a little for what is on its way, then end it."""
        self._open = False
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=self._settings.grace)
        late = list(self._tasks.values())
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def publish(self, change: Change) -> None:
        """Tell the hooks of a change; returns at once."""
        for hook in change.hooks:
            waiting = self._waiting.setdefault(hook.id, deque())
            if not self._open or len(waiting) >= self._settings.backlog:
                self._failed(hook, change, "too many changes were waiting, or the server was ending")
                continue
            waiting.append(change)
            if hook.id not in self._tasks:
                self._tasks[hook.id] = asyncio.create_task(self._work(hook, waiting))

    def forget(self, hook_id: str) -> None:
        """Drop what waits for a hook that was removed."""
        self._waiting.pop(hook_id, deque()).clear()
        self._reports.pop(hook_id, None)
        task = self._tasks.pop(hook_id, None)
        if task is not None:
            task.cancel()

    def report(self, hook_id: str) -> Report:
        """What became of the deliveries of a hook."""
        return self._reports.get(hook_id) or Report()

    async def _work(self, hook: Hook, waiting: deque[Change]) -> None:
        try:
            while waiting:
                await self._deliver(hook, waiting.popleft())
        finally:
            self._tasks.pop(hook.id, None)
            if not waiting:
                self._waiting.pop(hook.id, None)

    async def _deliver(self, hook: Hook, change: Change) -> None:
        error = ""
        for attempt in range(1 + self._settings.retries):
            if attempt:
                await asyncio.sleep(self._settings.delay * 2 ** (attempt - 1))
            error = await self._post(hook, change)
            if not error:
                self._reports.setdefault(hook.id, Report()).delivered += 1
                return
        self._failed(hook, change, error)

    async def _post(self, hook: Hook, change: Change) -> str:
        """Try once: "" for a 2xx reply, else what went wrong."""
        assert self._session is not None
        try:
            # encoded: a callback URL carries a signature over its exact characters.
            url = URL(hook.callback_url, encoded=True)
            async with self._session.post(url, json=change.to_json(), allow_redirects=False) as reply:
                return "" if 200 <= reply.status < 300 else f"the callback URL answered {reply.status}"
        except TimeoutError:
            return f"the callback URL did not answer within {self._settings.timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            return f"the callback URL could not be reached ({type(problem).__name__})"

    def _failed(self, hook: Hook, change: Change, error: str) -> None:
        report = self._reports.setdefault(hook.id, Report())
        report.failed += 1
        report.last_error = error
        _log.warning("event %s was not delivered to hook %s: %s", change.id, hook.id, error)
