"""Calling one operation: arguments and connection values in, a result out. One async path; sync is a thin wrapper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from ..model import (
    ApiError,
    Connection,
    Connector,
    DocumentError,
    Exchange,
    Finding,
    Headers,
    Operation,
    ParameterSet,
    Secret,
    ServiceError,
    Severity,
    TielineError,
    did_you_mean,
)
from ..net.driver import drive, run_sync
from ..pipeline import File, Options, call, merged, pages
from .command_lines import quoted
from .files import read_file
from .network import NetworkOptions

if TYPE_CHECKING:
    from ..net.transport import Transport
    from .keeper import Keeper


class Outcome(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    """A reply below 400."""
    ERROR_REPLY = "error reply"
    """A reply of 400 and above."""
    REFUSED = "refused"
    """Nothing was sent: a bad argument."""
    NOT_DONE = "not done"
    """No reply, no sign-in, or a policy or custom code that failed or does not run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """What a person may say about a call besides its arguments."""

    server: str | None = None
    """URL that replaces scheme, host and base path, after all policies."""
    connection: str = ""
    """Name of a stored connection; empty for none."""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Connection parameter -> value; with a stored connection they take the place of its own."""
    parameter_set: str = ""
    """Which of several ways to sign in."""
    retry: Literal["none", "safe", "platform"] = "safe"
    pages: int = 1
    """How many pages of a pageable operation are read at most."""
    follow: bool = True
    """Whether a 202 reply with a Location is followed to its result (actions only)."""
    skip_policies: bool = False
    skip_script: bool = False
    network: NetworkOptions = NetworkOptions()

    def pipeline(self) -> Options:
        """The same as the pipeline takes it."""
        return Options(
            server=self.server,
            retry=self.retry,
            pages=self.pages,
            follow=self.follow,
            skip_policies=self.skip_policies,
            skip_script=self.skip_script,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallResult:
    """One call from arguments to checked reply, in handy form."""

    connector: Connector = field(repr=False)
    exchange: Exchange

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        reply, failure = self.exchange.reply, self.exchange.failure
        if reply is not None and reply.status >= 400 and failure is None:
            return Outcome.ERROR_REPLY
        if reply is not None and failure is None and not self.errors:
            return Outcome.ANSWERED
        bound = any(entry.step == "bind" for entry in self.exchange.trace)
        return Outcome.NOT_DONE if bound else Outcome.REFUSED

    @property
    def ok(self) -> bool:
        """Whether a reply below 400 came back."""
        return self.outcome is Outcome.ANSWERED

    @property
    def status(self) -> int | None:
        """HTTP status; None when there was no reply."""
        return self.exchange.reply.status if self.exchange.reply else None

    @property
    def headers(self) -> Headers:
        """The reply's headers in wire order."""
        return self.exchange.reply.headers if self.exchange.reply else ()

    @property
    def body(self) -> Any:
        """The reply's body: a JSON value, else text, else bytes; None when there is none. Of several pages, the last
        one's with the elements of all."""
        return merged(self.exchange)

    @property
    def body_bytes(self) -> bytes:
        """The body as it came; of several pages, the JSON that they make together."""
        if len(pages(self.exchange)) > 1:
            return orjson.dumps(self.body)
        return self.exchange.reply.body if self.exchange.reply else b""

    @property
    def error(self) -> ApiError | None:
        """The service's error in one shape."""
        return self.exchange.error

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was wrong with the arguments or the reply."""
        return self.exchange.findings

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Those findings that kept the call from being done."""
        return tuple(finding for finding in self.exchange.findings if finding.severity is Severity.ERROR)

    def summary(self) -> list[str]:
        """The outcome in one line, and what the service said of an error."""
        from .render import summary_lines

        return summary_lines(self.exchange)


def connection_of(connector: Connector, values: Mapping[str, str], parameter_set: str = "") -> Connection:
    """A connection made up for one call; DocumentError for a parameter or set that the connector does not have.

    Names match in any case. A parameter set that is not named is the one whose parameters have all the given names.
    """
    sets = connector.properties.parameter_sets
    if parameter_set and parameter_set not in {entry.name for entry in sets}:
        names = [entry.name for entry in sets]
        raise DocumentError(
            "unknown-parameter-set",
            f'the connector has no parameter set "{parameter_set}"',
            remedy=did_you_mean(parameter_set, names) or "leave --parameter-set out",
        )
    chosen = next((entry for entry in sets if entry.name == parameter_set), None)
    if sets and chosen is None:
        wanted = {name.casefold() for name in values}
        fitting = (entry for entry in sets if wanted <= {p.name.casefold() for p in entry.parameters})
        chosen = next(fitting, sets[0])
    parameters = chosen.parameters if chosen else connector.properties.connection_parameters
    known = {parameter.name.casefold(): parameter.name for parameter in parameters}
    unknown = [name for name in values if name.casefold() not in known]
    if unknown:
        raise _unknown_parameter(unknown[0], list(known.values()), sets, chosen)
    return Connection(
        values={known[name.casefold()]: Secret(value) for name, value in values.items()},
        parameter_set=chosen.name if chosen else "",
    )


def _unknown_parameter(
    name: str, known: list[str], sets: Sequence[ParameterSet], chosen: ParameterSet | None
) -> DocumentError:
    """The error for a value that nothing takes; says which parameter set would, where there are several."""
    who = f'the parameter set "{chosen.name}"' if chosen else "the connector"
    elsewhere = next(
        (entry.name for entry in sets if name.casefold() in {p.name.casefold() for p in entry.parameters}), ""
    )
    return DocumentError(
        "unknown-connection-parameter",
        f'{who} has no connection parameter "{name}"',
        remedy=f'"{name}" is one of the set "{elsewhere}": give values of one set only, which --parameter-set can name'
        if elsewhere
        else did_you_mean(name, known) or "it takes none: leave --set out",
    )


