"""The receiver of a sign-in's redirect: what ends the wait, what does not, and what a browser is shown."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.model import DocumentError, ServiceError
from tieline.net import redirect
from tieline.net.redirect import MOST_WRONG, Landing, receiving

STATE = "s3cret-state-of-this-sign-in"
CODE = "c0de-that-nobody-may-see"


def read(query: str) -> str:
    """As ``auth.oauth.returned`` does: the code, or the provider's own words."""
    fields = dict(redirect.pairs_of(query))
    if "error" in fields:
        raise ServiceError("sign-in-refused", f"{fields['error']}: {fields.get('error_description', '')}")
    return fields["code"]


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: str


async def ask(url: str, *, method: str = "GET", host: str = "", more: str = "") -> Got:
    """One request as it is written, redirects not followed."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    writer.write(
        f"{method} {target} HTTP/1.1\r\nHost: {host or parts.netloc}\r\nConnection: close\r\n{more}\r\n".encode()
    )
    head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
    writer.close()
    lines = head.split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return Got(int(lines[0].split()[1]), headers, body)


async def test_the_redirect_ends_the_wait() -> None:
    """The right state gives the code, and the browser goes on to a page whose address and text hold nothing of it."""
    async with receiving(Landing(), STATE, read) as receiver:
        got = await ask(f"{receiver.url}?code={CODE}&state={STATE}")
        assert (got.status, got.headers["location"]) == (303, "/signed-in")
        last = await ask(receiver.url.replace("/redirect", "/signed-in"))
        assert await receiver.code(1) == CODE
    assert last.status == 200
    assert "Signed in" in last.body
    for page in (got, last):
        assert CODE not in page.body
        assert STATE not in page.body


async def test_every_page_is_self_contained() -> None:
    """Pages load and run nothing, are kept nowhere, pass their address to nobody; their style is the one allowed."""
    async with receiving(Landing(), STATE, read) as receiver:
        base = receiver.url.replace("/redirect", "")
        pages = [
            await ask(f"{base}/other"),
            await ask(f"{base}/redirect?state=x"),
            await ask(receiver.url, method="POST", more="Content-Length: 0\r\n"),
            await ask(f"{base}/redirect?error=no&state={STATE}"),
        ]
    assert [page.status for page in pages] == [404, 400, 405, 200]
    for page in pages:
        policy = page.headers["content-security-policy"]
        style = re.search("<style>(.*)</style>", page.body)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert digest.lower() in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert not re.search(r"<script|src=|href=|url\(", page.body)


async def test_used_once() -> None:
    """The same redirect again, or another one after it, is answered with 410."""
    async with receiving(Landing(), STATE, read) as receiver:
        url = f"{receiver.url}?code={CODE}&state={STATE}"
        await ask(url)
        assert (await ask(url)).status == 410
        assert (await ask(f"{receiver.url}?code=other&state={STATE}")).status == 410
        await ask(receiver.url.replace("/redirect", "/signed-in"))
        assert await receiver.code(1) == CODE


@pytest.mark.parametrize(
    "query",
    [
        f"code={CODE}&state=wrong",
        f"code={CODE}",
        f"code={CODE}&state=",
        f"code={CODE}&state={STATE}&state={STATE}",
        f"code={CODE}&state={STATE}x",
        f"code={CODE}&State={STATE}",
        "error=access_denied&state=wrong",
        "&".join(f"a{index}=1" for index in range(200)) + f"&code={CODE}&state={STATE}",
        "",
    ],
)
async def test_a_state_that_is_not_ours(query: str) -> None:
    """Somebody else's redirect gets an error page, and the wait goes on until ours comes."""
    async with receiving(Landing(), STATE, read) as receiver:
        got = await ask(f"{receiver.url}?{query}")
        assert (got.status, CODE in got.body) == (400, False)
        assert (await ask(f"{receiver.url}?code=ours&state={STATE}")).status == 303
        await ask(receiver.url.replace("/redirect", "/signed-in"))
        assert await receiver.code(1) == "ours"


