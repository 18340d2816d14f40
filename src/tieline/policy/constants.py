"""How a value is shown that a header or query parameter is set to: expressions as written, secret constants hidden."""

from __future__ import annotations

from ..lang.tokens import Template
from ..model import HIDDEN

SECRET_WORDS = ("secret", "password", "key", "token", "auth", "cookie")
"""Parts of a name, in lower case, that say that a constant may be a secret of the connector's author."""


def shown_value(name: str, value: Template) -> str:
    """The text of the template; ``***`` for a constant under a name that holds secrets."""
    secret = value.constant and any(word in name.lower() for word in SECRET_WORDS)
    return HIDDEN if secret else value.text
