"""Reading and writing connector folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.app.files import read_file, read_folder, write_file, write_folder
from tieline.model import DocumentError, ServiceError


def test_a_folder_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """What is written is what is read; no other file is left."""
    files = {"apiDefinition.swagger.json": b"{}\r\n", "apiProperties.json": b"\xef\xbb\xbf{}", "icon.png": b"\x89PNG"}
    write_folder(tmp_path / "new", files)
    assert read_folder(tmp_path / "new") == files
    assert {entry.name for entry in (tmp_path / "new").iterdir()} == set(files)


def test_only_connector_files_are_read(tmp_path: Path) -> None:
    """Media and sub-folders are left alone."""
    (tmp_path / "media").mkdir()
    (tmp_path / "film.mp4").write_bytes(b"x")
    (tmp_path / "readme.md").write_bytes(b"x")
    assert set(read_folder(tmp_path)) == {"readme.md"}


def test_a_full_folder_is_refused_unless_forced(tmp_path: Path) -> None:
    """Other files stay when it is forced."""
    (tmp_path / "mine.txt").write_bytes(b"mine")
    with pytest.raises(DocumentError) as caught:
        write_folder(tmp_path, {"a.json": b"1"})
    assert caught.value.finding.rule == "folder-not-empty"
    write_folder(tmp_path, {"a.json": b"1"}, force=True)
    assert read_folder(tmp_path) == {"a.json": b"1", "mine.txt": b"mine"}


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """A target that is a file is refused."""
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(DocumentError) as caught:
        write_folder(tmp_path / "taken", {"a.json": b"1"})
    assert caught.value.finding.rule == "not-a-folder"


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    """A name that the disk cannot take is a ServiceError, and the old content stays."""
    target = tmp_path / "a.json"
    target.write_bytes(b"old")
    with pytest.raises(ServiceError):
        write_folder(tmp_path, {"x" * 300 + ".json": b"1"}, force=True)
    assert target.read_bytes() == b"old"


def test_write_file_replaces_whole(tmp_path: Path) -> None:
    """Nothing is left beside the file."""
    write_file(tmp_path / "a.json", b"1")
    write_file(tmp_path / "a.json", b"2")
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]
    assert read_file(tmp_path / "a.json") == b"2"


@pytest.mark.parametrize(
    ("name", "rule"), [("missing.json", "no-such-file"), (".", "is-a-folder"), ("a\0b", "unreadable-file")]
)
def test_what_cannot_be_read(tmp_path: Path, name: str, rule: str) -> None:
    """A missing file, a folder and an impossible name each have their own error."""
    with pytest.raises(DocumentError) as caught:
        read_file(tmp_path / name)
    assert caught.value.finding.rule == rule
