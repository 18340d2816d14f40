"""Descriptions that are wrong on purpose: what could be read is written, and each error names its place."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ERROR = re.compile(r"^(?P<file>\S+):(?P<line>\d+):(?P<column>\d+): error: (?P<said>.+) \[(?P<rule>[a-z-]+)\]$")


@pytest.mark.corpus
def test_each_error_names_its_place_and_what_to_do(shared: Path, tmp_path: Path) -> None:
    """Import ends well, writes the connector, and says of each error file, line, column and a remedy on stderr."""
    tags = json.loads((shared / "corpus" / "TAGS.json").read_text(encoding="utf-8"))["openapi"]
    bad = [name for name, about in tags.items() if "bad" in about["features"]]
    assert len(bad) == 2
    for number, name in enumerate(bad):
        source, folder = shared / "corpus" / name, tmp_path / str(number)
        words = [sys.executable, "-m", "tieline", "import", str(source), "-o", str(folder)]
        ran = subprocess.run(words, capture_output=True, timeout=60, check=False)
        lines = ran.stderr.decode("utf-8").splitlines()
        errors = [(index, match) for index, line in enumerate(lines) if (match := ERROR.match(line))]
        assert ran.returncode == 0
        assert (folder / "apiDefinition.swagger.json").is_file()
        assert errors, name
        length = len(source.read_text(encoding="utf-8").splitlines())
        for index, match in errors:
            assert match["file"] == source.name
            assert 1 <= int(match["line"]) <= length
            assert lines[index + 1].startswith("  "), "no remedy"
