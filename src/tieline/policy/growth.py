"""How much text one policy may write into a body: a short expression can ask for more than a memory holds."""

from __future__ import annotations

from ..model import DocumentError

MOST_WRITTEN = 64_000_000
"""Characters that one policy may write into one body: far above any body that an API takes, and below what fills a
memory."""


def check_size(size: int) -> None:
    """Raises DocumentError ``policy-writes-too-much`` for more characters than a policy may write."""
    if size > MOST_WRITTEN:
        raise DocumentError(
            "policy-writes-too-much",
            f"it would write more than {MOST_WRITTEN} characters into the body",
            remedy="send a smaller body, or let the policy write less",
        )
