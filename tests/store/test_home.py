"""The home folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.model import DocumentError
from tieline.store.home import home


def test_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is what TIELINE_HOME says, whole and with ``~`` filled in, else a folder of the system's; nothing is made."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for named, path in (("~/a b", tmp_path / "a b"), ("x", tmp_path / "x"), (str(tmp_path), tmp_path)):
        monkeypatch.setenv("TIELINE_HOME", named)
        assert home() == path
    monkeypatch.setenv("TIELINE_HOME", "")
    assert home().name.lower() == "tieline"
    assert list(tmp_path.iterdir()) == []


def test_a_home_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The home of a user that there is not is an error."""
    monkeypatch.setenv("TIELINE_HOME", "~nobody-has-this-name/x")
    with pytest.raises(DocumentError) as caught:
        home()
    assert caught.value.finding.rule == "no-such-folder"
