"""Which of Postman's files are read, and what is said of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tieline.formats import convert, format_of
from tieline.model import DocumentError
from tieline.source import dump, read

CASES = ("refused",)


def test_other_files_are_refused(case: dict[str, Any]) -> None:
    """A file of Postman's that is no collection of format 2 is refused with what it is and what to do."""
    with pytest.raises(DocumentError) as caught:
        convert(read(dump(case["value"]), "x.json"))
    assert caught.value.finding.rule == case["rule"]
    assert case["said"] in caught.value.finding.message
    assert "x.json" in caught.value.finding.message
    assert caught.value.finding.remedy


def test_a_wrapped_collection_is_read(importing: Callable[..., Any]) -> None:
    """A collection as Postman's own API gives it is read, and findings show the way into it."""
    inner = {
        "info": {"name": "T"},
        "item": [{"name": "A", "request": {"method": "COPY", "url": "https://a.example.com"}}],
    }
    document = read(dump({"collection": inner}), "x.json")
    assert format_of(document).id == "postman"
    result = importing(document)
    assert result.definition["info"]["title"] == "T"
    routes = {finding.rule: finding.route.pointer for finding in result.findings}
    assert routes["method-dropped"] == "/collection/item/0/request"
    assert document.position(result.findings[0].route) is not None
