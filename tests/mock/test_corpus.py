"""Every operation of every connector of the corpus: arguments are made up and bound, the mock answers, the reply is
checked as the pipeline does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tieline.formats import folder
from tieline.mock import Answer, Backend, sample_arguments
from tieline.mock.credentials import Key
from tieline.mock.routing import Endpoint
from tieline.model import Connector, Operation, Request, Severity
from tieline.pipeline.bind import bind
from tieline.pipeline.check import check
from tieline.pipeline.options import Options

OPERATIONS = 3_800
"""Floor of the operations that are answered; may only rise."""
CONTRADICTIONS = 4
"""Operations whose definition has no response that is not an error, or declares what Response policies make of a reply,
which are not run here. May only fall."""
ELSEWHERE = 30
"""Routed places at which another operation answers, since nothing in the request tells the two apart. May only fall."""

SIGNS = {"apiKey": "k", "basic": "Basic YTpi", "oauth2": "Bearer t"}


def connectors(shared: Path) -> Iterator[tuple[str, Connector]]:
    """Every connector folder of the corpus."""
    for path in sorted((shared / "corpus" / "connectors").glob("*/*")):
        files = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
        yield path.name, folder.read(files, path.name)


def signed(request: Request, keys: tuple[Key, ...]) -> Request:
    """The request with what an operation wants as credential."""
    for key in keys:
        value = SIGNS[key.kind]
        if key.where == "header":
            request = request.with_header(key.name, value)
        else:
            mark = "&" if "?" in request.url else "?"
            url = f"{request.url}{mark}{quote(key.name)}={value}"
            request = Request(method=request.method, url=url, headers=request.headers, body=request.body)
    return request


def bound(connector: Connector, operation: Operation, backend: Backend) -> Request | str:
    """The request for an operation with made-up arguments, or why there is none."""
    made = bind(connector, operation, sample_arguments(operation), Options(server="http://mock"))
    if made.request is None:
        errors = [finding.message for finding in made.findings if finding.severity is Severity.ERROR]
        return "; ".join(errors)
    wanted = backend.served(operation.id).wanted
    return signed(made.request, wanted[0] if wanted else ())


def faults(operation: Operation, answer: Answer) -> list[str]:
    """What is wrong with an answer to a good request."""
    if answer.operation != operation.id:
        return [f"answered by {answer.operation}: {answer.reply.status}"]
    if answer.reply.status >= 400:
        return [f"{answer.reply.status}: {answer.reply.body[:200]!r}"]
    return [f.message for f in check(operation, answer.reply).findings if f.severity is not Severity.INFO]


@pytest.mark.corpus
def test_every_operation_is_answered(shared: Path) -> None:
    """A good request gets the operation's own good reply, and that passes the check; contradictions are counted."""
    counts: Counter[str] = Counter()
    bad: list[str] = []
    for name, connector in connectors(shared):
        backend = Backend(connector)
        for operation in connector.definition.operations.values():
            counts["operations"] += 1
            request = bound(connector, operation, backend)
            found = [request] if isinstance(request, str) else faults(operation, backend.answer(request))
            if found:
                bad.append(f"{name} {operation.id}: {found[0]}")
    print(dict(counts), *bad, sep="\n")
    assert counts["operations"] >= OPERATIONS
    assert len(bad) <= CONTRADICTIONS, "\n".join(bad)


def at(endpoint: Endpoint, operation: Operation, request: Request) -> Request:
    """The request as it arrives at another place: parameters of its path put into that place's template."""
    given = sample_arguments(operation)
    path = ""
    for segment in endpoint.template.segments:
        path += "/" + segment.literals[0]
        for name, literal in zip(segment.names, segment.literals[1:], strict=True):
            parameter = operation.parameter(name)
            default = "x" if parameter is None or not parameter.default else str(parameter.default)
            path += quote(str(given.get(name, default)), safe="") + literal
    query = request.url.partition("?")[2]
    url = f"http://mock{quote(path, safe='/%')}{'/' if endpoint.template.slash else ''}"
    return Request(
        method=endpoint.method, url=f"{url}?{query}" if query else url, headers=request.headers, body=request.body
    )


@pytest.mark.corpus
def test_every_place_leads_back(shared: Path) -> None:
    """Own paths without base path, routed paths and polling paths lead to their operation, or to one that cannot be
    told from it, which is said."""
    counts: Counter[str] = Counter()
    bad: list[str] = []
    for name, connector in connectors(shared):
        backend = Backend(connector)
        requests = {o.id: bound(connector, o, backend) for o in connector.definition.operations.values()}
        for endpoint in backend.router.endpoints:
            request = requests[endpoint.operation]
            if isinstance(request, str):
                continue
            counts[endpoint.origin] += 1
            operation = connector.definition.operations[endpoint.operation]
            answer = backend.answer(at(endpoint, operation, request))
            if answer.operation == endpoint.operation:
                continue
            told = any(finding.rule == "ambiguous-endpoint" for finding in answer.findings)
            counts["elsewhere"] += 1
            if endpoint.origin == "own" or not told:
                bad.append(f"{name} {endpoint.operation} ({endpoint.origin}): {answer.operation} {answer.reply.status}")
    print(dict(counts))
    assert not bad, "\n".join(bad)
    assert counts["own"] >= OPERATIONS - CONTRADICTIONS
    assert counts["routed"] >= 152
    assert counts["polling"] >= 20
    assert counts["elsewhere"] <= ELSEWHERE
