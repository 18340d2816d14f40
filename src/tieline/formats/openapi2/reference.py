"""Following the reference that stands in the place of a parameter or a response."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...model import DocumentError, Finding, Refs, Route, Severity
from ..fields import Fields, wrong_type


def followed(value: Any, route: Route, refs: Refs, notes: list[Finding]) -> Fields | None:
    """The object behind a reference (or the object itself) with its own route.

    None, with a finding, for a reference that leads nowhere or only back to itself, and for what is no object.
    """
    here = route
    seen: set[str] = set()
    while isinstance(value, dict) and isinstance(ref := value.get("$ref"), str):
        if ref in seen:
            message = f'reference "{ref}" only leads back to itself'
            notes.append(Finding(rule="ref-loop", route=route, message=message, remedy="write out one of them"))
            return None
        seen.add(ref)
        try:
            value, here = refs.resolve(ref)
        except DocumentError as error:
            notes.append(replace(error.finding, route=route / "$ref", severity=Severity.WARNING))
            return None
    if isinstance(value, dict):
        return Fields(value, here, notes)
    notes.append(wrong_type(_name(here), here, "an object", value))
    return None


def _name(route: Route) -> str:
    """What a value is called in a message: its name, or its list's with its place."""
    match route.keys:
        case (*_, str() as holder, int() as index):
            return f"{holder}[{index}]"
        case (*_, key):
            return str(key)
    return "document"
