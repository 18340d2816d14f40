"""Checking a notification against what the connector declares of it.

The platform's documentation speaks of validation and does not say what follows from a mismatch (unknown), so a mismatch
is a warning and the event goes on.
"""

from __future__ import annotations

from ..model import MISSING, DocumentError, Finding, Operation, Severity
from ..model.media_type import is_json_type
from ..pipeline.validate import path_text, validator_of
from ..policy.json_body import parse

MOST = 20
"""Mismatches of one notification that are listed."""


def check_notification(operation: Operation, body: bytes, content_type: str) -> tuple[Finding, ...]:
    """What of a notification does not fit ``x-ms-notification-content``; a schema that is not there takes anything."""
    schema = operation.notification
    if schema is None:
        return ()
    value = parse(body) if is_json_type(content_type) or not content_type else MISSING
    if value is MISSING:
        message = (
            f'the notification is no JSON, but "{content_type or "nothing"}"; a flow gets it as it came, in base64'
        )
        return (_finding(operation, message),)
    try:
        schema.resolved()
    except DocumentError:
        return ()
    problems = validator_of(operation, schema, "reply").problems(value)
    return tuple(
        _finding(operation, f'"{path_text(one.path)}" of the notification {one.sentence}') for one in problems[:MOST]
    )


def _finding(operation: Operation, message: str) -> Finding:
    schema = operation.notification
    route = operation.route if schema is None else schema.route
    return Finding(rule="notification-mismatch", route=route, message=message, severity=Severity.WARNING)
