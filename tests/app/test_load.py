"""A connector from a folder, a file or a URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from tieline.app.load import check_order, leaves_drive, load_connector, load_source, loader_beside, local, redirected
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


def test_a_folder_whose_definition_refers_to_a_sub_folder(tmp_path: Path) -> None:
    """Files of sub-folders belong to no part, and are read where the definition refers to them."""
    path = {"get": {"operationId": "A", "parameters": [{"$ref": "parts/all.yaml#/q"}, {"$ref": "parts/no.yaml#/q"}]}}
    definition = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "h", "paths": {"/a": path}}
    (tmp_path / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "all.yaml").write_text("q: {name: q, in: query, type: 5}", encoding="utf-8")
    connector = load_connector(tmp_path)
    operation = connector.definition.operations["A"]
    assert [parameter.name for parameter in operation.parameters] == ["q"]
    assert [(finding.rule, finding.route.document) for finding in operation.findings] == [
        ("unknown-type", "parts/all.yaml"),
        ("no-such-file", "apiDefinition.swagger.json"),
    ]
    assert "parts/all.yaml" in connector.documents


def test_a_url_is_no_folder() -> None:
    """A URL in the place of a folder is told apart from a path that is not there."""
    assert local("a/b") == Path("a/b")
    with pytest.raises(DocumentError) as caught:
        local("https://example.com/openapi.json")
    assert "tieline import" in caught.value.finding.remedy


def test_folder_and_operation_in_the_wrong_order(tmp_path: Path) -> None:
    """Only where the folder is not there and the operation is a folder."""
    check_order(tmp_path, str(tmp_path), "the folder", "")
    check_order(tmp_path / "no", "Op", "the folder", "")
    with pytest.raises(DocumentError) as caught:
        check_order(tmp_path / "Op", str(tmp_path), "the folder", "tieline show X Op")
    assert caught.value.finding.remedy == "the folder comes first: tieline show X Op"


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
    with pytest.raises(DocumentError) as caught:
        loader_beside(main)("a%00b.json")
    assert caught.value.finding.rule == "unreadable-file"


@pytest.mark.parametrize(
    ("name", "leaves"),
    [
        (r"schemas\pet.yaml", False),
        ("../other/pet.yaml", False),
        ("C:/other/pet.yaml", False),
        ("c:pet.yaml", False),
        ("D:/pet.yaml", True),
        ("//host/share/pet.yaml", True),
        (r"\\host\share\pet.yaml", True),
        (r"\\?\UNC\host\share\pet.yaml", True),
        (r"\\.\pipe\pet", True),
    ],
)
def test_no_share_is_asked(name: str, leaves: bool) -> None:
    """A reference to another drive or to a network share is seen from its text: Windows signs in where it is asked."""
    assert leaves_drive(name, PureWindowsPath(r"C:\api"), PureWindowsPath(r"C:\api")) is leaves
    assert leaves_drive(name, PurePosixPath("/api"), PurePosixPath("/api")) is False
    assert leaves_drive("pet.yaml", PureWindowsPath(r"\\host\share\api"), PureWindowsPath(r"\\HOST\share")) is False
