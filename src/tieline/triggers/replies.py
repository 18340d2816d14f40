"""What came of a call, in words."""

from __future__ import annotations

from ..model import Reply
from ..pipeline.errors import api_error
from .protocol import Called, Report
from .text import one_line

MOST_WORDS = 300
"""Characters of a service's words that are repeated."""


def ok(called: Called) -> bool:
    """Whether a successful reply came (any 2xx; reference: triggers, section 1.1, inferred)."""
    return 200 <= called.status < 300


def words(called: Called) -> str:
    """Why a call failed: the service's words, the status, or why there was no reply."""
    if not called.status:
        return one_line(called.problem) or "there was no reply"
    said = api_error(Reply(status=called.status, headers=called.headers, body=called.body))
    message = one_line(said.message)[:MOST_WORDS]
    return f"the service answered {called.status}" + (f": {message}" if message else "")


def remedy(called: Called) -> str:
    """What to do about a call that failed; empty where nothing general helps."""
    match called.status:
        case 401 | 403:
            return "the connection is refused: see tieline connections test"
        case 404:
            return "look at the host, the base path and the arguments of the trigger"
        case 429:
            return "poll less often"
    return ""


def warning(rule: str, message: str, remedy: str = "") -> Report:
    """A report of something that works but not as it should."""
    return Report(rule=rule, message=message, remedy=remedy, severity="warning")
