"""How the cases of collections are run: a collection in, its connector looked at from all sides."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV2SpecValidator

from tieline.formats import convert, folder
from tieline.mock import Backend, sample_arguments
from tieline.model import Connector, Finding, Request, Severity
from tieline.pipeline import Options, bind
from tieline.pipeline.check import check
from tieline.source import SourceDocument, dump, read

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A collection that was imported."""

    connector: Connector
    definition: Any
    properties: Any
    findings: tuple[Finding, ...]

    @property
    def text(self) -> str:
        """Everything that came of the collection, as one text."""
        said = [f"{finding.message} {finding.remedy}" for finding in self.findings]
        return json.dumps([self.definition, self.properties, said], ensure_ascii=False)


def imported(document: SourceDocument, base_url: str = "") -> Imported:
    """The connector of a collection."""
    converted = convert(document, base_url=base_url)
    return Imported(
        connector=folder.read(converted.files, "Test"),
        definition=json.loads(converted.files["apiDefinition.swagger.json"]),
        properties=json.loads(converted.files["apiProperties.json"])["properties"],
        findings=converted.findings,
    )


def faults(result: Imported) -> list[str]:
    """What is wrong with a connector: its document, its files, and every operation that its own mock does not answer
    well when it is called with made-up arguments."""
    found = [str(error.message) for error in OpenAPIV2SpecValidator(result.definition).iter_errors()]
    found += [finding.message for finding in folder.check(result.connector)]
    backend = Backend(result.connector)
    for operation in result.connector.definition.operations.values():
        bound = bind(result.connector, operation, sample_arguments(operation), Options(server="http://mock"))
        if bound.request is None:
            found.append(f"{operation.id}: {bound.findings}")
            continue
        request = signed(bound.request, backend, operation.id)
        answer = backend.answer(request)
        if answer.operation != operation.id or answer.reply.status >= 400:
            found.append(f"{operation.id}: {answer.operation} {answer.reply.status} {answer.reply.body[:200]!r}")
            continue
        drift = [f.message for f in check(operation, answer.reply).findings if f.severity is not Severity.INFO]
        found += [f"{operation.id}: {message}" for message in drift]
    return found


SIGNS = {"apiKey": "k", "basic": "Basic YTpi", "oauth2": "Bearer t"}


def signed(request: Request, backend: Backend, operation: str) -> Request:
    """The request with what the operation wants as credential."""
    wanted = backend.served(operation).wanted
    for key in wanted[0] if wanted else ():
        if key.where == "header":
            request = request.with_header(key.name, SIGNS[key.kind])
        else:
            mark = "&" if "?" in request.url else "?"
            url = f"{request.url}{mark}{key.name}={SIGNS[key.kind]}"
            request = Request(method=request.method, url=url, headers=request.headers, body=request.body)
    return request


def document_of(case: dict[str, Any]) -> SourceDocument:
    """The collection of a data case; ``LONG`` in it stands for a very long text."""
    rest = {key: case[key] for key in ("auth", "variable", "event", "protocolProfileBehavior") if key in case}
    value = {"info": {"name": "Test", **case.get("info", {})}, "item": case["item"], **rest}
    return read(dump(value).replace(b"LONG", b"x" * 20_000), "test.postman_collection.json")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a ``case`` runs those of the files that its module names in ``CASES``."""
    if "case" in metafunc.fixturenames:
        params = [
            pytest.param(case, id=f"{name}: {case['name']}")
            for name in metafunc.module.CASES
            for case in yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
        ]
        metafunc.parametrize("case", params)


@pytest.fixture(scope="session")
def collection() -> Callable[[dict[str, Any]], SourceDocument]:
    """Makes the collection of a data case."""
    return document_of


@pytest.fixture(scope="session")
def importing() -> Callable[..., Imported]:
    """Imports a collection."""
    return imported


@pytest.fixture(scope="session")
def wrong() -> Callable[[Imported], list[str]]:
    """Looks for what is wrong with an imported connector."""
    return faults
