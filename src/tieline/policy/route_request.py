"""routerequesttoendpoint, "Route request": sends the request to another path of the same service.

Reference: policy-templates, section 4. The new path replaces what follows the base URL. Path parameters are those with
which the operation was called, encoded as they were. The original query string is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..lang.tokens import Template, shown
from . import query
from .message import Outcome, Outgoing
from .policy import Policy, PolicyParameter
from .relative import check_relative, relative
from .scope import MessageScope

ORIGINAL = "@Request.OriginalHTTPMethod"
"""The choice that keeps the method with which the operation was called."""

METHODS = ("GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD")
"""Methods that a route can send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteRequest:
    """Send the request to another path, and perhaps with another method."""

    path: Template
    method: str

    def __post_init__(self) -> None:
        check_relative(self.path)

    def apply(self, message: Outgoing, scope: MessageScope) -> Outcome:
        """Fill the new path, and put its query before what is kept of the original one."""
        path, own = relative(self.path, scope)
        kept = message.query
        if own and scope.context.settings.routed_query == "replace":
            kept = query.without(kept, map(query.name_of, query.pairs(own)))
        method = scope.original_method() if self.method == ORIGINAL else self.method
        changed = message.to(path=path, query=query.added(own, kept), method=method)
        if changed.request == message.request:
            return Outcome(message=message, did="route is the one that it was")
        return Outcome(message=changed, did=f'routed to {method} "{shown(self.path.text)}"')

    def describe(self) -> str:
        """For example ``DELETE /v1.0/planner/tasks/{id}``."""
        return self.path.text if self.method == ORIGINAL else f"{self.method} {self.path.text}"


POLICY = Policy(
    id="route-request",
    template="routerequesttoendpoint",
    title="Route request",
    summary="Sends the request to another path of the same service, and perhaps with another method.",
    parameters=(
        PolicyParameter(
            name="newPath",
            field="path",
            title="New path",
            description="The path below the base URL, with path parameters in braces; may have a query.",
            kind="url",
            required=True,
        ),
        PolicyParameter(
            name="httpMethod",
            field="method",
            title="HTTP method",
            description="The method to send.",
            default=ORIGINAL,
            choices=(ORIGINAL, *METHODS),
        ),
    ),
    sections=("request",),
    build=RouteRequest,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/routerequesttoendpoint/routerequesttoendpoint",
)
