"""The Python API against the Inventory example, really served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tieline
from tieline.app.example import inventory_folder, load_inventory
from tieline.app.importing import ImportOptions, import_source
from tieline.net.listener import listen_in_thread


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The Inventory example."""
    with listen_in_thread(load_inventory().create_app(api_key="demo-key")) as address:
        yield f"{address}/v1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A connector folder of it."""
    example = inventory_folder()
    assert example is not None
    target = tmp_path_factory.mktemp("python") / "Inventory"
    import_source(str(example / "openapi.yaml"), ImportOptions(output=target))
    return target


@pytest.fixture
def connector(server: str, folder: Path) -> tieline.LoadedConnector:
    """The connector, ready to be called."""
    return tieline.load(folder, server=server, values={"api_key": "demo-key"})


def test_call(connector: tieline.LoadedConnector) -> None:
    """Arguments by name, the body as a JSON value."""
    result = connector.call("GetProducts", category="Electronics", inStock=True)
    assert result.ok
    assert result.status == 200
    assert result.body
    assert all(item["category"] == "Electronics" for item in result.body)
    assert result.findings == ()


def test_arguments_as_a_mapping(connector: tieline.LoadedConnector) -> None:
    """Names that are no Python names go into a mapping."""
    assert len(connector.call("GetProducts", {"limit": 2}).body) == 2


@pytest.mark.anyio
async def test_call_async_with_one_transport(connector: tieline.LoadedConnector) -> None:
    """Inside of a loop, with one pool for several calls, and with a pool of its own."""
    async with tieline.Transport() as transport:
        for limit in (1, 2):
            result = await connector.call_async("GetProducts", transport=transport, limit=limit)
            assert len(result.body) == limit
    assert (await connector.call_async("GetProducts", limit=1)).ok


@pytest.mark.anyio
async def test_the_sync_form_works_inside_of_a_loop(connector: tieline.LoadedConnector) -> None:
    """As in a notebook."""
    assert connector.call("GetProducts", limit=1).ok


def test_an_error_reply_is_a_result(connector: tieline.LoadedConnector) -> None:
    """4xx and 5xx come back as results with the service's error in one shape."""
    result = connector.call("GetProduct", id="no-such-product")
    assert not result.ok
    assert result.status == 404
    assert result.error is not None
    assert result.error.message


def test_bad_arguments_raise(connector: tieline.LoadedConnector) -> None:
    """An unknown operation, a wrong argument and an unknown connection parameter are DocumentErrors that say which."""
    with pytest.raises(tieline.DocumentError, match="GetProdukts"):
        connector.call("GetProdukts")
    with pytest.raises(tieline.DocumentError, match="limit") as caught:
        connector.call("GetProducts", limit="many")
    assert caught.value.findings[0].rule == "wrong-type"
    with pytest.raises(tieline.DocumentError, match="api_kee"):
        connector.using(values={"api_kee": "x"}).call("GetProducts")


def test_no_sign_in_and_no_reply_raise(connector: tieline.LoadedConnector) -> None:
    """A missing credential and an unreachable service are ServiceErrors."""
    with pytest.raises(tieline.ServiceError, match="api_key"):
        connector.using(values={}).call("GetProducts")
    with pytest.raises(tieline.ServiceError, match="127"):
        connector.using(server="http://127.0.0.1:9", retry="none").call("GetProducts")


def test_nothing_shows_the_key(connector: tieline.LoadedConnector) -> None:
    """Neither the repr of a result, of its exchange, nor of the connector holds the key."""
    result = connector.call("GetProducts", limit=1)
    for thing in (result, result.exchange, connector, connector.connection, connector.options):
        assert "demo-key" not in repr(thing)


def test_operations(connector: tieline.LoadedConnector) -> None:
    """The list of operations in the order of the definition."""
    assert connector.operations[0].id == "GetProducts"


def test_public_names_exist() -> None:
    """Every public name can be had, and no other."""
    for name in tieline.__all__:
        assert getattr(tieline, name) is not None
    assert set(dir(tieline)) == set(tieline.__all__)
    with pytest.raises(AttributeError):
        tieline.nothing  # noqa: B018
