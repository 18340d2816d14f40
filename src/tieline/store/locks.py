"""Locks among processes: a file that one of them holds. A process that ends, however it does, lets go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..model import ServiceError
from .atomic import make_folder, refusals


@contextmanager
def held(path: Path, what: str, timeout: float) -> Iterator[None]:
    """Hold the lock file; ``what`` says in words what it is for.

    May be entered in one thread and left in another. It is not for being taken twice by the same holder. Raises
    ServiceError ``locked`` when somebody else keeps it longer than ``timeout`` seconds, ``cannot-write``.
    """
    from filelock import FileLock, Timeout  # 10 ms of import that only writing needs

    make_folder(path.parent)
    lock = FileLock(path, timeout=timeout, mode=0o600, thread_local=False)
    with refusals(path):
        try:
            lock.acquire()
        except Timeout:
            raise ServiceError(
                "locked",
                f"another process has kept {what} for more than {timeout:g} seconds",
                remedy="wait for it, or end it if it hangs",
            ) from None
    try:
        yield
    finally:
        lock.release()
