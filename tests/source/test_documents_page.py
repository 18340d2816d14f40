"""The page about documents: its rules are the ones in the code, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "documents.md").read_text(encoding="utf-8")
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "src/tieline/source").glob("*.py"))
CALLS = r"(?:\.add|\._note|\.note|guess|Broken|DocumentError|_error|_no_place|more)\((?:reader, |self\.)?\s*"


def rules_in_code() -> set[str]:
    """Rule ids of findings and errors that the code gives."""
    found = set(re.findall(CALLS + r'"([a-z0-9]+(?:-[a-z0-9]+)+)"', SOURCE))
    found |= set(re.findall(r'rule = "([a-z-]+)" if \w+ else "([a-z-]+)"', SOURCE)[0])
    found |= set(re.findall(r'_QUOTED, "([a-z-]+)"\)', SOURCE))
    found |= {f"unclosed-{kind}" for kind in ("object", "array")}
    return found


def test_every_rule_is_on_the_page() -> None:
    """The page names every rule of the code, and no other."""
    on_page = set(re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", PAGE))
    assert len(rules_in_code()) >= 40
    assert on_page == rules_in_code()


def test_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The example reads a file, shows its repair, and changes its title and nothing else."""
    monkeypatch.chdir(tmp_path)
    path = Path("apiDefinition.swagger.json")
    path.write_bytes(b'{\n  "info": {"title": "Old"},\n}\n')
    example = PAGE.split("```python\n")[1].split("```")[0]
    exec(compile(example, "documents.md", "exec"), {})
    assert path.read_bytes() == b'{\n  "info": {"title": "Inventory"},\n}\n'
    shown = capsys.readouterr().out
    assert "2 27 trailing-comma" in shown
    assert "Old Position(line=2, column=12)" in shown
