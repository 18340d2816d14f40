"""Changes of files: shown as patches that tools take, written whole, and never over somebody else's work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tieline.app.changes import FileChange
from tieline.app.new_policy import NewPolicy
from tieline.app.policies import list_policies
from tieline.app.policy_edits import add_policy
from tieline.model import Redactor, Secret, ServiceError

PAIRS = {
    "a line": (b"a\nb\nc\n", b"a\nB\nc\n"),
    "crlf": (b"a\r\nb\r\n", b"a\r\nB\r\nc\r\n"),
    "no line end": (b"a\nb", b"a\nB"),
    "line end gained": (b"a\nb", b"a\nb\n"),
    "line end lost": (b"a\nb\n", b"a\nb"),
    "no utf-8": (b"\xef\xbb\xbfa \xe9\nb\xff\n", b"\xef\xbb\xbfa \xe9\nb\xfe\xff\n"),
    "carriage returns": (b"a\rb\rc", b"a\rB\rc"),
    "separators": ("a\u2028b\x0bc\nd\n".encode(), "a\u2028b\x0bc\nD\n".encode()),
    "new": (None, b"a\nb\n"),
}


@pytest.mark.parametrize("name", PAIRS)
def test_patch_is_taken_by_git(name: str, tmp_path: Path) -> None:
    """What a patch shows is what is written: git makes the same bytes of it."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    before, after = PAIRS[name]
    file = tmp_path / "the file.json"
    if before is not None:
        file.write_bytes(before)
    change = FileChange(path=file, before=before, after=after)
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    subprocess.run(command, input=change.patch(), cwd=tmp_path, check=True, env=environment)
    assert file.read_bytes() == after


def test_nothing_changes(tmp_path: Path) -> None:
    """A change of nothing has no patch and touches nothing, not even a lock."""
    change = FileChange(path=tmp_path / "missing" / "a", before=b"a", after=b"a")
    assert change.patch() == b""
    change.write()
    assert list(tmp_path.iterdir()) == []


def test_patch_hides_secrets(tmp_path: Path) -> None:
    """Known secrets are not in a patch."""
    change = FileChange(path=tmp_path / "a", before=b"key: hidden-one\n", after=b"key: hidden-one\nb\n")
    assert b"hidden-one" in change.patch()
    assert b"hidden-one" not in change.patch(Redactor([Secret("hidden-one")]))


@pytest.mark.parametrize(("before", "found"), [(b"a", b"b"), (b"a", None), (None, b"a"), (b"", None)])
def test_a_file_that_changed_meanwhile(before: bytes | None, found: bytes | None, tmp_path: Path) -> None:
    """A file that is not what the change was worked out for stays as it is."""
    file = tmp_path / "a"
    if found is not None:
        file.write_bytes(found)
    with pytest.raises(ServiceError) as caught:
        FileChange(path=file, before=before, after=b"new").write()
    assert caught.value.finding.rule == "file-changed"
    assert (file.read_bytes() if file.exists() else None) == found
    assert {entry.name for entry in tmp_path.iterdir()} <= {"a"}


def test_a_file_that_is_being_written(tmp_path: Path) -> None:
    """While another process holds the file it is not touched, and the message says what to do about a forgotten
    lock."""
    file, lock = tmp_path / "a", tmp_path / "a.tieline-lock"
    file.write_bytes(b"old")
    lock.touch()
    with pytest.raises(ServiceError) as caught:
        FileChange(path=file, before=b"old", after=b"new").write()
    assert caught.value.finding.rule == "being-written"
    assert str(lock) in caught.value.finding.remedy
    assert file.read_bytes() == b"old"
    lock.unlink()
    FileChange(path=file, before=b"old", after=b"new").write()
    assert file.read_bytes() == b"new"
    assert not lock.exists()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """What the disk refuses is an error that names the file."""
    with pytest.raises(ServiceError, match="nowhere") as caught:
        FileChange(path=tmp_path / "nowhere" / "a", before=None, after=b"new").write()
    assert caught.value.finding.rule == "cannot-write"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")
def test_permissions_and_links_stay(tmp_path: Path) -> None:
    """The file keeps its permissions, and a link stays a link to it."""
    file, link = tmp_path / "a", tmp_path / "link"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    FileChange(path=link, before=b"old", after=b"new").write()
    assert link.is_symlink()
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_file_stays(tmp_path: Path) -> None:
    """A file that may only be read is not replaced."""
    file = tmp_path / "a"
    file.write_bytes(b"old")
    file.chmod(0o444)
    with pytest.raises(ServiceError, match="may only be read"):
        FileChange(path=file, before=b"old", after=b"new").write()
    assert file.read_bytes() == b"old"


def test_many_at_once_lose_nothing(connector_folder: Callable[..., Path]) -> None:
    """Of many who add a policy at the same time each gets his in, or an error; none is overwritten."""
    folder = connector_folder(b'{\n  "properties": {}\n}\n')

    def add(number: int) -> set[str]:
        new = NewPolicy(template="setheader", values={"name": f"X-{number}", "value": "a"})
        met: set[str] = set()
        for _ in range(10_000):
            try:
                add_policy(folder, new).write()
            except ServiceError as error:
                met.add(error.finding.rule)
            else:
                return met
        pytest.fail("never got its turn")

    with ThreadPoolExecutor(6) as pool:
        met = set[str]().union(*pool.map(add, range(24)))
    assert met <= {"file-changed", "being-written"}
    descriptions = [row.description for row in list_policies(folder).rows]
    assert sorted(descriptions) == sorted(f"X-{number} = a" for number in range(24))
