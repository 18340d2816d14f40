"""The engine on a store's SQLite file: what ``tieline serve`` runs. Nobody else writes events into that file."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..model import TielineError
from ..store import rows
from ..store.database import open_to_read, open_to_write, owned, refusal
from ..store.writer import Job, Writer
from ..triggers.protocol import Key
from .lanes import Task
from .ledger import Record, Told
from .machine import Machine
from .protocol import Clock, Codec, EngineOptions, Listener, Performer, Step
from .turn import Held

T = TypeVar("T")


class Merged:
    """The rows of many records: of what is written twice only the last remains."""

    def __init__(self) -> None:
        """No rows."""
        self._empty()

    def add(self, record: Record) -> None:
        """Adds the changes of a record."""
        turn = record.turn
        if record.states:
            self._states.update(record.states)
        if turn.timers:
            self._timers.update(turn.timers)
        if turn.ids:
            self._taken += [(rows.digest(key, id), int(turn.now)) for key, id in turn.ids]
        if turn.events:
            self._events += [rows.event_row(event) for event in turn.events]
        if turn.reports:
            self._reports += [rows.report_row(key, report, turn.now) for key, report in turn.reports]
        if record.tasks:
            self._commands += record.commands
        if record.begun:
            self._begun.append((record.lease, record.begun))
        if record.done:
            self._done.append((record.done,))

    def flush(self, connection: sqlite3.Connection) -> None:
        """Writes the rows, and has none afterwards."""
        timers = [(rows.plain(key), rows.plain(tag), due) for (key, tag), due in self._timers.items()]
        rows.run(connection, rows.STATES, [row for row in self._states.values() if row is not None])
        rows.run(connection, rows.NO_STATES, [(rows.plain(key),) for key, row in self._states.items() if row is None])
        rows.run(connection, rows.NO_TIMERS, [timer[:2] for timer in timers if timer[2] is None])
        rows.run(connection, rows.TIMERS, [timer for timer in timers if timer[2] is not None])
        rows.run(connection, rows.COMMANDS, self._commands)
        rows.run(connection, rows.TAKEN, self._taken)
        rows.run(connection, rows.EVENTS, self._events)
        rows.run(connection, rows.REPORTS, self._reports)
        if self._begun:
            rows.begun(connection, self._begun)
        rows.run(connection, rows.NO_COMMANDS, self._done)
        self._empty()

    def _empty(self) -> None:
        self._states: dict[Key, tuple[Any, ...] | None] = {}
        self._timers: dict[tuple[Key, str], float | None] = {}
        self._taken: list[tuple[bytes, int]] = []
        self._events: list[tuple[Any, ...]] = []
        self._reports: list[tuple[Any, ...]] = []
        self._commands: list[tuple[Any, ...]] = []
        self._begun: list[tuple[float, int]] = []
        self._done: list[tuple[int]] = []


class StoreLedger:
    """A ``Ledger`` in a SQLite file. Reads happen on the event loop: each is one look into an index."""

    def __init__(self, path: Path, codec: Codec) -> None:
        """Takes the file, and what makes bytes of states and commands."""
        self._path = path
        self._codec = codec

    def open(self, told: Told) -> None:
        """Takes the file for this process. Raises ServiceError ``store-in-use`` and what opening a database raises."""
        self._told = told
        self._loop = asyncio.get_running_loop()
        self._waiting: list[Record] = []
        self._handing = self._writing = False
        with ExitStack() as undone:
            self._owned = undone.enter_context(ExitStack())
            self._owned.enter_context(owned(self._path))
            connection = open_to_write(self._path)
            undone.callback(connection.close)
            self._reader = open_to_read(self._path)
            self._writer: Writer[Record] = Writer(self._path, connection, apply=self._apply, told=self._committed)
            self._writer.start()
            undone.pop_all()

    async def close(self) -> None:
        """Writes what waits, tells it, and lets the file go."""
        if self._waiting:
            self._writer.put(self._waiting)
            self._waiting = []
        await asyncio.to_thread(self._writer.close)
        self._reader.close()
        self._owned.close()

    def prepare(self, record: Record) -> None:
        """Makes the rows of states and commands. Raises what the codec raises."""
        turn, encode = record.turn, self._codec.encode
        for key, held in turn.held.items():
            if held.state is None:
                record.states[key] = None
            elif held.state is not turn.before[key]:
                record.states[key] = _state_row(key, held.state, encode(held.state), turn.now)
        if record.tasks:
            record.commands = [_command_row(task, encode(task.command), turn.now) for task in record.tasks]

    def write(self, record: Record) -> None:
        """Hands it to the writer, with what else comes up meanwhile: a commit costs as much as many records, and a
        writer that works beside the loop takes the interpreter from it again and again."""
        self._waiting.append(record)
        self._hand_over_soon()

    def _hand_over_soon(self) -> None:
        if self._waiting and not self._writing and not self._handing:
            self._handing = True
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        self._handing = False
        if self._waiting and not self._writing:
            self._writing = True
            self._writer.put(self._waiting)
            self._waiting = []

    def read(self, key: Key) -> Held:
        """What is kept of a key. Raises DocumentError for a state that is none."""
        data = self._read(lambda reader: rows.state(reader, key))
        if data is None:
            return Held()  # and so without wishes
        return Held(self._codec.decode(data), self._read(lambda reader: rows.timers(reader, key)))

    def known(self, key: Key, id: str) -> bool:
        """Whether an input with that id was taken."""
        return self._read(lambda reader: rows.taken(reader, rows.digest(key, id)))

    def due(self, now: float, most: int) -> list[tuple[Key, str, float]]:
        """The wishes whose time has come, earliest first."""
        return self._read(lambda reader: rows.due(reader, now, most))

    def next_due(self) -> float | None:
        """The earliest time of a wish."""
        return self._read(rows.next_due)

    def lanes(self) -> list[str]:
        """The lanes that have commands."""
        return self._read(rows.lanes)

    def tasks(self, lane: str, after: int, most: int) -> list[Task]:
        """Commands of a lane behind an id."""
        found = self._read(lambda reader: rows.commands(reader, lane, after, most))
        decode = self._codec.decode
        return [Task(id=id, key=key, lane=lane, command=decode(body), begun=begun) for id, key, body, begun in found]

    def waiting(self) -> tuple[int, int]:
        """How many commands there are, and the highest id."""
        return self._read(rows.commands_waiting)

    def dead(self, before: float, most: int) -> list[Key]:
        """Keys with the status ``dead`` since before that time."""
        return self._read(lambda reader: rows.dead_before(reader, before, most))

    async def clean(self, ids: float, history: float) -> None:
        """Removes what is older, a little at a time, so that inputs in between do not wait."""
        more = True
        while more:
            more = await self._job(lambda connection: rows.remove_history(connection, history))
        start: bytes | None = b""
        while start is not None:
            start = await self._job(partial(rows.remove_taken, before=ids, start=start))

    def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._reader)
        except sqlite3.Error as error:
            raise refusal(self._path, error) from None

    async def _job(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Work of the writer that no record builds on, and what it gives."""
        future: asyncio.Future[T] = self._loop.create_future()
        given: list[T] = []

        def told(wrong: TielineError | None) -> None:
            self._loop.call_soon_threadsafe(_answer, future, given, wrong)

        self._writer.put(Job(lambda connection: given.append(work(connection)), told))
        return await future

    def _apply(self, connection: sqlite3.Connection, records: Sequence[Record]) -> None:
        merged = Merged()
        for record in records:
            if record.forgotten or record.shift:
                merged.flush(connection)
            if record.forgotten:
                rows.forget(connection, record.forgotten)
            if record.shift:
                rows.shift(connection, record.shift)
            merged.add(record)
        merged.flush(connection)

    def _committed(self, records: Sequence[Record], wrong: TielineError | None) -> None:
        with suppress(RuntimeError):  # a loop that was closed under a running engine has nobody left to tell
            self._loop.call_soon_threadsafe(self._written, records, wrong)

    def _written(self, records: Sequence[Record], wrong: TielineError | None) -> None:
        self._writing = False
        self._told(records, wrong)
        self._hand_over_soon()


class EmbeddedEngine(Machine):
    """An ``Engine`` on a file of this machine."""

    def __init__(
        self,
        path: Path,
        step: Step,
        codec: Codec,
        performer: Performer,
        *,
        clock: Clock | None = None,
        options: EngineOptions | None = None,
        listener: Listener | None = None,
    ) -> None:
        """Takes the store's file, what makes bytes of states and commands, and what ``Machine`` takes."""
        super().__init__(StoreLedger(path, codec), step, performer, clock=clock, options=options, listener=listener)


def _answer(future: asyncio.Future[T], given: list[T], wrong: TielineError | None) -> None:
    if future.done():
        return
    if wrong is None:
        future.set_result(given[0])
    else:
        future.set_exception(wrong)


def _state_row(key: Key, state: Any, data: bytes, when: float) -> tuple[Any, ...]:
    status = getattr(state, "status", "")
    return (rows.plain(key), key.partition("/")[0], str(status), data, when)


def _command_row(task: Task, data: bytes, when: float) -> tuple[Any, ...]:
    return (task.id, rows.plain(task.key), rows.plain(task.lane), data, when)
