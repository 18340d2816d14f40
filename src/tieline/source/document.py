"""A document: its bytes, its value, and where each value stands in the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import yaml

from ..model import DocumentError, Edit, Finding, Position, Route
from .limits import Limits


class SourceDocument:
    """One document as its author wrote it."""

    __slots__ = ("data", "findings", "format", "name", "value")

    def __init__(self, *, name: str, data: bytes, value: Any, format: str, findings: tuple[Finding, ...] = ()) -> None:
        """Takes what a reader found."""
        self.name = name
        self.data = data
        self.value = value
        self.format = format
        self.findings = findings

    def position(self, route: Route) -> Position | None:
        """Line and column of a route."""
        return None


def read(data: bytes, name: str, limits: Limits = Limits()) -> SourceDocument:
    """Read JSON or YAML."""
    try:
        return SourceDocument(name=name, data=data, value=orjson.loads(data), format="json")
    except orjson.JSONDecodeError:
        try:
            return SourceDocument(name=name, data=data, value=yaml.load(data, yaml.CSafeLoader), format="yaml")
        except yaml.YAMLError as error:
            raise DocumentError("unreadable-document", str(error)) from None


def edit(document: SourceDocument, edits: Sequence[Edit]) -> SourceDocument:
    """Patch the text."""
    raise NotImplementedError


def dump(value: Any) -> bytes:
    """A new JSON document."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
