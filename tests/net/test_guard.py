"""The guards of a loopback server, in front of a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.model import Reply, Request
from tieline.net.guard import HostGuard, host_name
from tieline.net.listener import ListenOptions, listen
from tieline.net.transport import Transport


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the body that it was sent."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the client is gone")
        body += message["body"]
        if not message["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    options = ListenOptions(hosts=("api.example",), origins=("http://localhost:5173",), max_body=1000)
    async with listen(echo, options) as address:
        yield address


async def call(url: str, *headers: tuple[str, str], body: bytes = b"") -> Reply:
    async with Transport() as transport:
        sent = await transport.send(Request(method="POST", url=url, headers=headers, body=body))
    assert sent.reply is not None, sent.failure
    return sent.reply


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:1", 200),
        ("localhost", 200),
        ("LocalHost:8321", 200),
        ("inventory.localhost:8321", 200),
        ("[::1]:8321", 200),
        ("api.example", 200),
        ("API.example:8321", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("192.168.1.1", 421),
        ("", 421),
    ],
)
async def test_host(host: str, status: int, address: str) -> None:
    """Only names of this machine and those that were asked for are answered: others are rebinding."""
    assert (await call(address, ("Host", host))).status == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("{address}", 200),
        ("http://localhost:5173", 200),
        ("http://localhost:5174", 403),
        ("https://evil.example", 403),
        ("http://127.0.0.1", 403),
        ("null", 403),
    ],
)
async def test_origin(origin: str, status: int, address: str) -> None:
    """A page of another site is refused, whatever it asks for."""
    assert (await call(address, ("Origin", origin.replace("{address}", address)))).status == status


@pytest.mark.parametrize(
    ("size", "chunked", "status"),
    [(1000, False, 200), (1001, False, 413), (1000, True, 200), (1001, True, 413), (0, True, 200)],
)
async def test_body(size: int, chunked: bool, status: int, address: str) -> None:
    """A body above the cap is refused, whether it says its length or not."""
    headers = (("Transfer-Encoding", "chunked"),) if chunked else ()
    reply = await call(address, *headers, body=b"x" * size)
    assert reply.status == status
    assert reply.body == (b"x" * size if status == 200 else b"the body is larger than 1000 bytes\n")


async def test_failure_of_the_app_is_its_own(address: str) -> None:
    """An app that fails for its own reasons is not taken for one that was sent too much."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError("its own")

    async with listen(broken) as other:
        assert (await call(other, ("Transfer-Encoding", "chunked"), body=b"x")).status == 500


@pytest.mark.parametrize(("host", "status"), [("192.168.1.1:80", 200), ("[fe80::1]", 200), ("evil.example", 421)])
async def test_on_all_addresses(host: str, status: int) -> None:
    """A server for the whole network answers to its addresses, and still to no foreign name."""
    async with listen(echo, ListenOptions(host="0.0.0.0")) as address:
        assert address.startswith("http://127.0.0.1:")
        assert (await call(address, ("Host", host))).status == status


async def test_any_host() -> None:
    """A server that guards nothing may answer to any name."""
    async with listen(echo, ListenOptions(hosts=("*",))) as address:
        assert (await call(address, ("Host", "evil.example"))).status == 200


@pytest.mark.parametrize("header", [(b"host", b"evil.example"), (b"origin", b"http://evil.example")])
async def test_websocket(header: tuple[bytes, bytes]) -> None:
    """A websocket of another site's page is not accepted."""
    sent: list[Any] = []

    async def unreachable(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("the guard let it through")

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), header]
    await HostGuard(unreachable)({"type": "websocket", "headers": headers}, unreachable, send)  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["websocket.close"]


@given(st.text())
def test_any_host_header(text: str) -> None:
    """Any text has a host part, which holds no port."""
    assert host_name(text) in text
