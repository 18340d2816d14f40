"""What the server was asked, for tests and people who want to see what their client does. Never a secret."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

LONGEST = 500
"""Characters of a text that are kept."""

UNKNOWN = "unknown"
"""In the place of a name that is none of ours: it may be a secret that was sent in the wrong field."""


@dataclass(slots=True, kw_only=True)
class Asked:
    """One request."""

    at: float
    """When, in seconds since 1970."""
    method: str
    path: str
    grant_type: str = ""
    """The plain name of the grant, for requests of a token."""
    client_id: str = ""
    client_auth: str = ""
    """How the client proved itself: ``body``, ``basic``, ``assertion`` or ``none``."""
    scope: str = ""
    resource: str = ""
    status: int = 0
    """Of the reply; 0 while there is none."""
    error: str = ""
    """The error code of the reply."""

    def json(self) -> dict[str, Any]:
        """The entry as JSON."""
        return asdict(self)


def short(text: str) -> str:
    """As much of a text as is kept."""
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
