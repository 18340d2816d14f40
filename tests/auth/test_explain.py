"""Signing in, told in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline import auth
from tieline.auth.explain import describe_sign_in, refusal
from tieline.formats import folder
from tieline.model import Connection, Connector, Grant, Reply, Request, Secret

CASES = yaml.safe_load((Path(__file__).parent / "data" / "explain.yaml").read_text(encoding="utf-8"))


def connector_of(case: dict[str, Any]) -> Connector:
    """The connector of a case, with one operation ``Op``."""
    operation = {"operationId": "Op", "responses": {"200": {"description": "ok"}}, **case.get("operation", {})}
    definition: dict[str, Any] = {
        "swagger": "2.0",
        "info": {"title": "Things", "version": "1.0"},
        "host": "api.example.com",
        "paths": {"/things": {"get": operation}},
        "securityDefinitions": case.get("definitions", {}),
    }
    files = {
        "apiDefinition.swagger.json": orjson.dumps(definition),
        "apiProperties.json": orjson.dumps({"properties": {"connectionParameters": case.get("parameters", {})}}),
    }
    return folder.read(files, "things")


def refused(case: dict[str, Any]) -> str:
    """What is said of a refusal of a case, message and remedy."""
    connector = connector_of(case)
    operation = connector.definition.operations["Op"]
    values = {name: Secret(value) for name, value in case.get("values", {}).items()}
    grant = Grant(type="authorization_code", access_token=Secret("t0ken")) if case.get("grant") else None
    connection = Connection(name=case.get("name", ""), values=values, grant=grant)
    request = Request(method="GET", url="https://api.example.com/things")
    for credential, given_values in auth.prepared(connector, operation, connection).signing:
        signed = credential.scheme.sign(credential, given_values, request)
        assert isinstance(signed, Request)
        request = signed
    headers = (("WWW-Authenticate", case["challenge"]),) if "challenge" in case else ()
    reply = Reply(status=case.get("status", 401), headers=headers)
    found = refusal(connector, operation, connection, reply, request)
    return "" if found is None else f"{found.message} | {found.remedy}"


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_a_case_is_told_as_it_says(case: dict[str, Any]) -> None:
    """Every case of ``explain.yaml`` is described, and its refusal explained, in words that hold what it says; no value
    of a connection is in them."""
    described, told = describe_sign_in(connector_of(case)), refused(case)
    for words in case.get("described", []):
        assert words in described
    for words in case.get("told", []):
        assert words in told
    assert not any(value and value in told for value in case.get("values", {}).values())


def test_other_replies_are_no_refusal() -> None:
    """A reply that is neither 401 nor 403 is not explained."""
    assert refused({"status": 404}) == ""


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_challenge_is_told_without_secrets(text: str) -> None:
    """Whatever a service answers, there is an explanation and no secret in it."""
    case = {**CASES["a key without its word"], "challenge": f'{text} error="s3cr3t-value" {text}'}
    told = refused(case)
    assert told
    assert "s3cr3t-value" not in told
