"""Import by URL: the addresses of OpenID Connect come from the discovery document, where it may and can be had."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tieline.app.importing import ImportOptions, ImportResult, import_source
from tieline.net.listener import listen_in_thread

DISCOVERY = "/.well-known/openid-configuration"

FOUND = {"authorization_endpoint": "https://id.example/go", "token_endpoint": "https://id.example/tokens"}


class Site:
    """A site with a description and discovery documents, and what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""
        """``openIdConnectUrl`` of the description."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        self.asked.append(scope["path"])
        replies: dict[str, Any] = {"/api.json": self.described(), f"/id{DISCOVERY}": FOUND, f"/odd{DISCOVERY}": [1]}
        found = replies.get(scope["path"])
        await send({"type": "http.response.start", "status": 404 if found is None else 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(found).encode()})

    def described(self) -> Any:
        """The description."""
        return {
            "openapi": "3.0.3",
            "info": {"title": "T", "version": "1"},
            "servers": [{"url": "/v1"}],
            "components": {"securitySchemes": {"o": {"type": "openIdConnect", "openIdConnectUrl": self.url}}},
            "security": [{"o": []}],
            "paths": {"/a": {"get": {"operationId": "A", "responses": {"200": {"description": "OK"}}}}},
        }


SITE = Site()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The site, really served."""
    with listen_in_thread(SITE) as found:
        yield found


def urls_of(result: ImportResult) -> list[str | None]:
    """Where the imported connector signs in, and where it has its tokens from."""
    oauth = result.connector.properties.connection_parameters[0].oauth
    assert oauth is not None
    return [oauth.custom_parameters[name] for name in ("authorizationurl", "tokenurl")]


def imported(address: str, url: str, output: Path) -> ImportResult:
    """The description with this ``openIdConnectUrl``, imported by its URL."""
    SITE.url, SITE.asked[:] = url, []
    return import_source(f"{address}/api.json", ImportOptions(output=output))


def test_a_discovery_document_is_asked_once(address: str, tmp_path: Path) -> None:
    """The document names both addresses; the finding says so and is no loss. Importing again changes nothing."""
    for _ in range(2):
        result = imported(address, f"/id{DISCOVERY}", tmp_path / "T")
        assert urls_of(result) == list(FOUND.values())
        assert "openid-connect-found" in {finding.rule for finding in result.findings}
        assert SITE.asked == ["/api.json", f"/id{DISCOVERY}"]


@pytest.mark.parametrize("path", ["/gone", "/odd"])
def test_without_a_document_the_addresses_are_guesses(address: str, tmp_path: Path, path: str) -> None:
    """Where there is no document, or another one, the finding names the guesses."""
    result = imported(address, path + DISCOVERY, tmp_path / "T")
    assert urls_of(result) == [f"{address}{path}/authorize", f"{address}{path}/token"]
    finding = next(finding for finding in result.findings if finding.rule == "openid-connect")
    assert f"{address}{path}/token" in finding.message
    assert SITE.asked[1:] == [path + DISCOVERY]


def test_no_other_host_is_asked_in_clear(address: str, tmp_path: Path) -> None:
    """A description cannot have another host asked without TLS, and one on disk none at all."""
    other = address.replace("127.0.0.1", "localhost") + f"/id{DISCOVERY}"
    result = imported(address, other, tmp_path / "T")
    assert "openid-connect" in {finding.rule for finding in result.findings}
    assert SITE.asked == ["/api.json"]
    SITE.url = f"{address}/id{DISCOVERY}"
    (tmp_path / "api.json").write_text(json.dumps(SITE.described()), encoding="utf-8")
    import_source(str(tmp_path / "api.json"), ImportOptions(output=tmp_path / "U"))
    assert SITE.asked == ["/api.json"]