async def test_too_many_that_are_not_ours() -> None:
    """After twenty redirects of others the wait ends with an error."""
    async with receiving(Landing(), STATE, read) as receiver:
        for _ in range(MOST_WRONG):
            await ask(f"{receiver.url}?code=x&state=y")
        with pytest.raises(ServiceError) as none_yet:
            await receiver.code(0.01)
        await ask(f"{receiver.url}?code=x&state=y")
        with pytest.raises(ServiceError) as error:
            await receiver.code(1)
    assert none_yet.value.finding.rule == "sign-in-timeout"
    assert error.value.finding.rule == "wrong-state"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "localhost.evil.example:1"}, 421),
        ({"host": "127.0.0.1:1"}, 421),
        ({"host": "localhost"}, 421),
        ({"method": "POST", "more": "Content-Length: 0\r\n"}, 405),
        ({"method": "HEAD"}, 405),
        ({"method": "OPTIONS"}, 405),
        ({"more": "Origin: https://evil.example\r\n"}, 403),
    ],
)
async def test_not_for_us(change: dict[str, str], status: int) -> None:
    """A right redirect to another host, with another method or from a page's script is refused and changes nothing."""
    async with receiving(Landing(), STATE, read) as receiver:
        got = await ask(f"{receiver.url}?code={CODE}&state={STATE}", **change)
        assert got.status == status
        with pytest.raises(ServiceError, match="nobody signed in"):
            await receiver.code(0.01)


@pytest.mark.parametrize("path", ["/", "/redirect/", "/Redirect", "/redirect/x", "//redirect", "/signed-in"])
async def test_other_paths(path: str) -> None:
    """Only the exact path is the redirect."""
    async with receiving(Landing(), STATE, read) as receiver:
        base = receiver.url.replace("/redirect", "")
        assert (await ask(f"{base}{path}?code={CODE}&state={STATE}")).status == 404


async def test_refused_by_the_provider() -> None:
    """The provider's words come out as they are, and stand in the page as text."""
    words = "<img src=x onerror=alert(1)> no & never"
    async with receiving(Landing(), STATE, read) as receiver:
        got = await ask(f"{receiver.url}?error=access_denied&error_description={quote(words)}&state={STATE}")
        with pytest.raises(ServiceError) as error:
            await receiver.code(1)
        again = await ask(f"{receiver.url}?code={CODE}&state={STATE}")
    assert "&lt;img src=x onerror=alert(1)&gt; no &amp; never" in got.body
    assert "<img" not in got.body
    assert error.value.finding.message == f"access_denied: {words}"
    assert again.status == 410


@pytest.mark.parametrize(
    ("url", "landing"),
    [
        ("http://localhost:8400/redirect", Landing(host="localhost", port=8400)),
        ("http://127.0.0.1:8400", Landing(port=8400, path="/")),
        ("http://[::1]:8400/a/b", Landing(host="::1", port=8400, path="/a/b")),
        ("http://localhost/redirect", Landing(host="localhost", port=80)),
    ],
)
def test_a_registered_url(url: str, landing: Landing) -> None:
    """A redirect URL that is registered at the provider says where to listen, and is what the provider is told."""
    assert Landing.of(url) == replace(landing, url=url)


def test_a_registered_url_with_any_port() -> None:
    """The port 0 stands for a free one, so the URL is made of that."""
    assert Landing.of("http://localhost:0/redirect") == Landing(host="localhost")


@pytest.mark.parametrize("path", ["", "/", "/a%20b", "/%C3%BC/x%2Fy", "/ü"])
async def test_a_registered_url_is_used_as_it_is(path: str) -> None:
    """The provider is told the URL as it was given, and the browser that comes there is let in."""
    async with receiving(Landing(), STATE, read) as free:
        port = urlsplit(free.url).port
    url = f"http://LocalHost:{port}{path}"
    async with receiving(Landing.of(url), STATE, read) as receiver:
        assert receiver.url == url
        target = quote(path, safe="/%") or "/"
        got = await ask(f"http://localhost:{port}{target}?code={CODE}&state={STATE}")
        assert got.status == 303
        assert await receiver.code(5) == CODE


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost:8400/redirect",
        "http://example.com/redirect",
        "http://10.0.0.1/redirect",
        "http://localhost.example.com/",
        "http://localhost:99999/",
        "http://localhost:x/",
        "http://u:s3cret@localhost:8400/",
        "http://localhost:8400/?a=s3cret",
        "http://localhost:8400/#a",
        "http://localhost:8400/signed-in",
        "file:///redirect",
        "http://[",
        "",
    ],
)
def test_a_url_that_does_not_lead_here(url: str) -> None:
    """Any other is refused before anything listens; user and query, which may be secrets, are not repeated."""
    with pytest.raises(DocumentError) as error:
        Landing.of(url)
    assert error.value.finding.rule == "bad-redirect-url"
    assert "s3cret" not in error.value.finding.message


