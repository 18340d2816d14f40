"""A scope for the tests of expressions."""

from __future__ import annotations

from typing import Any

import pytest


class Given:
    """A scope with fixed values."""

    def connection_parameter(self, name: str) -> str | None:
        return {"api_key": "K", "token:env": "1", "a b": "2"}.get(name)

    def connection_parameters(self) -> tuple[str, ...]:
        return ("api_key", "token:env", "a b")

    def header(self, name: str) -> str | None:
        return {"test": "foo"}.get(name.lower())

    def query(self, name: str) -> str | None:
        return {"q": "1 2"}.get(name)

    def path_parameter(self, name: str) -> str | None:
        return {"task-id": "7%2F8", "a b": "9"}.get(name)

    def path_parameters(self) -> tuple[str, ...]:
        return ("task-id", "a b")

    def original_method(self) -> str:
        return "PATCH"

    def body(self) -> Any:
        return {
            "a": {"b": "deep"},
            "@odata.etag": 'W/"1"',
            "list": [{"id": 1}, {"id": 2}],
            "n": 1.5,
            "big": 123456789012345678901234567890,
            "yes": True,
            "none": None,
            "x-y": "h",
        }

    def item(self) -> Any:
        return [1, "x"]

    def trigger_body(self) -> Any:
        return {"value": [{"Id": "t0"}]}


@pytest.fixture
def scope() -> Given:
    """Values for every kind of token."""
    return Given()
