"""Signing in: connection parameters become credentials by the type of what is declared."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline import auth
from tieline.formats import folder
from tieline.model import Connection, Connector, Request, Secret, Severity

DATA = Path(__file__).parent / "data"
URL = "https://api.example.com/v1/things"


def connector_of(case: dict[str, Any]) -> Connector:
    """The connector of a data case, with one operation ``Op``."""
    operation = {"operationId": "Op", "responses": {"200": {"description": "ok"}}, **case.get("operation", {})}
    definition: dict[str, Any] = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1.0"},
        "host": "api.example.com",
        "basePath": "/v1",
        "paths": {"/things": {"get": operation}},
        "securityDefinitions": case.get("definitions", {}),
    }
    if "security" in case:
        definition["security"] = case["security"]
    properties: dict[str, Any] = {"connectionParameters": case.get("parameters", {})}
    if "sets" in case:
        sets = [{"name": name, "parameters": parameters} for name, parameters in case["sets"].items()]
        properties["connectionParameterSets"] = {"values": sets}
    files = {
        "apiDefinition.swagger.json": orjson.dumps(definition),
        "apiProperties.json": orjson.dumps({"properties": properties}),
    }
    return folder.read(files, "things")


def signed(connector: Connector, connection: Connection, request: Request) -> Request:
    """The request with the operation's credentials; none of these schemes asks for anything."""
    for credential in auth.credentials_of(connector, connector.definition.operations["Op"], connection):
        values = credential.values(connection)
        if values is not None:
            signed = credential.scheme.sign(credential, values, request)
            assert isinstance(signed, Request)
            request = signed
    return request


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["name"])
        for case in yaml.safe_load((DATA / "sign-in.yaml").read_text(encoding="utf-8"))
    ],
)
def test_sign_in(case: dict[str, Any]) -> None:
    """Every case of ``sign-in.yaml`` is signed as it says, or its problems are."""
    connector = connector_of(case)
    operation = connector.definition.operations["Op"]
    values = {name: Secret(value) for name, value in case.get("values", {}).items()}
    connection = Connection(values=values, parameter_set=case.get("set", ""))
    problems = auth.prepared(connector, operation, connection).problems
    assert [f"{finding.rule} {finding.remedy}" for finding in problems] == case.get("problems", [])
    assert all(finding.severity is Severity.ERROR for finding in problems)
    missing = auth.required_values(connector, operation, connection)
    assert len(missing) == sum(finding.rule == "missing-credential" for finding in problems)
    if "described" in case:
        assert auth.describe(connector) == case["described"]
    if not problems:
        before = Request(method="GET", url=URL, headers=tuple(map(tuple, case.get("request_headers", []))))
        request = signed(connector, connection, before)
        assert request.url == case.get("url", URL)
        assert dict(request.headers) == case.get("headers", {})
    if "secrets" in case:
        assert [secret.reveal() for secret in auth.prepared(connector, operation, connection).secrets] == case[
            "secrets"
        ]


def test_choice_follows_the_connector_and_the_set() -> None:
    """The remembered choice of an operation is made anew for another connector or another parameter set."""
    case = {
        "definitions": {"b": {"type": "basic"}},
        "sets": {
            "oauth": {"token": {"type": "oauthSetting", "oAuthSettings": {"identityProvider": "aad"}}},
            "basic": {"username": {"type": "string"}, "password": {"type": "securestring"}},
        },
    }
    connector = connector_of(case)
    operation = connector.definition.operations["Op"]
    chosen = [
        auth.credentials_of(connector, operation, Connection(parameter_set=name))[0].scheme.id
        for name in ("oauth", "basic", "oauth", "")
    ]
    assert chosen == ["bearer", "basic", "bearer", "bearer"]
    other = connector_of({"definitions": {}, "parameters": {}})
    assert auth.credentials_of(other, operation, Connection()) == ()


def test_schemes_are_told_apart() -> None:
    """Every scheme has an id of its own."""
    ids = [scheme.id for scheme in auth.SCHEMES]
    assert len(set(ids)) == len(ids) == 3


@settings(deadline=None)
@given(st.text(), st.sampled_from(["apiKey", "basic", "oauth2"]), st.sampled_from(["header", "query"]))
def test_any_value_signs_or_is_refused(value: str, kind: str, where: str) -> None:
    """Any value is put on the request or refused with a finding that does not show it."""
    definition = {"type": kind, "in": where, "name": "X-Key"}
    parameter = {"type": "oauthSetting" if kind == "oauth2" else "securestring"}
    connector = connector_of(
        {"definitions": {"k": definition}, "parameters": {"username": {"type": "string"}, "password": parameter}}
        if kind == "basic"
        else {"definitions": {"k": definition}, "parameters": {"api_key": parameter}}
    )
    names = ["username", "password"] if kind == "basic" else ["api_key"]
    connection = Connection(values={name: Secret(f"s3cr3t{value}") for name in names})
    problems = auth.prepared(connector, connector.definition.operations["Op"], connection).problems
    assert not any("s3cr3t" in finding.message + finding.remedy for finding in problems)
    if not problems:
        request = signed(connector, connection, Request(method="GET", url=URL))
        assert request != Request(method="GET", url=URL)
        assert not any(char in header for _, header in request.headers for char in "\r\n\0")


SIGNED = 203
"""Floor of the connectors of the corpus whose first operation is signed; may only rise."""


@pytest.mark.corpus
def test_connectors_of_the_corpus_sign_in(shared: Path) -> None:
    """Every published connector is described; those that declare a usable sign-in are signed with made-up values."""
    counts: Counter[str] = Counter()
    for path in sorted((shared / "corpus" / "connectors").glob("*/*")):
        connector = folder.read({file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}, path.name)
        assert auth.describe(connector)
        sets = connector.properties.parameter_sets
        parameters = sets[0].parameters if sets else connector.properties.connection_parameters
        connection = Connection(values={parameter.name: Secret("made up") for parameter in parameters})
        operation = next(iter(connector.definition.operations.values()))
        assert auth.prepared(connector, operation, connection).problems == ()
        chosen = auth.credentials_of(connector, operation, connection)
        counts["signed"] += bool(chosen)
        counts.update(credential.scheme.id for credential in chosen)
    assert counts["signed"] >= SIGNED, counts