def read_arguments(
    connector: Connector, operation_id: str, texts: Mapping[str, str], body: bytes | None = None
) -> dict[str, Any]:
    """Arguments as typed on a command line: ``name=@FILE`` of a file parameter is read, ``body`` is added.

    Raises DocumentError for an unknown operation, a file that cannot be read, or a body that is given twice.
    """
    operation = connector.definition.operations.named(operation_id)
    given: dict[str, Any] = {name: _from_file(operation, name, text) for name, text in texts.items()}
    if body is not None:
        name = _body_name(operation)
        if name in given:
            raise DocumentError("bad-argument", f'the body is given with --body and as "{name}"', remedy="give it once")
        given[name] = body
    return given


def _body_name(operation: Operation) -> str:
    """How the whole body is called: ``body``, unless another parameter has that name."""
    taken = any(parameter.name == "body" and parameter.where != "body" for parameter in operation.parameters)
    return operation.body.name if taken and operation.body is not None else "body"


def _from_file(operation: Operation, name: str, text: str) -> Any:
    parameter = operation.parameter(name)
    takes_file = name == "body" or (parameter is not None and (parameter.type == "file" or parameter.where == "body"))
    if not takes_file or not text.startswith("@"):
        return text
    path = Path(text[1:])
    return File(name=path.name, content=read_file(path))


def check_place(file: Path) -> None:
    """Raises ServiceError for a place where no file can be written, before anything is sent: a folder, or one inside
    a folder that is not there."""
    if file.is_dir():
        raise ServiceError("is-a-folder", f'"{file}" is a folder, not a file', remedy="name a file inside it")
    if not file.parent.is_dir():
        raise ServiceError("no-such-folder", f'there is no folder "{file.parent}"', remedy="make it, or check the path")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What all calls with one connection share."""

    connector: Connector = field(repr=False)
    connection: Connection
    options: Options
    keeper: Keeper | None = field(default=None, repr=False)
    """What renews the connection; None for one that did not sign in at an identity provider."""

    async def call(self, operation_id: str, arguments: Mapping[str, Any], transport: Transport) -> CallResult:
        """One call through a transport. Raises DocumentError for an unknown operation."""
        operation = self.connector.definition.operations.named(operation_id)
        steps = call(self.connector, operation, arguments, self.connection, self.options)
        renewer = None if self.keeper is None else self.keeper.over(transport)
        exchange = await drive(steps, transport, renewer=renewer)
        if not self.connection.name and any(finding.rule == UNSIGNED for finding in exchange.findings):
            exchange = _with_connections(exchange, self.connector.name)
        return CallResult(connector=self.connector, exchange=exchange)


def _with_connections(exchange: Exchange, connector: str) -> Exchange:
    """The exchange with remedies that name the connections that are kept for its connector, where there are any."""
    from ..store.connections import default_store

    try:
        names = default_store().names_for(connector)
    except TielineError:
        names = ()  # what is wrong with the store is no answer to a missing credential
    if not names:
        return exchange
    shown = " or ".join(f"--connection {quoted(name)}" for name in names[:SHOWN])
    more = f" (and {len(names) - SHOWN} more)" if len(names) > SHOWN else ""
    findings = tuple(
        replace(finding, remedy=f"{finding.remedy}, or {shown}{more}") if finding.rule == UNSIGNED else finding
        for finding in exchange.findings
    )
    return replace(exchange, findings=findings)


UNSIGNED = "missing-credential"
"""Rule of the finding for a connection parameter without a value."""

SHOWN = 3
"""Connections that a remedy names."""


def session_of(connector: Connector, options: CallOptions, keeper: Keeper | None = None) -> Session:
    """The session that options ask for: with a stored connection, or with one made up of values.

    ``keeper`` is that of other sessions, where there are any. Raises DocumentError for an unknown connection, parameter
    or parameter set, ServiceError for a broken connection.
    """
    if not options.connection:
        connection = connection_of(connector, options.values, options.parameter_set)
        return Session(connector=connector, connection=connection, options=options.pipeline())
    from ..store.connections import default_store
    from .keeper import Keeper, usable

    keeper = keeper or Keeper(default_store())
    stored = usable(keeper.store.load(options.connection), connector)
    given = connection_of(connector, options.values, options.parameter_set or stored.parameter_set)
    connection = replace(stored, values={**stored.values, **given.values})
    return Session(connector=connector, connection=connection, options=options.pipeline(), keeper=keeper)


async def call_operation_async(
    connector: Connector,
    operation_id: str,
    arguments: Mapping[str, Any],
    options: CallOptions = CallOptions(),
    *,
    transport: Transport | None = None,
) -> CallResult:
    """Call an operation; a ``transport`` that is given is used and left open.

    Raises DocumentError for an unknown operation, connection or connection parameter. All else is in the result: bad
    arguments and a missing credential as findings, no reply as ``exchange.failure``.
    """
    from ..net.transport import Transport

    session = session_of(connector, options)
    if transport is not None:
        return await session.call(operation_id, arguments, transport)
    async with Transport(options.network.transport()) as own:
        return await session.call(operation_id, arguments, own)


def call_operation(
    connector: Connector, operation_id: str, arguments: Mapping[str, Any], options: CallOptions = CallOptions()
) -> CallResult:
    """The same for callers without an event loop (it also works where one is running)."""
    return run_sync(call_operation_async(connector, operation_id, arguments, options))
