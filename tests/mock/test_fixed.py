"""Values that no person sets: which of them a request has, and which it has otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from tieline.mock.fixed import Fixed
from tieline.mock.incoming import Incoming
from tieline.model import Connector, Request

INTERNAL = {"type": "string", "default": "made", "x-ms-visibility": "internal"}
DEFINITION = {
    "paths": {
        "/x": {
            "post": {
                "operationId": "Op",
                "parameters": [
                    {"name": "v", "in": "query", "type": "number", "default": 2.0, "x-ms-visibility": "internal"},
                    {"name": "seen", "in": "query", "type": "string", "default": "x"},
                    {"name": "X-Kind", "in": "header", **INTERNAL},
                    {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Node"}},
                ],
                "responses": {"200": {"description": "ok"}},
            }
        }
    },
    "definitions": {
        "Node": {"type": "object", "properties": {"event": INTERNAL, "next": {"$ref": "#/definitions/Node"}}}
    },
}
SET = {
    "templateId": "setheader",
    "title": "t",
    "parameters": {
        "x-ms-apimTemplate-policySection": "Request",
        "x-ms-apimTemplateParameter.name": "x-kind",
        "x-ms-apimTemplateParameter.value": "set",
    },
}


@pytest.mark.parametrize(
    ("url", "headers", "body", "compared"),
    [
        ("http://h/x", {}, None, (0, 0)),
        ("http://h/x?v=2&seen=other", {}, None, (0, 1)),
        ("http://h/x?v=3", {"x-kind": "made"}, None, (1, 1)),
        ("http://h/x", {}, {"event": "made", "next": {"event": "other"}}, (0, 1)),
        ("http://h/x", {}, {"event": None}, (1, 0)),
        ("http://h/x", {}, ["event"], (0, 0)),
    ],
)
def test_compared(
    url: str, headers: dict[str, str], body: Any, compared: tuple[int, int], make_connector: Callable[..., Connector]
) -> None:
    """Other values and those that are there are counted; what is missing, and what people set, is not."""
    connector = make_connector(DEFINITION)
    fixed = Fixed(connector, connector.definition.operations["Op"])
    data = b"" if body is None else orjson.dumps(body)
    assert (
        fixed.compared(Incoming(Request(method="POST", url=url, headers=tuple(headers.items()), body=data))) == compared
    )


def test_a_constant_of_a_policy_stands_for_the_default(make_connector: Callable[..., Connector]) -> None:
    """What a policy sets is what arrives; a script may make anything of it."""
    connector = make_connector(DEFINITION, policies=[SET])
    request = Incoming(Request(method="POST", url="http://h/x", headers=(("X-Kind", "set"),)))
    assert Fixed(connector, connector.definition.operations["Op"]).compared(request) == (0, 1)
    scripted = make_connector(DEFINITION, policies=[SET], script=True)
    assert Fixed(scripted, scripted.definition.operations["Op"]).compared(request) == (0, 0)
