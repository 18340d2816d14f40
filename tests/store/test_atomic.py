"""Files that are whole or not there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import pytest

from tieline.model import DocumentError, ServiceError
from tieline.store import atomic


def test_writing_replaces(tmp_path: Path) -> None:
    """The new bytes stand in the place of the old ones, in folders that are made, and nothing else is left."""
    file = tmp_path / "a" / "b" / "file"
    atomic.write(file, b"one")
    atomic.write(file, b"two")
    assert file.read_bytes() == b"two"
    assert list(file.parent.iterdir()) == [file]


def test_creating_does_not_replace(tmp_path: Path) -> None:
    """Of many who create a file at the same time one does, and all find its bytes."""
    file = tmp_path / "file"
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: atomic.create(file, bytes([number])), range(32)))
    assert made.count(True) == 1
    assert file.read_bytes() == bytes([made.index(True)])
    assert list(tmp_path.iterdir()) == [file]


def test_writing_where_a_folder_is(tmp_path: Path) -> None:
    """What is in the way stays; the error names it, and nothing is left beside it."""
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "inside").touch()
    with pytest.raises(ServiceError, match=r'cannot write ".*file"'):
        atomic.write(tmp_path / "file", b"")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_reading(tmp_path: Path) -> None:
    """The bytes, None for no file, and an error for one that is too large."""
    file = tmp_path / "file"
    assert atomic.read(file, 3) is None
    file.write_bytes(b"abc")
    assert atomic.read(file, 3) == b"abc"
    with pytest.raises(DocumentError, match="has 3 bytes"):
        atomic.read(file, 2)
    with pytest.raises(DocumentError, match="is not a file"):
        atomic.read(tmp_path, 3)


def test_removing(tmp_path: Path) -> None:
    """A file that is not there is as good as removed."""
    atomic.write(tmp_path / "file", b"")
    atomic.remove(tmp_path / "file")
    atomic.remove(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_somebody_reads(tmp_path: Path) -> None:
    """A file that somebody has open for a moment is written and removed, which Windows refuses while he has."""
    file = tmp_path / "file"
    for act in (lambda: atomic.write(file, b"new"), lambda: atomic.remove(file)):
        file.write_bytes(b"old")
        with file.open("rb") as held:
            letting_go = Timer(0.1, held.close)
            letting_go.start()
            act()
            letting_go.join()
    assert list(tmp_path.iterdir()) == []
