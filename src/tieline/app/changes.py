"""Changes of files that are worked out first and made after: as a patch to look at, or written.

What lives here knows bytes and paths, and nothing of what is in a file.
"""

from __future__ import annotations

import difflib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ..model import Redactor, ServiceError
from ..store.atomic import patient
from .files import write_file


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What becomes of one file."""

    path: Path
    before: bytes | None = field(repr=False)
    """The bytes for which the change was worked out; None for a file that is not there."""
    after: bytes = field(repr=False)
    """The bytes that it shall have."""

    def patch(self, hide: Redactor | None = None) -> bytes:
        """The change as a unified diff that ``git apply`` takes; empty when nothing changes.

        Its bytes are those of the file, whatever its encoding. Secrets that ``hide`` knows are not shown.
        """
        old, new = self.before or b"", self.after
        above = b"/dev/null" if self.before is None else b"a/" + os.fsencode(self.path.name)
        below = b"b/" + os.fsencode(self.path.name)
        lines = difflib.diff_bytes(difflib.unified_diff, _lines(old), _lines(new), above, below)
        patch = b"".join(_ended(line) for line in lines)
        return hide.data(patch) if hide else patch

    def write(self) -> None:
        """Write the file, whole or not at all; nothing is done when nothing changes.

        Raises ServiceError: ``file-changed`` when the file is not any more what the change was worked out for,
        ``being-written`` when another process writes it, ``cannot-write`` when the disk refuses.
        """
        if self.before == self.after:
            return
        target = self.path.resolve()
        try:
            with _alone(target):
                self._replace(target)
        except OSError as error:
            raise ServiceError(
                "cannot-write", f'cannot write "{self.path}": {error}', remedy="check permissions and space"
            ) from None

    def _replace(self, target: Path) -> None:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        if (None if mode is None else patient(target.read_bytes)) != self.before:
            raise ServiceError(
                "file-changed", f'"{self.path}" was changed by somebody else meanwhile', remedy="try again"
            )
        if mode is not None and not os.access(target, os.W_OK):
            raise PermissionError("the file may only be read")
        write_file(target, self.after)
        if mode is not None:
            target.chmod(mode)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Keeps other processes from writing the same file between comparing and replacing it. Raises ServiceError."""
    lock = target.with_name(target.name + ".tieline-lock")
    try:
        os.close(patient(lambda: os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY)))
    except FileExistsError:
        raise ServiceError(
            "being-written",
            f'"{target}" is being written by another process',
            remedy=f'try again; if no Tieline is running, delete "{lock}"',
        ) from None
    try:
        yield
    finally:
        patient(lock.unlink)


def _lines(data: bytes) -> list[bytes]:
    """The lines with their ends; only a line feed ends one, as diff tools have it."""
    *whole, rest = data.split(b"\n")
    return [*(line + b"\n" for line in whole), *([rest] if rest else [])]


def _ended(line: bytes) -> bytes:
    """A line of a diff; one of a file that ends without line feed gets the note that tools expect."""
    return line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"
