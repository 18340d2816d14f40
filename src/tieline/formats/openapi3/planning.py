"""The plans of a description: what operations are given because of what stands elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from .links import plan_links
from .lowering import Lowering
from .operations import Entry
from .plan import Plans, merged
from .triggers import plan_triggers


def plan_all(entries: Sequence[Entry], low: Lowering) -> Plans:
    """The plans for all operations of a description; those of most are empty."""
    triggers = plan_triggers(entries, low)
    return Plans(merged((triggers.plans, plan_links(entries, low))), triggers.contents)
