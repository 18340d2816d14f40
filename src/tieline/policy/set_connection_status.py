"""setconnectionstatustounauthenticated: a reply of one status marks the connection as one that must sign in again.

Reference: policy-templates, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model import DocumentError, Finding, Reply, Route
from .message import Outcome
from .policy import Policy, PolicyParameter
from .scope import MessageScope


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConnectionStatus:
    """Mark the connection on one status."""

    status: int

    def __post_init__(self) -> None:
        """Raises DocumentError ``bad-status`` for a number that no reply has."""
        if not 100 <= self.status <= 599:
            raise DocumentError(
                "bad-status", f'"{self.status}" is no HTTP status', remedy="give one from 100 to 599, for example 401"
            )

    def apply(self, message: Reply, scope: MessageScope) -> Outcome:
        """Compare the status; the reply stays as it is."""
        if message.status != self.status:
            return Outcome(message=message, did=f"status is {message.status}, not {self.status}; connection kept")
        finding = Finding(
            rule="connection-unauthenticated",
            route=Route(),
            message=f"the service answered {message.status}: the platform marks the connection as not signed in",
            remedy="check the values of the connection, or sign in again",
        )
        return Outcome(message=message, did="connection marked as not signed in", findings=(finding,))

    def describe(self) -> str:
        """For example ``on status 401``."""
        return f"on status {self.status}"


POLICY = Policy(
    id="set-connection-status",
    template="setconnectionstatustounauthenticated",
    title="Set connection status to unauthenticated",
    summary="Marks the connection as one that must sign in again when the reply has a given status.",
    parameters=(
        PolicyParameter(
            name="statusCode",
            field="status",
            title="HTTP status code",
            description="The status that means so, for example 401.",
            kind="integer",
            required=True,
        ),
    ),
    sections=("response",),
    build=SetConnectionStatus,
    preview=True,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/setconnectionstatustounauthenticated/setconnectionstatustounauthenticated",
)
