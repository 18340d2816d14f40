"""Constants that a header or query parameter is set to: those under names of secrets may be secrets of the author."""

from __future__ import annotations

from functools import lru_cache

from ..lang.tokens import Template
from ..model import HIDDEN, Secret

SECRET_WORDS = ("secret", "password", "key", "token", "auth", "cookie")
"""Parts of a name, in lower case, that say that a constant may be a secret of the connector's author."""

SHORTEST_SECRET = 8
"""Characters from which on such a constant is hidden wherever it stands: words as ``basic`` and ``true`` are no
secrets, and would hide much else."""


def shown_value(name: str, value: Template) -> str:
    """The text of the template; ``***`` for a constant under a name that holds secrets."""
    return HIDDEN if _is_secret(name, value) else value.text


def secrets_of(name: str, value: Template) -> tuple[Secret, ...]:
    """What must be hidden in all that is shown of a call for which a header or query parameter is set."""
    return (Secret(value.text),) if _is_secret(name, value) and len(value.text) >= SHORTEST_SECRET else ()


def _is_secret(name: str, value: Template) -> bool:
    return bool(value.constant) and _names_a_secret(name)


@lru_cache
def _names_a_secret(name: str) -> bool:
    """Whether a header or parameter of that name holds a secret; asked in each call."""
    return any(word in name.lower() for word in SECRET_WORDS)
