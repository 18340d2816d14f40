"""What a service does that keeps the state of a polling trigger itself: 202 and 200 with ``Location`` (reference:
triggers, sections 0 and 2).

The state is a number in the URL, so that the same request gets the same reply. A call without it finds the state; every
other call after that gives the items, and those between say that there is nothing new.
"""

from __future__ import annotations

from ..model import Connector, Operation, OperationKind, Reply, with_header
from ..policy import query
from ..policy.polling_trigger import STATE
from .incoming import Incoming

METADATA = "x-ms-trigger-metadata"
"""On a parameter: it holds the state (the guide), so the service lists what is asked for."""

LONGEST = 12
"""Digits of a state that are read; a longer one is none."""


def keeps_state(connector: Connector, operation: Operation) -> bool:
    """Whether the service of a polling trigger answers with ``Location``: where no policy, no custom code and no
    parameter keeps the state, nobody else does."""
    if operation.kind is not OperationKind.POLLING or connector.scripted(operation.id):
        return False
    if any(isinstance(parameter.raw.get(METADATA), str) for parameter in operation.parameters):
        return False
    return all(instance.template != "pollingtrigger" for instance in connector.policies_of(operation.id))


def polled(incoming: Incoming, items: Reply) -> Reply:
    """The reply to a poll; ``items`` is the one with all that there is."""
    said = query.value_of(incoming.query_text, STATE) or ""
    state = int(said) if said.isascii() and said.isdigit() and len(said) <= LONGEST else 0
    follows = query.with_pair(incoming.query_text, STATE, str(state + 1))
    location = f"{incoming.origin}{incoming.path}?{follows}"
    if state % 2 == 0:
        return Reply(status=202, reason="Accepted", headers=(("Location", location),))
    return Reply(status=200, reason="OK", headers=with_header(items.headers, "Location", location), body=items.body)
