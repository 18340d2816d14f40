"""A store's file: settings, versions, and everything that can be wrong with it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import stat
import sys
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from tieline.model import DocumentError, ServiceError, TielineError
from tieline.store import database, migrations
from tieline.store.database import open_to_read, open_to_write, read_only, refusal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store is to be."""
    return tmp_path / "home" / "tieline.db"


def refused(path: Path) -> TielineError:
    """What opening says, to write and to read alike, but for the words."""
    with pytest.raises(TielineError) as write:
        open_to_write(path)
    with pytest.raises(TielineError) as read:
        open_to_read(path)
    assert read.value.finding.rule == write.value.finding.rule
    assert str(path) in write.value.finding.message
    assert write.value.finding.remedy
    return write.value


def test_a_new_store_is_set_up(path: Path) -> None:
    """The file is made, with a write-ahead log and full durability, and belongs to its owner alone."""
    connection = open_to_write(path)
    pragmas = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    assert connection.execute("PRAGMA user_version").fetchone()[0] == migrations.VERSION
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.with_name("tieline.db-wal").stat().st_mode) == 0o600
    connection.close()
    open_to_write(path).close()
    open_to_read(path).close()


def test_reading_needs_a_store(path: Path) -> None:
    """Where there is no store, or one that nobody set up, reading says so and makes none."""
    with pytest.raises(ServiceError, match="no store"):
        open_to_read(path)
    assert not path.exists()
    path.parent.mkdir()
    path.touch()
    with pytest.raises(ServiceError, match="not set up"):
        open_to_read(path)


@pytest.mark.parametrize("data", [b"garbage" * 5000, b"SQLite format 3\0" + b"\xff" * 9000, b"x"], ids=len)
def test_what_is_no_database_is_refused_unharmed(path: Path, data: bytes) -> None:
    """Any other file is a DocumentError, and is as it was."""
    path.parent.mkdir()
    path.write_bytes(data)
    error = refused(path)
    assert isinstance(error, DocumentError)
    assert error.finding.rule == "damaged-store"
    assert path.read_bytes() == data


def test_a_file_that_lost_all_but_its_log_is_refused_unharmed(path: Path) -> None:
    """SQLite would throw the log of an empty file away; it may hold what was accepted."""
    connection = open_to_write(path)
    connection.execute("INSERT INTO subscriptions VALUES ('i', 'n', 'body')")
    log = path.with_name("tieline.db-wal")
    kept = log.read_bytes()
    connection.close()
    path.write_bytes(b"")
    log.write_bytes(kept)
    assert refused(path).finding.rule == "damaged-store"
    assert log.read_bytes() == kept


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_a_truncated_store_is_refused(path: Path, keep: float) -> None:
    """A file that lost its end is damaged, not empty."""
    connection = open_to_write(path)
    connection.execute("INSERT INTO subscriptions VALUES ('i', 'n', zeroblob(100000))")
    connection.close()
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    assert refused(path).finding.rule == "damaged-store"


def test_a_database_of_another_program_is_refused_unharmed(path: Path) -> None:
    """A good SQLite file that is not ours is not touched."""
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE mine (x)")
    other.commit()
    other.close()
    before = path.read_bytes()
    assert "another program" in refused(path).finding.message
    assert path.read_bytes() == before


def test_a_newer_store_is_refused_unharmed(path: Path) -> None:
    """A store of a later version stays byte for byte as it was, its log included."""
    connection = open_to_write(path)
    connection.execute(f"PRAGMA user_version={migrations.VERSION + 1}")
    before = {one.name: digest(one) for one in path.parent.iterdir() if not one.name.endswith("-shm")}
    assert refused(path).finding.rule == "newer-store"
    assert {one.name: digest(one) for one in path.parent.iterdir() if not one.name.endswith("-shm")} == before
    connection.close()
    before_alone = digest(path)
    assert refused(path).finding.rule == "newer-store"
    assert digest(path) == before_alone


def test_a_failed_upgrade_leaves_the_store_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that fails in the middle is undone as a whole; the old version can go on."""
    open_to_write(path).close()
    steps = (*migrations.STEPS, ("CREATE TABLE fresh (x)", "CREATE TABLE keys (x)"))
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", steps)
        patch.setattr(migrations, "VERSION", 2)
        patch.setattr(database, "VERSION", 2)
        with pytest.raises(ServiceError):
            open_to_write(path)
    connection = open_to_write(path)
    assert connection.execute("PRAGMA user_version").fetchone()[0] == 1
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name='fresh'").fetchone()[0] == 0
    connection.close()


def test_an_older_store_is_upgraded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of an earlier version gets the missing steps and keeps what it has."""
    connection = open_to_write(path)
    connection.execute("INSERT INTO subscriptions VALUES ('i', 'n', x'00')")
    connection.close()
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, ("CREATE TABLE fresh (x)",)))
    monkeypatch.setattr(migrations, "VERSION", 2)
    monkeypatch.setattr(database, "VERSION", 2)
    connection = open_to_write(path)
    assert connection.execute("SELECT count(*) FROM fresh").fetchone()[0] == 0
    assert connection.execute("SELECT id FROM subscriptions").fetchone()[0] == "i"
    connection.close()


def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    """A folder where the file should be is a DocumentError."""
    path.mkdir(parents=True)
    with pytest.raises(DocumentError, match="not a file"):
        open_to_write(path)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(path: Path) -> None:
    """A read-only folder is a ServiceError with file and remedy."""
    path.parent.mkdir(mode=0o500)
    with pytest.raises(ServiceError, match="cannot write"):
        open_to_write(path)


def test_a_file_below_a_file_is_told(path: Path) -> None:
    """A place that cannot be made is a ServiceError."""
    path.parent.write_text("not a folder", encoding="utf-8")
    with pytest.raises(ServiceError, match="cannot write"):
        open_to_write(path)


def test_every_refusal_of_sqlite_has_words(path: Path) -> None:
    """Whatever code SQLite gives, the error names the file and says what to do."""
    for code in range(256):
        error = sqlite3.OperationalError("said so")
        error.sqlite_errorcode = code | 0x100
        said = refusal(path, error)
        assert str(path) in said.finding.message
        assert said.finding.remedy


def digest(path: Path) -> str:
    """A fingerprint of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (PurePosixPath("/a b/t?.db"), "file:///a%20b/t%3F.db?mode=ro"),
        (PureWindowsPath("C:\\a b\\t#.db"), "file:///C:/a%20b/t%23.db?mode=ro"),
        (PureWindowsPath("\\\\srv\\share\\t.db"), "file:////srv/share/t.db?mode=ro"),
    ],
)
def test_addresses_to_read(path: PurePath, address: str) -> None:
    """Whatever stands in a path stays a path for SQLite, the host of a Windows share too."""
    assert read_only(path) == address
