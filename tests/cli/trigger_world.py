"""A service, its connector, and ``tieline serve`` as a process, for tests of the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "server"))

from house import Service, keep_connection, write_connector

from tieline.net.listener import listen_in_thread

WAIT = 30.0


@dataclass
class Serving:
    """A server process, and what it says."""

    process: subprocess.Popen[bytes]
    out: list[bytes] = field(default_factory=list)
    talk: list[bytes] = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)

    def read(self, lines: list[bytes], stream: Iterator[bytes]) -> None:
        """Takes down what comes."""
        for line in stream:
            with self.news:
                lines.append(line)
                self.news.notify_all()

    def wait_for(self, text: bytes) -> None:
        """Until it was said."""
        with self.news:
            assert self.news.wait_for(lambda: text in self.said, WAIT), self.said

    @property
    def said(self) -> bytes:
        """All of it."""
        return b"".join((*self.out, *self.talk))


@contextmanager
def serving(*words: str | Path, home: Path, **env: str) -> Iterator[Serving]:
    """``tieline serve`` while the block runs; then it is ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tieline", "serve", *map(str, words)],
        env={**os.environ, "TIELINE_HOME": str(home), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    served = Serving(process)
    assert process.stdout is not None
    assert process.stderr is not None
    readers = [
        threading.Thread(target=served.read, args=(served.out, process.stdout)),
        threading.Thread(target=served.read, args=(served.talk, process.stderr)),
    ]
    for reader in readers:
        reader.start()
    try:
        yield served
    finally:
        process.terminate()
        process.wait(WAIT)
        for reader in readers:
            reader.join(WAIT)
        process.stdout.close()
        process.stderr.close()


@dataclass
class World:
    """What a person has: a connector, a store with a connection, and a service."""

    folder: Path
    home: Path
    service: Service

    @property
    def note(self) -> dict[str, str]:
        """What the server left for commands."""
        return json.loads((self.home / "serve.json").read_bytes())  # type: ignore[no-any-return]


@contextmanager
def world(path: Path) -> Iterator[World]:
    """Makes it."""
    service = Service()
    with listen_in_thread(service.app) as address:
        keep_connection(path / "home")
        yield World(folder=write_connector(path / "Things", address), home=path / "home", service=service)
