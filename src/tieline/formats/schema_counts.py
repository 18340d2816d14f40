"""How many schemas a body or a reply has, counted as the platform counts.

What lives here counts; limits and messages are the business of ``meter``. Reference: limits-and-certification,
section 1 (inferred from published connectors: none exceeds 512 when counted so).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..model import DocumentError, JsonObject, Refs

COUNTED = 16_384
"""Counting ends here. It is the platform's limit for a whole operation, so that a larger number would say no more."""

MOST_HOPS = 32
"""References that do nothing but lead to each other; behind more there is nothing that a person can have meant."""


@dataclass(slots=True)
class _Shape:
    """A schema without what its references lead to."""

    own: int = 0
    """Schemas that it holds itself, and references that lead nowhere."""
    refs: Counter[int] = field(default_factory=Counter)
    """Identity of the object that a reference leads to -> how often."""


class SchemaCounts:
    """Counts schemas with what their references lead to; what is shared is counted once and remembered.

    Every schema counts 1: the root, each property, ``items``, ``additionalProperties``, each member of ``allOf``. A
    reference counts what it leads to, and 1 when that is a schema which it stands in.
    """

    def __init__(self, refs: Refs) -> None:
        """Takes what follows the references of the definition."""
        self._refs = refs
        self._targets: dict[int, JsonObject] = {}
        self._shapes: dict[int, _Shape] = {}
        self._totals: dict[int, int] = {}

    def of(self, schema: JsonObject) -> int:
        """The number of schemas, at most :data:`COUNTED`."""
        shape = self._shape(schema)
        for target in shape.refs:
            if target not in self._totals:
                self._complete(target)
        return self._sum(shape)

    def _sum(self, shape: _Shape) -> int:
        total = shape.own + sum(times * self._totals[target] for target, times in shape.refs.items())
        return min(total, COUNTED)

    def _shape(self, schema: JsonObject) -> _Shape:
        """The shape of one schema."""
        shape = _Shape()
        waiting: list[Any] = [schema]
        while waiting:
            value = waiting.pop()
            if not isinstance(value, dict):
                continue
            ref = value.get("$ref")
            target = self._target(ref) if isinstance(ref, str) else None
            if target is not None:
                shape.refs[id(target)] += 1
                continue
            shape.own += 1
            if not isinstance(ref, str):
                waiting.extend(_children(value))
        return shape

    def _target(self, ref: str) -> JsonObject | None:
        """The object that a reference leads to, behind objects that are references too; None when it leads nowhere."""
        for _ in range(MOST_HOPS):
            try:
                target, _ = self._refs.resolve(ref)
            except DocumentError:
                return None
            if not isinstance(target, dict):
                return None
            onward = target.get("$ref")
            if not isinstance(onward, str):
                return self._targets.setdefault(id(target), target)
            ref = onward
        return None

    def _shape_at(self, target: int) -> _Shape:
        shape = self._shapes.get(target)
        if shape is None:
            shape = self._shapes[target] = self._shape(self._targets[target])
        return shape

    def _complete(self, start: int) -> None:
        """Work out the total of a target and of all that it leads to, each after what it leads to (Tarjan)."""
        order: dict[int, int] = {start: 0}
        lowest: dict[int, int] = {start: 0}
        path: list[int] = [start]
        waiting: list[tuple[int, Iterator[int]]] = [(start, iter(self._shape_at(start).refs))]
        while waiting:
            here, rest = waiting[-1]
            following = next((target for target in rest if target not in self._totals), None)
            if following is None:
                waiting.pop()
                if lowest[here] == order[here]:
                    self._finish(here, path)
                if waiting:
                    above = waiting[-1][0]
                    lowest[above] = min(lowest[above], lowest[here])
            elif following in order:
                lowest[here] = min(lowest[here], order[following])
            else:
                order[following] = lowest[following] = len(order)
                path.append(following)
                waiting.append((following, iter(self._shape_at(following).refs)))

    def _finish(self, first: int, path: list[int]) -> None:
        """Take the targets that lead to each other off the path and note their totals."""
        at = path.index(first)
        together = frozenset(path[at:])
        del path[at:]
        if len(together) == 1 and first not in self._shapes[first].refs:
            self._totals[first] = self._sum(self._shapes[first])
        else:
            self._totals.update({target: self._cyclic(target, together) for target in together})

    def _cyclic(self, start: int, together: frozenset[int]) -> int:
        """The total of a target that leads back to itself: along each way the same one is entered once."""
        total = 0
        waiting = [(start, 1, frozenset({start}))]
        while waiting and total + len(waiting) < COUNTED:
            here, times, entered = waiting.pop()
            shape = self._shapes[here]
            total += times * shape.own
            for target, number in shape.refs.items():
                if target not in together:
                    total += times * number * self._totals[target]
                elif target in entered:
                    total += times * number
                else:
                    waiting.append((target, times * number, entered | {target}))
        return min(total + len(waiting) if waiting else total, COUNTED)


def _children(schema: JsonObject) -> Iterator[Any]:
    """The schemas right below one."""
    properties = schema.get("properties")
    if isinstance(properties, dict):
        yield from properties.values()
    items = schema.get("items")
    if isinstance(items, list):
        yield from items
    else:
        yield items
    yield schema.get("additionalProperties")
    members = schema.get("allOf")
    if isinstance(members, list):
        yield from members
