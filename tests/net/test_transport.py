"""What goes on the wire and what comes back, against servers that speak exact bytes."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from tieline.model import BugError, Failure, Reply, Request, Sent
from tieline.net.transport import USER_AGENT, Transport, TransportOptions

DATA = Path(__file__).parent / "data"


def cases(name: str) -> list[Any]:
    """The cases of a data file, each with its title as the test's id."""
    return [pytest.param(case, id=case["case"]) for case in json.loads((DATA / name).read_text(encoding="utf-8"))]


def failed(sent: Sent) -> Failure:
    assert sent.failure is not None, f"a reply came: {sent.reply}"
    assert sent.reply is None
    return sent.failure


def replied(sent: Sent) -> Reply:
    assert sent.reply is not None, f"no reply came: {sent.failure}"
    assert sent.failure is None
    return sent.reply


def request_of(case: dict[str, Any], url: str) -> Request:
    return Request(
        method=case.get("method", "GET"),
        url=url,
        headers=tuple((name, value) for name, value in case.get("headers", ())),
        body=case.get("body", "").encode(),
    )


@pytest.mark.parametrize("case", cases("requests.json"))
async def test_request_on_the_wire(case: dict[str, Any], raw_server: Any) -> None:
    """A request is sent to the byte as it is, with nothing but Host, length and user agent added."""
    server = await raw_server()
    async with Transport() as transport:
        replied(await transport.send(request_of(case, server.url + case["path"])))
    expected = case["wire"].replace("{host}", f"127.0.0.1:{server.port}").replace("{agent}", USER_AGENT)
    assert server.seen == [expected.encode()]


@pytest.mark.parametrize("case", cases("unsendable.json"))
async def test_unsendable_request(case: dict[str, Any]) -> None:
    """What HTTP cannot carry is a failure that says why, and nothing is sent."""
    async with Transport() as transport:
        failure = failed(await transport.send(request_of(case, case.get("url", "http://127.0.0.1:1/"))))
    assert (failure.kind, failure.message, failure.sent) == (case["kind"], case["message"], False)
    assert failure.remedy


def both_ways(name: str) -> list[Any]:
    """Each case of a data file whole and byte by byte; long ones and those with a pause of their own only whole."""
    out = []
    for case in json.loads((DATA / name).read_text(encoding="utf-8")):
        out.append(pytest.param(case, False, id=case["case"]))
        if "long" not in case and "{pause}" not in case["wire"]:
            out.append(pytest.param(case, True, id=f"{case['case']}, byte by byte"))
    return out


@pytest.mark.parametrize(("case", "single_bytes"), both_ways("replies.json"))
async def test_reply(case: dict[str, Any], single_bytes: bool, raw_server: Any) -> None:
    """A reply of any form is read, and what is no whole HTTP reply is a failure of the right kind."""
    wire = case["wire"].replace("{long}", "x" * case.get("long", 0)).encode("latin-1")
    server = await raw_server(reply=wire, close=case.get("close", False), single_bytes=single_bytes)
    async with Transport(TransportOptions(timeout=10)) as transport:
        sent = await transport.send(request_of(case, server.url))
    if "failure" in case:
        failure = failed(sent)
        message = case["message"].replace("{service}", f'"127.0.0.1:{server.port}"')
        assert (failure.kind, failure.message, failure.sent) == (case["failure"], message, True)
        assert failure.remedy
        return
    reply = replied(sent)
    assert (reply.status, reply.reason, reply.body) == (case["status"], case["reason"], case["body"].encode())
    if "headers" in case:
        assert [list(pair) for pair in reply.headers] == case["headers"]


async def test_connections_are_kept(raw_server: Any) -> None:
    """Calls to one service share a connection, whatever their replies were."""
    server = await raw_server()
    async with Transport() as transport:
        for number in range(5):
            replied(await transport.send(Request(method="POST", url=f"{server.url}/{number}", body=b"x")))
    assert (server.connections, len(server.seen)) == (1, 5)


async def test_large_body(raw_server: Any) -> None:
    """A body of several megabytes arrives whole."""
    server = await raw_server()
    body = bytes(range(256)) * 20_000
    async with Transport() as transport:
        replied(await transport.send(Request(method="PUT", url=server.url, body=body)))
    assert server.seen[0].partition(b"\r\n\r\n")[2] == body


