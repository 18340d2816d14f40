"""The server as a program: options, and that it stands alone."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tieline.app.example import load_identity

WAIT = 20.0
FOLDER = Path(__file__).resolve().parents[3] / "examples" / "identity"


def command() -> Any:
    return importlib.import_module(f"{load_identity().__name__}.command")


@pytest.mark.parametrize("arguments", [["--port", "x"], ["--lifetime", "-1"], ["--pkce", "maybe"], ["x"]])
def test_wrong_options_are_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option ends with exit code 2 and names it."""
    with pytest.raises(SystemExit) as ended:
        command().main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A port in use gives one line and exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert command().main(["--port", str(taken.getsockname()[1])]) == 2
    assert "try another --port" in capsys.readouterr().err


@contextmanager
def running(folder: Path, *options: str, errors: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program and its address, until it was interrupted."""
    with subprocess.Popen(
        [sys.executable, str(FOLDER), "--port", "0", *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert address is not None
            yield process, address[0]
        finally:
            process.send_signal(signal.SIGINT) if os.name == "posix" else process.terminate()


def test_it_runs_from_an_empty_folder(tmp_path: Path) -> None:
    """`python examples/identity` serves, leaves no files, and ends with 0 when it is interrupted."""
    with (
        running(tmp_path, "--quiet", errors=subprocess.DEVNULL) as (process, address),
        urlopen(f"{address}/.well-known/openid-configuration", timeout=WAIT) as reply,
    ):
        assert json.load(reply)["token_endpoint"] == f"{address}/oauth/token"
    assert process.returncode == 0 or os.name != "posix"
    assert list(tmp_path.iterdir()) == []


def test_lines_without_queries(tmp_path: Path) -> None:
    """The line for a request says who asked for what, and nothing of the query, which may hold secrets."""
    with running(tmp_path, errors=subprocess.STDOUT) as (process, address):
        with urlopen(f"{address}/device?user_code=s3cret-code", timeout=WAIT):
            pass
        assert process.stdout is not None
        line = next(line for line in process.stdout if "/device" in line and "http://" not in line)
    assert '"GET /device HTTP/1.1" 200' in line
    assert "s3cret" not in line


def test_it_stands_alone() -> None:
    """No module of the example imports Tieline or the other example."""
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not [name for name in names if name.split(".")[0] in ("tieline", "inventory")]
