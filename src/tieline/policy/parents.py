"""Parents of properties in a JSON body: one object, or every object of a collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..lang.tokens import Path, get, put

Visit = Callable[[dict[str, Any]], Any]
"""Takes a parent object and gives the changed one, or the very same."""


def each_parent(body: Any, parent: Path, visit: Visit) -> Any:
    """The body with every parent object changed; the body itself when none was.

    A parent that is an array stands for each of its objects, which is ``@item()`` then (reference: policy-templates,
    setproperty). A parent that is missing, null, or no object is left alone (inferred).
    """
    here = get(body, parent.keys)
    if isinstance(here, dict):
        return put(body, parent.keys, visit(here))
    if not isinstance(here, list):
        return body
    changed = [visit(entry) if isinstance(entry, dict) else entry for entry in here]
    same = all(new is old for new, old in zip(changed, here, strict=True))
    return body if same else put(body, parent.keys, changed)


def count_parents(body: Any, parent: Path) -> int:
    """How many objects :func:`each_parent` visits."""
    here = get(body, parent.keys)
    if isinstance(here, list):
        return sum(isinstance(entry, dict) for entry in here)
    return int(isinstance(here, dict))
