"""What an operation is given because of what stands elsewhere in the description: a trigger, pages, choices.

What lives here are values. ``triggers`` and ``links`` work them out from the list of operations, before any of them is
lowered; ``operations`` puts them in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ...model import Finding, JsonObject
from .bodies import Body
from .lowering import Lowering, Part
from .notes import Notes

NOTIFICATION = "x-ms-notification-content"
"""Where a path item says what a webhook trigger is sent (reference: triggers, section 0)."""

TRIGGER = "x-ms-trigger"
"""What makes a trigger of an operation: ``single`` or ``batch``."""


class Plan(NamedTuple):
    """What one operation is given."""

    extensions: JsonObject = {}
    """Of the operation."""
    parameters: Mapping[str, JsonObject] = {}
    """Name of a parameter -> its extensions."""
    body: Body | None = None
    """The body in which the callback URL is marked, in place of the operation's own."""
    findings: tuple[Finding, ...] = ()

    def added(self, parameter: Part) -> Part:
        """A Swagger parameter of the operation with what it is given."""
        extensions = self.parameters.get(parameter[0]["name"])
        return parameter if extensions is None else ({**parameter[0], **extensions}, parameter[1])


NO_PLAN = Plan()
"""The plan of most operations."""

Key = tuple[str, str]
"""Method in lower case, and path."""


class Plans(NamedTuple):
    """The plans of a description."""

    operations: Mapping[Key, Plan] = {}
    contents: Mapping[str, JsonObject] = {}
    """Path -> what its webhook trigger is sent, where the path item does not say it itself."""

    def of(self, method: str, path: str) -> Plan:
        """The plan of an operation."""
        return self.operations.get((method, path), NO_PLAN)


class Apart:
    """Findings that are kept apart while this is entered, for a plan."""

    __slots__ = ("_low", "_outer", "notes")

    def __init__(self, low: Lowering) -> None:
        """Takes the lowering whose findings are kept apart."""
        self._low = low
        self._outer = low.notes
        self.notes = Notes()

    def __enter__(self) -> Notes:
        """Gives where the findings go from here on."""
        self._outer, self._low.notes = self._low.notes, self.notes
        return self.notes

    def __exit__(self, *_: object) -> None:
        """Lets findings go where they went before."""
        self._low.notes = self._outer


def merged(plans: Iterable[Mapping[Key, Plan]]) -> dict[Key, Plan]:
    """One plan for each operation of several."""
    out: dict[Key, Plan] = {}
    for key, plan in (item for several in plans for item in several.items()):
        known = out.get(key, NO_PLAN)
        out[key] = Plan(
            extensions={**known.extensions, **plan.extensions},
            parameters={**known.parameters, **plan.parameters},
            body=plan.body or known.body,
            findings=(*known.findings, *plan.findings),
        )
    return out


def is_trigger(operation: JsonObject) -> bool:
    """Whether an operation says itself that it is a trigger."""
    return bool(operation.get(TRIGGER))


def is_declared(item: Part, operation: Part) -> bool:
    """Whether an operation says itself that it is a webhook trigger (reference: triggers, section 0)."""
    return NOTIFICATION in item[0] and is_trigger(operation[0])
