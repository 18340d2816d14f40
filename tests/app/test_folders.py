"""Connector folders by path or searched for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tieline.app.folders import connector_folders
from tieline.model import DocumentError


def made(folder: Path, file: str = "apiDefinition.swagger.json") -> Path:
    """A folder with such a file."""
    folder.mkdir(parents=True)
    (folder / file).write_text("{}", encoding="utf-8")
    return folder


def test_a_folder_is_a_connector_or_is_searched(tmp_path: Path) -> None:
    """A connector folder stands for itself, another one for those in it; hidden folders are left alone."""
    one, two = made(tmp_path / "all" / "One"), made(tmp_path / "all" / "deep" / "Two", "apiDefination.swagger.json")
    made(tmp_path / "all" / ".hidden" / "Three")
    made(one / "samples" / "Four")
    assert connector_folders([tmp_path / "all"]) == {"One": one, "Two": two}
    assert connector_folders([one, tmp_path / "all"]) == {"One": one, "Two": two}


def test_a_folder_without_connectors(tmp_path: Path) -> None:
    """A folder without any says so; so does a path that does not exist."""
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(DocumentError) as error:
            connector_folders([path])
        assert error.value.finding.rule == "no-connector"


def test_two_of_one_name(tmp_path: Path) -> None:
    """Two connectors of one name cannot be told apart in a URL."""
    made(tmp_path / "a" / "Same")
    made(tmp_path / "b" / "Same")
    with pytest.raises(DocumentError) as error:
        connector_folders([tmp_path])
    assert error.value.finding.rule == "same-name"
