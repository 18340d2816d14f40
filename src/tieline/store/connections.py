"""Connections at rest: one file for each in ``connections/`` of the home folder, sealed with the vault's key.

All processes of a user share them; what changes several files at once happens under one lock. One record that cannot be
read never hides the others, and nothing replaces a record that cannot be read.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from ..model import (
    ConnectionState,
    DocumentError,
    Finding,
    GrantType,
    StoredConnection,
    did_you_mean,
)
from . import atomic, records
from .home import home as default_home
from .key import Key, key_of
from .locks import held
from .names import check, folded
from .records import Record
from .ring import Ring
from .vault import CONNECTIONS, record_files

LOCK_TIMEOUT = 120.0
"""Seconds to wait for another process that renews a connection: as long as a request may take."""

STORE_TIMEOUT = 30.0
"""Seconds to wait for another process that writes."""

KEY_CHANGES = 20
"""How many changes of the key by other processes are followed while one record is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A connection in a list; holds no secret."""

    name: str
    """For a record without a readable header the name of its file."""
    connector: str
    state: ConnectionState
    problem: str
    """Why it is broken."""
    grant: GrantType | None
    """How its access token was got; None for one that did not sign in, and for one that cannot be read."""
    expires: float | None
    """When its access token ends, seconds since the epoch; None when nobody knows."""
    created: float
    changed: float
    unreadable: Finding | None = None
    """Why it cannot be used; all else but the name is then as the file says, unchecked."""


class ConnectionStore:
    """The connections in a home folder."""

    def __init__(
        self, home: Path, key: Callable[[], Key] | None = None, *, now: Callable[[], float] = time.time
    ) -> None:
        """Takes the folder (which may not exist), what gives the vault's key (None: ``key_of(home)``), the clock."""
        self.home = home
        self._ring = Ring(home, key or (lambda: key_of(home)))
        self._now = now

    def names(self) -> tuple[str, ...]:
        """The names of all connections, also of those that cannot be read; needs no key."""
        return tuple(record.name for record in self._records())

    def names_for(self, connector: str) -> tuple[str, ...]:
        """The names of a connector's connections, as their plain parts say; needs no key."""
        return tuple(record.name for record in self._records() if record.text("connector") == connector)

    def entries(self) -> tuple[Entry, ...]:
        """All connections, by name. Does not raise for what is wrong with one of them, nor for a missing key.

        Raises DocumentError ``unreadable-file`` when the folder cannot be read.
        """
        return tuple(self._entry(record) for record in self._records())

    def load(self, name: str) -> StoredConnection:
        """The connection of that name, in any case.

        Raises DocumentError ``unknown-connection``, ``damaged-connection``, ``wrong-key``, ``newer-store``, and those
        of ``key.key_of``.
        """
        return self._open(self._record(name))

    def save(self, stored: StoredConnection) -> None:
        """Keep a connection, in the place of one of the same name.

        Raises DocumentError ``bad-connection-name``, ``unstorable-connection``, the errors of :meth:`load` where the
        one in its place cannot be read (it stays); ServiceError ``cannot-write``, ``locked``.
        """
        check(stored.connection.name)
        with self._writing():
            record = self._find(stored.connection.name)
            if record is not None:
                self._open(record)
            self._write(record.file if record else self._new_file(), stored)

    def prepare(self, name: str) -> None:
        """Raises what :meth:`save` would raise for a connection of that name, before somebody signs in for it.

        The vault's key is made where there is none.
        """
        check(name)
        with self._writing():
            record = self._find(name)
            if record is not None:
                self._open(record)
            self._ring.sealing()

    def rename(self, old: str, new: str) -> None:
        """Give a connection another name. Raises the errors of :meth:`save`, DocumentError ``name-taken``."""
        check(new)
        with self._all_locked(old, new), self._writing():
            record, taken = self._record(old), self._find(new)
            stored = self._open(record)
            if taken is not None and taken.file != record.file:
                remedy = "choose another name, or remove that one first"
                raise DocumentError("name-taken", f'there is a connection "{taken.name}" already', remedy=remedy)
            self._write(record.file, replace(stored, connection=replace(stored.connection, name=new)))

    def remove(self, name: str) -> None:
        """Remove a connection, also one that cannot be read, but not one of a newer program.

        Raises DocumentError ``unknown-connection``, ``newer-store``; ServiceError ``cannot-write``, ``locked``.
        """
        self._record(name)
        with self._all_locked(name), self._writing():
            record = self._record(name)
            if record.fault is not None and record.fault.finding.rule == "newer-store":
                raise record.fault
            atomic.remove(record.file)

    def locked(self, name: str, timeout: float = LOCK_TIMEOUT) -> AbstractContextManager[None]:
        """Hold a connection among all processes, so that one of them renews it: load, renew and save inside.

        :meth:`rename` and :meth:`remove` take the same lock. Raises ServiceError ``locked`` after the time,
        ``cannot-write``.
        """
        digest = hashlib.sha256(folded(name).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        return held(self.home / "locks" / f"{digest}.lock", f'the connection "{name}"', timeout)

    def rotate(
        self,
        new: Key,
        *,
        adopt: Callable[[Key], None] = lambda key: None,
        step: Callable[[str], None] = lambda done: None,
    ) -> int:
        """Re-seal all connections with a new key; gives how many.

        ``adopt`` puts the key where the vault's key comes from, once all are sealed with it. Wherever a rotation ends
        early, old and new key open every record, and another rotation finishes it. ``step`` is told what was done.
        Raises the errors of :meth:`load` for any record, before anything is changed; ServiceError ``cannot-write``,
        ``locked``.
        """
        with self._writing():
            opened = [(record.file, self._open(record)) for record in self._records()]
            self._ring.bridge_to(new)
            step("bridge")
            for file, stored in opened:
                atomic.write(file, records.encode(stored, file.stem, new))
                step(f"record {file.stem}")
            adopt(new)
            step("adopted")
            self._ring.settle(new)
        return len(opened)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold what only one process may do at a time: change files."""
        with held(self.home / "locks" / "store.lock", "the store", STORE_TIMEOUT):
            atomic.remove_leftovers(self.home / CONNECTIONS)
            yield

    @contextmanager
    def _all_locked(self, *names: str) -> Iterator[None]:
        """Hold several connections, always in the same order, so that two who do it never wait for each other."""
        with ExitStack() as stack:
            for name in sorted({folded(name) for name in names}):
                stack.enter_context(self.locked(name))
            yield

    def _write(self, file: Path, stored: StoredConnection) -> None:
        now = self._now()
        stored = replace(stored, created=stored.created or now, changed=now)
        atomic.write(file, records.encode(stored, file.stem, self._ring.sealing()))

    def _new_file(self) -> Path:
        return self.home / CONNECTIONS / f"{uuid4().hex}.json"

    def _records(self) -> tuple[Record, ...]:
        """All records by name; each name once: see :meth:`_told_apart`."""
        found: dict[str, list[Record]] = {}
        for file in record_files(self.home):
            if (record := records.read(file)) is not None:
                found.setdefault(folded(record.name), []).append(record)
        every = (record for alike in found.values() for record in self._told_apart(alike))
        return tuple(sorted(every, key=lambda record: folded(record.name)))

    def _told_apart(self, alike: list[Record]) -> Iterator[Record]:
        """Records with one name, which copying files and changing a header bring about: the newest of those that open
        keeps it, the others go by the name of their file."""
        if len(alike) > 1:
            alike.sort(key=lambda record: (self._fault(record) is None, record.number("changed")), reverse=True)
        yield alike[0]
        for record in alike[1:]:
            named = _double(record)
            yield replace(named, fault=self._fault(named) or _outdated(record))

    def _fault(self, record: Record) -> DocumentError | None:
        """Why a record cannot be opened."""
        try:
            self._open(record)
        except DocumentError as error:
            return error
        return None

    def _find(self, name: str) -> Record | None:
        wanted = folded(name)
        return next((record for record in self._records() if folded(record.name) == wanted), None)

    def _record(self, name: str) -> Record:
        """The record of a name. Raises DocumentError ``unknown-connection``."""
        record = self._find(name)
        if record is not None:
            return record
        remedy = did_you_mean(name, self.names()) or "make one: tieline connect"
        raise DocumentError("unknown-connection", f'there is no connection "{name}"', remedy=remedy)

    def _open(self, record: Record) -> StoredConnection:
        """A record's connection. One that got another key since it was read is read again."""
        for _ in range(KEY_CHANGES):
            try:
                return records.opened(record, self._ring)
            except DocumentError as error:
                again = records.read(record.file)
                same = again is not None and again.text("key") == record.text("key")
                if again is None or same or error.finding.rule != "wrong-key":
                    raise
                record = again
        return records.opened(record, self._ring)

    def _entry(self, record: Record) -> Entry:
        try:
            stored = self._open(record)
        except DocumentError as error:
            return _unreadable(record, error.finding)
        grant = stored.connection.grant
        return Entry(
            name=stored.connection.name,
            connector=stored.connector,
            state=stored.state,
            problem=stored.problem,
            grant=grant.type if grant else None,
            expires=grant.expires if grant else None,
            created=stored.created,
            changed=stored.changed,
        )


def default_store() -> ConnectionStore:
    """The store in the user's home folder."""
    return ConnectionStore(default_home())


def _double(record: Record) -> Record:
    """A record under the name of its file, also in the error that it has by itself."""
    name, fault = record.file.name, record.fault
    if fault is not None and fault.finding.rule == "damaged-connection":
        fault = records.damaged(record.file, name, "it is no record of a connection")
    return replace(record, name=name, fault=fault)


def _outdated(record: Record) -> DocumentError:
    """The error of a record that would open, and whose name a newer one has."""
    return records.damaged(record.file, record.file.name, f'there is a newer one of "{record.name}"')


def _unreadable(record: Record, finding: Finding) -> Entry:
    broken = record.header.get("state") != ConnectionState.READY
    return Entry(
        name=record.name,
        connector=record.text("connector"),
        state=ConnectionState.BROKEN if broken else ConnectionState.READY,
        problem=record.text("problem"),
        grant=None,
        expires=None,
        created=record.number("created"),
        changed=record.number("changed"),
        unreadable=finding,
    )
