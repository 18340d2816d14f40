"""Error bodies in declared shapes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tieline.mock.refusal import Refusal, filled, plain
from tieline.mock.validation import Complaint

WRONG = (Complaint("a", "is missing"), Complaint("b", "is odd"))
SHAPES: list[tuple[Any, Any]] = [
    ("string", "words"),
    (5, 5),
    ({}, {}),
    ({"message": "string", "other": "string"}, {"message": "words", "other": "string"}),
    ({"Message": "string", "title": "string"}, {"Message": "words", "title": "string"}),
    ({"code": "string", "status": 1}, {"code": "bad", "status": 400}),
    ({"code": 1, "statusCode": 1, "ok": True}, {"code": 400, "statusCode": 400, "ok": True}),
    ({"error": {"code": "string", "message": "string"}}, {"error": {"code": "bad", "message": "words"}}),
    ({"error": "string"}, {"error": "words"}),
    ([{"message": "string"}], [{"message": "words"}]),
    ({"errors": [{"detail": "string"}]}, {"errors": [{"detail": "words"}]}),
    (
        {"details": [{"field": "string", "error": "string", "n": 1}]},
        {"details": [{"field": "a", "error": "is missing", "n": 1}, {"field": "b", "error": "is odd", "n": 1}]},
    ),
    ({"a": {"b": {"c": {"message": "string"}}}}, {"a": {"b": {"c": {"message": "string"}}}}),
    ({"message": None, "status": True}, {"message": None, "status": True}),
]


@pytest.mark.parametrize(("sample", "expected"), SHAPES)
def test_filled(sample: Any, expected: Any) -> None:
    """Words, code, status and details go to their places, and the sample itself stays as it is."""
    before = repr(sample)
    assert filled(sample, Refusal(status=400, code="bad", message="words", complaints=WRONG)) == expected
    assert repr(sample) == before


def test_plain() -> None:
    """Without a declared shape an error has code, message and details."""
    refusal = Refusal(status=400, code="bad", message="words")
    assert plain(refusal) == {"code": "bad", "message": "words"}
    assert plain(replace(refusal, complaints=WRONG[:1]))["details"] == [{"field": "a", "error": "is missing"}]
