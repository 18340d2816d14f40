"""The SQLite file of a store: opened with the settings that durability needs, its refusals in our words.

Write-ahead log and ``synchronous=FULL``: what was committed is on the disk when the call returns. One process at a time
writes events; others may read, and change what is no business of an engine (the list of subscriptions).
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath

from ..model import DocumentError, ServiceError, TielineError
from .atomic import make_folder, refusals
from .locks import held
from .migrations import APPLICATION, VERSION, upgrade

FILE = "tieline.db"
"""Name of the file in the store's folder."""

BUSY = 5.0
"""Seconds for which another program may hold the file before a transaction is given up."""

LOG = 64 * 1024 * 1024
"""Bytes to which the log is cut after a large transaction."""

FOLD = 4000
"""Pages in the log at which it is folded into the file. That takes some milliseconds in which nothing is committed:
SQLite's 1,000 would come eight times in 16,000 notifications."""

SMALLEST = 512
"""Bytes of the smallest database."""

_SPACE = "make space; what was accepted before is safe, and work goes on by itself"
_DAMAGE = "move it elsewhere and put your back-up in its place, or start with a new store"

_WRONG: dict[int, tuple[type[TielineError], str, str, str]] = {
    sqlite3.SQLITE_FULL: (ServiceError, "store-full", "has no space left on its disk", _SPACE),
    sqlite3.SQLITE_BUSY: (
        ServiceError,
        "store-locked",
        "is held by another program",
        "end that program or wait for it",
    ),
    sqlite3.SQLITE_LOCKED: (ServiceError, "store-locked", "is held by another program", "wait for it"),
    sqlite3.SQLITE_READONLY: (ServiceError, "store-not-writable", "cannot be written", "check its permissions"),
    sqlite3.SQLITE_PERM: (ServiceError, "store-not-writable", "cannot be written", "check its permissions"),
    sqlite3.SQLITE_CANTOPEN: (ServiceError, "store-not-writable", "cannot be opened", "check folder and permissions"),
    sqlite3.SQLITE_IOERR: (ServiceError, "store-failed", "cannot be read or written", f"check the disk: {_SPACE}"),
    sqlite3.SQLITE_CORRUPT: (DocumentError, "damaged-store", "is damaged", _DAMAGE),
    sqlite3.SQLITE_NOTADB: (DocumentError, "damaged-store", "is no store, or damaged", _DAMAGE),
}
"""What SQLite's primary result codes mean for a person: kind, rule, message, remedy."""


def refusal(path: Path, error: sqlite3.Error) -> TielineError:
    """An error of SQLite in our words, with the file and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    default = (ServiceError, "store-failed", "cannot be used", "check the disk")
    kind, rule, what, remedy = _WRONG.get(code, default)
    return kind(rule, f'the store "{path}" {what}: {error}', remedy=remedy)


@contextmanager
def ours(path: Path) -> Iterator[None]:
    """What SQLite refuses as DocumentError ``damaged-store`` or ServiceError ``store-…``."""
    try:
        yield
    except sqlite3.Error as error:
        raise refusal(path, error) from None


@contextmanager
def owned(path: Path) -> Iterator[None]:
    """Be the one process whose engine runs on this store. Raises ServiceError ``store-in-use``."""
    lock = held(path.with_name(f"{path.name}.lock"), f'the store "{path}"', 0)
    try:
        lock.__enter__()
    except ServiceError as error:
        if error.finding.rule != "locked":
            raise
        remedy = "end that process, or name another folder with --store or TIELINE_HOME"
        raise ServiceError("store-in-use", f'another process runs on the store "{path}"', remedy=remedy) from None
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def open_to_write(path: Path) -> sqlite3.Connection:
    """A connection that may write; the file is made where it is missing, and an older one upgraded.

    Transactions are begun and ended by hand. Raises DocumentError ``newer-store`` and ``damaged-store``, with the file
    as it was, and ServiceError ``store-…``.
    """
    make_folder(path.parent)
    _create(path)
    _whole(path)
    with ours(path):
        if path.stat().st_size:
            _look(path)
        connection = sqlite3.connect(
            path, timeout=BUSY, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        try:
            _set_up(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that only reads, beside a running engine or without one.

    Raises ServiceError ``no-store`` where there is none, and what ``open_to_write`` raises.
    """
    if not path.is_file():
        raise ServiceError("no-store", f'there is no store "{path}" yet', remedy="tieline serve makes it")
    _whole(path)
    with ours(path):
        connection = sqlite3.connect(read_only(path.absolute()), uri=True, timeout=BUSY, isolation_level=None)
        try:
            version = _version(connection, path)
        except BaseException:
            connection.close()
            raise
    if 0 < version <= VERSION:
        return connection
    connection.close()
    raise ServiceError("no-store", f'the store "{path}" was not set up yet', remedy="tieline serve does it")


def _create(path: Path) -> None:
    """Makes an empty file that its owner alone may read; the files beside it take over its mode."""
    if path.exists() and not path.is_file():
        raise DocumentError("damaged-store", f'the store "{path}" is not a file', remedy="move it elsewhere")
    with refusals(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _whole(path: Path) -> None:
    """Raises DocumentError for what SQLite would take for an empty file, and write over: a stump of some bytes, or a
    file that lost everything but its log."""
    with refusals(path):
        size = path.stat().st_size
        log = path.with_name(f"{path.name}-wal")
        stump = 0 < size < SMALLEST or (not size and log.exists() and log.stat().st_size > 0)
    if stump:
        raise DocumentError("damaged-store", f'the store "{path}" is cut off: {size} bytes are left', remedy=_DAMAGE)


def read_only(path: PurePath) -> str:
    """The address under which SQLite opens an absolute path to read. It takes no host: that of a Windows share stands
    in the path (https://sqlite.org/uri.html)."""
    found = path.as_uri()
    return f"{found if found.startswith('file:///') else found.replace('file:', 'file://', 1)}?mode=ro"


def _look(path: Path) -> None:
    """Looks whether the file is ours and not newer, without changing anything."""
    looking = sqlite3.connect(read_only(path.absolute()), uri=True, timeout=BUSY, isolation_level=None)
    try:
        _version(looking, path)
    finally:
        looking.close()


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = _pragma(connection, "user_version")
    application = _pragma(connection, "application_id")
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchall()[0][0]
    if application != APPLICATION and (application or version or tables):
        raise DocumentError("damaged-store", f'"{path}" is a database of another program', remedy="name another folder")
    if version > VERSION:
        raise DocumentError(
            "newer-store",
            f'the store "{path}" has version {version}, and this Tieline knows versions up to {VERSION}',
            remedy="update Tieline; the file was not changed",
        )
    return version


def _set_up(connection: sqlite3.Connection, path: Path) -> None:
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchall()[0][0]
    if mode != "wal":
        raise ServiceError(
            "store-not-writable",
            f'the store "{path}" lies where SQLite cannot keep a write-ahead log (journal mode "{mode}")',
            remedy="network shares cannot hold a store: name a folder on a local disk with --store or TIELINE_HOME",
        )
    # macOS keeps data in the drive's own memory unless it is asked for a full flush; elsewhere these do nothing.
    for setting in (
        "synchronous=FULL",
        "fullfsync=1",
        "checkpoint_fullfsync=1",
        "temp_store=MEMORY",
        f"journal_size_limit={LOG}",
        f"wal_autocheckpoint={FOLD}",
    ):
        connection.execute(f"PRAGMA {setting}")
    upgrade(connection, lambda: _version(connection, path))


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"PRAGMA {name}").fetchall()[0][0]
    return value
