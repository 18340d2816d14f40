"""The steps of one pass beside binding, policies and checking: credential, script, send.

Each is a generator that adds what it did to a ``Log``. What lives here knows no retries, no pages and no arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .. import auth
from ..model import (
    Connection,
    Connector,
    Finding,
    Operation,
    Request,
    Sent,
    Severity,
    TraceEntry,
)
from ..model.exchange import Step
from .effects import Send, Steps
from .options import Options


@dataclass(slots=True, kw_only=True)
class Log:
    """What one pass has done so far."""

    trace: list[TraceEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def send(request: Request, log: Log, step: Step = "send") -> Steps[Sent]:
    """Send a request as it is."""
    sent: Sent = yield Send(request)
    answer = f"{sent.reply.status} {sent.reply.reason}".rstrip() if sent.reply is not None else "no reply"
    log.trace.append(
        TraceEntry(
            step=step,
            title=f"{request.method}: {answer}",
            before=request,
            after=sent.reply,
            failure=sent.failure,
            timings=sent.timings,
        )
    )
    return sent


def sign(credential: auth.Prepared, request: Request, log: Log) -> Steps[Request]:
    """Put an operation's credentials on a request. What they need of the world is sent and logged like all else."""
    for entry, values in credential.signing:
        before = request
        request = yield from _asked(entry.scheme.sign(entry, values, request), log)
        declared = entry.definition or entry.parameters[0]
        title = entry.scheme.title(entry)
        log.trace.append(TraceEntry(step="credential", title=title, before=before, after=request, route=declared.route))
    return request


def renew(connector: Connector, operation: Operation, connection: Connection, log: Log) -> Steps[Connection | None]:
    """Renew what can be renewed of a connection; None when nothing was."""
    for credential in auth.credentials_of(connector, operation, connection):
        if credential.scheme.renew is None:
            continue
        renewed = yield from _asked(credential.scheme.renew(credential, connection), log)
        if renewed is not None:
            title = f"renewed: {credential.scheme.title(credential)}"
            log.trace.append(TraceEntry(step="refresh", title=title, route=credential.parameters[0].route))
            return renewed
    return None


def _asked(asking: auth.Asking[auth.Answer], log: Log) -> Steps[auth.Answer]:
    """Run a generator of ``auth``, which yields requests, as a step, which yields effects."""
    try:
        request = next(asking)
        while True:
            sent = yield from send(request, log, "credential")
            request = asking.send(sent)
    except StopIteration as stop:
        answer: auth.Answer = stop.value
        return answer


def not_run(connector: Connector, operation: Operation, options: Options) -> Iterator[Finding]:
    """What of the connector does not run: custom code, as an error, or as a note where the caller goes without."""
    if connector.scripted(operation.id):
        rule = "script-skipped" if options.skip_script else "script-not-run"
        said = "was sent without it" if options.skip_script else "custom code does not run yet"
        yield Finding(
            rule=rule,
            route=operation.route,
            message=f'operation "{operation.id}" is handled by custom code: {said}',
            remedy="" if options.skip_script else "add --skip-script to send the request without it",
            severity=Severity.INFO if options.skip_script else Severity.ERROR,
        )


def dispatch(connector: Connector, operation: Operation, request: Request, log: Log) -> Steps[Sent]:
    """Script or send, and what came of it."""
    if connector.scripted(operation.id):
        log.trace.append(
            TraceEntry(
                step="script", title="skipped: custom code", before=request, after=request, route=operation.route
            )
        )
    return (yield from send(request, log))
