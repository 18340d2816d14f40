"""Calling one operation: what is checked before anything is bound or sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tieline.app.call import check_place, connection_of
from tieline.formats import folder
from tieline.model import Connector, DocumentError, ServiceError
from tieline.source import dump

DEFINITION = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "h", "paths": {}}


def connector_with(**properties: Any) -> Connector:
    """A connector with these properties."""
    files = {"apiDefinition.swagger.json": dump(DEFINITION), "apiProperties.json": dump({"properties": properties})}
    return folder.read(files, "T")


SETS = connector_with(
    connectionParameterSets={
        "values": [
            {"name": "Key", "parameters": {"api_key": {"type": "securestring"}}},
            {"name": "User", "parameters": {"username": {"type": "string"}, "password": {"type": "securestring"}}},
        ]
    }
)


def test_the_set_is_the_one_that_has_the_values() -> None:
    """A set that is not named is found by the names of the values, in any case."""
    connection = connection_of(SETS, {"UserName": "u", "password": "p"})
    assert connection.parameter_set == "User"
    assert sorted(connection.values) == ["password", "username"]


@pytest.mark.parametrize(
    ("values", "parameter_set", "message", "remedy"),
    [
        (
            {"api_key": "a", "password": "b"},
            "",
            'set "Key" has no connection parameter "password"',
            'of the set "User"',
        ),
        ({"api_key": "a"}, "User", 'set "User" has no connection parameter "api_key"', 'of the set "Key"'),
        ({"user": "a"}, "User", 'set "User" has no connection parameter "user"', '"username"'),
        ({}, "Users", 'no parameter set "Users"', '"User"'),
    ],
)
def test_values_of_no_set(values: dict[str, str], parameter_set: str, message: str, remedy: str) -> None:
    """A value that the chosen set does not have is told with the set that has it, or the nearest name."""
    with pytest.raises(DocumentError) as caught:
        connection_of(SETS, values, parameter_set)
    assert message in caught.value.finding.message
    assert remedy in caught.value.finding.remedy


def test_a_value_of_a_connector_that_takes_none() -> None:
    """Says to leave it out."""
    with pytest.raises(DocumentError) as caught:
        connection_of(connector_with(), {"api_key": "a"})
    assert caught.value.finding.message == 'the connector has no connection parameter "api_key"'
    assert "leave --set out" in caught.value.finding.remedy


def test_places_for_a_file(tmp_path: Path) -> None:
    """A file that is there or not, in a folder that is there; neither a folder nor below none."""
    check_place(tmp_path / "new.har")
    for place, rule in ((tmp_path, "is-a-folder"), (tmp_path / "no" / "x.har", "no-such-folder")):
        with pytest.raises(ServiceError) as caught:
            check_place(place)
        assert caught.value.finding.rule == rule
