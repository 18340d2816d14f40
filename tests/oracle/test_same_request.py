"""Same request: what OpenAPI 3 prescribes for an operation is what its connector sends.

Every operation of every description makes equal requests, or carries a finding of the closed list of losses, each of
which a limit of the platform forces. ``gaps.json`` names the operations that do neither yet.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from lowered import sweep
from lowered.verdict import closed_list

OPERATIONS = 1_243
"""Floor of the operations of the corpus; may only rise."""

EQUAL = 1_228
"""Floor of the operations of the corpus whose requests are all equal; may only rise."""

LOST = 15
"""Cap of the operations with a loss; may only fall."""

GITHUB_OPERATIONS = 1_223

GITHUB_EQUAL = 1_223

STYLES = 49
"""Combinations of place, style, explode and type that OpenAPI defines."""

LARGEST_SHARE = 0.03
"""Of all operations, the most that may have a loss."""


def check(found: sweep.Gaps) -> None:
    """Nothing differs that is not known, and nothing is known to differ that does not."""
    new, mended = sweep.changes(found, sweep.known_gaps())
    assert not new, "requests differ:\n" + "\n".join(new)
    assert not mended, "mended; run python tests/oracle/write_gaps.py:\n" + "\n".join(mended)


def shown(title: str, tally: Counter[str]) -> None:
    """The counts, for ``pytest -rP``."""
    print(title, *(f"{tally[key]:6} {key}" for key in sorted(tally)), sep="\n")


def test_every_case() -> None:
    """Each description in short sends equal requests, or loses what it says."""
    check({name: sweep.case_gaps(expected, found) for name, expected, found in sweep.of_cases()})


def test_every_allowed_loss_occurs_in_a_case() -> None:
    """The closed list holds no kind that nothing shows to be a loss."""
    lost = {kind for _, expected, found in sweep.of_cases() for one in found for kind in one.kinds if kind in expected}
    assert lost == set(closed_list())


@pytest.mark.corpus
def test_every_operation_of_the_corpus(shared: Path) -> None:
    """Every operation of the corpus makes equal requests or carries an allowed loss; losses are few."""
    tally: Counter[str] = Counter()
    gaps: sweep.Gaps = {}
    for name, path in sweep.documents(shared):
        found = sweep.of_document(path)
        gaps[name] = sweep.open_gaps(found)
        tally.update(sweep.counts(found))
    shown("corpus", tally)
    check(gaps)
    assert tally["operations"] >= OPERATIONS
    assert tally["equal"] >= EQUAL
    assert tally["lost"] <= LOST
    assert tally["lost"] <= LARGEST_SHARE * tally["operations"]


@pytest.mark.long
def test_every_operation_of_github() -> None:
    """The same for GitHub's description, where it was fetched (see ``benches/github.py``)."""
    path = sweep.github()
    if not path.is_file():
        pytest.skip(f"{path} is not there: set TIELINE_GITHUB to GitHub's description")
    found = sweep.of_document(path)
    tally = sweep.counts(found)
    shown("GitHub", tally)
    check({sweep.GITHUB: sweep.open_gaps(found)})
    assert tally["operations"] >= GITHUB_OPERATIONS
    assert tally["equal"] >= GITHUB_EQUAL
    assert tally["lost"] <= LARGEST_SHARE * tally["operations"]


def test_every_style_is_sent_or_said() -> None:
    """Every combination of place, style, explode and type is sent as prescribed, or an allowed loss says why not."""
    found = {name: sweep.open_gaps(made) for name, made in sweep.of_styles()}
    assert len(found) == STYLES
    check(found)
