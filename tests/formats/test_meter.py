"""What a definition uses of the platform's limits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tieline.formats import convert, folder, openapi2
from tieline.formats.meter import Meter, amount, characters, measure, over_limit
from tieline.formats.schema_counts import COUNTED
from tieline.model import Route, Severity
from tieline.source import dump, read

NAME = "apiDefinition.swagger.json"


def wide(properties: int) -> dict[str, Any]:
    """A schema with so many properties."""
    return {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(properties)}}


def operation(name: str, **parts: Any) -> dict[str, Any]:
    """An operation of that id."""
    return {"operationId": name, "responses": {"200": {"description": "", **parts.pop("reply", {})}}, **parts}


def meter_of(paths: dict[str, Any], **root: Any) -> Meter:
    """The meter of a definition."""
    data = dump({"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "h", "paths": paths, **root})
    return measure(openapi2.read(read(data, NAME)), characters(data))


def test_every_place_is_counted() -> None:
    """Bodies, replies, notifications, and what is shared: the largest of all is named with its place."""
    shared = {
        "parameters": {"Body": {"name": "b", "in": "body", "schema": {"$ref": "#/definitions/Wide"}}},
        "responses": {"Failed": {"description": "", "schema": wide(20)}},
        "definitions": {"Wide": wide(5)},
    }
    replies = {"200": {"description": "", "schema": wide(3)}}
    one = {"/a": {"post": {"operationId": "A", "parameters": [{"$ref": "#/parameters/Body"}], "responses": replies}}}
    largest = meter_of(one, **shared).largest
    assert largest is not None
    assert (largest.said(), largest.count) == ('body of "A"', 6)
    one["/a"]["post"]["responses"]["400"] = {"$ref": "#/responses/Failed"}
    largest = meter_of(one, **shared).largest
    assert largest is not None
    assert (largest.said(), largest.count) == ('reply 400 of "A"', 21)
    trigger = operation("Hook", **{"x-ms-trigger": "single"})
    content = {"schema": wide(30)}
    webhook = {"/a": {"get": operation("A"), "post": trigger, "x-ms-notification-content": content}}
    largest = meter_of(webhook, **shared).largest
    assert largest is not None
    assert (largest.said(), largest.count) == ('notification of "Hook"', 31)


def test_nothing_to_count() -> None:
    """A definition without schemas, and one without paths, have meters too."""
    assert meter_of({"/a": {"get": operation("A")}}).largest is None
    empty = measure(openapi2.read(read(b'{"swagger": "2.0"}', NAME)), 18)
    assert (empty.operations, empty.largest, empty.characters) == (0, None, 18)


def test_within_the_limits() -> None:
    """What is just within a limit is not said to be over it."""
    paths = {f"/p{number}": {"get": operation(f"Op{number}")} for number in range(256)}
    paths["/p0"]["get"]["responses"]["200"]["schema"] = wide(511)
    meter = meter_of(paths)
    assert meter.largest is not None
    assert (meter.operations, meter.largest.count) == (256, 512)
    assert list(over_limit(meter, Route(NAME))) == []


def test_over_the_limits() -> None:
    """Each limit that is exceeded is a warning that names the operation and says what to do."""
    paths = {f"/p{number}": {"get": operation(f"Op{number}")} for number in range(257)}
    paths["/p1"]["get"]["responses"]["200"]["schema"] = wide(512)
    paths["/p2"]["get"]["responses"]["200"]["schema"] = wide(600)
    meter = meter_of(paths, **{"x-padding": "ü" * 1_000_000})
    found = list(over_limit(meter, Route(NAME)))
    assert {finding.rule for finding in found} == {"over-limit"}
    assert {finding.severity for finding in found} == {Severity.WARNING}
    operations, schemas, size = found
    assert operations.message == "the connector has 257 operations, and the platform takes 256"
    assert schemas.message == 'the reply 200 of "Op2" has 601 schemas, and the platform takes 512 (1 more is too large)'
    assert schemas.route.keys == ("paths", "/p2", "get")
    assert [(route.keys[1], note) for route, note in schemas.related] == [
        ("/p1", 'the reply 200 of "Op1", 513 schemas'),
    ]
    assert '--exclude "Op2"' in schemas.remedy
    assert size.message.endswith("characters, and the platform takes 1,000,000")
    assert 1_000_000 < meter.characters < 1_200_000
    for finding in found:
        assert "--only" in finding.remedy
        assert "--tag" in finding.remedy


def test_counting_that_ended_is_said() -> None:
    """A number that is none any more is not given as one."""
    assert amount(COUNTED) == "16,384 or more"
    assert amount(1234) == "1,234"


def connectors(shared: Path) -> list[Path]:
    """The connector folders of the corpus."""
    return sorted(path for path in (shared / "corpus" / "connectors").glob("*/*") if path.is_dir())


@pytest.mark.corpus
def test_published_connectors_are_within_the_limits(shared: Path) -> None:
    """Published connectors were taken by the platform, so counted as it counts none of them is over a limit."""
    largest = []
    for path in connectors(shared):
        files = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
        definition = folder.read(files, path.name).definition
        meter = measure(definition, len(files[definition.route.document]))
        assert meter.operations == len(definition.operations), path
        assert list(over_limit(meter, definition.route)) == [], path
        largest.append(meter.largest.count if meter.largest else 0)
    assert len(largest) == 250
    assert sorted(largest)[-3:] == [402, 423, 458]


def test_a_large_description_is_measured() -> None:
    """GitHub's thousand operations are measured, and what is over a limit is named."""
    given = os.environ.get("TIELINE_GITHUB")
    if not given:
        pytest.skip("set TIELINE_GITHUB to GitHub's description")
    files = convert(read(Path(given).read_bytes(), "github.json")).files
    meter = measure(openapi2.read(read(files[NAME], NAME)), 0)
    assert meter.operations > 1000
    assert len(meter.over) > 20
