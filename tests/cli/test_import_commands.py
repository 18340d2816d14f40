"""``tieline import`` as a user meets it: selections, limits, and importing again."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tieline.app.example import inventory_folder

Tieline = Callable[..., Any]

DEFINITION = "apiDefinition.swagger.json"


def description(*, summary: str = "List items", more: bool = False) -> dict[str, Any]:
    """A small description."""
    reply = {"200": {"description": "Fine", "schema": {"type": "object", "properties": {"id": {"type": "string"}}}}}
    paths: dict[str, Any] = {
        "/items": {"get": {"operationId": "ListItems", "summary": summary, "tags": ["Items"], "responses": reply}},
        "/orders": {"get": {"operationId": "ListOrders", "summary": "List orders", "responses": reply}},
    }
    if more:
        paths["/more"] = {"get": {"operationId": "ListMore", "summary": "List more", "responses": reply}}
    return {"swagger": "2.0", "info": {"title": "Shop", "version": "1"}, "host": "h.example.com", "paths": paths}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The description in a file."""
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(description(), indent=2), encoding="utf-8")
    return file


def test_a_selection_and_the_meter(tieline: Tieline, source: Path, tmp_path: Path) -> None:
    """The selected operations are imported, and a line says how much of the platform's limits they use."""
    ran = tieline("import", source, "-o", tmp_path / "Shop", "--tag", "items")
    assert ran.code == 0, ran.talk
    assert ran.out.decode().strip() == str(tmp_path / "Shop")
    first, limits = ran.talk.splitlines()
    assert first == "imported 1 operation of Shop"
    assert limits.startswith('limits: 1 of 256 operations, at most 2 of 512 schemas (reply 200 of "ListItems"), ')
    assert limits.endswith(" of 1,000,000 characters")
    shown = tieline("show", tmp_path / "Shop", "--format", "json").json
    assert [operation["id"] for operation in shown["operations"]] == ["ListItems"]


def test_a_selection_of_nothing(tieline: Tieline, source: Path, tmp_path: Path) -> None:
    """It is wrong usage, answered with the nearest name, and nothing is written."""
    ran = tieline("import", source, "-o", tmp_path / "Shop", "--only", "ListItem")
    assert ran.code == 2
    assert 'did you mean "ListItems"' in ran.talk
    assert not (tmp_path / "Shop").exists()


def test_importing_again(tieline: Tieline, source: Path, tmp_path: Path) -> None:
    """An edited connector is brought up to date: as JSON, with conflicts that --strict makes an error."""
    folder = tmp_path / "Shop"
    assert tieline("import", source, "-o", folder).code == 0
    definition = folder / DEFINITION
    definition.write_text(
        definition.read_text(encoding="utf-8").replace('"List items"', '"My items"'), encoding="utf-8"
    )
    source.write_text(json.dumps(description(summary="Show items", more=True), indent=2), encoding="utf-8")
    before = definition.read_bytes()
    planned = tieline("import", source, "-o", folder, "--dry-run", "--format", "json").json
    assert definition.read_bytes() == before
    assert (planned["written"], planned["merge"]["added"], planned["merge"]["conflicts"]) == (False, ["ListMore"], 1)
    ran = tieline("import", source, "-o", folder, "--strict")
    assert ran.code == 1
    assert '"summary" is "My items" here and "Show items" in the API; yours is kept [import-conflict]' in ran.talk
    assert "  1 added: ListMore" in ran.talk.splitlines()
    assert b"My items" in definition.read_bytes()
    again = tieline("import", source, "-o", folder, "--strict", "--format", "json")
    assert again.code == 0
    assert again.json["files"] == []
    assert again.json["merge"] == {"added": [], "removed": [], "updated": [], "conflicts": 0}


def test_a_dry_run_is_a_patch(tieline: Tieline, source: Path, tmp_path: Path) -> None:
    """What a dry run prints is what git applies to get what the import writes."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    folder = tmp_path / "Shop"
    assert tieline("import", source, "-o", folder).code == 0
    source.write_text(json.dumps(description(more=True), indent=2), encoding="utf-8")
    patch = tieline("import", source, "-o", folder, "--dry-run", "-q")
    assert (patch.code, patch.talk) == (0, "")
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    subprocess.run(command, input=patch.out, cwd=folder, check=True, env=environment)
    patched = (folder / DEFINITION).read_bytes()
    (folder / DEFINITION).write_text(json.dumps(description(), indent=2), encoding="utf-8")
    assert tieline("import", source, "-o", folder).code == 0
    assert (folder / DEFINITION).read_bytes() == patched


def test_the_apis_favour_and_a_new_start(tieline: Tieline, source: Path, tmp_path: Path) -> None:
    """--theirs takes the API's values where both changed, --force everything."""
    folder = tmp_path / "Shop"
    assert tieline("import", source, "-o", folder).code == 0
    definition = folder / DEFINITION
    edited = definition.read_text(encoding="utf-8").replace('"List items"', '"My items"').replace("Shop", "My shop")
    definition.write_text(edited, encoding="utf-8")
    source.write_text(json.dumps(description(summary="Show items"), indent=2), encoding="utf-8")
    assert tieline("import", source, "-o", folder, "--theirs").code == 0
    written = json.loads(definition.read_bytes())
    assert written["paths"]["/items"]["get"]["summary"] == "Show items"
    assert written["info"]["title"] == "My shop"
    assert tieline("import", source, "-o", folder, "--force").code == 0
    assert json.loads(definition.read_bytes())["info"]["title"] == "Shop"


def test_the_page_runs(tieline: Tieline, tmp_path: Path) -> None:
    """The commands at the top of the page do what it says, one after the other."""
    page = (Path(__file__).parents[2] / "docs" / "import-again.md").read_text(encoding="utf-8")
    lines = page.split("```")[1].strip().splitlines()
    example = inventory_folder()
    assert example is not None
    shutil.copy(example / "openapi.yaml", tmp_path)
    ran = [tieline(*shlex.split(line, comments=True)[1:], cwd=tmp_path) for line in lines]
    assert [one.code for one in ran] == [0, 0, 0, 0], [one.talk for one in ran]
    some, everything, planned, done = ran
    assert "limits: 6 of 256 operations" in some.talk
    assert "limits: 13 of 256 operations" in everything.talk
    assert planned.out == b""
    assert "nothing changed" in done.talk
