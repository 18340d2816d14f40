"""Names of connections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.model import DocumentError
from tieline.store.names import check, folded

BAD: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "bad_names.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", BAD, ids=[ascii(case["name"]) for case in BAD])
def test_bad_names_are_refused(case: dict[str, Any]) -> None:
    """Each says why, in a message that can be printed."""
    with pytest.raises(DocumentError) as caught:
        check(case["name"])
    assert caught.value.finding.rule == "bad-connection-name"
    assert case["why"] in caught.value.finding.message
    assert caught.value.finding.message.isprintable()


@pytest.mark.parametrize("name", ["a", "Müller GmbH", "在庫", "a.b", "prod (2)", "COM1", "-x", "€ 5"])
def test_good_names(name: str) -> None:
    """Names in any script, with spaces and signs inside."""
    check(name)


@pytest.mark.parametrize(("one", "other"), [("Prod", "pROD"), ("Straße", "STRASSE"), ("\u00e9", "e\u0301"), ("É", "é")])
def test_names_that_are_the_same(one: str, other: str) -> None:
    """In any case, and however an accent is written."""
    assert folded(one) == folded(other)


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=120))
def test_any_text_is_a_name_or_is_refused(name: str) -> None:
    """Nothing but a DocumentError; folding twice changes nothing."""
    refused = ""
    try:
        check(name)
    except DocumentError as error:
        refused = error.finding.message
    assert refused.encode("utf-8", "strict").decode() == refused
    assert folded(folded(name)) == folded(name)
