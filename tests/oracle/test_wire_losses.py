"""The closed list of losses: each kind is one that the import gives, and a limit of the platform forces it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from lowered.difference import What
from lowered.verdict import closed_list

from tieline.formats.openapi3.rules import BY_ID
from tieline.model import Severity

KINDS = [pytest.param(kind, entry, id=kind) for kind, entry in closed_list().items()]


@pytest.mark.parametrize(("kind", "entry"), KINDS)
def test_a_kind_is_a_loss_of_the_import(kind: str, entry: dict[str, Any]) -> None:
    """Each kind is known, warns, and is said to change requests; it explains parts that a request has."""
    rule = BY_ID[kind]
    assert rule.severity is Severity.WARNING
    assert rule.effect == "request"
    assert set(entry) == {"explains", "limit", "reference"}
    assert set(entry["explains"]) <= set(get_args(What)) - {"arguments"}
    assert entry["explains"]
    assert entry["limit"].endswith(".")


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "entry"), KINDS)
def test_a_limit_has_a_source(kind: str, entry: dict[str, Any], shared: Path) -> None:
    """Each limit names a section of the reference that is there."""
    page, section = re.fullmatch(r"([a-z-]+\.md), section (\d)", entry["reference"]).groups()  # type: ignore[union-attr]
    text = (shared / "reference" / page).read_text(encoding="utf-8")
    assert re.search(rf"^## {section}\. ", text, re.MULTILINE), entry["reference"]
