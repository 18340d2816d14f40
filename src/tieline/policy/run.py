"""Runs the policies of a call: a generator that yields side requests and keeps a trace of every instance.

Each instance sees what the former ones did. One that fails stops the call with an error finding at its place; one that
does nothing says why. What lives here knows no single policy.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field, replace

from ..model import DocumentError, Finding, Reply, Request, Secret, Sent, ServiceError, Severity, TraceEntry
from .chain import Chain, Link
from .json_body import JsonBody, secrets_in
from .message import Message, Outcome, Outgoing
from .policy import Asking
from .scope import Context, MessageScope


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What the policies of one side made of a call."""

    outgoing: Outgoing
    """The request as it is to be sent, or as it was sent."""
    reply: Reply | None = None
    """The reply after the policies; None on the way out, and when none came."""
    trace: tuple[TraceEntry, ...] = ()
    """One entry for each instance, and one for each side request before that of its instance."""
    findings: tuple[Finding, ...] = ()
    secrets: tuple[Secret, ...] = ()
    """Secrets that came with side requests."""
    stopped: bool = False
    """Whether a policy failed; then the last finding says which and why, and nothing more is to be sent."""


Passing = Generator[Request, Sent, Passed]
"""Yields side requests, is sent what came of them, returns what the policies made."""


def run_request(chain: Chain, outgoing: Outgoing, context: Context) -> Passing:
    """Run the Request section. Findings about the instances of all sections come with it; a broken one stops the call
    before anything runs."""
    if chain.broken:
        errors_last = sorted(chain.findings, key=lambda finding: finding.severity is Severity.ERROR)
        return Passed(outgoing=outgoing, findings=tuple(errors_last), stopped=True)
    if not chain.request:
        return Passed(outgoing=outgoing, findings=chain.findings)
    running = _Running(context=context, outgoing=outgoing, findings=list(chain.findings))
    message = yield from running.through(chain.request, outgoing)
    assert isinstance(message, Outgoing)  # no policy makes a reply of a request
    return running.passed(message, None)


def run_reply(chain: Chain, outgoing: Outgoing, sent: Sent, context: Context) -> Passing:
    """Run the Response section on a reply, or the Failure section when there is none.

    ``outgoing`` is the request that was answered. Which of the two sees a reply of 400 and above is a setting.
    """
    reply = sent.reply
    running = _Running(context=context, outgoing=outgoing)
    if reply is None:
        running.note_without_reply(chain.failure)
        return running.passed(outgoing, None)
    failed = reply.status >= 400 and context.settings.error_replies == "failure"
    message = yield from running.through(chain.failure if failed else chain.response, reply)
    assert isinstance(message, Reply)  # no policy makes a request of a reply
    return running.passed(outgoing, message)


@dataclass(slots=True, kw_only=True)
class _Running:
    """One pass through the links of a section."""

    context: Context
    outgoing: Outgoing
    trace: list[TraceEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    stopped: bool = False

    def passed(self, outgoing: Outgoing, reply: Reply | None) -> Passed:
        """The result."""
        return Passed(
            outgoing=outgoing,
            reply=reply,
            trace=tuple(self.trace),
            findings=tuple(self.findings),
            secrets=tuple(self.secrets),
            stopped=self.stopped,
        )

    def through(self, links: tuple[Link, ...], message: Message) -> Generator[Request, Sent, Message]:
        """The message after all links, or after those before the one that failed."""
        scope = MessageScope(self.context, message, self.outgoing, JsonBody())
        for link in links:
            scope.move(message)
            try:
                outcome = link.behaviour.apply(message, scope)
                if not isinstance(outcome, Outcome):
                    outcome = yield from self._asking(outcome, link)
            except (DocumentError, ServiceError) as error:
                self._stop(link, message, error)
                break
            self._note(link, message, outcome)
            message = outcome.message
        return message

    def _asking(self, steps: Asking, link: Link) -> Generator[Request, Sent, Outcome]:
        """Drive a policy that sends side requests; they go to ``--server`` as the call itself does."""
        try:
            wanted = next(steps)
            while True:
                server = self.context.server
                request = wanted.request if server is None else wanted.to(base=server).request
                sent = yield request
                self._note_send(link, request, sent)
                wanted = steps.send(sent)
        except StopIteration as stop:
            outcome: Outcome = stop.value
            return outcome

    def _note(self, link: Link, before: Message, outcome: Outcome) -> None:
        after = outcome.message
        self.trace.append(
            TraceEntry(
                step="policy",
                title=f"{link.policy.template}: {outcome.did}",
                before=_shown(before),
                after=_shown(after),
                route=link.instance.route,
            )
        )
        self.secrets.extend(outcome.secrets)
        for finding in outcome.findings:
            self.findings.append(_placed(finding, link))

    def _note_send(self, link: Link, request: Request, sent: Sent) -> None:
        """Note a side request; what is secret in its reply is so whatever becomes of it."""
        if sent.reply is not None:
            self.secrets.extend(secrets_in(sent.reply))
        self.trace.append(
            TraceEntry(
                step="send",
                title=f"{link.policy.template}: side request {request.method}",
                before=request,
                after=sent.reply,
                route=link.instance.route,
                failure=sent.failure,
                timings=sent.timings,
            )
        )

    def _stop(self, link: Link, message: Message, error: DocumentError | ServiceError) -> None:
        """Note that a policy failed; it changed nothing."""
        self.stopped = True
        finding = _placed(error.finding, link)
        finding = replace(finding, message=f'policy "{link.policy.template}": {finding.message}')
        self.findings.append(finding)
        shown = _shown(message)
        self.trace.append(
            TraceEntry(
                step="policy",
                title=f"{link.policy.template}: failed",
                before=shown,
                after=shown,
                route=link.instance.route,
            )
        )

    def note_without_reply(self, links: tuple[Link, ...]) -> None:
        """Note the instances of the Failure section: without a reply there is nothing that they could change."""
        for link in links:
            title = f"{link.policy.template}: no reply came, so there is nothing to change"
            self.trace.append(TraceEntry(step="policy", title=title, route=link.instance.route))


def _shown(message: Message) -> Request | Reply:
    """A message as the trace holds it."""
    return message.request if isinstance(message, Outgoing) else message


def _placed(finding: Finding, link: Link) -> Finding:
    """A finding with the place of the instance where it has none of its own."""
    return finding if finding.route.keys else replace(finding, route=link.instance.route)
