"""The policies of one pass: the chains of ``policy`` run as steps of the pipeline.

The order is that of reference: policy-templates, section 2: Request policies see the signed request; Response policies
see whatever came back. Side requests of policies are plain sends through the same transport and into the same trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from .. import policy
from ..model import Connection, Connector, Finding, Operation, Request, Secret, Sent, Severity, TraceEntry
from .effects import Send, Steps
from .options import Options
from .steps import Log
from .target import base_url

CACHE = "pipeline.path"
"""Key of an operation's path pattern among what is compiled of it."""

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(slots=True, kw_only=True)
class Passage:
    """The way of one request through an operation's policies and back."""

    chain: policy.Chain
    context: policy.Context
    log: Log
    skipping: bool
    """Whether the caller wants to go without: then each instance is logged as skipped."""
    outgoing: policy.Outgoing
    """The request as it stands; after dispatch, the one that was answered."""
    stopped: bool = False
    """Whether a policy failed."""
    secrets: tuple[Secret, ...] = ()
    """What policies fetched that must be hidden."""

    def request(self, signed: Request) -> Steps[Request]:
        """The request after the Request section; with ``stopped`` set, nothing may be sent."""
        self.outgoing = policy.Outgoing(request=signed, base=self.outgoing.base)
        if self.skipping:
            self._skip(self.chain.request, signed)
            return signed
        passed = yield from self._driven(policy.run_request(self.chain, self.outgoing, self.context))
        self.outgoing = passed.outgoing
        return passed.outgoing.request

    def reply(self, sent: Sent) -> Steps[Sent]:
        """What came back, after the Response section."""
        if self.skipping:
            self._skip(self.chain.response, None)
            return sent
        if not self.chain.response and not self.chain.failure:
            return sent
        passed = yield from self._driven(policy.run_reply(self.chain, self.outgoing, sent, self.context))
        return sent if passed.reply is sent.reply else replace(sent, reply=passed.reply)

    def aimed(self, server: str | None) -> Request:
        """The request as it is to be sent: with ``server`` in place of scheme, host and base path."""
        return self.outgoing.request if server is None else self.outgoing.to(base=server).request

    def _driven(self, passing: policy.Passing) -> Steps[policy.Passed]:
        """Run a section; its side requests become effects, its trace and findings go into the log."""
        try:
            wanted = next(passing)
            while True:
                wanted = passing.send((yield Send(wanted)))
        except StopIteration as stop:
            passed = cast(policy.Passed, stop.value)
        self.log.trace.extend(passed.trace)
        self.log.findings.extend(passed.findings)
        self.secrets = (*self.secrets, *passed.secrets)
        self.stopped = passed.stopped
        return passed

    def _skip(self, links: tuple[policy.Link, ...], message: Request | None) -> None:
        for link in links:
            title = f"skipped: {link.policy.template} {link.instance.title}".rstrip()
            self.log.trace.append(
                TraceEntry(step="policy", title=title, before=message, after=message, route=link.instance.route)
            )


def passage(
    connector: Connector,
    operation: Operation,
    request: Request,
    connection: Connection,
    options: Options,
    log: Log,
) -> Passage | None:
    """The passage of a bound request; None for an operation without policies.

    ``request`` stands on the definition's base URL. Raises BugError when it does not.
    """
    chain = policy.chain(connector, operation)
    if not (chain.request or chain.response or chain.failure or chain.findings):
        return None
    called = policy.outgoing(request, base_url(connector.definition, operation, options))
    context = policy.Context(
        connector=connector,
        connection=connection,
        method=request.method,
        path_parameters=path_values(operation, called.path),
        server=options.server,
        caller_base=options.caller_base,
        called=called,
        settings=options.policies,
    )
    if options.skip_policies:
        log.findings.append(_skipped(connector, operation))
    return Passage(chain=chain, context=context, log=log, skipping=options.skip_policies, outgoing=called)


def path_values(operation: Operation, path: str) -> dict[str, str]:
    """The path parameters in a path below the base URL, by name, as they stand there; ``{}`` when it does not fit."""
    if "{" not in operation.path:
        return {}
    pattern = operation.compiled.get(CACHE)
    if pattern is None:
        names = _PLACEHOLDER.findall(operation.path)
        pattern = operation.compiled[CACHE] = (re.compile("".join(_pieces(operation.path))), names)
    found = pattern[0].fullmatch(path)
    return dict(zip(pattern[1], found.groups(), strict=True)) if found else {}


def _pieces(template: str) -> Iterator[str]:
    """A path template as pieces of a regular expression: literal text and one group for each placeholder."""
    end = 0
    for found in _PLACEHOLDER.finditer(template):
        yield re.escape(template[end : found.start()])
        yield "([^/]*)"
        end = found.end()
    yield re.escape(template[end:].partition("?")[0])


def _skipped(connector: Connector, operation: Operation) -> Finding:
    instances = connector.policies_of(operation.id)
    names = ", ".join(dict.fromkeys(f'"{instance.template}"' for instance in instances))
    return Finding(
        rule="policy-skipped",
        route=instances[0].route,
        message=f"policies were skipped: {names}",
        severity=Severity.INFO,
    )
