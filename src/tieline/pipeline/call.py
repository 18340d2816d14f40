"""A call as the platform's client makes it: bind, pass, renew after a 401, repeat, follow a 202, fetch pages.

Each wrapper is a generator around the next; ``once`` of ``run`` is the innermost and knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import auth
from ..model import (
    Connection,
    Connector,
    Exchange,
    Finding,
    Operation,
    OperationKind,
    Redactor,
    Reply,
    Request,
    Secret,
    Severity,
    TraceEntry,
)
from ..policy.url import below
from .bind import bind
from .effects import CallSteps, Now, Steps, Wait
from .errors import retry_after
from .links import Link, link, request_for
from .options import DEFAULTS, Options
from .pages import next_link
from .retry import decide
from .run import ANONYMOUS, fetch, once
from .steps import Log, fresh
from .target import target_of

POLL_SECONDS = 20.0
"""Pause between polls of an asynchronous action without ``Retry-After`` (reference: triggers, section 3)."""

SHORTEST_POLL = 1.0
"""The shortest pause between polls, also where ``Retry-After`` says 0: nothing is gained by asking in a circle."""


def call(
    connector: Connector,
    operation: Operation,
    arguments: Mapping[str, Any],
    connection: Connection = ANONYMOUS,
    options: Options = DEFAULTS,
) -> CallSteps:
    """Call an operation with arguments by name.

    The exchange returned holds the last reply; its trace holds every step of every try, poll and page (see
    ``pages.pages`` and ``pages.merged``). Bad arguments, a missing credential and parts that do not run are findings of
    severity error on an exchange without request: nothing was sent then. Never raises.
    """
    bound = bind(connector, operation, arguments, options)
    course = _Course(connector=connector, operation=operation, connection=connection, options=options)
    course.findings.extend(bound.findings)
    if bound.request is None:
        course.findings.extend(auth.prepared(connector, operation, connection).problems)
        return course.finished(Exchange(operation=operation.id))
    title = f"{len(arguments)} argument{'' if len(arguments) == 1 else 's'}"
    course.trace.append(TraceEntry(step="bind", title=title, after=bound.request, route=operation.route))
    request = bound.request
    exchange = yield from course.repeated(lambda: course.authorised(request))
    course.base = exchange.base
    if _is_accepted(exchange) and operation.kind is OperationKind.ACTION and options.follow:
        exchange = yield from course.followed(exchange, request)
    if operation.next_link:
        exchange = yield from course.paged(exchange, request)
    return course.finished(exchange)


def _is_accepted(exchange: Exchange) -> bool:
    """Whether the service said that the result comes later. A 202 without ``Location`` is a result."""
    reply = exchange.reply
    return reply is not None and reply.status == 202 and bool(reply.header("location"))


@dataclass(slots=True, kw_only=True)
class _Course:
    """A call on its way."""

    connector: Connector
    operation: Operation
    connection: Connection
    options: Options
    trace: list[TraceEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    renewed: bool = False
    base: str = ""
    """The base URL that the first pass was sent to."""

    def finished(self, exchange: Exchange) -> Exchange:
        """The last exchange with all that happened before it."""
        findings = (*self.findings, *exchange.findings)
        if len(findings) > 1:
            findings = tuple({(entry.rule, entry.message, entry.route): entry for entry in findings}.values())
        own = exchange.secrets or auth.prepared(self.connector, self.operation, self.connection).secrets
        secrets = tuple(dict.fromkeys((*own, *self.secrets)))
        return Exchange(
            operation=exchange.operation,
            request=exchange.request,
            base=exchange.base,
            reply=exchange.reply,
            failure=exchange.failure,
            timings=exchange.timings,
            trace=tuple(self.trace),
            findings=_veiled(findings, secrets) if findings and secrets else findings,
            error=exchange.error,
            secrets=secrets,
        )

    def authorised(self, request: Request) -> CallSteps:
        """A pass; after a 401 a second one with a renewed token, if the sign-in can make one; once in a call."""
        log = Log()
        lasting = yield from fresh(self.connector, self.connection, log)
        if lasting is None:
            return self._not_signed_in(log)
        self.connection = lasting
        exchange = yield from once(self.connector, self.operation, request, lasting, self.options, log)
        if exchange.reply is None or exchange.reply.status != 401 or self.renewed or lasting.grant is None:
            return exchange
        log = Log()
        renewed = yield from fresh(self.connector, lasting, log, rejected=True)
        self.trace.extend((*exchange.trace, *log.trace))
        self.secrets.extend((*exchange.secrets, *log.secrets))
        if renewed is None or renewed is lasting:
            return replace(exchange, trace=(), findings=(*exchange.findings, *log.findings))
        self.renewed = True
        self.connection = renewed
        return (yield from once(self.connector, self.operation, request, renewed, self.options, Log()))

    def _not_signed_in(self, log: Log) -> Exchange:
        """What there is of a pass whose connection has ended and could not be renewed."""
        return Exchange(
            operation=self.operation.id,
            trace=tuple(log.trace),
            findings=tuple(log.findings),
            secrets=(*self.connection.secrets, *log.secrets),
        )

    def repeated(self, attempt: Callable[[], CallSteps]) -> CallSteps:
        """Try until it ends well or may not be tried again (see ``retry``)."""
        started: float | None = None
        tries = 0
        while True:
            exchange: Exchange = yield from attempt()
            tries += 1
            self.trace.extend(exchange.trace)
            self.secrets.extend(exchange.secrets)
            if exchange.ok or (exchange.reply is None and exchange.failure is None):
                return exchange
            now: float = yield Now()
            started = now - exchange.timings.total / 1000 if started is None else started
            elapsed = now - started
            decision = decide(self.operation, exchange, self.options.retry, tries, elapsed)
            if decision.finding is not None:
                self.findings.append(decision.finding)
            if decision.wait is None:
                return exchange
            why = "no reply" if exchange.reply is None else f"status {exchange.reply.status}"
            title = f"{why}: try {tries + 1} after {decision.wait:g} s"
            self.trace.append(TraceEntry(step="retry", title=title, before=exchange.reply, after=exchange.reply))
            yield Wait(decision.wait)

    def followed(self, exchange: Exchange, request: Request) -> CallSteps:
        """Poll the ``Location`` of a 202 until there is a result (reference: triggers, section 3)."""
        started = yield Now()
        self.findings.extend(_lasting(exchange))
        target = Link()
        while (reply := exchange.reply) is not None and reply.status == 202:
            location = reply.header("location")
            if location:
                target = self._link(exchange, location)
            if not target.url:
                break
            asked = retry_after(reply, exchange.timings.ended)
            pause = max(SHORTEST_POLL, POLL_SECONDS if asked is None else asked)
            if (yield Now()) - started + pause > self.options.follow_seconds:
                self.findings.append(self._still_running(pause))
                break
            self._log_follow(f"result not there yet: asked again after {pause:g} s", reply)
            yield Wait(pause)
            exchange = yield from self._fetched(target, request)
        return exchange

    def paged(self, exchange: Exchange, request: Request) -> CallSteps:
        """Fetch the pages that follow, as many as wanted."""
        fetched: list[str] = [exchange.request.url] if exchange.request is not None else []
        while (reply := exchange.reply) is not None and (text := next_link(self.operation, reply)):
            if len(fetched) >= self.options.pages:
                self._note(
                    "more-pages", "the service has more pages", Severity.INFO, "add --pages N to fetch N of them"
                )
                break
            target = self._link(exchange, text)
            if target.url in fetched:
                self._note("page-loop", "the link to the next page leads back to one already fetched", Severity.WARNING)
                break
            if not target.url:
                break
            fetched.append(target.url)
            self.findings.extend(exchange.findings)
            self._check_next_link(target)
            self._log_follow(f"page {len(fetched)}", reply)
            exchange = yield from self._page(target, request)
        return exchange

    def _page(self, target: Link, request: Request) -> Steps[Exchange]:
        """The page that a link leads to: through the connector where the policy ``updatenextlink`` sends it there."""
        through = self._through_connector(target)
        if through is None:
            return (yield from self._fetched(target, request))
        wanted = request_for(Link(url=through, own=True), request)
        return (yield from self.repeated(lambda: self.authorised(wanted)))

    def _through_connector(self, target: Link) -> str | None:
        """The link as a call of the connector, when it leads below the base URL that the call was sent to."""
        if not target.own or not self._updates_next_link():
            return None
        rest = below(target.url, self.base)
        return None if rest is None else target_of(self.connector, self.operation, self.options)[0] + rest

    def _updates_next_link(self) -> bool:
        return any(entry.template == "updatenextlink" for entry in self.connector.policies_of(self.operation.id))

    def _fetched(self, target: Link, request: Request) -> Steps[Exchange]:
        """What a link leads to."""
        connection = self.connection if target.own else None
        wanted = request_for(target, request)
        return self.repeated(lambda: fetch(self.connector, self.operation, wanted, connection, Log()))

    def _link(self, exchange: Exchange, text: str) -> Link:
        near = exchange.request.url if exchange.request is not None else ""
        target = link(self.connector, self.operation, self.options, near, text, self.base)
        if target.finding is not None:
            self.findings.append(target.finding)
        return target

    def _log_follow(self, title: str, reply: Reply) -> None:
        self.trace.append(TraceEntry(step="follow", title=title, before=reply, after=reply))

    def _note(self, rule: str, message: str, severity: Severity, remedy: str = "") -> None:
        route = self.operation.route
        self.findings.append(Finding(rule=rule, route=route, message=message, remedy=remedy, severity=severity))

    def _still_running(self, pause: float) -> Finding:
        allowed = self.options.follow_seconds
        asked = pause > allowed
        said = f"asks to wait {pause:g} s, longer than the {allowed:g} s allowed" if asked else f"after {allowed:g} s"
        return Finding(
            rule="still-running",
            route=self.operation.route,
            message=f"the service has no result {'yet and ' if asked else ''}{said}; its last answer was 202",
            remedy="allow more time, or ask the service at the reply's Location",
        )

    def _check_next_link(self, target: Link) -> None:
        """Say that the platform would not sign the request for the next page (reference: extensions, section 2)."""
        signed = target.own and auth.credentials_of(self.connector, self.operation, self.connection)
        if signed and not self._updates_next_link():
            self._note(
                "next-link-unsigned",
                "the platform fetches the next page without credential; here it was signed",
                Severity.WARNING,
                'add the policy "updatenextlink", so that the link comes back through the connector',
            )


def _veiled(findings: tuple[Finding, ...], secrets: tuple[Secret, ...]) -> tuple[Finding, ...]:
    """Findings without the secrets that they may quote: a service may send back what it was sent."""
    redactor = Redactor(secrets)
    return tuple(
        entry if (shown := redactor.text(entry.message)) == entry.message else replace(entry, message=shown)
        for entry in findings
    )


def _lasting(exchange: Exchange) -> list[Finding]:
    """Findings that are not about the reply: they hold for the whole call."""
    return [finding for finding in exchange.findings if not finding.rule.startswith("response-")]
