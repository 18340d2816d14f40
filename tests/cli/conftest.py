"""Running the command line as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Ran:
    """What a command line gave."""

    code: int
    out: bytes
    talk: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run(*words: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None, stdin: bytes = b"") -> Ran:
    """Run ``tieline`` in a process of its own, without a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "tieline", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


@pytest.fixture(scope="session")
def tieline() -> Callable[..., Ran]:
    """The command line: ``tieline("show", folder)`` gives exit code, stdout and stderr."""
    return run
