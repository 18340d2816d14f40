"""One pass through a connector: credential, request policies, script or send, response policies, check.

The order is that of reference: policy-templates, section 2. Whatever comes back is returned: 202, 401 and 429 included.
"""

from __future__ import annotations

from .. import auth
from ..auth.explain import refusal
from ..model import Connection, Connector, Exchange, Operation, Request, Secret, Sent, Severity
from .check import check
from .effects import CallSteps
from .errors import api_error
from .options import DEFAULTS, Options
from .policies import passage
from .steps import Log, fresh, script_finding, send, sign, skip_script
from .target import target_of, with_server

ANONYMOUS = Connection()
"""A connection without values, for connectors that need none."""


def run(
    connector: Connector,
    operation: Operation,
    request: Request,
    connection: Connection = ANONYMOUS,
    options: Options = DEFAULTS,
) -> CallSteps:
    """Run a bound request through the connector, exactly once, with a connection that is renewed first if it has ended.

    Nothing is sent, and findings of severity error say why, when a credential has no value, when a policy cannot run,
    or when a script applies that does not run yet (``script-not-run``) and the options do not skip it. ``--server``
    replaces scheme, host and base path after all policies.
    """
    log = Log()
    lasting = yield from fresh(connector, connection, log)
    if lasting is None:
        secrets = (*connection.secrets, *log.secrets)
        return Exchange(operation=operation.id, trace=tuple(log.trace), findings=tuple(log.findings), secrets=secrets)
    return (yield from once(connector, operation, request, lasting, options, log))


def once(
    connector: Connector, operation: Operation, request: Request, connection: Connection, options: Options, log: Log
) -> CallSteps:
    """The same with the connection as it is; ``log`` holds what renewing it did."""
    credential = auth.prepared(connector, operation, connection)
    secrets = (*credential.secrets, *log.secrets)
    log.findings.extend(credential.problems)
    scripted = connector.scripted(operation.id)
    if scripted:
        log.findings.append(script_finding(operation, options))
    if log.findings and any(finding.severity is Severity.ERROR for finding in log.findings):
        return Exchange(operation=operation.id, trace=tuple(log.trace), findings=tuple(log.findings), secrets=secrets)
    base = options.server or target_of(connector, operation, options)[0]
    way = passage(connector, operation, request, connection, options, log)
    final = sign(credential, request, log)
    if way is not None:
        final = yield from way.request(final)
        secrets = (*secrets, *way.secrets)
        if way.stopped:
            return Exchange(
                operation=operation.id, trace=tuple(log.trace), findings=tuple(log.findings), secrets=secrets
            )
        base = options.server or way.outgoing.base
        final = way.aimed(options.server)
    elif options.server is not None:
        url = with_server(final.url, connector.definition, options.server)
        final = Request(method=final.method, url=url, headers=final.headers, body=final.body)
    if scripted:
        skip_script(operation, final, log)
    sent = yield from send(final, log)
    _explain(connector, operation, connection, sent, final, log)
    if way is not None:
        sent = yield from way.reply(sent)
    return _checked(operation, final, sent, secrets, log, base)


def _explain(
    connector: Connector, operation: Operation, connection: Connection, sent: Sent, request: Request, log: Log
) -> None:
    """Say which credential was sent where, when the service refuses it."""
    if sent.reply is None:
        return
    finding = refusal(connector, operation, connection, sent.reply, request)
    if finding is not None:
        log.findings.append(finding)


def fetch(
    connector: Connector, operation: Operation, request: Request, connection: Connection | None, log: Log
) -> CallSteps:
    """Fetch a link that a reply of the operation gave: signed if there is a connection, else as it is; then checked.

    Policies and scripts do not see it: they belong to requests that come in through the connector.
    """
    secrets: tuple[Secret, ...] = ()
    lasting = None if connection is None else (yield from fresh(connector, connection, log))
    if lasting is not None:
        credential = auth.prepared(connector, operation, lasting)
        secrets = (*credential.secrets, *log.secrets)
        request = sign(credential, request, log)
    sent = yield from send(request, log)
    return _checked(operation, request, sent, secrets, log)


def _checked(
    operation: Operation, request: Request, sent: Sent, secrets: tuple[Secret, ...], log: Log, base: str = ""
) -> Exchange:
    """The exchange with trace and findings, its reply checked and its error read."""
    reply = sent.reply
    if reply is not None:
        checked = check(operation, reply)
        log.trace.append(checked.entry)
        log.findings.extend(checked.findings)
    return Exchange(
        operation=operation.id,
        request=request,
        base=base,
        reply=reply,
        failure=sent.failure,
        timings=sent.timings,
        secrets=secrets,
        trace=tuple(log.trace),
        findings=tuple(log.findings),
        error=api_error(reply, sent.timings.ended) if reply is not None and reply.status >= 400 else None,
    )