async def test_cookies_are_not_kept(raw_server: Any) -> None:
    """A cookie that a service sets is not sent with the next request."""
    server = await raw_server(reply=b"HTTP/1.1 200 OK\r\nSet-Cookie: id=1\r\nContent-Length: 0\r\n\r\n")
    async with Transport() as transport:
        for _ in range(2):
            replied(await transport.send(Request(method="GET", url=server.url)))
    assert b"Cookie" not in server.seen[1]


async def test_credentials_of_netrc_are_not_used(raw_server: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """Nothing on this machine but the request decides about its headers."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = await raw_server()
    async with Transport() as transport:
        replied(await transport.send(Request(method="GET", url=server.url)))
    assert b"Authorization" not in server.seen[0]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"hello")),
        ("GZip", gzip.compress(b"hel") + gzip.compress(b"lo")),
        ("x-gzip", gzip.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")),
        ("gzip, deflate", zlib.compress(gzip.compress(b"hello"))),
    ],
)
async def test_decoded_reply(encoding: str, body: bytes, raw_server: Any) -> None:
    """A compressed body is decoded, and the header that named the coding stays."""
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    server = await raw_server(reply=head.encode() + body)
    async with Transport() as transport:
        reply = replied(await transport.send(Request(method="GET", url=server.url)))
    assert (reply.body, reply.header("content-encoding")) == (b"hello", encoding)


async def test_large_decoded_reply(raw_server: Any) -> None:
    """A large compressed body is decoded too (in a thread)."""
    content = bytes(range(256)) * 40_000
    body = gzip.compress(content, 0)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    server = await raw_server(reply=head.encode() + body)
    async with Transport() as transport:
        assert replied(await transport.send(Request(method="GET", url=server.url))).body == content


@pytest.mark.parametrize(
    ("reply", "suffix"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + b"x" * 1001, ""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"100\r\n" + b"x" * 256 + b"\r\n", ""),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000, ""),
        (
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"x" * 10_000_000)[:900],
            " when it is decompressed",
        ),
    ],
    ids=["by its length", "in chunks", "to the end", "when decoded"],
)
async def test_huge_reply(reply: bytes, suffix: str, raw_server: Any) -> None:
    """A reply above the cap is given up as soon as that is clear, and the connection with it."""
    server = await raw_server(reply=reply, close=True)
    async with Transport(TransportOptions(max_reply=1000 if b"100\r\n" not in reply else 255)) as transport:
        failure = failed(await transport.send(Request(method="GET", url=server.url)))
    assert failure.kind == "too-large"
    assert failure.sent
    assert failure.message.endswith(f"bytes{suffix}")


async def test_endless_reply(raw_server: Any) -> None:
    """A body that never ends is given up at the cap."""
    server = await raw_server(reply=b"HTTP/1.1 200 OK\r\n\r\n", hold=asyncio.Event())

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            await writer.drain()

    server._answer = endless
    async with Transport(TransportOptions(max_reply=1 << 20)) as transport:
        failure = failed(await transport.send(Request(method="GET", url=server.url)))
    assert (failure.kind, failure.message) == ("too-large", f'reply of "127.0.0.1:{server.port}" is larger than 1 MB')


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (b"", "no reply from {} within 0.2 s"),
        (b"HTTP/1.1 200 O", "no reply from {} within 0.2 s"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "reply of {} was not complete after 0.2 s"),
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_slow_service(reply: bytes, message: str, raw_server: Any) -> None:
    """A service that does not answer in time is a timeout, and may have seen the request."""
    server = await raw_server(reply=reply, hold=asyncio.Event())
    async with Transport(TransportOptions(timeout=0.2)) as transport:
        failure = failed(await transport.send(Request(method="GET", url=server.url)))
    assert (failure.kind, failure.sent) == ("timeout", True)
    assert failure.message == message.format(f'"127.0.0.1:{server.port}"')


async def test_closed_port() -> None:
    """A port on which nobody listens is a failure to connect, and nothing was sent."""
    from socket import socket

    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with Transport() as transport:
            failure = failed(await transport.send(Request(method="POST", url=f"http://127.0.0.1:{port}/")))
    assert (failure.kind, failure.sent) == ("connect", False)
    assert failure.message == f'service "127.0.0.1:{port}" refused the connection'


async def test_unknown_host() -> None:
    """A name that is not there is a failure of the lookup, and nothing was sent."""
    async with Transport() as transport:
        failure = failed(await transport.send(Request(method="GET", url="http://nonexistent.invalid/x?key=secret")))
    assert (failure.kind, failure.sent) == ("dns", False)
    assert '"nonexistent.invalid:80"' in failure.message
    assert "secret" not in failure.message


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_fresh_connection_is_not_repeated(method: str, raw_server: Any) -> None:
    """A service that hangs up instead of answering sees every request once, also one that could be repeated."""
    server = await raw_server(reply=b"", close=True)
    async with Transport() as transport:
        assert failed(await transport.send(Request(method=method, url=server.url))).sent
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("method", "kind"), [("GET", None), ("PUT", None), ("POST", "truncated"), ("PATCH", "truncated")]
)
async def test_stale_connection(method: str, kind: str | None, raw_server: Any) -> None:
    """A kept connection that the service closes on the next request is no failure where repeating is safe."""
    server = await raw_server()
    replies = iter((True, False, True))

    async def answer(writer: asyncio.StreamWriter) -> None:
        if next(replies):
            writer.write(server.reply)
        else:
            writer.transport.abort()

    server._answer = answer
    async with Transport() as transport:
        replied(await transport.send(Request(method="GET", url=server.url)))
        sent = await transport.send(Request(method=method, url=server.url, body=b"again"))
    assert (sent.failure.kind if sent.failure else None) == kind
    if kind is None:
        assert server.seen[1] == server.seen[2]
    else:
        assert failed(sent).sent
        assert len(server.seen) == 2


async def test_phases(raw_server: Any) -> None:
    """The phases add up to the whole, and those that did not occur are -1."""
    server = await raw_server()
    async with Transport() as transport:
        url = server.url.replace("127.0.0.1", "localhost")
        first = (await transport.send(Request(method="POST", url=url, body=b"x" * 3_000_000))).timings
        second = (await transport.send(Request(method="GET", url=url))).timings
        refused = (await transport.send(Request(method="GET", url="http://127.0.0.1:1/"))).timings
    assert min(first.blocked, first.dns, first.connect, first.send, first.wait, first.receive) >= 0
    assert (second.dns, second.connect) == (-1, -1)
    assert second.started >= first.started + first.total / 1000 - 0.05
    assert second.wait > 0
    assert refused.connect > 0
    assert (refused.send, refused.wait, refused.receive) == (0, 0, 0)


async def test_more_calls_than_connections(raw_server: Any) -> None:
    """Calls beyond the limit wait for their turn and are all answered."""
    server = await raw_server()
    async with Transport(TransportOptions(max_connections=2)) as transport:
        calls = (transport.send(Request(method="GET", url=server.url)) for _ in range(50))
        for sent in await asyncio.gather(*calls):
            replied(sent)
    assert server.connections <= 2


async def test_waiting_for_a_turn_is_no_timeout(raw_server: Any) -> None:
    """A call's time runs from its turn on: three calls in a row each get all of it."""
    server = await raw_server(reply=b"", hold=asyncio.Event())
    async with Transport(TransportOptions(max_connections=1, timeout=0.25, connect_timeout=0.25)) as transport:
        calls = (transport.send(Request(method="GET", url=server.url)) for _ in range(3))
        for sent in await asyncio.gather(*calls):
            assert failed(sent).message.startswith("no reply from")
    assert len(server.seen) == 3


async def test_cancelled_call(raw_server: Any) -> None:
    """A call that is cancelled ends at once and leaves the transport usable."""
    server = await raw_server(reply=b"", hold=asyncio.Event())
    async with Transport() as transport:
        call = asyncio.ensure_future(transport.send(Request(method="GET", url=server.url)))
        await server.got.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        server.hold.set()
        server.reply = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        replied(await transport.send(Request(method="GET", url=server.url)))


async def test_not_open() -> None:
    """Sending without opening the transport is a bug and says so."""
    with pytest.raises(BugError, match="before its transport was opened"):
        await Transport().send(Request(method="GET", url="http://127.0.0.1/"))
