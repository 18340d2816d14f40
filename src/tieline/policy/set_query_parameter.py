"""setqueryparameter, "Set query string parameter": sets, adds or keeps one query parameter of the request.

Reference: policy-templates, section 4. The value is encoded once (inferred); a name may be encoded already (``%24top``
is ``$top``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..lang.tokens import Template
from . import query
from .constants import secrets_of, shown_value
from .message import Outcome, Outgoing
from .policy import Policy, PolicyParameter
from .scope import MessageScope


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQueryParameter:
    """Set one query parameter."""

    name: str
    value: Template
    if_present: Literal["override", "skip", "append"]

    def apply(self, message: Outgoing, scope: MessageScope) -> Outcome:
        """Evaluate the value, and set the parameter. An empty value sends the name with nothing behind ``=``."""
        old = message.query
        present = bool(old) and query.has(old, query.name_of(self.name))
        if present and self.if_present == "skip":
            return Outcome(message=message, did=f'query parameter "{self.name}" is present and kept')
        value = scope.text(self.value)
        if not present:
            new, did = query.added(old, query.pair_of(self.name, value)), "set"
        elif self.if_present == "append":
            new, did = query.added(old, query.pair_of(self.name, value)), "added once more"
        else:
            new, did = query.with_pair(old, self.name, value), "replaced"
        did = f'query parameter "{self.name}" {did}'
        return Outcome(message=message.to(query=new), did=did, secrets=secrets_of(self.name, self.value))

    def describe(self) -> str:
        """For example ``$filter = IsArchived eq false (append)``."""
        suffix = "" if self.if_present == "override" else f" ({self.if_present})"
        return f"{self.name} = {shown_value(self.name, self.value)}{suffix}"


POLICY = Policy(
    id="set-query-parameter",
    template="setqueryparameter",
    title="Set query string parameter",
    summary="Sets, adds or keeps one query parameter of the request.",
    parameters=(
        PolicyParameter(
            name="name",
            field="name",
            title="Query parameter name",
            description="The query parameter to set; may be percent-encoded.",
            required=True,
        ),
        PolicyParameter(
            name="value",
            field="value",
            title="Query parameter value",
            description="What it is set to, not encoded; may be empty.",
            kind="template",
            required=True,
            may_be_empty=True,
        ),
        PolicyParameter(
            name="existsAction",
            field="if_present",
            title="Action if query parameter exists",
            description="Whether a parameter that is there is replaced, kept, or sent beside the new one.",
            default="override",
            choices=("override", "skip", "append"),
        ),
    ),
    sections=("request",),
    build=SetQueryParameter,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/setqueryparameter/setqueryparameter",
)
