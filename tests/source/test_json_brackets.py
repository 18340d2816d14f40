"""Valid documents broken on purpose: how often the repair gives back exactly the value that was meant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tieline.model import DocumentError
from tieline.source import SourceDocument, read

DEFINITION: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "T", "version": "1.0", "contact": {"name": "n"}},
    "host": "h",
    "schemes": ["https", "http"],
    "paths": {
        "/a": {
            "get": {
                "operationId": "A",
                "parameters": [
                    {"name": "p", "in": "query", "type": "string"},
                    {"name": "q", "in": "query", "type": "integer", "default": 5},
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "schema": {
                            "type": "object",
                            "required": ["x", "y"],
                            "properties": {
                                "x": {"type": "string"},
                                "y": {"type": "array", "items": {"type": "string"}},
                            },
                        },
                    }
                },
            }
        },
        "/b": {"post": {"operationId": "B", "deprecated": True, "responses": {"default": {"description": "d"}}}},
    },
    "definitions": {},
}


def outcome(data: bytes) -> SourceDocument | DocumentError:
    """What becomes of some bytes: a document, or the error as a value."""
    try:
        return read(data, "x.json")
    except DocumentError as error:
        return error


LAYOUTS = {
    "two spaces": json.dumps(DEFINITION, indent=2),
    "tabs and CRLF": json.dumps(DEFINITION, indent="\t").replace("\n", "\r\n"),
    "one line": json.dumps(DEFINITION, separators=(",", ":")),
}
EXACT = {
    ("two spaces", ","): 25,
    ("two spaces", ":"): 41,
    ("two spaces", "{"): 19,
    ("two spaces", "}"): 20,
    ("two spaces", "["): 3,
    ("two spaces", "]"): 3,
    ("two spaces", '"'): 128,
    ("tabs and CRLF", ","): 25,
    ("tabs and CRLF", ":"): 41,
    ("tabs and CRLF", "{"): 19,
    ("tabs and CRLF", "}"): 20,
    ("tabs and CRLF", "["): 3,
    ("tabs and CRLF", "]"): 3,
    ("tabs and CRLF", '"'): 128,
    ("one line", ","): 25,
    ("one line", ":"): 41,
    ("one line", "{"): 19,
    ("one line", "}"): 4,
    ("one line", "["): 3,
    ("one line", "]"): 2,
    ("one line", '"'): 124,
}
"""How many deletions of one character are repaired to the exact value; may only rise. One brace opens and closes the
empty ``definitions``, so without it there is no value at all; on one line nothing tells where a brace is missing."""


@pytest.mark.parametrize(("layout", "character"), EXACT)
def test_one_character_missing(layout: str, character: str) -> None:
    """Each deletion of one bracket, comma, colon or quote is repaired with a finding, or is a clear error."""
    text = LAYOUTS[layout]
    exact = 0
    for at in (at for at, found in enumerate(text) if found == character):
        document = outcome((text[:at] + text[at + 1 :]).encode())
        if isinstance(document, DocumentError):
            assert document.finding.position is not None
            continue
        assert document.findings, text[max(0, at - 30) : at + 30]
        exact += document.value == DEFINITION
    assert exact >= EXACT[layout, character]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("inserted", ["{", "}", "[", "]", ",", '"', "~"])
def test_one_character_too_many(layout: str, inserted: str) -> None:
    """A character inserted outside strings is repaired with a finding, or is a clear error; it is never swallowed."""
    text = LAYOUTS[layout]
    for at in (at for at, found in enumerate(text) if found in "{}[]:,"):
        document = outcome((text[:at] + inserted + text[at:]).encode())
        if isinstance(document, DocumentError):
            assert document.finding.position is not None
            continue
        assert document.findings, text[max(0, at - 30) : at] + inserted + text[at : at + 30]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_truncated(layout: str) -> None:
    """Wherever the text is cut off, the result says so: as an error, or near the end as a finding."""
    text = LAYOUTS[layout].rstrip("}\r\n")
    for at in range(1, len(text)):
        document = outcome(text[:at].encode())
        if isinstance(document, DocumentError):
            assert document.finding.rule in ("truncated-document", "unreadable-document"), text[:at][-40:]
            continue
        assert document.findings, text[:at][-40:]
        assert sum(finding.rule.startswith("unclosed") for finding in document.findings) <= 3
