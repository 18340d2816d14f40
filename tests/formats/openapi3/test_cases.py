"""What becomes of each part of a description: cases as data.

A file in ``data/`` begins with ``of``, which says what ``given`` and ``then`` are: a whole document, or the part of one
that is put into the smallest description around it. ``findings`` are "rule route" below that part, all of them in order
of the routes; a case without ``then`` is about its findings only.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tieline.formats import openapi3
from tieline.model import Document, DocumentError, Finding
from tieline.source import dump, read

DATA = Path(__file__).parent / "data"

SMALLEST = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "servers": [{"url": "https://api.example.com"}],
    "paths": {"/p": {"get": {"operationId": "Op", "summary": "S", "responses": {"200": {"description": "OK"}}}}},
}

PLACES: dict[str, tuple[str, str]] = {
    "document": ("", ""),
    "schema": ("/components/schemas/It", "/definitions/It"),
    "schemas": ("/components/schemas", "/definitions"),
    "paths": ("/paths", "/paths"),
    "path": ("/paths/~1p~1{id}", "/paths/~1p~1{id}"),
    "operation": ("/paths/~1p/get", "/paths/~1p/get"),
    "parameters": ("/paths/~1p/get/parameters", "/paths/~1p/get/parameters"),
    "body": ("/paths/~1p/post/requestBody", "/paths/~1p/post"),
    "response": ("/paths/~1p/get/responses/200", "/paths/~1p/get/responses/200"),
    "responses": ("/paths/~1p/get/responses", "/paths/~1p/get"),
    "schemes": ("/components/securitySchemes", "/securityDefinitions"),
}
"""Kind of part -> where it is given, and where the answer stands."""


def _cases() -> Iterator[Any]:
    """Every case of every file, as (file's kind, case)."""
    for path in sorted(DATA.glob("*.yaml")):
        data = read(path.read_bytes(), path.name).value
        for name, case in data["cases"].items():
            yield pytest.param(data["of"], case, id=f"{path.stem}: {name}")


CASES = list(_cases())


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_a_part_becomes_what_the_case_says(kind: str, case: dict[str, Any]) -> None:
    """Each case gives exactly the Swagger value and the findings that it says, read whole and read lazily."""
    given, answered = PLACES[kind]
    document = read(dump(_document(kind, case)), "api.yaml")
    lowered = openapi3.lower(document, _loader(case.get("files", {})), base_url=case.get("base", ""))
    found = _at(orjson.loads(dump(lowered.definition)), answered)
    if kind == "document":
        found = {key: found[key] for key in case.get("then", {}) if key in found}
    if kind in ("body", "responses"):
        found = {key: found[key] for key in case.get("then", {}) if key in found}
    assert _shown(found if "then" in case else None) == _shown(case.get("then"))
    assert sorted(_said(lowered.findings, given)) == sorted(case.get("findings", []))
    _check_lazy(document, case, lowered)


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_every_finding_says_what_to_do(kind: str, case: dict[str, Any]) -> None:
    """A loss has a remedy, and no message is left without its words."""
    document = read(dump(_document(kind, case)), "api.yaml")
    rules = {rule.id: rule for rule in openapi3.RULES}
    for finding in openapi3.lower(document, _loader(case.get("files", {}))).findings:
        assert finding.remedy or not rules[finding.rule].loss
        assert finding.message[:1] in '"abcdefghijklmnopqrstuvwxyzTOAGHPHTTP'
        assert not finding.message.endswith(".")


def test_every_kind_of_finding_has_a_case() -> None:
    """The cases show every kind of finding but those that have tests of their own; none of theirs is unknown."""
    said = {line.split(" ")[0] for case in CASES for line in case.values[1].get("findings", [])}
    known = {rule.id for rule in openapi3.RULES}
    assert said <= known
    assert known - said <= ELSEWHERE


@pytest.mark.parametrize(
    ("ref", "meant"),
    [("Pet", "/Pet"), ("#/definitions/Pet", "/Pet"), ("#/components/schema/Pet", "/Pet"), ("#/$defs/B", "/It/$defs/B")],
)
def test_a_reference_that_is_nearly_right_is_answered(ref: str, meant: str) -> None:
    """A reference of Swagger 2.0 or JSON Schema, or a bare name, is answered with the one that leads there."""
    schemas = {"Pet": {"type": "object"}, "It": {"$defs": {"B": {"type": "string"}}, "items": {"$ref": ref}}}
    document = {**SMALLEST, "components": {"schemas": schemas}}
    (finding,) = openapi3.lower(read(dump(document), "api.yaml")).findings
    assert finding.remedy == f'did you mean "#/components/schemas{meant}"?'


ELSEWHERE = (
    frozenset({"too-deep", "allow-reserved", "list-or-single", "form-object", "form-json", "direction-variant"})
    | frozenset({"server-dropped", "server-variable", "server-choice", "operation-server"})
    | frozenset({"path-with-query", "path-moved", "path-variable", "duplicate-path"})
    | frozenset({"cookie-dropped", "cookie-key-dropped", "cookie-header", "cookie-key", "cookie-replaced"})
    | frozenset(
        {"security-alternatives", "optional-security", "one-sign-in", "openid-connect-found"}
        | {"link-as-pages", "link-as-choices"}
    )
    | frozenset({"callback-dropped", "callback-trigger", "webhook-dropped", "webhook-trigger"})
    | frozenset({"notification-part", "notification-url", "notification-url-missing"})
    | frozenset({"trigger-ending", "trigger-not-ended", "trigger-summary"})
)
"""Kinds of findings that need more than one part of a description: limits, servers and paths, what becomes a policy,
ways of signing in, triggers."""


def _document(kind: str, case: dict[str, Any]) -> Any:
    """The description of a case."""
    if kind == "document":
        return case["given"]
    document = orjson.loads(orjson.dumps(SMALLEST))
    document |= {key: case[key] for key in ("components", "webhooks") if key in case}
    if kind == "body":
        document["paths"]["/p"]["post"] = document["paths"]["/p"].pop("get")
    keys = [key.replace("~1", "/") for key in PLACES[kind][0].split("/")[1:]]
    holder = document
    for key in keys[:-1]:
        holder = holder.setdefault(key, {})
    holder[keys[-1]] = case["given"]
    return document


def _loader(files: dict[str, Any]) -> openapi3.Loader:
    """Gives the files of a case."""

    def load(path: str) -> Document:
        if path not in files:
            raise DocumentError("no-such-file", f'there is no "{path}"', remedy="add the file")
        return read(dump(files[path]), path)

    return load


def _at(value: Any, pointer: str) -> Any:
    """What stands at a pointer; None where nothing does."""
    for key in pointer.split("/")[1:]:
        value = value.get(key.replace("~1", "/")) if value is not None else None
    return value


def _said(findings: tuple[Finding, ...], given: str) -> list[str]:
    """Findings as "rule route", routes without the part that all share and with the file where it is another."""
    lines = []
    for finding in findings:
        file = "" if finding.route.document == "api.yaml" else finding.route.document
        lines.append(f"{finding.rule} {file}{finding.route.pointer.removeprefix(given)}".strip())
    return lines


def _shown(value: Any) -> str:
    """A value as text in which the order of keys counts."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def _check_lazy(document: Document, case: dict[str, Any], lowered: openapi3.Lowered) -> None:
    """What is read operation by operation is what is lowered whole."""
    definition = openapi3.read(document, _loader(case.get("files", {})), base_url=case.get("base", ""))
    whole = {
        operation["operationId"]: operation
        for path, item in lowered.definition["paths"].items()
        if path.startswith("/")
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    assert {id: operation.raw for id, operation in definition.operations.items()} == whole
