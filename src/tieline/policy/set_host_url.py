"""dynamichosturl, "Set host URL": replaces scheme, host **and base path** of the request.

Reference: policy-templates, section 4: the template replaces the whole base URL (observed), the operation's path
follows it with exactly one slash between. The last instance wins.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..lang.tokens import Template, shown
from ..model import DocumentError
from . import url
from .message import Outcome, Outgoing
from .policy import Policy, PolicyParameter
from .scope import MessageScope


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHostUrl:
    """Send the request to another base URL."""

    template: Template

    def apply(self, message: Outgoing, scope: MessageScope) -> Outcome:
        """Evaluate the template and put it in the place of the base URL."""
        text = scope.text(self.template).strip()
        if not url.has_scheme(text):
            # Inferred: a value without scheme is one that belongs behind the definition's.
            text = f"{url.scheme_of(message.base)}://{text.removeprefix('//')}"
        flaw, base = url.checked(text)
        if flaw:
            raise DocumentError(
                "bad-host-url",
                f'what "{shown(self.template.text)}" gives is no URL to send to: {flaw}',
                remedy="let it give a URL such as https://api.example.com/v1",
                route=self.template.route,
            )
        changed = message.to(base=base)
        if changed.base == message.base:
            return Outcome(message=message, did="host URL is the one that it was")
        return Outcome(message=changed, did=f'host URL set to "{shown(self.template.text)}"')

    def describe(self) -> str:
        """The template as written."""
        return self.template.text


PARAMETERS = (
    PolicyParameter(
        name="urlTemplate",
        field="template",
        title="URL template",
        description="The base URL that the operation's path is put behind: scheme, host and base path.",
        kind="template",
        required=True,
    ),
)
"""Of the two templates that do this."""

POLICY = Policy(
    id="set-host-url",
    template="dynamichosturl",
    title="Set host URL",
    summary="Replaces scheme, host and base path of the request.",
    parameters=PARAMETERS,
    sections=("request",),
    build=SetHostUrl,
    since="0.2",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/dynamichosturl/dynamichosturl",
)
