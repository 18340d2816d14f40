"""What a description needs beside its definition: addresses, connection parameters, policies, paths, sign-in.

Cases are data (``data/properties/``): ``given`` are fields of the root of the smallest description, ``then`` what comes
of them, in short. ``findings`` are "rule route", without those about words.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV2SpecValidator

from tieline.formats import folder, openapi3
from tieline.formats.conversion import convert
from tieline.formats.openapi3.paths import PLACEHOLDER, shape
from tieline.model import Connector
from tieline.policy.chain import chain
from tieline.source import SourceDocument, dump, read

DATA = Path(__file__).parent / "data" / "properties"

SMALLEST = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {"/p": {"get": {"operationId": "Op"}}},
}

WORDS = frozenset({"missing-summary", "missing-responses", "undeclared-path-parameter"})
"""Kinds of findings about what the short descriptions leave out."""

PREFIX = "x-ms-apimTemplateParameter."


def _cases() -> Iterator[Any]:
    """Every case of every file."""
    for path in sorted(DATA.glob("*.yaml")):
        for name, case in read(path.read_bytes(), path.name).value.items():
            yield pytest.param(case, id=f"{path.stem}: {name}")


CASES = list(_cases())


def described(given: dict[str, Any]) -> SourceDocument:
    """The description of a case; a key with dots in it leads further in."""
    value = orjson.loads(orjson.dumps({**SMALLEST, **{key: part for key, part in given.items() if "." not in key}}))
    for key, part in given.items():
        if "." in key:
            outer, inner = key.split(".")
            value[outer][inner] = part
    if not {"servers", "paths"} & given.keys():
        value.setdefault("servers", [{"url": "https://a.example"}])
    elif "servers" not in given:
        value["servers"] = [{"url": "https://a.example"}]
    return read(dump(value), "api.json")


@pytest.mark.parametrize("case", CASES)
def test_a_description_needs_what_the_case_says(case: dict[str, Any]) -> None:
    """Each case gives exactly the address, parameters, policies, paths and findings that it says."""
    document = described(case["given"]) if case["given"] else read(dump(SMALLEST), "api.json")
    lowered = openapi3.lower(document, base_url=case.get("base", ""))
    found = shown(lowered.definition, lowered.properties["properties"])
    defaults: dict[str, Any] = {"policies": [], "parameters": {}}
    if "sets" in case["then"]:
        del defaults["parameters"]
    expected = defaults | case["then"]
    assert {key: found.get(key) for key in expected} == expected
    said = [f"{one.rule} {one.route.pointer}" for one in lowered.findings if one.rule not in WORDS]
    assert sorted(said) == sorted(case.get("findings", []))


@pytest.mark.parametrize("case", CASES)
def test_a_case_is_a_connector_that_runs(case: dict[str, Any]) -> None:
    """Each case is valid Swagger, its properties are read without a word, and every policy can run; read lazily it is
    the same connector."""
    check(described(case["given"]), case.get("base", ""))


@pytest.mark.parametrize(
    ("answer", "urls", "rule"),
    [
        (
            {"authorization_endpoint": "https://i.example/a", "token_endpoint": "https://i.example/t"},
            ["https://i.example/a", "https://i.example/t"],
            "openid-connect-found",
        ),
        (
            {"token_endpoint": "https://i.example/t", "authorization_endpoint": 5},
            ["https://id.example/authorize", "https://i.example/t"],
            "openid-connect",
        ),
        (None, ["https://id.example/authorize", "https://id.example/token"], "openid-connect"),
    ],
)
def test_open_id_connect_is_discovered(answer: Any, urls: list[str], rule: str) -> None:
    """A discovery document gives the addresses; what it does not say is a guess, and the finding tells."""
    url = "https://id.example/.well-known/openid-configuration"
    given = {"components": {"securitySchemes": {"o": {"type": "openIdConnect", "openIdConnectUrl": url}}}}
    lowered = openapi3.lower(described(given), discover=lambda asked: answer if asked == url else None)
    found = shown(lowered.definition, lowered.properties["properties"])["parameters"]["token"]["urls"]
    assert [found["authorizationUrl"], found["tokenUrl"]] == urls
    assert [finding.rule for finding in lowered.findings if finding.rule not in WORDS] == [rule]


def shown(definition: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """A lowered description in the short form of the cases."""
    found: dict[str, Any] = {
        "address": f"{definition['schemes'][0]}://{definition['host']}{definition['basePath']}",
        "schemes": definition["schemes"],
        "policies": [_policy(instance) for instance in properties.get("policyTemplateInstances", [])],
        "operations": {},
        "inputs": {},
        "security": {},
    }
    for path, item in definition["paths"].items():
        for method, operation in item.items():
            id = operation["operationId"]
            found["operations"][id] = f"{method.upper()} {path}"
            found["security"][id] = operation.get("security")
            inputs = operation.get("parameters", [])
            found["inputs"][id] = {f"{one['in']} {one['name']}": one.get("required", False) for one in inputs}
    if "connectionParameters" in properties:
        found["parameters"] = _parameters(properties["connectionParameters"])
    else:
        sets = properties["connectionParameterSets"]["values"]
        found["sets"] = {one["name"]: _parameters(one["parameters"]) for one in sets}
    return found


def _policy(instance: dict[str, Any]) -> dict[str, Any]:
    """A policy instance in short."""
    parameters = instance["parameters"]
    assert parameters["x-ms-apimTemplate-policySection"] == "Request"
    values = {key.removeprefix(PREFIX): value for key, value in parameters.items() if key.startswith(PREFIX)}
    named = parameters.get("x-ms-apimTemplate-operationName")
    return {instance["templateId"]: values} | ({"for": named} if named else {})


def _parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Connection parameters in short; a tooltip only where it says what to type."""
    return {name: dict(_parameter(value)) for name, value in parameters.items()}


