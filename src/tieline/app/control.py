"""Talking with triggers from a command: with the server that runs on the store, or with an engine of one's own.

A server leaves a note in its store's folder that only its user can read: where it listens, and the token for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import msgspec
import orjson

from ..model import DocumentError, Request, ServiceError
from ..net.driver import run_sync
from ..net.transport import Transport, TransportOptions
from ..store import atomic
from ..store.home import home
from .running import Running, RunOptions

NOTE = "serve.json"
"""Name of the note in the store's folder."""

MOST = 10_000
"""Bytes that a note can have."""


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is."""

    address: str
    token: str
    version: int = 1

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
async def control(store: Path | None = None) -> AsyncIterator[Control]:
    """The server that runs on a store (None: the user's), else an engine that runs while the block does."""
    folder = store or home()
    note = _note(folder)
    async with Transport(TransportOptions(environment=False, timeout=300)) as transport:
        if note is not None and await _answers(note, transport):
            yield Remote(note, transport)
            return
    async with Running(RunOptions(folders={}, store=store)) as running:
        yield Own(running)


async def _answers(note: Note, transport: Transport) -> bool:
    """Whether a server is there; the note of one that was killed leads nowhere."""
    sent = await transport.send(Request(method="GET", url=f"{note.address}/health"))
    return sent.reply is not None and sent.reply.status in (200, 503)


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
        answer: dict[str, Any] = orjson.loads(sent.reply.body)
        if sent.reply.status != 200:
            raise _error(answer)
        return answer

    def _request(self, method: str, path: str, body: bytes = b"") -> Request:
        headers = (("Authorization", f"Bearer {self._note.token}"), ("Content-Type", "application/json"))
        return Request(method=method, url=self._note.address + path, headers=headers, body=body)


def _error(answer: Mapping[str, Any]) -> DocumentError | ServiceError:
    """The error that the server met, as it would have been raised here."""
    found = answer.get("findings") or [{"rule": "server-failed", "message": str(answer.get("error", "")), "remedy": ""}]
    kind = DocumentError if answer.get("kind") == "DocumentError" else ServiceError
    first = found[0]
    return kind(first["rule"], first["message"], remedy=first["remedy"])


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
        async with control(store) as there:
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
