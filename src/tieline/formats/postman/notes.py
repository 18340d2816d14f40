"""The findings of one import, each said once, and none of them with a secret in it."""

from __future__ import annotations

from dataclasses import replace

from ...model import Finding, Route
from .rules import BY_ID
from .secret_values import Secrets

COUNTED = {
    "missing-responses": "no response of success is saved for {names}; an empty one is added",
    "transport-header": "headers that the sender sets itself are left out: {names}",
    "content-type-without-body": "the content type of requests without a body is left out: {names}",
}
"""Kinds that many places have in the same way -> what is said of all of them together."""


class Notes:
    """Findings in the order in which they were made."""

    __slots__ = ("_counted", "found")

    def __init__(self) -> None:
        self.found: list[Finding] = []
        """All findings; readers of single values add theirs here too."""
        self._counted: dict[str, tuple[Route, list[str]]] = {}

    def add(self, rule: str, route: Route, message: str, remedy: str = "") -> None:
        """Note that ``rule`` was met at a place. Without a remedy the rule's own one is given."""
        kind = BY_ID[rule]
        self.found.append(
            Finding(rule=rule, route=route, message=message, remedy=remedy or kind.remedy, severity=kind.severity)
        )

    def count(self, rule: str, route: Route, name: str) -> None:
        """Count a place of a kind that is noted once, where it is met first."""
        self._counted.setdefault(rule, (route, []))[1].append(name)

    def finished(self, secrets: Secrets) -> tuple[Finding, ...]:
        """All findings, the same about the same place once, with known secrets hidden in their texts."""
        for rule, (route, names) in self._counted.items():
            self.add(rule, route, COUNTED[rule].format(names=listed(list(dict.fromkeys(names)))))
        distinct = {(finding.rule, finding.route, finding.message): finding for finding in self.found}
        return tuple(
            replace(finding, message=secrets.text(finding.message), remedy=secrets.text(finding.remedy))
            for finding in distinct.values()
        )


def listed(names: list[str], most: int = 6) -> str:
    """Names in quotes for a message, at most ``most`` of them."""
    shown = ", ".join(f'"{name}"' for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
