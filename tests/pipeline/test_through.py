"""Requests that come in at a URL of the connector."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.model import Request
from tieline.pipeline import Options
from tieline.pipeline.through import incoming, rest_of

GATEWAY = "http://127.0.0.1:8320/apim/Things/mine"


@pytest.mark.parametrize(
    ("url", "rest"),
    [
        ("https://api.example.com/v1/things?a=1", "/things?a=1"),
        ("http://api.example.com:80/v1/things", "/things"),
        ("https://api.example.com/v1", ""),
        ("https://api.example.com/v10/things", None),
        ("https://other.example.com/v1/things", None),
        (f"{GATEWAY}/things?triggerState=x", "/things?triggerState=x"),
        ("http://localhost:9/x/things", "/things"),
        ("not a url", None),
    ],
)
def test_rest_of(build: Any, url: str, rest: str | None) -> None:
    """A URL below the gateway's, the server's or the definition's base stands for an operation; no other does."""
    connector = build({})
    operation = connector.definition.operations["Op"]
    assert rest_of(connector, operation, url, Options(server="http://localhost:9/x"), GATEWAY) == rest


def test_incoming_drops_what_is_the_callers(build: Any) -> None:
    """Headers between caller and connector do not reach the service; all others, the method and the body do."""
    connector = build({})
    operation = connector.definition.operations["Op"]
    headers = (
        ("Host", "127.0.0.1:8320"),
        ("Authorization", "Bearer caller"),
        ("Content-Length", "2"),
        ("X-Mine", "1"),
        ("Content-Type", "application/json"),
    )
    request = incoming(
        connector, operation, "/things?a=1#part", Request(method="PUT", url="x", headers=headers, body=b"{}")
    )
    assert (request.method, request.url, request.body) == ("PUT", "https://api.example.com/v1/things?a=1", b"{}")
    assert request.headers == (("X-Mine", "1"), ("Content-Type", "application/json"))
