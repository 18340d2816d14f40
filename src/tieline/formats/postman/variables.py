"""Variables: ``{{name}}`` in texts of a collection, as far as the collection itself says what they are.

What lives here fills texts in. Values of secret variables are never filled in; those of environments are not known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..fields import Fields, scalar_text
from .secret_values import Secrets, is_secret_name

VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
"""A variable in a text."""

DYNAMIC = "$"
"""What the names of variables begin with that Postman makes up a value for at each sending: ``{{$guid}}``."""

MOST_ROUNDS = 20
"""How deep variables inside the values of variables are followed; Postman's own limit is of that size."""

MOST_TEXT = 100_000
"""Characters that filling in may add to a text; only variables that are made to explode need more."""

MOST_TEXTS = 50_000_000
"""The same for all texts of a collection together."""

KEYS = ("variable", "variables")
"""Where variables are declared; early exports of format 2.0 have the second key."""

_PLAIN = re.compile(r"|https?://.*|[0-9]{1,6}|true|false", re.IGNORECASE | re.DOTALL)


class Filled(NamedTuple):
    """A text with all known variables filled in."""

    text: str
    unknown: tuple[str, ...]
    """Names of the variables that are left in it, each once."""


@dataclass(slots=True)
class Met:
    """What filling in the texts of one collection has met."""

    unknown: dict[str, None] = field(default_factory=dict)
    """Names of variables without a value, in the order in which they were met."""
    left: int = MOST_TEXTS
    """Characters that may still be added."""


class Variables:
    """The variables that hold at one place of a collection."""

    __slots__ = ("_met", "_values")

    def __init__(self, values: Mapping[str, str], met: Met) -> None:
        """Takes the known values by name, and what the collection shares."""
        self._values = values
        self._met = met

    def inside(self, values: Mapping[str, str | None]) -> Variables:
        """The variables of a place further inside, with its own ones; None takes a value away."""
        if not values:
            return self
        merged = {**self._values, **values}
        return Variables({name: value for name, value in merged.items() if value is not None}, self._met)

    def fill(self, text: str) -> Filled:
        """``text`` with every variable filled in whose value is known; names of others are collected."""
        text = self.peek(text)
        unknown = tuple(dict.fromkeys(name.strip() for name in VARIABLE.findall(text))) if "{{" in text else ()
        self._met.unknown.update(dict.fromkeys(unknown))
        return Filled(text, unknown)

    def peek(self, text: str) -> str:
        """The same text, for looking at it only."""
        left = most = min(MOST_TEXT, self._met.left)

        def value(match: re.Match[str]) -> str:
            nonlocal left
            found = self._values.get(match[1].strip())
            if found is None or len(found) > left:
                return match[0]
            left -= len(found)
            return found

        for _ in range(MOST_ROUNDS):
            filled = VARIABLE.sub(value, text) if "{{" in text else text
            if filled == text:
                break
            text = filled
        self._met.left -= most - left
        return text


def declared(holder: Fields, outer: Variables, secrets: Secrets) -> Variables:
    """The variables that hold inside a collection, folder or request: those around it and its own.

    The value of a secret one is not known, but kept as a secret, also of one that is switched off. Secret is one whose
    type says so, or whose name does unless its value is a URL or a short number. An empty value is not known either: an
    environment or a script gives it.
    """
    known: dict[str, str | None] = {}
    hidden: list[str] = []
    for key in KEYS:
        for variable in holder.children(key):
            name = scalar_text(variable.get("key")) or scalar_text(variable.get("id"))
            value = scalar_text(variable.get("value"))
            if not name or value is None:
                continue
            secret = variable.get("type") == "secret" or (is_secret_name(name) and not _PLAIN.fullmatch(value))
            hidden += [value] if secret else []
            if not variable.flag("disabled"):
                known[name.strip()] = None if secret or not value else value
    found = outer.inside(known)
    for value in hidden:
        secrets.add(found.peek(value))
    return found
