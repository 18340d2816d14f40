"""The steps of one pass beside binding, policies and checking: credential, script, send.

Each is a generator that adds what it did to a ``Log``. What lives here knows no retries, no pages and no arguments.
"""

from __future__ import annotations

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
        signing = entry.scheme.sign(entry, values, request)
        request = signing if isinstance(signing, Request) else (yield from _asked(signing, log))
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


def script_finding(operation: Operation, options: Options) -> Finding:
    """Custom code does not run: an error, or a note where the caller goes without."""
    return Finding(
        rule="script-skipped" if options.skip_script else "script-not-run",
        route=operation.route,
        message=f'operation "{operation.id}" is handled by custom code: '
        + ("was sent without it" if options.skip_script else "custom code does not run yet"),
        remedy="" if options.skip_script else "add --skip-script to send the request without it",
        severity=Severity.INFO if options.skip_script else Severity.ERROR,
    )


def skip_script(operation: Operation, request: Request, log: Log) -> None:
    """Log that the script was left out."""
    log.trace.append(
        TraceEntry(step="script", title="skipped: custom code", before=request, after=request, route=operation.route)
    )
