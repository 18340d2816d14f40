"""What a description is read with when it was fetched: relative servers, hosts that are not named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tieline.app.importing import ImportOptions, import_source
from tieline.formats.dialects import base_of
from tieline.net.listener import listen_in_thread
from tieline.source import dump, read

URL = "https://me:secret@docs.example.com/specs/v2/openapi.json?key=1"

OPENAPI = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}}

SWAGGER = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {}}

COLLECTION = {"info": {"name": "T"}, "item": [{"name": "A", "request": "{{baseUrl}}/a"}]}

BASES = [
    pytest.param(OPENAPI, "", URL, "https://docs.example.com/specs/v2/openapi.json", id="openapi"),
    pytest.param(OPENAPI, "", "https://h.example/api/", "https://h.example/api/description", id="openapi in a folder"),
    pytest.param(OPENAPI, "https://h.example/base", URL, "https://h.example/base/", id="openapi with a host"),
    pytest.param(SWAGGER, "", URL, "https://docs.example.com", id="swagger"),
    pytest.param(SWAGGER, "https://h.example/base", URL, "https://h.example/base", id="swagger with a host"),
    pytest.param(COLLECTION, "", URL, "", id="postman"),
    pytest.param(COLLECTION, "https://h.example", URL, "https://h.example", id="postman with a host"),
    pytest.param(OPENAPI, "", "", "", id="a file"),
]

SERVERS = [
    pytest.param([{"url": "/v1"}], "/v1", id="from the host"),
    pytest.param([{"url": "v1"}], "/specs/v1", id="from the folder"),
    pytest.param([{"url": "../v1"}], "/v1", id="from above the folder"),
    pytest.param([{"url": "."}], "/specs", id="the folder"),
    pytest.param([], "/", id="none"),
]


@pytest.mark.parametrize(("value", "given", "url", "base"), BASES)
def test_the_base_of_each_dialect(value: Any, given: str, url: str, base: str) -> None:
    """What a person gives goes before the URL; of the URL each dialect takes what it means there."""
    assert base_of(read(dump(value), "api.json"), given=given, url=url) == base


class Site:
    """A site with descriptions."""

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": json.dumps(self.held[scope["path"]]).encode()})


SITE = Site()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The site, really served."""
    with listen_in_thread(SITE) as found:
        yield found


def written(folder: Path) -> Any:
    """The definition in a folder."""
    return json.loads((folder / "apiDefinition.swagger.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("servers", "path"), SERVERS)
def test_servers_are_relative_to_the_document(servers: list[Any], path: str, address: str, tmp_path: Path) -> None:
    """A relative server is found from the URL of its description, as RFC 3986 says."""
    SITE.held["/specs/api.json"] = {**OPENAPI, "servers": servers}
    import_source(f"{address}/specs/api.json", ImportOptions(output=tmp_path))
    definition = written(tmp_path)
    assert (f"http://{definition['host']}", definition["basePath"]) == (address.rstrip("/"), path)


def test_a_host_that_is_given_is_kept_whole(tmp_path: Path) -> None:
    """The path of ``--host`` stays where a description names no server."""
    file = tmp_path / "api.json"
    file.write_text(json.dumps(OPENAPI), encoding="utf-8")
    import_source(str(file), ImportOptions(output=tmp_path / "out", base_url="https://h.example/base"))
    definition = written(tmp_path / "out")
    assert (definition["host"], definition["basePath"]) == ("h.example", "/base")


def test_a_collection_is_not_called_where_it_is_kept(address: str, tmp_path: Path) -> None:
    """The host that a collection does not say is asked for, not taken from its URL."""
    SITE.held["/things.json"] = COLLECTION
    result = import_source(f"{address}/things.json", ImportOptions(output=tmp_path))
    assert written(tmp_path)["host"] == "localhost"
    assert "missing-server" in {finding.rule for finding in result.findings}
