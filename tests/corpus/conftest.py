"""The sweep: every operation of a list of connectors, called through pipeline and HTTP against the connector's mock."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl

import pytest

from tieline.app.call import CallOptions, CallResult, Outcome, call_operation_async, connection_of
from tieline.app.load import load_connector
from tieline.app.mock import Message, Mock, Receive, Scope, Send, prepare
from tieline.app.show import connection_parameters
from tieline.mock import sample_arguments
from tieline.model import Connector, Exchange, Operation, PolicyInstance, Request, Route, Severity
from tieline.net.driver import SystemClock, drive
from tieline.net.listener import listen_in_thread
from tieline.net.transport import Transport
from tieline.pipeline import run
from tieline.policy.polling_trigger import STATE, read_state

Arguments = Literal["required", "all"]
"""Which arguments a call is made with."""


class Damage:
    """What may go wrong between pipeline and mock; this one does nothing."""

    def request(self, scope: Scope, body: bytes) -> bytes:
        """Change what arrives: ``scope`` in place, the body by giving back another."""
        return body

    def reply(self, start: Message, body: bytes) -> bytes:
        """Change what goes back, in the same way."""
        return body


class Stage:
    """One listener for all connectors: the mock that is on stage answers, and what arrived last is remembered."""

    def __init__(self, damage: Damage) -> None:
        self.damage = damage
        self.mock: Mock
        self.arrived = Request(method="", url="")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.mock.app(scope, receive, send)
            return
        body = await whole(receive)
        self.arrived = Request(method=scope["method"], url=target_of(scope), headers=headers_of(scope), body=body)
        incoming = self.damage.request(scope, body)
        start: dict[str, Any] = {}

        async def given() -> Message:
            return {"type": "http.request", "body": incoming}

        async def back(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            changed = self.damage.reply(start, message["body"])
            length = (b"content-length", str(len(changed)).encode())
            start["headers"] = [length if entry[0] == b"content-length" else entry for entry in start["headers"]]
            await send(start)
            await send({"type": "http.response.body", "body": changed})

        await self.mock.app(scope, given, back)


async def whole(receive: Receive) -> bytes:
    """The body of a request."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def target_of(scope: Scope) -> str:
    """Path and query as they arrived."""
    path, query = scope["raw_path"].decode(), scope["query_string"].decode()
    return f"{path}?{query}" if query else path


def headers_of(scope: Scope) -> tuple[tuple[str, str], ...]:
    """The headers as they arrived, names in lower case."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])


@dataclass(kw_only=True)
class Sweep:
    """What came of a sweep."""

    counts: Counter[str] = field(default_factory=Counter)
    called: dict[tuple[str, Arguments], Operation] = field(default_factory=dict)
    """Every call: ``connector#operation`` and arguments."""
    faults: dict[tuple[str, Arguments], list[str]] = field(default_factory=dict)
    """Call -> what is wrong with the answer, rule first."""
    unsaid: list[str] = field(default_factory=list)
    """Instances that should have run in a call and left neither a trace nor a finding there."""
    altered: list[str] = field(default_factory=list)
    """Requests that did not arrive as the exchange says that they were sent."""
    idle: list[str] = field(default_factory=list)
    """Instances that ran in no call at all."""
    states: list[str] = field(default_factory=list)
    """Second polls that did not do what they should."""


def connectors(shared: Path) -> Iterator[tuple[str, Connector]]:
    """Every connector folder of the corpus under its short name."""
    for folder in sorted((shared / "corpus" / "connectors").glob("*/*")):
        yield f"{folder.parent.name}/{folder.name}", load_connector(folder)


def swept(
    listed: Iterable[tuple[str, Connector]], damage: Damage | None = None, *, skip_policies: bool = False
) -> Sweep:
    """Call every operation of the connectors; ``damage`` is done to every message."""
    return asyncio.run(_swept(listed, damage or Damage(), CallOptions(skip_policies=skip_policies)))


async def _swept(listed: Iterable[tuple[str, Connector]], damage: Damage, options: CallOptions) -> Sweep:
    sweep = Sweep()
    stage = Stage(damage)
    with listen_in_thread(stage) as server:
        options = replace(options, server=server, skip_script=True, retry="none", follow=False)
        async with Transport() as transport:
            for name, connector in listed:
                stage.mock = prepare(connector)
                sweep.counts["connectors"] += 1
                own = replace(options, values=values_for(connector))
                await _Visit(sweep, stage, own, transport, name, connector).every_operation()
    return sweep


