"""Routes: data cases, and what a request's parameters are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.mock.routing import Router
from tieline.model import Connector

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "data" / "routes.yaml").read_text("utf-8"))

MakeConnector = Callable[..., Connector]


def connector_of(case: dict[str, Any], make_connector: MakeConnector) -> Connector:
    """A connector with the operations and policies of a case."""
    paths: dict[str, Any] = {}
    for name, text in case["operations"].items():
        method, _, path = text.partition(" ")
        operation: dict[str, Any] = {"operationId": name, "responses": {"200": {"description": ""}}}
        if name in case.get("polling", ()):
            operation["x-ms-trigger"] = "batch"
        paths.setdefault(path, {})[method.lower()] = operation
    policies = [policy(entry) for entry in case.get("policies", ())]
    return make_connector({"basePath": case.get("base", "/"), "paths": paths}, policies=policies)


def policy(entry: dict[str, Any]) -> dict[str, Any]:
    """A policy instance as files write it, of the short form of a case."""
    parameters = dict(entry["parameters"])
    operations = parameters.pop("operationName", None)
    written = {f"x-ms-apimTemplateParameter.{name}": value for name, value in parameters.items()}
    if operations is not None:
        written["x-ms-apimTemplate-operationName"] = operations
    return {"templateId": entry["templateId"], "title": "t", "parameters": written}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_routes(case: dict[str, Any], make_connector: MakeConnector) -> None:
    """Each request finds the operations that the case says, in that order."""
    router = Router(connector_of(case, make_connector))
    for request, expected in case["find"].items():
        method, _, path = request.partition(" ")
        found = router.find(method, path)
        if isinstance(expected, str):
            allowed = expected.split()[1:]
            assert not found.matches, f"{request}: {found.matches}"
            assert list(found.allowed) == allowed, request
        else:
            assert [match.endpoint.operation for match in found.matches] == expected, request


def test_parameters_are_what_was_sent(make_connector: MakeConnector) -> None:
    """Path parameters come out percent-encoded as sent, expressions are not among them, and the prefix is known."""
    case = {
        "base": "/v1",
        "operations": {"A": "GET /a/{id}/{x}-{y}"},
        "policies": [{"templateId": "routerequesttoendpoint", "parameters": {"newPath": "/b/@headers('h')/{id}"}}],
    }
    router = Router(connector_of(case, make_connector))
    own = router.find("GET", "/v1/a/p%2Fq/1-2-3").matches[0]
    assert own.parameters() == {"id": "p%2Fq", "x": "1", "y": "2-3"}
    assert own.prefix == "/v1"
    routed = router.find("GET", "/b/secret/7").matches[0]
    assert routed.parameters() == {"id": "7"}
    assert routed.endpoint.origin == "routed"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paths=st.lists(st.text("/{}ab-.'@?#%()2", max_size=14), min_size=1, max_size=6), asked=st.text(max_size=20))
def test_any_path_is_read(paths: list[str], asked: str, make_connector: MakeConnector) -> None:
    """Whatever stands as path in a definition, a policy or a request, the router is built and answers."""
    operations = {f"Op{index}": f"GET /{path}" for index, path in enumerate(paths)}
    policies = [{"templateId": "routerequesttoendpoint", "parameters": {"newPath": paths[0]}}]
    router = Router(connector_of({"operations": operations, "policies": policies}, make_connector))
    assert router.find("GET", asked) == router.find("GET", asked)
    assert router.find("PATCH", "/" + paths[0]).matches == ()
