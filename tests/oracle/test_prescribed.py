"""The oracle itself: what OpenAPI 3 says of styles, values and whole requests."""

from __future__ import annotations

import ast
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import pytest
from prescribed.description import Node, of_file, of_value
from prescribed.operations import Case, Choice, case_of, choices, listed
from prescribed.short import cases, document_of
from prescribed.styles import of_path, of_query, plain
from prescribed.values import Maker

HERE = Path(__file__).parent
BASE_URL = "https://described.example/specs/v1/openapi.json"


def named(name: str) -> list[Any]:
    """The cases of a data file."""
    return [pytest.param(case, id=case["name"]) for case in cases(name)]


def cells() -> list[Any]:
    """The cells of the table of styles that are not marked n/a."""
    table: Any = cases("styles.yaml")
    return [
        pytest.param(row, table["values"][kind], row[kind], id=f"{row['in']}-{row['style']}-{row['explode']}-{kind}")
        for row in table["rows"]
        for kind in table["values"]
        if kind in row
    ]


@pytest.mark.parametrize(("row", "value", "text"), cells())
def test_the_styles_are_those_of_the_specification(row: dict[str, Any], value: Any, text: str) -> None:
    """Each cell of the specification's table of styles is what the oracle writes."""
    if row["in"] == "query":
        made = "&".join("=".join(pair) for pair in of_query(row["style"], row["explode"], "color", value))
    else:
        encode = {"encode": plain} if row["in"] == "header" else {}
        made = of_path(row["style"], row["explode"], "color", value, **encode)
    assert made == text


@pytest.mark.parametrize("case", named("values.yaml"))
def test_values(case: dict[str, Any]) -> None:
    """Each schema gets the value with what is required, and the one with everything."""
    root = of_value({"schema": case["schema"], "components": {"schemas": case.get("components", {})}}).root
    assert Maker("json", full=False).value(root / "schema") == case["required"]
    assert Maker("json", full=True).value(root / "schema") == case["full"]


def case_for(case: dict[str, Any]) -> Case:
    """The call that a data case asks for."""
    (operation,) = listed(of_value(document_of(case)))
    choice = Choice(**{"full": True, **case.get("choice", {})})
    assert choice in choices(operation)
    return case_of(operation, choice, BASE_URL)


@pytest.mark.parametrize("case", named("prescribed.yaml"))
def test_requests(case: dict[str, Any]) -> None:
    """Each description gives the request that its case says; what a case does not name is not there."""
    made = case_for(case).request
    assert made.method == "POST"
    assert made.url == case.get("url", "https://described.example/things")
    assert [f"{one.name}={one.text}" for one in made.query] == case.get("query", [])
    assert dict(made.headers) == case.get("headers", {})
    assert [f"{one.name}={one.text}" for one in made.cookies] == case.get("cookies", [])
    assert made.certificate == case.get("certificate", False)
    assert made.allowed == frozenset(map(tuple, case.get("allowed", [])))
    if "content" in case:
        assert list(unlike(made.content, case["content"])) == []
    else:
        assert made.content is None


def unlike(made: Any, wanted: Any) -> list[str]:
    """What of ``wanted`` a value is not; fields of a dataclass that are not named are not looked at."""
    if is_dataclass(made) and isinstance(wanted, dict):
        return [text for key, value in wanted.items() for text in unlike(getattr(made, key), value)]
    if isinstance(made, (tuple, list)) and isinstance(wanted, list):
        if len(made) != len(wanted):
            return [f"{made} is not {wanted}"]
        return [text for pair in zip(made, wanted, strict=True) for text in unlike(*pair)]
    return [] if made == wanted else [f"{made!r} is not {wanted!r}"]


def test_cases_cover_every_choice() -> None:
    """Required and all arguments, each further server, other variables, and each further way to sign in."""
    servers = [{"url": "https://{a}.example", "variables": {"a": {"default": "x"}}}, {"url": "https://b.example"}]
    schemes = {"k": {"type": "apiKey", "in": "header", "name": "K"}, "b": {"type": "http", "scheme": "bearer"}}
    document = document_of({"servers": servers, "schemes": schemes, "security": [{"k": []}, {"b": []}, {}]})
    (operation,) = listed(of_value(document))
    assert list(map(str, choices(operation))) == [
        "required arguments",
        "all arguments",
        "all arguments, server 2",
        "all arguments, other server variables",
        "all arguments, sign-in 2",
        "all arguments, sign-in 3",
    ]


def test_references_lead_through_files(tmp_path: Path) -> None:
    """Relative files, pointers with escapes, anchors and references on the way are followed; nothing else is."""
    main = "a: {$ref: 'parts/b.json#/x~1y'}\nd: 2024-01-31\nn: no\nt: true\n"
    (tmp_path / "api.yaml").write_text(main, encoding="utf-8")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "b.json").write_text(
        '{"x/y": {"$ref": "#/z"}, "z": {"w": [5], "u": {"$ref": "../api.yaml#/t"}}, "e": {"$anchor": "here", "v": 1}}',
        encoding="utf-8",
    )
    root = of_file(tmp_path / "api.yaml").root
    assert root.at("a").value["w"] == [5]
    assert root.at("a").at("u").value is True
    assert (root.get("d"), root.get("n")) == ("2024-01-31", "no")
    found = {
        "parts/b.json#/z/w/0": 5,
        "parts/b.json#/x~1y/w": [5],
        "parts/b.json#here": {"$anchor": "here", "v": 1},
        "parts/b.json#/nothing": None,
        "parts/none.json#/z": None,
        "https://example.com/api.json#/z": None,
    }
    assert {ref: root.target(ref).value for ref in found} == found
    loop = of_value({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}}).root
    assert loop.at("a").value is None
    assert isinstance(loop.at("a"), Node)


def test_the_oracle_uses_nothing_of_tieline() -> None:
    """Nothing that the oracle is made of imports what it judges."""
    files = sorted((HERE / "prescribed").glob("*.py"))
    assert len(files) >= 7
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [name for name in names if name.split(".")[0] in ("tieline", "lowered")], file.name
