"""Small collections, one for each thing that they can say, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

CASES = ("urls", "hosts", "parameters", "bodies", "replies", "signing", "merging", "names", "secrets", "document")


def test_collection(
    case: dict[str, Any],
    collection: Callable[..., Any],
    importing: Callable[..., Any],
    wrong: Callable[..., list[str]],
    unlike: Callable[[Any, Any], list[str]],
) -> None:
    """A collection gives the definition, the properties and the findings that its case says, nothing that it forbids,
    and a valid connector whose own mock answers every operation."""
    result = importing(collection(case), case.get("base_url", ""))
    told = [f"{finding.rule} at {finding.route.pointer}".strip() for finding in result.findings]
    quiet = ("missing-api-version", "missing-responses", "unknown-variables", "missing-server")
    loud = [text for text in told if not text.startswith(quiet) or any(text.startswith(w) for w in case["findings"])]
    assert unlike(result.definition, case.get("definition", {})) == []
    assert unlike(result.properties, case.get("properties", {})) == []
    assert sorted(loud) == sorted(case["findings"])
    for text in case.get("absent", ()):
        assert text not in result.text
    assert wrong(result) == []