@given(st.text())
def test_any_registered_url(text: str) -> None:
    """Any text is a landing on loopback or an error of ours."""
    with suppress(DocumentError):
        assert Landing.of(text).host in ("127.0.0.1", "localhost", "::1")


@given(st.text())
def test_any_query(text: str) -> None:
    """Any query is read as names and values."""
    assert all(isinstance(part, str) for pair in redirect.pairs_of(text) for part in pair)


async def test_localhost_by_name() -> None:
    """A URL registered as localhost is answered under that name, on 127.0.0.1 alone."""
    async with receiving(Landing(host="localhost", path="/cb"), STATE, read) as receiver:
        assert re.fullmatch(r"http://localhost:\d+/cb", receiver.url)
        assert (await ask(f"{receiver.url}?code={CODE}&state={STATE}")).status == 303


async def test_a_port_that_is_taken() -> None:
    """A fixed port that somebody else has is an error that names the option."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServiceError) as error:
        async with receiving(Landing(port=taken.getsockname()[1]), STATE, read):
            pass
    assert error.value.finding.rule == "port-in-use"
    assert "--redirect-port" in error.value.finding.remedy


async def _timed_out() -> None:
    async with receiving(Landing(), STATE, read) as receiver:
        await receiver.code(0.01)


async def _cancelled() -> None:
    async with receiving(Landing(), STATE, read) as receiver:
        waiting = asyncio.ensure_future(receiver.code(60))
        await asyncio.sleep(0)
        waiting.cancel()
        await waiting


async def _failed() -> None:
    async with receiving(Landing(), STATE, read) as receiver:
        await ask(f"{receiver.url}?error=no&state={STATE}")
        raise LookupError


@pytest.mark.parametrize("way", [_timed_out, _cancelled, _failed])
async def test_the_port_is_free_afterwards(way: Callable[[], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    """However the wait ends, nobody listens any more."""
    landed: list[str] = []
    former = redirect.Receiver.land
    monkeypatch.setattr(redirect.Receiver, "land", lambda self, url: (landed.append(url), former(self, url))[1])
    with pytest.raises((ServiceError, asyncio.CancelledError, LookupError)):
        await way()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", urlsplit(landed[0]).port)) != 0


async def test_the_browser_gets_its_last_page() -> None:
    """The code is given out when the browser has the page that it was sent on to, and not before."""
    async with receiving(Landing(), STATE, read) as receiver:
        waiting = asyncio.ensure_future(receiver.code(10))
        await ask(f"{receiver.url}?code={CODE}&state={STATE}")
        assert not waiting.done()
        assert (await ask(receiver.url.replace("/redirect", "/signed-in"))).status == 200
        assert await waiting == CODE


async def test_a_browser_that_does_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that does not go on keeps nobody for long."""
    monkeypatch.setattr(redirect, "GRACE", 0.01)
    async with receiving(Landing(), STATE, read) as receiver:
        await ask(f"{receiver.url}?code={CODE}&state={STATE}")
        assert await receiver.code(10) == CODE


async def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither code nor state reaches a log at any level."""
    caplog.set_level(logging.DEBUG)
    async with receiving(Landing(), STATE, read) as receiver:
        await ask(f"{receiver.url}?code={CODE}&state=wrong")
        await ask(f"{receiver.url}?code={CODE}&state={STATE}")
    assert CODE not in caplog.text
    assert STATE not in caplog.text
    assert CODE not in repr(receiver)
