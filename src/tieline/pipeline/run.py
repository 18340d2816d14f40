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
from .policies import passage
from .steps import Log, dispatch, not_run, send, sign
from .target import with_server

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

    Nothing is sent, and findings of severity error say why, when a credential has no value, when a policy cannot run,
    or when a script applies that does not run yet (``script-not-run``) and the options do not skip it. ``--server``
    replaces scheme, host and base path after all policies.
    """
    log = Log(findings=[*auth.problems(connector, operation, connection), *not_run(connector, operation, options)])
    secrets = auth.secrets(connector, operation, connection)
    if any(finding.severity is Severity.ERROR for finding in log.findings):
        return Exchange(operation=operation.id, findings=tuple(log.findings), secrets=secrets)
    way = passage(connector, operation, request, connection, options, log)
    final = yield from sign(connector, operation, request, connection, log)
    if way is not None:
        final = yield from way.request(final)
        if way.stopped:
            return Exchange(
                operation=operation.id, trace=tuple(log.trace), findings=tuple(log.findings), secrets=secrets
            )
        final = way.aimed(options.server)
    elif options.server is not None:
        final = replace(final, url=with_server(final.url, connector.definition, options.server))
    sent = yield from dispatch(connector, operation, final, log)
    if way is not None:
        sent = yield from way.reply(sent)
    exchange = Exchange(
        operation=operation.id,
        request=final,
        reply=sent.reply,
        failure=sent.failure,
        timings=sent.timings,
        secrets=secrets,
    )
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
