"""The findings of one import, each said once, and none of them with a secret in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...model import Finding, Route
from .rules import BY_ID
from .secret_values import Secrets

COUNTED = {
    "missing-responses": "no response of success is saved for {names}; an empty one is added",
    "transport-header": "headers that the sender sets itself are left out: {names}",
    "content-type-without-body": "the content type of requests without a body is left out: {names}",
}
"""Kinds that many places have in the same way -> what is said of all of them together."""


class Dropped(NamedTuple):
    """Operations that are not wanted."""

    ids: Collection[str] = ()
    requests: Sequence[Route] = ()
    """What they are made of."""

    def holds(self, route: Route) -> bool:
        """Whether a place is inside of a request of theirs."""
        return any(route.keys[: len(request.keys)] == request.keys for request in self.requests)


NOTHING_DROPPED = Dropped()


class Notes:
    """Findings in the order in which they were made."""

    __slots__ = ("_about", "_counted", "found")

    def __init__(self) -> None:
        self.found: list[Finding] = []
        """All findings; readers of single values add theirs here too."""
        self._counted: dict[str, list[tuple[Route, str]]] = {}
        self._about: dict[str, frozenset[str]] = {}

    def add(self, rule: str, route: Route, message: str, remedy: str = "", about: Iterable[str] = ()) -> None:
        """Note that ``rule`` was met at a place. Without a remedy the rule's own one is given; ``about`` are the ids of
        the operations that a finding about the whole collection speaks of."""
        kind = BY_ID[rule]
        if about:
            self._about[message] = frozenset(about)
        self.found.append(
            Finding(rule=rule, route=route, message=message, remedy=remedy or kind.remedy, severity=kind.severity)
        )

    def count(self, rule: str, route: Route, name: str) -> None:
        """Count a place of a kind that is noted once, where it is met first."""
        self._counted.setdefault(rule, []).append((route, name))

    def finished(self, secrets: Secrets, dropped: Dropped = NOTHING_DROPPED) -> tuple[Finding, ...]:
        """All findings that are not about dropped operations alone, the same about the same place once, with known
        secrets hidden in their texts."""
        found = [one for one in self.found if not dropped.holds(one.route) and not self._gone(one, dropped)]
        for rule, met in self._counted.items():
            kept = [(route, name) for route, name in met if not dropped.holds(route)]
            if kept:
                names = listed(list(dict.fromkeys(name for _, name in kept)))
                kind = BY_ID[rule]
                message = COUNTED[rule].format(names=names)
                found.append(
                    Finding(rule=rule, route=kept[0][0], message=message, remedy=kind.remedy, severity=kind.severity)
                )
        distinct = {(finding.rule, finding.route, finding.message): finding for finding in found}
        return tuple(
            replace(finding, message=secrets.text(finding.message), remedy=secrets.text(finding.remedy))
            for finding in distinct.values()
        )

    def _gone(self, finding: Finding, dropped: Dropped) -> bool:
        """Whether a finding speaks of dropped operations alone."""
        about = self._about.get(finding.message, frozenset())
        return bool(about) and about <= set(dropped.ids)


def listed(names: list[str], most: int = 6) -> str:
    """Names in quotes for a message, at most ``most`` of them."""
    shown = ", ".join(f'"{name}"' for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
