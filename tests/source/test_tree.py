"""Positions: where a route stands, and where one that does not exist would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tieline.model import Position, Route
from tieline.source import SourceDocument, read

JSON = """{
  "info": {"title": "é", "x": 1},
  "paths": {
    "/a": {
      "get": [
        {"b": 2}, 3
      ]
    }
  }
}
"""
YAML = """info: {title: é, x: 1}
paths:
  /a: &a
    get:
      - b: 2
      - 3
  /b: *a
  /c:
    <<: *a
    post: 1
"""


@pytest.mark.parametrize(
    ("text", "keys", "line", "column"),
    [
        (JSON, (), 1, 1),
        (JSON, ("info",), 2, 3),
        (JSON, ("info", "x"), 2, 26),
        (JSON, ("paths", "/a", "get", 0), 6, 9),
        (JSON, ("paths", "/a", "get", 0, "b"), 6, 10),
        (JSON, ("paths", "/a", "get", "1"), 6, 19),
        (JSON, ("paths", "/a", "get", 7, "b"), 5, 7),
        (JSON, ("paths", "/a", "put", "responses"), 4, 5),
        (JSON, ("definitions",), 1, 1),
        (JSON.replace("3\n", "3,\n"), ("paths", "/a", "get", 1), 6, 19),
        (JSON.replace("\n", "\r\n"), ("paths", "/a", "get", 1), 6, 19),
        (JSON.replace("\n", "\r"), ("paths", "/a", "get", 1), 6, 19),
        ("\ufeff" + JSON, ("info", "x"), 2, 26),
        (YAML, ("info", "x"), 1, 18),
        (YAML, ("paths", "/a", "get", 0, "b"), 5, 9),
        (YAML, ("paths", "/a", "get", 1), 6, 9),
        (YAML, ("paths", "/b"), 7, 3),
        (YAML, ("paths", "/b", "get", 1), 6, 9),
        (YAML, ("paths", "/c", "get", 0), 5, 9),
        (YAML, ("paths", "/c", "post"), 10, 5),
        (YAML, ("paths", "/d", "get"), 2, 1),
        ('{"a": 1, "a": {"b": 2}}', ("a", "b"), 1, 16),
        ('{"a": "😀", "b": 1}', ("b",), 1, 12),
    ],
)
def test_position(text: str, keys: tuple[str | int, ...], line: int, column: int) -> None:
    """A route stands at its key or element, or at its nearest ancestor that exists; columns count characters."""
    document = read(text.encode(), "x")
    assert document.position(Route("x", keys)) == Position(line=line, column=column)
    assert document.position(Route("", keys)) == Position(line=line, column=column)
    assert document.position(Route("other", keys)) is None


def places(value: Any, route: Route) -> list[tuple[Route, Any]]:
    """Every place in a value, with what stands there."""
    found = [(route, value)]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        found += places(item, route / key)
    return found


def points_there(document: SourceDocument, route: Route, value: Any) -> bool:
    """Whether the text at a route's position is the key, or begins as the element does."""
    position = document.position(route)
    assert position is not None
    rest = document.lines.line(position.line)[position.column - 1 :]
    if isinstance(route.keys[-1], int):
        return rest.startswith(("{", '"') if isinstance(value, dict) else "[" if isinstance(value, list) else "")
    key = route.keys[-1]
    return rest.startswith((json.dumps(key), json.dumps(key, ensure_ascii=False), key, f"'{key}'"))


@pytest.mark.corpus
def test_corpus(shared: Path) -> None:
    """In published files, repaired ones too, positions point at what they should."""
    checked = 0
    for path in sorted((shared / "corpus").glob("*/**/*.*")):
        if path.suffix not in (".json", ".yaml", ".yml") or "postman" in path.parts:
            continue
        document = read(path.read_bytes(), path.name)
        found = places(document.value, Route(path.name))[1:]
        for route, value in found[:: max(1, len(found) // 20)]:
            if document.format == "json" or isinstance(route.keys[-1], str):
                assert points_there(document, route, value), route
                checked += 1
    assert checked >= 10_000
