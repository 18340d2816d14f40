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
    Secret,
    Sent,
    Severity,
    TraceEntry,
)
from ..model.exchange import Step
from .effects import Renew, Renewed, Send, Steps
from .options import Options


@dataclass(slots=True, kw_only=True)
class Log:
    """What one pass has done so far."""

    trace: list[TraceEntry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    """What renewing a connection needed, and must be hidden besides the connection's own secrets."""


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


def sign(credential: auth.Prepared, request: Request, log: Log) -> Request:
    """Put an operation's credentials on a request."""
    for entry, values in credential.signing:
        before = request
        request = entry.scheme.sign(entry, values, request)
        declared = entry.definition or entry.parameters[0]
        title = entry.scheme.title(entry)
        log.trace.append(TraceEntry(step="credential", title=title, before=before, after=request, route=declared.route))
    return request


def fresh(
    connector: Connector, connection: Connection, log: Log, *, rejected: bool = False
) -> Steps[Connection | None]:
    """The connection with an access token that lasts; None, with a finding that says why, when it has none.

    With ``rejected`` the token is renewed however long it lasts; None without a finding when there is no renewing it.
    """
    if connection.grant is None:
        return None if rejected else connection
    renewed: Renewed = yield Renew(connector, connection, rejected)
    log.trace.extend(renewed.trace)
    log.findings.extend(renewed.findings)
    log.secrets.extend(renewed.secrets)
    return renewed.connection


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
