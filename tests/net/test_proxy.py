"""Proxies: a real one on loopback, and the choice between it and the straight way."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from tieline.model import DocumentError, Request, Sent
from tieline.net.proxy import Proxies, is_loopback, parse_proxy
from tieline.net.transport import Transport, TransportOptions


@dataclass(kw_only=True)
class ProxyServer:
    """A proxy that tunnels (CONNECT) and forwards (absolute form); with a password if one is set."""

    password: str = ""
    status: int = 200
    heads: list[str] = field(default_factory=list)
    """Heads of the requests that it got."""
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.heads.append(head)
            method, target, _ = head.split(" ", 2)
            expected = base64.b64encode(self.password.encode()).decode()
            if self.password and f"Proxy-Authorization: Basic {expected}\r\n" not in head:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            elif self.status != 200:
                writer.write(f"HTTP/1.1 {self.status} No\r\nContent-Length: 0\r\n\r\n".encode())
            elif method == "CONNECT":
                await self._tunnel(target, reader, writer)
            else:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nforwarded")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _tunnel(self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = target.rpartition(":")
        there, back = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(copy(reader, back))
                both.create_task(copy(there, writer))
        finally:
            back.close()


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    if target.can_write_eof():
        target.write_eof()


StartProxy = Callable[..., Awaitable[ProxyServer]]


@pytest.fixture
async def proxy_server(listen_on: Any) -> AsyncIterator[StartProxy]:
    """Starts proxies that end with the test."""
    async with AsyncExitStack() as stack:

        async def start(**settings: Any) -> ProxyServer:
            server = ProxyServer(**settings)
            server.port = await stack.enter_async_context(listen_on(server.serve))
            return server

        yield start


@asynccontextmanager
async def proxied(url: str, **options: Any) -> AsyncIterator[Transport]:
    async with Transport(TransportOptions(proxy=url, timeout=10, **options)) as transport:
        yield transport


async def call(transport: Transport, url: str, **more: Any) -> Sent:
    return await transport.send(Request(method="GET", url=url, **more))


async def test_plain_request_through_a_proxy(proxy_server: StartProxy) -> None:
    """A request without TLS goes to the proxy with the whole URL, to the byte as it is."""
    proxy = await proxy_server()
    async with proxied(proxy.url) as transport:
        sent = await call(transport, "http://api.invalid/a/../b?x=[1]", headers=(("X-Case", "1"),))
    assert sent.reply is not None, sent.failure
    assert sent.reply.body == b"forwarded"
    head = "GET http://api.invalid/a/../b?x=[1] HTTP/1.1\r\nHost: api.invalid\r\nX-Case: 1\r\n"
    assert proxy.heads[0].startswith(head)


async def test_tunnel_through_a_proxy(proxy_server: StartProxy, raw_server: Any, authority: Any) -> None:
    """A request with TLS goes through a tunnel, and the proxy sees nothing of it but host and port."""
    server = await raw_server(tls=authority.issue("tunnelled", "localhost").server())
    proxy = await proxy_server()
    async with proxied(proxy.url, ca_file=authority.file) as transport:
        sent = await call(transport, f"https://localhost:{server.port}/secret", headers=(("X-Key", "secret"),))
    assert sent.reply is not None, sent.failure
    assert proxy.heads[0].startswith(f"CONNECT localhost:{server.port} HTTP/1.1\r\n")
    assert "secret" not in proxy.heads[0]
    assert "aiohttp" not in proxy.heads[0]
    assert server.seen[0].startswith(b"GET /secret HTTP/1.1\r\n")
    assert b"Proxy-" not in server.seen[0]


async def test_password_of_a_proxy(proxy_server: StartProxy, raw_server: Any, authority: Any) -> None:
    """User and password reach the proxy, and in a tunnel nobody else."""
    server = await raw_server(tls=authority.issue("guarded", "127.0.0.1").server())
    proxy = await proxy_server(password="Zoë:p@ss")
    async with proxied(f"http://Zo%C3%AB:p%40ss@127.0.0.1:{proxy.port}", ca_file=authority.file) as transport:
        tunnelled = await call(transport, server.url)
        forwarded = await call(transport, "http://api.invalid/")
    assert tunnelled.reply is not None, tunnelled.failure
    assert forwarded.reply is not None
    assert (tunnelled.reply.status, forwarded.reply.status) == (200, 200)
    assert b"Proxy-" not in server.seen[0]


@pytest.mark.parametrize(
    ("settings", "status", "remedy"),
    [({"password": "me:secret"}, 407, "password"), ({"status": 403}, 403, "may reach that host")],
)
async def test_refused_tunnel(settings: Any, status: int, remedy: str, proxy_server: StartProxy) -> None:
    """A proxy that opens no tunnel is a failure to connect that names proxy and service."""
    proxy = await proxy_server(**settings)
    async with proxied(proxy.url) as transport:
        failure = (await call(transport, "https://api.invalid/")).failure
    assert failure is not None
    assert (failure.kind, failure.sent) == ("connect", False)
    asked = 'when asked for a connection to "api.invalid:443"'
    assert failure.message == f'proxy "127.0.0.1:{proxy.port}" answered {status} {asked}'
    assert remedy in failure.remedy


@pytest.mark.parametrize(
    ("address", "kind", "message"),
    [
        ("http://127.0.0.1:1", "connect", 'proxy "127.0.0.1:1" refused the connection'),
        ("http://user:secret@nonexistent.invalid:3128", "dns", 'proxy "nonexistent.invalid:3128"'),
    ],
)
@pytest.mark.parametrize("url", ["http://api.invalid/", "https://api.invalid/"])
async def test_proxy_that_is_not_there(address: str, kind: str, message: str, url: str) -> None:
    """A proxy that cannot be reached is named as the one that is missing."""
    async with proxied(address) as transport:
        failure = (await call(transport, url)).failure
    assert failure is not None
    assert (failure.kind, failure.sent) == (kind, False)
    assert failure.message.startswith(message)
    assert "secret" not in failure.message + failure.remedy


async def test_proxy_of_the_environment(proxy_server: StartProxy, raw_server: Any, monkeypatch: Any) -> None:
    """The environment's proxy is used, but never for loopback and never when it is switched off."""
    proxy, server = await proxy_server(), await raw_server()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    async with Transport() as transport:
        through = await call(transport, "http://api.invalid/")
        straight = await call(transport, server.url)
    assert through.reply is not None
    assert through.reply.body == b"forwarded"
    assert straight.reply is not None
    assert (len(proxy.heads), len(server.seen)) == (1, 1)
    async with Transport(TransportOptions(environment=False)) as transport:
        assert (await call(transport, "http://api.invalid/")).failure is not None


