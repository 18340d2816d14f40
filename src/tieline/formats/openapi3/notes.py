"""The findings of one lowering, each said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ...model import Finding, Route
from .place import Place, route_of
from .rules import BY_ID


class Notes:
    """Findings in the order in which they were made; the same finding about the same place counts once."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, Route, str], Finding] = {}

    def add(self, rule: str, at: Place, message: str, remedy: str = "") -> None:
        """Note that ``rule`` was met ``at`` a place. Without a remedy the rule's own one is given."""
        kind = BY_ID[rule]
        route = route_of(at)
        if (rule, route, message) not in self._found:
            self._found[rule, route, message] = Finding(
                rule=rule, route=route, message=message, remedy=remedy or kind.remedy, severity=kind.severity
            )

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take over findings made elsewhere."""
        for finding in findings:
            self._found.setdefault((finding.rule, finding.route, finding.message), finding)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found.values())
