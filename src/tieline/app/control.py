"""Talking with triggers from a command: with the server that runs on the store, or with an engine of one's own.

A server leaves a note in its store's folder that only its user can read: where it listens, and the token for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import msgspec
import orjson

from ..model import BugError, DocumentError, Finding, Request, Route, ServiceError, Severity, TielineError
from ..net.driver import run_sync
from ..net.transport import Transport, TransportOptions
from ..store import atomic
from ..store.home import home
from .running import Running, RunOptions, mark_of
from .subscribing import LOOKING

NOTE = "serve.json"
"""Name of the note in the store's folder."""

MOST = 10_000
"""Bytes that a note can have."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is."""

    address: str
    token: str
    version: int = 1

    @property
    def mark(self) -> str:
        """What the server that wrote this calls itself."""
        return mark_of(self.token)

    def __repr__(self) -> str:
        return f"Note({self.address})"


def write_note(folder: Path, note: Note) -> None:
    """Leave the note. Raises ServiceError ``cannot-write``."""
    atomic.write(folder / NOTE, msgspec.json.encode(note))


def forget_note(folder: Path) -> None:
    """Take the note away. Raises ServiceError ``cannot-write``."""
    atomic.remove(folder / NOTE)


def _note(folder: Path) -> Note | None:
    data = atomic.read(folder / NOTE, MOST)
    try:
        return None if data is None else msgspec.json.decode(data, type=Note)
    except msgspec.DecodeError:
        return None


class Control(Protocol):
    """Who answers questions about triggers."""

    async def ask(self, verb: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a verb of ``subscribing.VERBS``. Raises what the verb raises."""


@asynccontextmanager
async def control(store: Path | None = None, *, only_look: bool = False) -> AsyncIterator[Control]:
    """The server that runs on a store (None: the user's), else an engine that runs while the block does; with
    ``only_look`` none is needed, also beside that of another command."""
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(Transport(TransportOptions(environment=False, timeout=300)))
        until = asyncio.get_running_loop().time() + PATIENCE
        while True:
            note = _note(store or home())
            if note is not None and await _answers(note, transport):
                yield Remote(note, transport)
                return
            running = Running(RunOptions(folders={}, store=store))
            if only_look:
                running.make_store()
                break
            try:
                await stack.enter_async_context(running)
                break
            except ServiceError as error:
                if error.finding.rule != "store-in-use" or asyncio.get_running_loop().time() > until:
                    raise
            await asyncio.sleep(PAUSE)
        yield Own(running)


ANSWER = 10.0
"""Seconds that a server may take to say that it is there."""

PATIENCE = 5.0
"""Seconds to wait for another command that is under way, or a server that starts."""

PAUSE = 0.1


async def _answers(note: Note, transport: Transport) -> bool:
    """Whether the server that wrote the note is there: that of one that was killed leads nowhere, or to another program
    that has its port now."""
    try:
        async with asyncio.timeout(ANSWER):
            sent = await transport.send(Request(method="GET", url=f"{note.address}/health"))
    except TimeoutError:
        return False
    return sent.reply is not None and _object(sent.reply.body).get("server") == note.mark


def _object(body: bytes) -> dict[str, Any]:
    """A JSON object; empty for anything else."""
    try:
        value = orjson.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


class Own:
    """An engine in this process. It cannot be reached by services, so it takes no hooks."""

    def __init__(self, running: Running) -> None:
        """Takes what runs."""
        self._running = running

    async def ask(self, verb: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Control.ask``. Raises ServiceError ``no-server`` for a hook."""
        return await self._running.control(verb, given)


class Remote:
    """The server that runs."""

    def __init__(self, note: Note, transport: Transport) -> None:
        """Takes where it is."""
        self._note = note
        self._transport = transport

    async def ask(self, verb: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """See ``Control.ask``."""
        request = self._request("POST", f"/control/{quote(verb)}", msgspec.json.encode(given))
        sent = await self._transport.send(request)
        if sent.reply is None:
            said = sent.failure.message if sent.failure else "no reply"
            raise ServiceError("no-server", f"the server does not answer: {said}", remedy="look at tieline serve")
        answer = _object(sent.reply.body)
        if sent.reply.status != 200:
            raise _error(sent.reply.status, answer)
        return answer

    def _request(self, method: str, path: str, body: bytes = b"") -> Request:
        headers = (("Authorization", f"Bearer {self._note.token}"), ("Content-Type", "application/json"))
        return Request(method=method, url=self._note.address + path, headers=headers, body=body)


def _error(status: int, answer: Mapping[str, Any]) -> TielineError:
    """The error that the server met, as it would have been raised here."""
    found = answer.get("findings")
    if not found:
        return ServiceError("server-failed", f"the server answered {status}", remedy="look at what tieline serve says")
    kind = KINDS.get(answer.get("kind", ""), ServiceError)
    first, *more = [
        Finding(rule=one["rule"], message=one["message"], remedy=one["remedy"], route=Route(), severity=Severity.ERROR)
        for one in found
    ]
    return kind(first.rule, first.message, remedy=first.remedy, more=tuple(more))


KINDS: Mapping[str, type[TielineError]] = {"DocumentError": DocumentError, "BugError": BugError}
"""Errors by the name that the server gives; all others are ServiceError."""


async def watch(asked: Control, subscription: str = "", since: float | None = None) -> AsyncIterator[dict[str, Any]]:
    """Events of a subscription (empty: of all), those since a time and then each as it comes in."""
    after: int | None = None
    while True:
        answer = await asked.ask("tail", {"name": subscription, "since": since, "after": after, "wait": WAIT})
        after = answer["after"]
        for event in answer["events"]:
            yield event


WAIT = 25.0
"""Seconds for which one question of a live tail waits for news."""


def ask(verb: str, given: Mapping[str, Any], store: Path | None = None) -> dict[str, Any]:
    """One question, for callers without an event loop. Raises what the verb raises."""

    async def asked() -> dict[str, Any]:
        async with control(store, only_look=verb in LOOKING) as there:
            return await there.ask(verb, given)

    return run_sync(asked())


async def follow(
    got: Callable[[Mapping[str, Any]], None],
    subscription: str = "",
    since: float | None = None,
    count: int | None = None,
    store: Path | None = None,
) -> None:
    """Give events as they come in, ``count`` of them or until the task is cancelled."""
    async with control(store) as there:
        seen = 0
        async for event in watch(there, subscription, since):
            got(event)
            seen += 1
            if seen == count:
                return
