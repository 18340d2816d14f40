"""Every policy instance of the corpus, on requests and replies made up from the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tieline.formats import folder
from tieline.lang import tokens
from tieline.mock import sample, sample_arguments
from tieline.model import Connection, Connector, Finding, Operation, Reply, Request, Secret, Sent, Severity
from tieline.pipeline.bind import bind
from tieline.pipeline.options import Options
from tieline.pipeline.policies import path_values
from tieline.pipeline.target import base_url
from tieline.policy import Chain, Context, Link, Passed, Passing, chain, describe, outgoing, run_reply, run_request

INSTANCES, OPERATIONS, STEPS, CHANGES = 288, 1253, 2736, 2529
"""Floors: instances that are read, operations with policies, steps that ran, steps that changed the message."""

VALUE = "tenant.example.org"
"""A value that fits hosts, paths and headers."""

KNOWN = {"unknown-function"}
"""Rules of warnings that published instances have."""


def connectors(shared: Path) -> Iterator[Connector]:
    """Every connector of the corpus that has policies."""
    for path in sorted((shared / "corpus" / "connectors").glob("*/*")):
        files = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
        connector = folder.read(files, path.name)
        if connector.properties.policies:
            yield connector


def lookups(links: tuple[Link, ...]) -> Iterator[tokens.Lookup]:
    """What the expressions of a chain look up."""
    for link in links:
        for value in link.instance.parameters.values():
            if isinstance(value, str):
                yield from (part for part in tokens.parse(value).parts if isinstance(part, tokens.Lookup))


def request_of(connector: Connector, operation: Operation, links: Chain, base: str, options: Options) -> Request:
    """A bound request that has what the expressions look up."""
    bound = bind(connector, operation, sample_arguments(operation), options)
    request = bound.request or Request(method=operation.method, url=base + operation.path)
    for lookup in lookups(links.request):
        if lookup.source == "headers" and request.header(lookup.name) is None:
            request = request.with_header(lookup.name, VALUE)
        if lookup.source == "queryParameters" and f"{lookup.name}=" not in request.url:
            mark = "&" if "?" in request.url else "?"
            url = f"{request.url}{mark}{lookup.name}={VALUE}"
            request = Request(method=request.method, url=url, headers=request.headers, body=request.body)
    return request


def reply_of(operation: Operation) -> Reply:
    """The first reply that the operation declares with a body, else an empty object."""
    for response in operation.responses:
        if response.schema is not None and response.code.startswith("2"):
            body = sample(response.schema, reply=True)
            return Reply(status=200, headers=(("Content-Type", "application/json"),), body=orjson.dumps(body))
    return Reply(status=200, headers=(("Content-Type", "application/json"),), body=b"{}")


def drive(steps: Passing, answer: Sent) -> Passed:
    """Run a section; every side request gets the same answer."""
    try:
        next(steps)
        while True:
            steps.send(answer)
    except StopIteration as stop:
        passed: Passed = stop.value
        return passed


def side_answer(links: Chain) -> Sent:
    """A reply that has what side requests are sent for."""
    body: Any = {}
    for link in links.request:
        path = link.instance.parameters.get("parameterValuePathTemplate")
        if path is not None:
            body = tokens.put(body, tokens.parse_path(path).keys, VALUE, create=True)
    return Sent(reply=Reply(status=200, body=orjson.dumps(body)))


def connection_of(connector: Connector, links: Chain) -> Connection:
    """A connection that has all that is declared, and all that is used without being declared."""
    names = {
        lookup.name for lookup in lookups((*links.request, *links.response)) if lookup.source == "connectionParameters"
    }
    properties = connector.properties
    sets = [parameter for entry in properties.parameter_sets for parameter in entry.parameters]
    names |= {parameter.name for parameter in (*properties.connection_parameters, *sets)}
    return Connection(values={name: Secret(VALUE) for name in names})


def checked(passed: Passed, links: tuple[Link, ...], findings: list[Finding], counts: Counter[str]) -> None:
    """Count the steps of a section: one for each instance, none that stopped."""
    findings.extend(passed.findings)
    assert not passed.stopped, passed.findings[-1]
    entries = [entry for entry in passed.trace if entry.step == "policy"]
    assert [entry.route for entry in entries] == [link.instance.route for link in links]
    assert all(entry.title.startswith(link.policy.template + ": ") for entry, link in zip(entries, links, strict=True))
    counts["steps"] += len(entries)
    counts["changes"] += sum(entry.before is not entry.after for entry in entries)


def run(connector: Connector, operation: Operation, counts: Counter[str], findings: list[Finding]) -> None:
    """One call of an operation through its policies."""
    links = chain(connector, operation)
    if not (links.request or links.response):
        return
    counts["operations"] += 1
    options = Options(server="http://mock")
    base = base_url(connector.definition, operation, options)
    called = outgoing(request_of(connector, operation, links, base, options), base)
    context = Context(
        connector=connector,
        connection=connection_of(connector, links),
        method=operation.method,
        path_parameters=path_values(operation, called.path),
        caller_base="http://localhost/c",
        called=called,
    )
    passed = drive(run_request(links, called, context), side_answer(links))
    checked(passed, links.request, findings, counts)
    answered = drive(run_reply(links, passed.outgoing, Sent(reply=reply_of(operation)), context), Sent())
    checked(answered, links.response, findings, counts)


@pytest.mark.corpus
def test_every_instance_runs(shared: Path) -> None:
    """No published instance is unknown, broken, or skipped in silence."""
    counts: Counter[str] = Counter()
    findings: list[Finding] = []
    for connector in connectors(shared):
        counts["instances"] += len(connector.properties.policies)
        for instance in connector.properties.policies:
            assert describe(instance).startswith(f"{instance.template} (")
        for operation in connector.definition.operations.values():
            run(connector, operation, counts, findings)
    assert {finding.rule for finding in findings} <= KNOWN
    assert not [finding for finding in findings if finding.severity is Severity.ERROR]
    assert counts["instances"] >= INSTANCES
    assert counts["operations"] >= OPERATIONS
    assert counts["steps"] >= STEPS
    assert counts["changes"] >= CHANGES