@pytest.mark.parametrize(
    ("environment", "url", "expected"),
    [
        ({}, "http://example.com:80", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://example.com:80", "p:1"),
        ({"http_proxy": "p:1"}, "http://example.com:80", "p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://example.com:443", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://example.com:443", "p:1"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:2"}, "https://example.com:443", "q:2"),
        ({"ALL_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:2"}, "http://example.com:80", "p:1"),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "example.com"}, "http://api.example.com:80", None),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "example.com:81"}, "http://example.com:81", None),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "example.com:81"}, "http://example.com:82", "p:1"),
        ({"HTTP_PROXY": "http://p:1", "NO_PROXY": "*"}, "http://example.com:80", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://localhost:80", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://api.localhost:80", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://127.8.8.8:80", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://[::1]:80", None),
        ({"HTTP_PROXY": ""}, "http://example.com:80", None),
        ({"HTTP_PROXY": "http://p"}, "http://example.com:80", "p:80"),
        ({"HTTP_PROXY": "http://[::1]:3"}, "http://example.com:80", "[::1]:3"),
    ],
)
def test_choice(environment: dict[str, str], url: str, expected: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's variables are read as other tools read them."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    proxy = Proxies(None, True).of(URL(url))
    assert (proxy.name if proxy else None) == expected


def test_asked_for_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that was asked for is used for everything, loopback too, whatever the environment says."""
    monkeypatch.setenv("HTTP_PROXY", "socks5://nonsense")
    monkeypatch.setenv("NO_PROXY", "*")
    proxy = Proxies("p:1", True).of(URL("http://127.0.0.1/"))
    assert proxy is not None
    assert proxy.url == "http://p:1"


@pytest.mark.parametrize("address", ["socks5://me:secret@p:1", "http://", "http://p:port", "http://[secret", "://"])
def test_wrong_proxy(address: str) -> None:
    """What is no HTTP proxy is refused without showing what it was."""
    with pytest.raises(DocumentError) as error:
        Proxies(address, False)
    assert error.value.finding.rule == "wrong-proxy"
    assert "secret" not in error.value.finding.message


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_wrong_proxy_of_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named; without it, it is the system's settings that are wrong."""
    monkeypatch.setenv(name, "socks4://me:secret@p:1")
    with pytest.raises(DocumentError, match=r"^the environment's HTTP_PROXY is no"):
        Proxies(None, True)


@given(st.text(min_size=1))
def test_any_proxy_address(address: str) -> None:
    """Any text is a proxy or a document error."""
    with suppress(DocumentError):
        assert parse_proxy(address, "the proxy").url.startswith(("http://", "https://"))


@given(st.text())
def test_any_host_is_loopback_or_not(host: str) -> None:
    """Any text is judged without an exception."""
    assert is_loopback(host) in (True, False)


def test_password_is_not_shown() -> None:
    """A proxy's password is not in what a debugger or a log shows."""
    assert base64.b64encode(b"me:secret").decode() not in repr(parse_proxy("http://me:secret@p:1", "the proxy"))
