"""setheader, "Set HTTP header": sets, adds or keeps one header of the request or the reply.

Reference: policy-templates, section 4; how several values are sent: API Management's page on ``set-header``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..lang.tokens import Template
from ..model import DocumentError, Finding, Headers, Route, with_header
from .constants import secrets_of, shown_value
from .message import Message, Outcome, with_headers
from .policy import Policy, PolicyParameter
from .scope import MessageScope

ONE_LINE_EACH = frozenset(
    {
        "user-agent",
        "www-authenticate",
        "proxy-authenticate",
        "cookie",
        "set-cookie",
        "warning",
        "date",
        "expires",
        "if-modified-since",
        "if-unmodified-since",
        "last-modified",
        "retry-after",
    }
)
"""Headers in lower case whose values are not joined with commas: they may hold commas or dates."""

OF_THE_TRANSPORT = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
"""Headers in lower case that no policy can set (reference: apim-policies, section 5.2)."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_UNSAFE = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHeader:
    """Set one header."""

    name: str
    value: Template
    if_present: Literal["override", "skip", "append"]

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.value.constant is not None:
            safe_value(self.name, self.value.constant, self.value)

    def apply(self, message: Message, scope: MessageScope) -> Outcome:
        """Evaluate the value, and set the header. An empty value sets it to the empty text."""
        if findings := self.doubts():
            return Outcome(
                message=message, did=f'header "{self.name}" stays as the transport sets it', findings=findings
            )
        present = message.header(self.name) is not None
        if present and self.if_present == "skip":
            return Outcome(message=message, did=f'header "{self.name}" is present and kept')
        value = safe_value(self.name, scope.text(self.value), self.value)
        secrets = secrets_of(self.name, self.value)
        if present and self.if_present == "append":
            changed = with_headers(message, appended(message.headers, self.name, value))
            return Outcome(message=changed, did=f'value added to header "{self.name}"', secrets=secrets)
        headers = with_header(message.headers, self.name, value) if present else (*message.headers, (self.name, value))
        changed = with_headers(message, headers)
        return Outcome(message=changed, did=f'header "{self.name}" {"replaced" if present else "set"}', secrets=secrets)

    def doubts(self) -> tuple[Finding, ...]:
        """A warning for a header that only the transport sets."""
        if self.name.lower() not in OF_THE_TRANSPORT:
            return ()
        return (
            Finding(
                rule="unsendable-header",
                route=Route(),
                message=f'the header "{self.name}" belongs to the transport; a policy cannot set it',
                remedy="take the policy out",
            ),
        )

    def describe(self) -> str:
        """For example ``Authorization = Bearer @connectionParameters('api_key')``; a constant in a header that holds
        secrets is hidden."""
        suffix = "" if self.if_present == "override" else f" ({self.if_present})"
        return f"{self.name} = {shown_value(self.name, self.value)}{suffix}"


def check_name(name: str) -> None:
    """Raises DocumentError ``bad-header-name`` for a name that no header can have (RFC 9110, section 5.6.2)."""
    if not _TOKEN.fullmatch(name):
        raise DocumentError(
            "bad-header-name",
            f'"{name}" is no header name',
            remedy="use letters, digits and hyphens",
        )


def safe_value(name: str, value: str, template: Template) -> str:
    """A header's value. Raises DocumentError ``header-injection`` for one that would break out of the header."""
    if _UNSAFE.search(value):
        raise DocumentError(
            "header-injection",
            f'the value of header "{name}" holds a line break or a null character',
            remedy="give it on one line",
            route=template.route,
        )
    return value


def appended(headers: Headers, name: str, value: str) -> Headers:
    """``headers``, which have that field, with one more value: in the last such line, or on a line of its own."""
    wanted = name.lower()
    last = max(index for index, (key, _) in enumerate(headers) if key.lower() == wanted)
    key, old = headers[last]
    lines = ((key, old), (key, value)) if wanted in ONE_LINE_EACH else ((key, f"{old},{value}" if old else value),)
    return (*headers[:last], *lines, *headers[last + 1 :])


POLICY = Policy(
    id="set-header",
    template="setheader",
    title="Set HTTP header",
    summary="Sets, adds to or keeps one header of the request or the reply.",
    parameters=(
        PolicyParameter(
            name="name", field="name", title="Header name", description="The header to set.", required=True
        ),
        PolicyParameter(
            name="value",
            field="value",
            title="Header value",
            description="What it is set to; may be empty.",
            kind="template",
            required=True,
            may_be_empty=True,
        ),
        PolicyParameter(
            name="existsAction",
            field="if_present",
            title="Action if header exists",
            description="Whether a header that is there is replaced, kept, or given one more value.",
            default="override",
            choices=("override", "skip", "append"),
        ),
    ),
    sections=("request", "response", "failure"),
    build=SetHeader,
    doubts=SetHeader.doubts,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/setheader/setheader",
)
