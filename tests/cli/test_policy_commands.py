"""``tieline policy`` as a user meets it: real processes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tieline = Callable[..., Any]


@pytest.fixture
def connector(tieline: Tieline, tmp_path: Path) -> Path:
    """A small connector with the operation GetStatus."""
    folder = tmp_path / "Items"
    assert tieline("new", "Items", "-o", folder, "--auth", "api-key").code == 0
    return folder


def test_add_list_move_remove(tieline: Tieline, connector: Path) -> None:
    """Policies are added, listed, moved and removed from the current folder, and the file is what it was."""
    file = connector / "apiProperties.json"
    before = file.read_bytes()
    added = tieline("policy", "add", "setheader", "name=X-Unit", "value=@headers('Accept','a=b')", cwd=connector)
    assert added.code == 0, added.talk
    assert added.out.decode().strip() == "apiProperties.json"
    assert added.talk.splitlines() == ["added policy 1: setheader (request): X-Unit = @headers('Accept','a=b')"]
    poll = ['triggerConfig={"since": "@{triggerBody().v[0].id}"}', "triggerDataPath=@triggerBody().v"]
    added = tieline("policy", "add", "pollingtrigger", connector, *poll, "--operation", "GetStatus", "--at", "1", "-q")
    assert (added.code, added.talk) == (0, "")
    listed = tieline("policy", "list", connector)
    assert [line.split()[:2] for line in listed.out.decode().splitlines()[::2]] == [
        ["1", "pollingtrigger"],
        ["2", "setheader"],
    ]
    moved = tieline("policy", "move", "1", "2", connector)
    assert moved.talk.startswith("moved policy to place 2: pollingtrigger"), moved.talk
    shown = tieline("policy", "list", connector, "--operation", "GetStatus", "--format", "json").json
    assert [(row["number"], row["section"]) for row in shown["policies"]] == [
        (2, "request"),
        (1, "request"),
        (2, "response"),
    ]
    assert shown["version"] == 1
    for number in ("2", "1"):
        removed = tieline("policy", "remove", number, cwd=connector)
        assert removed.talk.startswith(f"removed policy {number}: "), removed.talk
    assert file.read_bytes() == before
    empty = tieline("policy", "list", connector)
    assert (empty.code, empty.out) == (0, b"")


def test_dry_run_is_the_patch(tieline: Tieline, connector: Path) -> None:
    """A dry run writes nothing, says what would be done, and prints the patch that does it."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    file = connector / "apiProperties.json"
    before = file.read_bytes()
    words = ["policy", "add", "setheader", connector, "name=X-Unit", "value=ü"]
    planned = tieline(*words, "--dry-run")
    assert (planned.code, planned.talk.strip()) == (0, "would add policy 1: setheader (request): X-Unit = ü")
    assert file.read_bytes() == before
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(command, input=planned.out, cwd=connector, check=True)
    patched = file.read_bytes()
    file.write_bytes(before)
    done = tieline(*words, "--format", "json").json
    assert file.read_bytes() == patched
    assert (done["action"], done["written"], done["policy"]["number"]) == ("add", True, 1)
    assert "patch" not in done
    again = tieline("policy", "remove", "1", connector, "--dry-run", "--format", "json").json
    assert again["written"] is False
    assert '\n-    "policyTemplateInstances": [\n' in again["patch"]


def test_what_cannot_be_done(tieline: Tieline, connector: Path) -> None:
    """Each mistake ends with 2, names the remedy, and leaves the file as it is."""
    before = (connector / "apiProperties.json").read_bytes()
    mistakes = {
        ("add", "setheadr", "name=a", "value=b"): 'did you mean "setheader"?',
        ("add", "setheader", "nam=a", "value=b"): 'did you mean "name"?',
        ("add", "setheader", "name=a"): "add value=…",
        ("add", "setheader", ".", "name"): "write name=value",
        ("add", "setheader", "nowhere", "name=a"): "nowhere",
        ("add", "setheader", "name=a", "value=b", "--operation", "GetStatu"): 'did you mean "GetStatus"?',
        ("add", "setheader", "name=a", "value=b", "--section", "inbound"): "request or response or failure",
        ("add", "setheader", "name=a", "value=@body("): "close it with )",
        ("remove", "1"): "the connector has none",
        ("move", "1", "x"): "not a valid integer",
        ("list", "--operation", "Get"): "GetStatus",
        ("templates", "setheadr"): 'did you mean "setheader"?',
        ("lst",): "lst",
    }
    for words, said in mistakes.items():
        ran = tieline("policy", *words, cwd=connector)
        assert ran.code == 2, (words, ran.talk)
        assert said in ran.talk, (words, ran.talk)
        assert "Traceback" not in ran.talk
    assert (connector / "apiProperties.json").read_bytes() == before


def test_a_file_that_is_being_written(tieline: Tieline, connector: Path) -> None:
    """When another process holds the file the command ends with 3 and changes nothing."""
    lock = connector / "apiProperties.json.tieline-lock"
    lock.touch()
    ran = tieline("policy", "add", "setheader", connector, "name=a", "value=b")
    assert ran.code == 3
    assert lock.name in ran.talk
    assert tieline("policy", "list", connector).out == b""


def test_doubts_are_said(tieline: Tieline, connector: Path) -> None:
    """A misspelt function is a warning with its line when it is added and when it is listed; -q leaves it out."""
    added = tieline("policy", "add", "setheader", connector, "name=a", "value=@hedaers('x')")
    assert added.code == 0
    warned = [line for line in added.talk.splitlines() if "unknown-function" in line]
    assert len(warned) == 1
    line = int(warned[0].split(":")[1])
    assert b"hedaers" in (connector / "apiProperties.json").read_bytes().splitlines()[line - 1]
    assert warned[0] in tieline("policy", "list", connector).talk
    assert tieline("policy", "list", connector, "-q").talk == ""
    assert json.dumps(tieline("policy", "list", connector, "--format", "json").json["findings"]).count("hedaers") == 1


def test_templates(tieline: Tieline) -> None:
    """Templates are listed, and one is shown with its parameters and the command that adds it."""
    assert b"setvaluefromurl" in tieline("policy", "templates").out
    one = tieline("policy", "templates", "SetHeader").out.decode()
    assert "existsAction" in one
    assert "tieline policy add setheader name=… value=…" in one
    (entry,) = tieline("policy", "templates", "setheader", "--format", "json").json["templates"]
    assert [parameter["name"] for parameter in entry["parameters"]] == ["name", "value", "existsAction"]


def test_a_parameter_that_nobody_declared_is_found(tieline: Tieline, connector: Path) -> None:
    """What a call would stop at is said when the policy is added and listed; an operation without policies has none."""
    assert 'no policies run for "GetStatus"' in tieline("policy", "list", connector, "--operation", "GetStatus").talk
    value = "value=@connectionParameters('unit')"
    added = tieline("policy", "add", "setheader", connector, "name=X-Unit", value, "--operation", "GetStatus")
    assert (added.code, added.out.decode().strip()) == (0, str(connector / "apiProperties.json"))
    listed = tieline("policy", "list", connector)
    for ran in (added, listed):
        assert 'no connection parameter "unit" [missing-connection-parameter]' in ran.talk
