"""Opening a page: which browser, and for which addresses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

URL = "https://login.example.com/authorize?state=a%20b&x=1"

OPEN = "import sys; from tieline.net.browser import open_browser; print(open_browser(sys.argv[1]))"


def opened(url: str, browser: str) -> bool:
    """Whether the browser of the variable ``BROWSER`` took an address; in a process of its own, since the standard
    library looks at the variable once."""
    env = {**os.environ, "BROWSER": browser, "PATH": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    words = [sys.executable, "-c", OPEN, url]
    done = subprocess.run(words, env=env, capture_output=True, timeout=60, check=True, text=True)
    return done.stdout.strip() == "True"


@pytest.fixture
def browser(tmp_path: Path) -> tuple[str, Path]:
    """A browser that writes what it is given into a file."""
    if os.name == "nt":
        pytest.skip("BROWSER is for systems with a shell")
    script, seen = tmp_path / "browser", tmp_path / "seen"
    script.write_text(f'#!/bin/sh\necho "$1" > {seen}\n', encoding="utf-8")
    script.chmod(0o755)
    return f"{script} %s", seen


def test_the_users_own(browser: tuple[str, Path]) -> None:
    """The browser that the user names is given the whole address."""
    command, seen = browser
    assert opened(URL, command)
    assert seen.read_text(encoding="utf-8").strip() == URL


@pytest.mark.parametrize("url", ["file:///etc/passwd", "javascript:alert(1)", "ms-settings:", "", "//example.com/"])
def test_only_web_pages(url: str, browser: tuple[str, Path]) -> None:
    """What is no web page is not opened."""
    command, seen = browser
    assert not opened(url, command)
    assert not seen.exists()


def test_a_browser_that_fails(tmp_path: Path) -> None:
    """A command that is not there, or that fails, is told."""
    assert not opened(URL, f"{tmp_path}/nothing %s")
    assert not opened(URL, "/bin/false %s")


def test_text_mode_is_no_browser(tmp_path: Path) -> None:
    """A browser in text mode does not take the terminal."""
    script = tmp_path / "lynx"
    script.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    script.chmod(0o755)
    assert not opened(URL, f"{script} %s")
