"""Findings as people and programs read them: routes become file, line and column here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import Document, Finding, Position, Route


def position_of(finding: Finding, documents: Mapping[str, Document]) -> Position | None:
    """Line and column of a finding, or None when its document is not at hand."""
    return finding.position or _place(finding.route, documents)


def _place(route: Route, documents: Mapping[str, Document]) -> Position | None:
    document = documents.get(route.document)
    return document.position(route) if document is not None else None


def located(finding: Finding, documents: Mapping[str, Document]) -> dict[str, Any]:
    """A finding in the published JSON shape (design/architecture, section 8)."""
    position = position_of(finding, documents)
    shown: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "file": finding.route.document,
        "line": position.line if position else None,
        "column": position.column if position else None,
        "route": finding.route.pointer,
        "message": finding.message,
        "remedy": finding.remedy,
    }
    if finding.related:
        shown["related"] = [
            {"file": route.document, "route": route.pointer, "note": note} for route, note in finding.related
        ]
    if finding.fix:
        shown["fix"] = [
            {"action": edit.action, "file": edit.route.document, "route": edit.route.pointer, "value": edit.value}
            for edit in finding.fix
        ]
    return shown


def described(finding: Finding, documents: Mapping[str, Document] | None = None) -> str:
    """A finding as text: ``file:line:column: severity: message [rule]`` and, indented, the remedy."""
    position = position_of(finding, documents or {})
    place = finding.route.document
    if position:
        place = f"{place}:{position.line}:{position.column}"
    elif finding.route.keys:
        place = str(finding.route)
    head = f"{place}: " if place else ""
    lines = [f"{head}{finding.severity.value}: {finding.message} [{finding.rule}]"]
    lines.extend(f"  see {note}: {_where(route, documents or {})}" for route, note in finding.related)
    if finding.remedy:
        lines.append(f"  {finding.remedy}")
    return "\n".join(lines)


def _where(route: Route, documents: Mapping[str, Document]) -> str:
    position = _place(route, documents)
    return f"{route.document}:{position.line}:{position.column}" if position else str(route)
