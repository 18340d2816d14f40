"""One pass through a connector: credential, request policies, script or send, response policies, check.

The order is that of reference: policy-templates, section 2. Whatever comes back is returned: 202, 401 and 429 included.
"""

from __future__ import annotations

from dataclasses import replace

from .. import auth
from ..model import Connection, Connector, Exchange, Operation, Reply, Request, Severity
from .check import check
from .effects import CallSteps
from .errors import api_error
from .options import DEFAULTS, Options
from .steps import Log, dispatch, not_run, policies, send, sign

ANONYMOUS = Connection()
"""A connection without values, for connectors that need none."""


def run(
    connector: Connector,
    operation: Operation,
    request: Request,
    connection: Connection = ANONYMOUS,
    options: Options = DEFAULTS,
) -> CallSteps:
    """Run a bound request through the connector, exactly once.

    Nothing is sent, and findings of severity error say why, when a credential has no value, or when policies or a
    script apply that do not run yet (``policy-not-run``, ``script-not-run``) and the options do not skip them.
    """
    log = Log(findings=[*auth.problems(connector, operation, connection), *not_run(connector, operation, options)])
    secrets = auth.secrets(connector, operation, connection)
    if any(finding.severity is Severity.ERROR for finding in log.findings):
        return Exchange(operation=operation.id, findings=tuple(log.findings), secrets=secrets)
    signed = yield from sign(connector, operation, request, connection, log)
    exchange = Exchange(operation=operation.id, request=signed, secrets=secrets)
    exchange = policies(connector, operation, "request", exchange, log)
    if exchange.request is not None:
        final, sent = yield from dispatch(connector, operation, exchange.request, options, log)
        exchange = replace(exchange, request=final, reply=sent.reply, failure=sent.failure, timings=sent.timings)
    exchange = policies(connector, operation, "response", exchange, log)
    return _checked(operation, exchange, log)


def fetch(
    connector: Connector, operation: Operation, request: Request, connection: Connection | None, log: Log
) -> CallSteps:
    """Fetch a link that a reply of the operation gave: signed if there is a connection, else as it is; then checked.

    Policies and scripts do not see it: they belong to requests that come in through the connector.
    """
    secrets = () if connection is None else auth.secrets(connector, operation, connection)
    if connection is not None:
        request = yield from sign(connector, operation, request, connection, log)
    sent = yield from send(request, log)
    exchange = Exchange(
        operation=operation.id,
        request=request,
        reply=sent.reply,
        failure=sent.failure,
        timings=sent.timings,
        secrets=secrets,
    )
    return _checked(operation, exchange, log)


def _checked(operation: Operation, exchange: Exchange, log: Log) -> Exchange:
    """The exchange with trace and findings, its reply checked and its error read."""
    reply: Reply | None = exchange.reply
    if reply is not None:
        checked = check(operation, reply)
        log.trace.append(checked.entry)
        log.findings.extend(checked.findings)
    return replace(
        exchange,
        trace=tuple(log.trace),
        findings=tuple(log.findings),
        error=api_error(reply) if reply is not None and reply.status >= 400 else None,
    )
