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

    def __post_init__(self) -> None:
        """Raises DocumentError ``bad-host-url`` for a constant that is no URL to send to."""
        if self.template.constant is not None:
            self._base(self.template.constant, "https")

    def apply(self, message: Outgoing, scope: MessageScope) -> Outcome:
        """Evaluate the template and put it in the place of the base URL."""
        changed = message.to(base=self._base(scope.text(self.template), url.scheme_of(message.base)))
        if changed.base == message.base:
            return Outcome(message=message, did="host URL is the one that it was")
        return Outcome(message=changed, did=f'host URL set to "{shown(self.template.text)}"')

    def _base(self, text: str, scheme: str) -> str:
        """The base URL that a text is. Raises DocumentError ``bad-host-url``."""
        text = text.strip()
        if not url.has_scheme(text):
            # Inferred: a value without scheme is one that belongs behind the definition's.
            text = f"{scheme}://{text.removeprefix('//')}"
        flaw, base = url.checked(text)
        if not flaw:
            return base
        notes = self.template.notes
        raise DocumentError(
            "bad-host-url",
            f'what "{shown(self.template.text)}" gives is no URL to send to: {flaw}',
            remedy=notes[0].remedy if notes else "let it give a URL such as https://api.example.com/v1",
            route=self.template.route,
        )

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
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/dynamichosturl/dynamichosturl",
)
