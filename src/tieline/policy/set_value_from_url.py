"""setvaluefromurl, "Set header/query parameter value from URL (Preview)": asks the service for a value first.

Reference: policy-templates, section 4. The side request goes to the base URL as it is then, with the headers as they
are then (the credential among them) and without body; a reply outside 200-299 fails (all inferred).
"""

from __future__ import annotations

from dataclasses import dataclass

from ..lang.tokens import Lookup, Path, Template, get, shown, to_text
from ..model import MISSING, DocumentError, Reply, Request, Secret, Sent, ServiceError, with_header
from . import json_body, query
from .message import Message, Outcome, Outgoing, with_headers
from .policy import Asking, Policy, PolicyParameter
from .relative import check_relative, relative
from .scope import MessageScope
from .set_header import check_name, safe_value


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValueFromUrl:
    """Set one header or query parameter to what a side request gives."""

    target: Template
    url: Template
    value: Path
    method: str

    def __post_init__(self) -> None:
        if self._lookup.source == "headers":
            check_name(self._lookup.name)
        check_relative(self.url)

    @property
    def _lookup(self) -> Lookup:
        """The one token that the target is. Raises DocumentError ``bad-target`` for anything else."""
        part = self.target.parts[0] if len(self.target.parts) == 1 else None
        if isinstance(part, Lookup) and part.source != "connectionParameters":
            return part
        raise DocumentError(
            "bad-target",
            f'"{shown(self.target.text)}" is neither a header nor a query parameter',
            remedy="write @headers('name') or @queryParameters('name')",
            route=self.target.route,
        )

    def apply(self, message: Outgoing, scope: MessageScope) -> Asking:
        """Send the side request, and put the value into the target."""
        sent = yield self._question(message, scope)
        text = self._answer(sent)
        lookup = self._lookup
        if lookup.source == "queryParameters":
            changed: Message = message.to(query=query.with_pair(message.query, lookup.name, text))
            what = "query parameter"
        else:
            value = safe_value(lookup.name, text, self.target)
            changed = with_headers(message, with_header(message.headers, lookup.name, value))
            what = "header"
        did = f'{what} "{lookup.name}" set from "{shown(self.url.text)}"'
        return Outcome(message=changed, did=did, secrets=(Secret(text),) if self._is_secret() else ())

    def _is_secret(self) -> bool:
        """Whether the value is one to hide, by the name of where it comes from or goes to: a token, not an ETag."""
        names = (self._lookup.name, *(key for key in self.value.keys[-1:] if isinstance(key, str)))
        return any(map(json_body.is_secret, names))

    def _question(self, message: Outgoing, scope: MessageScope) -> Outgoing:
        """The side request: the path and query of the template, and nothing of the call's own query or body."""
        path, own = relative(self.url, scope)
        placed = message.to(path=path, query=own, method=self.method)
        request = Request(method=self.method, url=placed.request.url, headers=placed.headers)
        return Outgoing(request=request, base=placed.base)

    def _answer(self, sent: Sent) -> str:
        """The value as text. Raises ServiceError when there is none."""
        reply = sent.reply
        if reply is None:
            assert sent.failure is not None
            raise self._failed(sent.failure.message, sent.failure.remedy)
        if not 200 <= reply.status < 300:
            raise self._failed(f"the service answered {reply.status} {reply.reason}".rstrip(), "see the trace")
        return self._value(reply)

    def _value(self, reply: Reply) -> str:
        body = json_body.read(reply)
        if body is MISSING:
            raise self._failed(json_body.why_none(reply), "see the trace for what came")
        value = get(body, self.value.keys)
        if value is MISSING or value is None:
            raise self._failed(f'"{self.value.text}" leads to nothing in the reply', "see the trace for what came")
        return to_text(value)

    def _failed(self, why: str, remedy: str) -> ServiceError:
        return ServiceError(
            "side-request-failed",
            f'the side request {self.method} "{shown(self.url.text)}" gave no value: {why}',
            remedy=remedy,
        )

    def describe(self) -> str:
        """For example ``@headers('If-Match') = @body()['@odata.etag'] of GET /v1.0/planner/tasks/{id}``."""
        return f"{self.target.text} = {self.value.text} of {self.method} {self.url.text}"


POLICY = Policy(
    id="set-value-from-url",
    template="setvaluefromurl",
    title="Set header/query parameter value from URL",
    summary="Sends a side request and puts a value of its reply into a header or query parameter of the request.",
    parameters=(
        PolicyParameter(
            name="parameterTemplate",
            field="target",
            title="Header or query parameter",
            description="What is set: @headers('name') or @queryParameters('name').",
            kind="template",
            required=True,
        ),
        PolicyParameter(
            name="parameterValueUrl",
            field="url",
            title="URL",
            description="Path of the side request below the base URL, path parameters in braces; may have a query.",
            kind="url",
            required=True,
        ),
        PolicyParameter(
            name="parameterValuePathTemplate",
            field="value",
            title="Value path",
            description="Where the value stands in the JSON reply of the side request.",
            kind="path",
            required=True,
        ),
        PolicyParameter(
            name="httpMethod",
            field="method",
            title="HTTP method",
            description="Method of the side request.",
            default="GET",
            choices=("GET", "POST", "PUT"),
        ),
    ),
    sections=("request",),
    build=SetValueFromUrl,
    preview=True,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/setvaluefromurl/setvaluefromurl",
)
