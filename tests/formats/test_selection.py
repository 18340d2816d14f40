"""Which operations a selection keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tieline.formats.selection import EVERYTHING, Candidate, Selection, choose
from tieline.model import DocumentError, Route

DATA = yaml.safe_load((Path(__file__).parent / "data" / "choices.yaml").read_text(encoding="utf-8"))
ROUTE = Route("api.json")


def candidate(text: str) -> Candidate:
    """A candidate as the cases write it."""
    method, path, name, tags = text.split(" ")
    return Candidate(id=name, method=method, path=path, tags=tuple(tags.split(",")))


CANDIDATES = [candidate(text) for text in DATA["candidates"]]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in DATA["cases"]])
def test_choice(case: dict[str, Any]) -> None:
    """A selection keeps the operations that the case names, and says which of its patterns fit none."""
    selection = Selection(**{key: tuple(case.get(key, ())) for key in ("only", "tags", "exclude")})
    if "error" in case:
        with pytest.raises(DocumentError) as caught:
            choose(CANDIDATES, selection, ROUTE)
        finding = caught.value.finding
        assert (finding.rule, finding.message) == ("nothing-selected", case["error"])
        assert finding.remedy == case["remedy"]
        return
    kept, findings = choose(CANDIDATES, selection, ROUTE)
    assert [one.id for one in CANDIDATES if one.id in kept] == case["kept"]
    assert [finding.message for finding in findings] == case.get("idle", [])
    assert {finding.rule for finding in findings} <= {"pattern-fits-nothing"}


def test_a_description_without_operations() -> None:
    """Of nothing nothing can be selected, and that is said."""
    with pytest.raises(DocumentError, match="no operation to select from"):
        choose([], Selection(only=("*",)), ROUTE)


def test_a_description_without_tags() -> None:
    """Who selects a tag where there is none is told how to select."""
    untagged = [Candidate(id="A", method="GET", path="/a")]
    with pytest.raises(DocumentError) as caught:
        choose(untagged, Selection(tags=("x",)), ROUTE)
    assert "--only" in caught.value.finding.remedy


def test_a_misspelt_path_is_answered_with_paths() -> None:
    """A pattern for paths that fits none is answered with the paths that look like it."""
    one = Candidate(id="A", method="GET", path="/orders")
    with pytest.raises(DocumentError) as caught:
        choose([one], Selection(only=("GET /ordres",)), ROUTE)
    assert caught.value.finding.remedy == 'did you mean "/orders"?'


def test_the_empty_selection() -> None:
    """A selection of everything is none; any other one says itself as it is typed."""
    assert not EVERYTHING
    assert (
        Selection(only=("a", "b"), tags=("t",), exclude=("c",)).said()
        == '--only "a" --only "b" --tag "t" --exclude "c"'
    )