def _parameter(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "type", value["type"]
    ui = value.get("uiDefinition", {})
    constraints = ui.get("constraints", {})
    if "displayName" in ui:
        yield "label", ui["displayName"]
    if ui.get("tooltip", "").startswith('"Bearer'):
        yield "tip", ui["tooltip"]
    if constraints.get("required") == "true":
        yield "required", True
    if "defaultValue" in value:
        yield "default", value["defaultValue"]
    if "allowedValues" in constraints:
        yield "choices", {one["value"]: one["text"] for one in constraints["allowedValues"]}
    if "oAuthSettings" in value:
        settings = value["oAuthSettings"]
        yield "scopes", settings["scopes"]
        yield "urls", {name: one["value"] for name, one in settings["customParameters"].items()}


def check(document: SourceDocument, base_url: str) -> None:
    """What holds for every description."""
    converted = convert(document, base_url=base_url)
    connector = folder.read(converted.files, "T")
    assert [str(one) for one in OpenAPIV2SpecValidator(connector.definition.root).iter_errors()] == []
    assert connector.properties.findings == ()
    assert connector.findings == ()
    shapes = [shape(path) for path in connector.definition.root["paths"] if not path.startswith("x-")]
    assert len(set(shapes)) == len(shapes)
    for path in connector.definition.root["paths"]:
        assert not set("?#*") & set(PLACEHOLDER.sub("", path))
    lazy = folder.from_definition(openapi3.read(document, base_url=base_url), (document,))
    assert lazy.properties.root == connector.properties.root
    for one in (connector, lazy):
        _check_policies(one)
    again = convert(read(document.data, document.name), base_url=base_url)
    assert again.files == converted.files


def _check_policies(connector: Connector) -> None:
    """Every policy of every operation can run."""
    for operation in connector.definition.operations.values():
        assert chain(connector, operation).findings == ()


def _sometimes(strategy: st.SearchStrategy[Any], **keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={"description": strategy, **keys})


TEXTS = st.sampled_from(["", "a", "eu-1", "it's", "A b", "é", "5", "@me", "{x}", "443", "https://h.example", "a/b"])
VARIABLES = st.dictionaries(
    st.sampled_from(["a", "b", "base-path", "api_key", "server", ""]),
    _sometimes(TEXTS, default=TEXTS | st.integers(), enum=st.lists(TEXTS, max_size=3)) | TEXTS,
    max_size=3,
)
URLS = st.lists(
    st.sampled_from(
        ["https://", "http://", "//", "h.example", "{a}", "{b}", ":", "/", "v1", "{base-path}", "..", "?q=1"]
    ),
    max_size=6,
).map("".join)
SERVERS = st.lists(
    st.fixed_dictionaries({"url": URLS}, optional={"variables": VARIABLES, "description": TEXTS}) | TEXTS, max_size=3
)
SCHEMES = st.fixed_dictionaries(
    {
        "k": st.just({"type": "apiKey", "in": "header", "name": "X-Key"}),
        "c": st.just({"type": "apiKey", "in": "cookie", "name": "sid"}),
        "d": st.just({"type": "apiKey", "in": "cookie", "name": "tid"}),
        "b": st.just({"type": "http", "scheme": "basic"}),
        "o": st.just(
            {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://i.example", "scopes": {}}}}
        ),
        "m": st.just({"type": "mutualTLS"}),
    }
)
SECURITY = st.lists(st.dictionaries(st.sampled_from("kcdbomz"), st.just([]), max_size=2), max_size=4)
PATHS = st.lists(
    st.sampled_from(
        ["/", "a", "A", "{x}", "{y}", "?", "#", "=", "*", "&", "2", "b c", "%20", "{", "}", "@body()", "é"]
    ),
    max_size=6,
).map("".join)
PARAMETERS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["x", "y", "Cookie", "sid"]), "in": st.sampled_from(["path", "cookie", "header"])},
        optional={
            "style": st.sampled_from(["label", "matrix", "simple"]),
            "explode": st.booleans(),
            "required": st.booleans(),
            "schema": st.sampled_from(
                [{"type": "string"}, {"type": "array", "items": {"type": "integer"}}, {"type": "object"}]
            ),
        },
    ),
    max_size=3,
)
OPERATIONS = st.fixed_dictionaries({}, optional={"servers": SERVERS, "security": SECURITY, "parameters": PARAMETERS})
ITEMS = st.fixed_dictionaries(
    {"get": OPERATIONS}, optional={"post": OPERATIONS, "servers": SERVERS, "parameters": PARAMETERS}
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    servers=SERVERS,
    schemes=SCHEMES,
    security=st.none() | SECURITY,
    paths=st.dictionaries(PATHS, ITEMS, max_size=4),
    base=st.sampled_from(["", "https://b.example/x/y.json"]),
)
def test_any_description_is_a_connector_that_runs(
    servers: Any, schemes: Any, security: Any, paths: Any, base: str
) -> None:
    """Whatever servers, paths, parameters and ways of signing in there are, the same holds."""
    value: dict[str, Any] = {**SMALLEST, "servers": servers, "components": {"securitySchemes": schemes}, "paths": paths}
    check(read(dump(value | ({} if security is None else {"security": security})), "api.json"), base)
