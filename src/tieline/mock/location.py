"""Where a ``Location`` leads: always to an address that the backend answers.

What lives here: addresses of what was made, and of the operation that takes it back. What must not: whether a reply has
a ``Location`` (``replies``).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ..model import Connector, Operation, OperationKind, Outline
from ..pipeline.values import to_text
from .incoming import Incoming
from .replies import Prepared
from .routing import Match
from .templates import read

RESULTS = "/.tieline/results/"
"""Where a 202 leads: the result of an operation, done at once."""
USUAL_ID = "1"
"""The id of what was made, when the reply does not say."""


def remover_of(connector: Connector, operation: Operation) -> Outline | None:
    """The operation that ends a webhook subscription (reference: triggers, 1.2): the DELETE below the same path, on the
    same path, or the only one that the connector has. None for what is no webhook, and where none of these is there."""
    if operation.kind is not OperationKind.WEBHOOK:
        return None
    deletes = [outline for outline in connector.definition.operations.outlines if outline.method == "DELETE"]
    own = read(operation.path).segments
    for length in (len(own) + 1, len(own)):
        for outline in deletes:
            segments = read(outline.path).segments
            below = len(segments) == length and segments[: len(own)] == own
            if below and all(segment.names for segment in segments[len(own) :]):
                return outline
    return deletes[0] if len(deletes) == 1 else None


def location(incoming: Incoming, operation: str, match: Match, prepared: Prepared, remover: Outline | None) -> str:
    """The absolute URL for the ``Location`` of a reply."""
    if prepared.leads == "pending":
        return f"{incoming.origin}{RESULTS}{quote(operation, safe='')}"
    if prepared.leads == "self":
        return incoming.origin + incoming.path
    if remover is not None:
        return incoming.origin + match.prefix + _address(remover, match, prepared.value)
    return f"{incoming.origin}{incoming.path.rstrip('/')}/{_identity(prepared.value, '')}"


def _address(outline: Outline, match: Match, value: Any) -> str:
    """The path of another operation, for the thing that a reply describes."""
    known = match.parameters()
    template = read(outline.path)
    out = []
    for segment in template.segments:
        text = quote(segment.literals[0])
        for name, literal in zip(segment.names, segment.literals[1:], strict=True):
            text += known.get(name) or _identity(value, name)
            text += quote(literal)
        out.append(text)
    return "/" + "/".join(out) + ("/" if template.slash and out else "")


def _identity(value: Any, name: str) -> str:
    """The id in a reply: the property called as the path parameter, else ``id``; percent-encoded for a path."""
    if isinstance(value, dict):
        by_name = {key.lower(): part for key, part in value.items()}
        for key in (name.lower(), "id"):
            part = by_name.get(key)
            if isinstance(part, (str, int)) and part != "" and not isinstance(part, bool):
                return quote(to_text(part), safe="")
    return USUAL_ID
