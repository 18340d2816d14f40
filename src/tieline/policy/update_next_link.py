"""updatenextlink: lets the link to the next page lead through the connector again.

Reference: policy-templates, section 4. The absolute URL of the service in one property becomes one of the connector, so
that the next page is fetched with credential and policies; path and query below the base URL stay (inferred).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..lang.tokens import Path
from ..model import Reply
from . import json_body, url
from .message import Outcome
from .parents import each_parent
from .policy import Policy, PolicyParameter
from .scope import MessageScope


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateNextLink:
    """Rewrite one link."""

    name: str
    parent: Path

    def apply(self, message: Reply, scope: MessageScope) -> Outcome:
        """Rewrite the link; one to somewhere else, or for a caller without a URL of the connector, stays."""
        return json_body.edit(message, scope.json, lambda body: self._rewritten(body, scope))

    def _rewritten(self, body: Any, scope: MessageScope) -> tuple[Any, str]:
        seen: list[str] = []

        def visit(parent: dict[str, Any]) -> Any:
            link = parent.get(self.name)
            if not isinstance(link, str):
                return parent
            new, did = _through_connector(link, scope)
            seen.append(did)
            return parent if new == link else {**parent, self.name: new}

        changed = each_parent(body, self.parent, visit)
        return changed, f'"{self.name}" {seen[0]}' if seen else f'the reply has no "{self.name}"'

    def describe(self) -> str:
        """For example ``@odata.nextLink of @body()``."""
        return f"{self.name} of {self.parent.text}"


def _through_connector(link: str, scope: MessageScope) -> tuple[str, str]:
    """The link as the caller is to follow it, and what was done with it."""
    caller = scope.context.caller_base
    if not caller:
        return link, "kept: the caller has no URL of the connector"
    bases = [scope.outgoing.base, *([scope.context.server] if scope.context.server else [])]
    for base in bases:
        rest = url.below(link, base)
        if rest is not None:
            return caller.rstrip("/") + rest, "leads through the connector"
    return link, "kept: it leads to another place than the base URL"


POLICY = Policy(
    id="update-next-link",
    template="updatenextlink",
    title="Update next link",
    summary="Lets the link to the next page lead through the connector, so that it is fetched with its credential.",
    parameters=(
        PolicyParameter(
            name="nextLinkPropertyName",
            field="name",
            title="Next link property name",
            description="The property that holds the link, for example @odata.nextLink.",
            required=True,
        ),
        PolicyParameter(
            name="nextLinkParentPropertyPath",
            field="parent",
            title="Parent path",
            description="The object that has the property.",
            kind="path",
            default="@body()",
        ),
    ),
    sections=("response",),
    build=UpdateNextLink,
    since="0.1",
    source="schema of apiProperties.json; what it does is inferred",
)
