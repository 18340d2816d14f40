"""A connector from a folder, a file or a URL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tieline.app.load import load_connector, load_source, loader_beside, redirected
from tieline.model import DocumentError, ServiceError
from tieline.net.listener import listen_in_thread

DESCRIPTION = b"""{"openapi": "3.0.0", "info": {"title": "Things", "version": "1"}, "servers": [{"url": "/v2"}],
"paths": {"/things": {"get": {"operationId": "GetThings", "responses": {"200": {"description": "ok"}}}}}}"""


async def app(scope: dict, receive: object, send: object) -> None:  # type: ignore[type-arg]
    """A site: a description, a redirect to it, a redirect in a circle, an error, a redirect to a file."""
    if scope["type"] != "http":
        return
    replies = {
        "/openapi.json": (200, {}, DESCRIPTION),
        "/moved": (302, {"location": "/openapi.json"}, b""),
        "/circle": (302, {"location": "/circle"}, b""),
        "/file": (302, {"location": "file:///etc/passwd"}, b""),
    }
    status, headers, body = replies.get(scope["path"], (404, {}, b""))
    fields = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": fields})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": body})  # type: ignore[operator]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The site, really served."""
    with listen_in_thread(app) as address:
        yield address


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/openapi.json", "/moved"])
async def test_by_url(site: str, path: str) -> None:
    """A description by URL, over redirects too; a relative server stands on the URL's origin."""
    connector = await load_source(site + path)
    assert list(connector.definition.operations) == ["GetThings"]
    assert connector.definition.host == site.removeprefix("http://")
    assert connector.definition.base_path == "/v2"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("path", "rule"), [("/nothing", "error-reply"), ("/circle", "error-reply"), ("/file", "bad-redirect")]
)
async def test_urls_that_give_nothing(site: str, path: str, rule: str) -> None:
    """An error, a circle and a redirect to a file are ServiceErrors."""
    with pytest.raises(ServiceError) as caught:
        await load_source(site + path)
    assert caught.value.finding.rule == rule


def test_redirects_never_leave_tls() -> None:
    """From https to http nothing is followed; the other way is."""
    assert redirected("http://a/x", "https://b/y") == "https://b/y"
    with pytest.raises(ServiceError):
        redirected("https://a/x", "http://b/y")


def test_a_file_alone(tmp_path: Path) -> None:
    """A description file is a connector without being imported; nothing is written."""
    file = tmp_path / "openapi.json"
    file.write_bytes(DESCRIPTION)
    assert load_connector(file).name == "Things"
    assert list(tmp_path.iterdir()) == [file]


def test_other_files_only_below_the_root(tmp_path: Path) -> None:
    """The other files of a description come from its own folder and below, or from below a root that is named."""
    (tmp_path / "api").mkdir()
    main = tmp_path / "api" / "openapi.json"
    main.write_bytes(DESCRIPTION)
    (tmp_path / "api" / "a b.json").write_bytes(b"{}")
    (tmp_path / "secret.json").write_bytes(b"{}")
    assert loader_beside(main)("a%20b.json").value == {}
    for reference in ("../secret.json", "%2e%2e/secret.json", str(tmp_path / "secret.json")):
        with pytest.raises(DocumentError) as caught:
            loader_beside(main)(reference)
        assert caught.value.finding.rule == "outside-folder"
    assert loader_beside(main, tmp_path)("../secret.json").value == {}
