"""Bodies of errors: Tieline's words put into the shape that a definition declares for its errors.

What lives here: finding the places for code, message and details in a sample. What must not: headers, and whether to
refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .validation import Complaint

MESSAGES = ("message", "errormessage", "error_message", "error_description", "detail", "description", "title", "error")
"""Names (lower case) of a property that says what is wrong, best first."""
CODES = ("code", "errorcode", "error_code")
STATUSES = ("status", "statuscode", "status_code", "httpstatus", "code")
DETAIL_FIELDS = ("field", "property", "parameter", "name", "target", "path")
DETAIL_ERRORS = ("error", "message", "description", "reason", "detail")
DEEPEST = 3
"""Levels at which places are looked for: ``{"error": {"message": …}}`` is the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is not answered as it hopes."""

    status: int
    code: str
    """Kebab-case id, the same as that of the finding."""
    message: str
    complaints: tuple[Complaint, ...] = ()


def plain(refusal: Refusal) -> dict[str, Any]:
    """The body of an error for which nothing is declared."""
    body: dict[str, Any] = {"code": refusal.code, "message": refusal.message}
    if refusal.complaints:
        body["details"] = [{"field": entry.field, "error": entry.error} for entry in refusal.complaints]
    return body


def filled(value: Any, refusal: Refusal) -> Any:
    """A copy of a sample error with status, code, message and details in their places, as far as it has such."""
    return refusal.message if isinstance(value, str) else _filled(value, refusal, 1)


def _filled(value: Any, refusal: Refusal, depth: int) -> Any:
    if isinstance(value, list):
        return [_filled(value[0], refusal, depth)] if len(value) == 1 else value
    if not isinstance(value, dict) or depth > DEEPEST:
        return value
    out = dict(value)
    spoken = next(_named(value, MESSAGES, str), None)
    if spoken is not None:
        out[spoken] = refusal.message
    for name in _named(value, STATUSES, int):
        out[name] = refusal.status
    for name in _named(value, CODES, str):
        out[name] = refusal.code
    for name, part in value.items():
        details = _details(part, refusal.complaints)
        if details is not None:
            out[name] = details
        elif isinstance(part, (dict, list)):
            out[name] = _filled(part, refusal, depth + 1)
    return out


def _named(value: dict[str, Any], names: Sequence[str], kind: type) -> Iterator[str]:
    """Properties with one of the names and a value of that type, in the order of the names."""
    by_name = {name.lower(): name for name in value}
    for name in names:
        found = by_name.get(name)
        if found is not None and isinstance(value[found], kind) and not isinstance(value[found], bool):
            yield found


def _details(value: Any, complaints: Sequence[Complaint]) -> list[Any] | None:
    """One entry per complaint, when ``value`` is a list of objects with places for field and error; else None."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return None
    field = next(_named(value[0], DETAIL_FIELDS, str), None)
    error = next(_named(value[0], DETAIL_ERRORS, str), None)
    if field is None or error is None or field == error:
        return None
    return [{**value[0], field: complaint.field, error: complaint.error} for complaint in complaints]
