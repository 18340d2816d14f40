"""Whether the connector of a description sends the requests that are prescribed, operation by operation.

What lives here brings cases, differences and findings together. Which losses are allowed is a data file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from prescribed.description import Description, Node
from prescribed.operations import Operation, case_of, choices, listed, places

from tieline.model import Route

from .calling import BASE_URL, Lowered, Sending, send
from .difference import Difference, differences

LOSSES = Path(__file__).parents[1] / "data" / "wire-losses.json"
"""The closed list: kind of finding -> the limit of the platform that forces it."""

Outcome = Literal["equal", "lost", "different", "idle-loss"]
"""``equal``: all requests are as prescribed. ``lost``: some are not, and findings of the closed list say why.
``different``: some are not, and nothing says so. ``idle-loss``: a finding says that requests differ, and none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one operation."""

    operation: str
    """Method and path."""
    outcome: Outcome
    kinds: tuple[str, ...] = ()
    """Of ``lost`` and ``idle-loss``: the kinds of findings. Of ``different``: the parts of the request."""
    differences: tuple[tuple[str, Difference], ...] = ()
    """What was chosen in a case, and how its request differs."""
    findings: tuple[str, ...] = ()
    """All kinds of findings about what the operation's requests are made of."""

    @property
    def cause(self) -> str:
        """Outcome and kinds, in one text."""
        return " ".join((self.outcome, *self.kinds))

    def __str__(self) -> str:
        shown = "; ".join(f"{choice}: {one.what}: {one.text}" for choice, one in self.differences[:3])
        return f"{self.operation}: {self.cause} ({shown or ', '.join(self.findings)})"


def closed_list() -> dict[str, dict[str, Any]]:
    """The losses that are allowed."""
    found: dict[str, dict[str, Any]] = json.loads(LOSSES.read_text(encoding="utf-8"))
    return found


def verdicts(description: Description, lowered: Lowered) -> list[Verdict]:
    """What became of every operation of a description."""
    losses = closed_list()
    return [verdict(operation, lowered, losses) for operation in listed(description)]


def verdict(operation: Operation, lowered: Lowered, losses: Mapping[str, Mapping[str, Any]]) -> Verdict:
    """What became of one operation. A loss explains only differences in the parts that the list gives for it."""
    found = tuple(_differences(operation, lowered))
    rules = sorted(findings_of(operation, lowered))
    carried = [rule for rule in rules if rule in losses]
    explained = {part for rule in carried for part in losses[rule]["explains"]}
    open_parts = sorted({one.what for _, one in found} - explained)
    outcome: Outcome = "different" if open_parts else "lost" if found else "idle-loss" if carried else "equal"
    kinds = open_parts if open_parts else carried
    return Verdict(
        operation=operation.key, outcome=outcome, kinds=tuple(kinds), differences=found, findings=tuple(rules)
    )


def _differences(operation: Operation, lowered: Lowered) -> Iterable[tuple[str, Difference]]:
    """All differences of all cases, with what was chosen in the case."""
    target = lowered.operation(operation)
    if target is None:
        yield "every call", Difference("operation", "the connector has no such operation")
        return
    media_type = lowered.media_type(target)
    for choice in choices(operation):
        case = case_of(operation, choice, BASE_URL, media_type)
        sending = send(lowered, target, case, operation.path)
        carriers = frozenset(one.parameter.name.lower() for one in case.arguments if one.parameter.where == "cookie")
        for one in _told(sending, differences(case.request, sending.request, carriers) if sending.request else []):
            yield str(choice), one


def _told(sending: Sending, found: list[Difference]) -> list[Difference]:
    """The differences of a case; that nothing was sent is one."""
    return found if sending.request is not None else [Difference("arguments", "; ".join(sending.problems))]


def findings_of(operation: Operation, lowered: Lowered) -> set[str]:
    """Kinds of findings about what an operation's requests are made of."""
    whole, alone = places(operation)
    return {
        one.rule
        for one in lowered.conversion.findings
        if any(_is_in(one.route, place) for place in whole) or any(_is_at(one.route, place) for place in alone)
    }


def _is_in(route: Route, place: Node) -> bool:
    return route.document == place.file and route.keys[: len(place.keys)] == place.keys


def _is_at(route: Route, place: Node) -> bool:
    return route.document == place.file and route.keys == place.keys
