"""Verdicts over many descriptions, beside the list of operations that are known to differ.

``gaps.json`` names the operations whose requests differ without a loss of the closed list. It may only shrink:
``write_gaps.py`` takes out what is mended and adds nothing.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from prescribed.description import of_file, of_value
from prescribed.grid import combinations
from prescribed.short import cases, document_of

from .calling import lowered_file, lowered_value
from .verdict import Verdict, verdicts

GAPS = Path(__file__).parents[1] / "gaps.json"

Gaps: TypeAlias = dict[str, dict[str, str]]
"""Name of a description (or of a case) -> operation -> what is different."""

GITHUB = "api.github.com.json"
"""The name of GitHub's description."""

CASES = "same-request.yaml"
"""The descriptions in short; their names stand in the gaps after ``case:``."""


def documents(shared: Path) -> Iterator[tuple[str, Path]]:
    """Every OpenAPI 3 document of the corpus with its name; parts of others are left out."""
    folder = shared / "corpus" / "openapi"
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".json", ".yaml", ".yml"):
            root = of_file(path).root
            if root.get("openapi") is not None:
                yield path.relative_to(folder).as_posix(), path


def github() -> Path:
    """Where GitHub's description is, if it was fetched (see ``benches/github.py``)."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Path(os.environ.get("TIELINE_GITHUB", cache / "tieline-benches" / GITHUB))


def of_document(path: Path) -> list[Verdict]:
    """The verdicts of a file."""
    return verdicts(of_file(path), lowered_file(path))


def of_cases() -> Iterator[tuple[str, list[str], list[Verdict]]]:
    """Name, expected kinds of loss, and verdicts of each description in short."""
    for case in cases(CASES):
        document = document_of(case)
        yield f"case: {case['name']}", case.get("lost", []), verdicts(of_value(document), lowered_value(document))


def of_styles() -> Iterator[tuple[str, list[Verdict]]]:
    """Name and verdicts of each combination of place, style, explode and type of a parameter."""
    for name, case in combinations():
        document = document_of(case)
        yield name, verdicts(of_value(document), lowered_value(document))


def known_gaps() -> Gaps:
    """The operations that are known to differ."""
    found: Gaps = json.loads(GAPS.read_text(encoding="utf-8"))
    return found


def open_gaps(found: Iterable[Verdict]) -> dict[str, str]:
    """Operations that are neither equal nor lost -> what is different."""
    return {one.operation: one.cause for one in found if one.outcome in ("different", "idle-loss")}


def case_gaps(expected: list[str], found: Iterable[Verdict]) -> dict[str, str]:
    """The same for a case, which says what each of its operations must be."""
    wanted = " ".join(["lost", *expected] if expected else ["equal"])
    return {one.operation: one.cause for one in found if one.cause != wanted}


def changes(found: Gaps, known: Gaps) -> tuple[list[str], list[str]]:
    """What differs and is not known, and what is known and does not differ, of the descriptions that were looked at."""
    now = {(name, key): cause for name, keys in found.items() for key, cause in keys.items()}
    before = {(name, key) for name, keys in known.items() for key in keys if name in found}
    new = [f"{name} {key}: {cause}" for (name, key), cause in now.items() if (name, key) not in before]
    return new, [f"{name} {key}" for name, key in sorted(before - now.keys())]


def counts(found: Iterable[Verdict]) -> Counter[str]:
    """How many operations there are, and how many of each outcome; losses by kind."""
    tally: Counter[str] = Counter()
    for one in found:
        tally["operations"] += 1
        tally[one.outcome] += 1
        tally.update(f"lost by {kind}" for kind in (one.kinds if one.outcome == "lost" else ()))
    return tally