class _Visit:
    """One connector of a sweep."""

    def __init__(
        self, sweep: Sweep, stage: Stage, options: CallOptions, transport: Transport, name: str, connector: Connector
    ) -> None:
        self.sweep = sweep
        self.stage = stage
        self.transport = transport
        self.name = name
        self.connector = connector
        self.options = options
        self.ran: set[Route] = set()
        """Places of the instances that ran."""

    async def every_operation(self) -> None:
        """Call each with what is required, and with all arguments where that makes a difference."""
        for operation in self.connector.definition.operations.values():
            self.sweep.counts["operations"] += 1
            self.sweep.counts["scripted"] += self.connector.scripted(operation.id)
            required = sample_arguments(operation)
            every = sample_arguments(operation, optional=True)
            await self.call(operation, required, "required")
            if every != required:
                await self.call(operation, every, "all")
        self.count_instances()

    async def call(self, operation: Operation, arguments: dict[str, Any], which: Arguments) -> None:
        """Call an operation and note what came of it."""
        key = (f"{self.name}#{operation.id}", which)
        self.sweep.called[key] = operation
        self.stage.arrived = Request(method="", url="")
        result = await call_operation_async(
            self.connector, operation.id, arguments, self.options, transport=self.transport
        )
        found = self.faults(result)
        if found:
            self.sweep.faults[key] = found
        self.note_policies(operation, result.exchange, which)
        if result.exchange.request is not None:
            self.note_arrival(operation, result.exchange.request)
        if any(instance.template == "pollingtrigger" for instance in self.connector.policies_of(operation.id)):
            await self.poll_again(operation, result.exchange)

    def note_policies(self, operation: Operation, exchange: Exchange, which: Arguments) -> None:
        """Count the steps of policies; each instance must have left one, or something must say why not."""
        steps = [entry for entry in exchange.trace if entry.step == "policy"]
        self.sweep.counts["steps"] += len(steps)
        self.sweep.counts["changes"] += sum(entry.before is not entry.after for entry in steps)
        self.sweep.counts["side requests"] += sum("side request" in entry.title for entry in exchange.trace)
        ran = {entry.route for entry in steps if entry.route is not None and "skipped" not in entry.title}
        self.ran |= ran
        stopped = any(finding.severity is Severity.ERROR for finding in exchange.findings)
        for instance in self.connector.policies_of(operation.id):
            if instance.route in ran or instance.section == "failure" or stopped:
                continue
            said = any(finding.route.pointer.startswith(instance.route.pointer) for finding in exchange.findings)
            if not said:
                self.sweep.unsaid.append(f"{self.name}#{operation.id} ({which}): {instance.route.pointer}")

    def note_arrival(self, operation: Operation, sent: Request) -> None:
        """The request that the exchange holds must be the one that arrived, policies' changes and all."""
        arrived = self.stage.arrived
        path = sent.url.removeprefix(str(self.options.server))
        missing = [name for name, value in sent.headers if (name.lower(), value.strip()) not in arrived.headers]
        if (sent.method, path, sent.body) != (arrived.method, arrived.url, arrived.body) or missing:
            self.sweep.altered.append(f"{self.name}#{operation.id}: {path} {arrived.url} {missing}")

    async def poll_again(self, operation: Operation, first: Exchange) -> None:
        """Follow the first reply's ``Location`` as whoever polls does: the state's values reach the service, whose
        items come back."""
        bound = next((entry.after for entry in first.trace if entry.step == "bind"), None)
        location = first.reply.header("location") if first.reply is not None else None
        if not isinstance(bound, Request) or location is None or first.reply is None or first.reply.status != 202:
            self.sweep.states.append(f"{self.name}#{operation.id}: the first poll gave no state")
            return
        again = Request(method=bound.method, url=location, headers=bound.headers, body=bound.body)
        connection = connection_of(self.connector, self.options.values)
        steps = run(self.connector, operation, again, connection, self.options.pipeline())
        exchange = await drive(steps, self.transport, SystemClock())
        state = read_state(dict(parse_qsl(location.partition("?")[2]))[STATE])
        sent = dict(parse_qsl(self.stage.arrived.url.partition("?")[2], keep_blank_values=True))
        found = self.faults(CallResult(connector=self.connector, exchange=exchange))
        if exchange.reply is None or exchange.reply.status != 200 or not exchange.reply.body:
            found.append("the second poll gave no items")
        if not state or STATE in sent or not state.items() <= sent.items():
            found.append(f"the state {state} was not sent: {sent}")
        self.sweep.states.extend(f"{self.name}#{operation.id}: {fault}" for fault in found)
        self.sweep.counts["second polls"] += 1

    def faults(self, result: CallResult) -> list[str]:
        """What is wrong with an answer: an outcome other than a good reply, a finding that is more than a note, or an
        answer by an operation that was not meant, unless nothing tells it apart."""
        worse = [finding for finding in result.findings if finding.severity is not Severity.INFO]
        found = [f"{finding.rule}: {finding.message}" for finding in worse]
        if result.outcome is not Outcome.ANSWERED:
            return [f"not-answered: {result.outcome.value}, {result.status} {result.body!r:.300}", *found]
        noted = self.stage.mock.backend.log.last
        assert noted is not None, "the mock has no note of a request that it answered"
        if noted.operation != result.exchange.operation:
            self.sweep.counts["answered by another"] += 1
            if not any(finding.rule == "ambiguous-endpoint" for finding in noted.findings):
                found.append(f'answered-by-another: "{noted.operation}" answered')
        return found

    def count_instances(self) -> None:
        """Count the instances of the connector, those for operations that are not there apart."""
        operations = self.connector.definition.operations
        for instance in self.connector.properties.policies:
            self.sweep.counts["instances"] += 1
            self.sweep.counts["dangling names"] += sum(name not in operations for name in instance.operations)
            if instance.operations and not any(name in operations for name in instance.operations):
                self.sweep.counts["dangling instances"] += 1
            elif instance.route not in self.ran and instance.section != "failure":
                self.sweep.idle.append(f"{self.name}: {instance.route.pointer} {_title(instance)}")


def _title(instance: PolicyInstance) -> str:
    return f"{instance.template} {instance.title}".strip()


def values_for(connector: Connector) -> dict[str, str]:
    """A value for each connection parameter of the first parameter set."""
    sets = connector.properties.parameter_sets
    parameters = sets[0].parameters if sets else connection_parameters(connector)
    return {parameter.name: f"value-{number}" for number, parameter in enumerate(parameters)}


@pytest.fixture(scope="session")
def corpus_sweep(shared: Path) -> Sweep:
    """The sweep over the whole corpus."""
    return swept(connectors(shared))


@pytest.fixture(scope="session")
def sweep_some(shared: Path) -> Callable[..., Sweep]:
    """Sweeps over some connectors of the corpus: takes damage that is done to messages, and ``skip_policies``."""
    some = [entry for number, entry in enumerate(connectors(shared)) if number % 12 == 0]
    return partial(swept, some)
