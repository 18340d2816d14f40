"""Where requests go: one slash at every joint, the server in place of the base, origins told apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.pipeline import Options
from tieline.pipeline.target import origin, problems, with_server


@pytest.mark.parametrize(
    ("url", "base_path", "server", "expected"),
    [
        ("https://api.example.com/v1/things", "/v1", "http://localhost", "http://localhost/things"),
        ("https://api.example.com/v1/things", "/v1/", "http://localhost/", "http://localhost/things"),
        ("https://api.example.com/v1", "/v1", "http://localhost/x", "http://localhost/x"),
        ("https://api.example.com/v1?a=1", "/v1", "http://localhost/x", "http://localhost/x/?a=1"),
        ("https://api.example.com/v1/?a=/b", "/v1", "http://localhost", "http://localhost/?a=/b"),
        ("https://api.example.com/v10/things", "/v1", "http://localhost", "http://localhost/v10/things"),
        ("https://api.example.com/things", "/", "http://localhost/v2", "http://localhost/v2/things"),
        ("https://api.example.com/elsewhere", "/v1", "http://localhost", "http://localhost/elsewhere"),
        ("https://api.example.com", "/v1", "http://localhost", "http://localhost"),
    ],
)
def test_with_server(build: Any, url: str, base_path: str, server: str, expected: str) -> None:
    """The server's own path comes before the path below the base path; the query stays."""
    definition = replace(build({}).definition, base_path=base_path)
    assert with_server(url, definition, server) == expected


@pytest.mark.parametrize(
    ("server", "rules"),
    [
        ("http://localhost:8080/x", []),
        ("http://localhost:65536", ["bad-server"]),
        ("ftp://localhost", ["bad-server"]),
        ("http://user:pass@localhost", ["bad-server"]),
        ("/v1", ["bad-server"]),
        (None, ["bad-host"]),
    ],
)
def test_servers(build: Any, server: str | None, rules: list[str]) -> None:
    """A server is an http or https URL with a port that there can be, as is the definition's host."""
    connector = build({}, root={"host": "api.example.com:70000"})
    found = problems(connector, connector.definition.operations["Op"], Options(server=server))
    assert [finding.rule for finding in found] == rules


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://API.example.com/x", ("https", "api.example.com", 443)),
        ("http://localhost:8080", ("http", "localhost", 8080)),
        ("http://[::1]:80/", ("http", "::1", 80)),
        ("ftp://x", None),
        ("//x/y", None),
        ("/y", None),
        ("http://[x", None),
        ("http://x:port/", None),
        ("", None),
    ],
)
def test_origin(url: str, expected: Any) -> None:
    """Scheme, host and port with its default; None for what cannot be called."""
    assert origin(url) == expected


@given(st.text())
def test_any_text_has_an_origin_or_none(text: str) -> None:
    """Any text is a URL with an origin, or none; never an exception."""
    found = origin(text)
    assert found is None or found[0] in ("http", "https")
