"""Two requests are compared in every part, and nothing that means the same is a difference."""

from __future__ import annotations

from typing import Any

import pytest
from lowered.difference import differences
from prescribed.description import of_value
from prescribed.operations import Choice, case_of, listed
from prescribed.short import cases, document_of

from tieline.model import Request

BASE_URL = "https://described.example/specs/v1/openapi.json"


def sent(case: dict[str, Any]) -> Request:
    """The request that a case says was sent."""
    given = case.get("sent", {})
    body = given.get("body", "").encode()
    if "parts" in given:
        # what is no file is UTF-8; the bytes of the file are written as the characters of the same numbers
        codes = ["latin-1" if "octet-stream" in head else "utf-8" for head, _ in given["parts"]]
        parts = [
            b"--B\r\n" + head.encode() + b"\r\n\r\n" + content.encode(code) + b"\r\n"
            for (head, content), code in zip(given["parts"], codes, strict=True)
        ]
        body = b"".join(parts) + b"--B--\r\n"
    return Request(
        method=given.get("method", "POST"),
        url=given.get("url", "https://described.example/things"),
        headers=tuple(map(tuple, given.get("headers", []))),
        body=body,
    )


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in cases("differences.yaml")])
def test_differences(case: dict[str, Any]) -> None:
    """Each case is different in the parts that it says, and in no other."""
    (operation,) = listed(of_value(document_of(case)))
    prescribed = case_of(operation, Choice(full=True), BASE_URL)
    carriers = frozenset(one.parameter.name for one in prescribed.arguments if one.parameter.where == "cookie")
    found = differences(prescribed.request, sent(case), carriers)
    assert sorted(one.what for one in found) == case.get("different", []), found
