"""Examples, and what must not be in one: a secret, or so much that the definition grows too large."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ...model import JsonObject, Route
from .notes import Notes
from .secret_values import Secrets, is_guessed_secret, says_secret

MOST_EXAMPLE = 10_000
"""Characters of one example. The platform takes definitions of 1 MB (reference: limits, section 1)."""


class Examples:
    """Examples of one collection."""

    __slots__ = ("_secrets",)

    def __init__(self, secrets: Secrets) -> None:
        """Takes the secrets of the collection, all of which are known by now."""
        self._secrets = secrets

    def hides(self, text: str) -> bool:
        """Whether a text holds a known secret."""
        return self._secrets.within(text)

    def text(self, text: str) -> str:
        """A text for people, known secrets hidden."""
        return self._secrets.text(text)

    def scrubbed(self, value: Any) -> Any:
        """A JSON value with known secrets hidden in its texts and names, for a schema to be made of it."""
        match value:
            case str():
                return self._secrets.text(value)
            case dict():
                return {self._secrets.text(name): self.scrubbed(item) for name, item in value.items()}
            case list():
                return [self.scrubbed(item) for item in value]
            case _:
                return value

    def first(self, values: Sequence[Any], route: Route, notes: Notes) -> JsonObject:
        """The first value that may be an example, as the keyword of a schema; nothing when there is none.

        Left out ones are noted.
        """
        for value in values:
            if self.usable(value):
                return {"example": value}
        if values:
            notes.add("example-dropped", route, "the example is left out: it holds a secret, or is very long")
        return {}

    def usable(self, value: Any) -> bool:
        """Whether a value may be shown as an example."""
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return len(text) <= MOST_EXAMPLE and not self._secrets.within(text) and not _holds_guessed(value)


def _holds_guessed(value: Any) -> bool:
    """Whether some property of a value holds a secret as its name tells, or some text does."""
    match value:
        case dict():
            return any(_is_guessed(name, item) or _holds_guessed(item) for name, item in value.items())
        case str():
            return says_secret(value)
        case list():
            return any(map(_holds_guessed, value))
        case _:
            return False


def _is_guessed(name: str, item: Any) -> bool:
    """Whether a property, or an element of its list, is a secret as its name tells."""
    items = item if isinstance(item, list) else [item]
    return any(isinstance(one, str) and is_guessed_secret(name, one) for one in items)
