"""Places in JSON values: read as an expression or a bare path, looked up, and written without changing the value.

A write copies the containers on its way and shares all else; a write that cannot be done gives back the very value it
was given, so ``is`` tells whether anything changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ...model import MISSING, DocumentError, Route
from . import scanner
from .nodes import Key, Property, Root, Template
from .parser import ROOTS, malformed, parse, shown
from .scanner import Malformed

_EXPRESSION = re.compile(rf"@({'|'.join(ROOTS)})\(", re.IGNORECASE)
"""What begins a whole expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A place: ``@body().a['b'][0]``, ``@item().x``."""

    root: Root
    keys: tuple[Key, ...] = ()
    text: str = field(default="", compare=False)
    """As written, for titles."""


def parse_path(text: str, route: Route | None = None, roots: tuple[Root, ...] = ("body", "item")) -> Path:
    """The place that an expression names. ``body()`` without ``@`` is published and means the same.

    Raises DocumentError ``bad-expression`` for anything but one whole expression that starts from one of ``roots``.
    """
    route = route or Route()
    written = text.strip()
    head = scanner.NAME.match(written)
    if head is not None and head.group().lower() in ROOTS:
        written = "@" + written
    template = parse(written, route)
    part = template.parts[0] if len(template.parts) == 1 else None
    if not isinstance(part, Property) or part.root not in roots:
        raise _no_path(text, template, roots)
    return Path(root=part.root, keys=part.keys, text=text.strip())


def _no_path(text: str, template: Template, roots: tuple[Root, ...]) -> DocumentError:
    """The error for a text that is not one whole path; a misspelt function says what it may have been."""
    wanted = " or ".join(f"@{root}()" for root in roots)
    example = f"write for example @{roots[0]}().name or @{roots[0]}()['a name'][0]"
    notes = [note.remedy for note in template.notes if not note.remedy.startswith("known")]
    return DocumentError(
        "bad-expression",
        f'"{shown(text)}" is no path that starts with {wanted}',
        remedy=notes[0] if notes else example,
        route=template.route,
    )


def parse_keys(text: str, route: Route | None = None) -> tuple[Key, ...]:
    """The keys of a path below another one: ``version``, ``a.b``, ``['@odata.type']``; none for empty or ``null``.

    A text that starts with ``@`` is one key as it stands (``@odata.type``; inferred), but not a whole expression.
    Raises DocumentError ``bad-expression``.
    """
    written = text.strip()
    if written in ("", "null"):
        return ()
    if written.startswith("@"):
        if _EXPRESSION.match(written):
            raise DocumentError(
                "bad-expression",
                f'"{shown(text)}" is an expression, and names below the parent are wanted',
                remedy="write what follows the parentheses, for example name or ['a name']",
                route=route or Route(),
            )
        return (written,)
    try:
        return _keys(written)
    except Malformed as error:
        raise malformed(written, error, route or Route()) from None


def _keys(text: str) -> tuple[Key, ...]:
    """Names between dots, in which all but dots and brackets may stand, and brackets."""
    found: list[Key] = []
    here = int(text.startswith("."))
    while here < len(text):
        if text[here] == "[":
            key, here = scanner.bracketed(text, here)
            found.append(key)
        else:
            end = min(
                (place for place in (text.find(".", here), text.find("[", here)) if place >= 0), default=len(text)
            )
            if end == here:
                raise Malformed(here, "a name is missing", "write names with one dot between them")
            found.append(text[here:end])
            here = end
        if text[here : here + 1] == ".":
            here += 1
            if here == len(text):
                raise Malformed(here - 1, "a name is missing", "write names with one dot between them")
    return tuple(found)


def get(value: Any, keys: tuple[Key, ...], *, any_case: bool = False) -> Any:
    """What stands at a place, or MISSING. ``any_case``: names match whatever their case, the exact one first."""
    for key in keys:
        value = _child(value, key, any_case)
        if value is MISSING:
            return MISSING
    return value


def _child(value: Any, key: Key, any_case: bool) -> Any:
    if isinstance(value, list):
        return value[key] if isinstance(key, int) and key < len(value) else MISSING
    if not isinstance(value, dict) or not isinstance(key, str):
        return MISSING
    if key in value or not any_case:
        return value.get(key, MISSING)
    folded = key.casefold()
    return next((value[name] for name in value if name.casefold() == folded), MISSING)


def put(value: Any, keys: tuple[Key, ...], new: Any, *, create: bool = False) -> Any:
    """``value`` with ``new`` at a place: a property is set or added, an element of an array is replaced.

    What holds the last key must be there; ``create`` makes missing objects on the way. The value itself comes back when
    it cannot be done or when exactly ``new`` stands there already.
    """
    holders: list[Any] = []
    here = value
    for depth, key in enumerate(keys):
        last = depth == len(keys) - 1
        if not _takes(here, key, add=last or create):
            return value
        holders.append(here)
        here = _child(here, key, any_case=False)
        if here is MISSING and not last:
            here = {}
    return value if here is new else _rebuilt(holders, keys, new)


def _takes(holder: Any, key: Key, *, add: bool) -> bool:
    """Whether ``holder`` has something at ``key``, or can have."""
    if isinstance(holder, list):
        return isinstance(key, int) and key < len(holder)
    return isinstance(holder, dict) and isinstance(key, str) and (add or key in holder)


def remove(value: Any, keys: tuple[Key, ...]) -> Any:
    """``value`` without the property or element at a place; the value itself when nothing is there."""
    if not keys or get(value, keys) is MISSING:
        return value
    holders = [value]
    for key in keys[:-1]:
        holders.append(_child(holders[-1], key, any_case=False))
    last = holders.pop().copy()
    del last[keys[-1]]
    return _rebuilt(holders, keys[:-1], last)


def _rebuilt(holders: list[Any], keys: tuple[Key, ...], new: Any) -> Any:
    """Copies of the holders, innermost first, each with the new child at its key."""
    for holder, key in zip(reversed(holders), reversed(keys), strict=True):
        copy = holder.copy()
        copy[key] = new
        new = copy
    return new
