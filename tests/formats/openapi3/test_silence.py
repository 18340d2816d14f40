"""What the corpus has and Swagger 2.0 has not: each is in the report, and a second import changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tieline.app.load import loader_beside
from tieline.formats import convert
from tieline.formats.conversion import DEFINITION_NAME
from tieline.source import read

pytestmark = pytest.mark.corpus

UNIONS = 219
"""Choices of several schemas in the corpus' descriptions."""


def descriptions(shared: Path) -> Iterator[Path]:
    """Every OpenAPI 3 description of the corpus."""
    tags = json.loads((shared / "corpus" / "TAGS.json").read_text(encoding="utf-8"))
    return (shared / "corpus" / name for name in tags["openapi"])


def unions(value: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Routes of all ``oneOf`` and ``anyOf`` with several members besides null, not looking into examples."""
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from unions(entry, (*keys, index))
    elif isinstance(value, dict) and "example" not in keys and "examples" not in keys:
        for word in ("oneOf", "anyOf"):
            members = value.get(word)
            named = bool(keys) and keys[-1] == "properties"
            if isinstance(members, list) and not named and sum(entry != {"type": "null"} for entry in members) > 1:
                yield (*keys, word)
        for key, entry in value.items():
            yield from unions(entry, (*keys, key))


def test_no_choice_of_schemas_is_lost_in_silence(shared: Path) -> None:
    """A finding stands at each choice, inside of it, or at a choice or content around it that was given up whole."""
    seen = 0
    for path in descriptions(shared):
        document = read(path.read_bytes(), path.name)
        made = convert(document, loader_beside(path, path.parent.parent))
        routes = {finding.route.keys for finding in made.findings if finding.route.document == document.name}
        for union in unions(document.value):
            seen += 1
            around = {union[:end] for end in range(len(union) + 1)} - {()}
            assert around & routes or any(keys[: len(union)] == union for keys in routes), f"{path}: {union}"
    assert seen >= UNIONS


def test_a_second_import_changes_nothing(shared: Path) -> None:
    """The definition that an import writes is, imported again, the same bytes."""
    for path in descriptions(shared):
        made = convert(read(path.read_bytes(), path.name), loader_beside(path, path.parent.parent))
        data = made.files[DEFINITION_NAME]
        assert convert(read(data, DEFINITION_NAME)).files[DEFINITION_NAME] == data, path
