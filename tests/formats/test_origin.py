"""Where a part of a definition comes from."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.formats.origin import origin_of
from tieline.model import Outline, Route
from tieline.source import dump, read

SWAGGER = read(dump({"swagger": "2.0"}), "api.json")
OPENAPI = read(dump({"openapi": "3.0.0"}), "api.json")
OUTLINES = [Outline(id="A", method="GET", path="/a", route=Route("paths.json", ("a", "get")))]


@pytest.mark.parametrize(
    ("document", "keys", "expected"),
    [
        (SWAGGER, ("info", "title"), "api.json#/info/title"),
        (SWAGGER, ("definitions", "A"), "api.json#/definitions/A"),
        (OPENAPI, ("definitions", "A", "type"), "api.json#/components/schemas/A/type"),
        (OPENAPI, ("responses", "A"), "api.json#/components/responses/A"),
        (OPENAPI, ("paths", "/a", "get", "summary"), "paths.json#/a/get/summary"),
        (OPENAPI, ("paths", "/a", "post"), "api.json#/paths/~1a/post"),
        (OPENAPI, ("paths", "/a"), "api.json#/paths/~1a"),
        (OPENAPI, (), "api.json"),
    ],
)
def test_origin(document: Any, keys: tuple[str, ...], expected: str) -> None:
    """Operations come from where they are written, shared parts from where their dialect has them."""
    assert str(origin_of(keys, document, OUTLINES)) == expected
