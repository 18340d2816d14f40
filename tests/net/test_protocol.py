"""The short way of a listener: which requests it gets, and that a sender cannot tell it from the app's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tieline.net.guard import Receive, Scope, Send
from tieline.net.listener import ListenOptions, listen
from tieline.net.protocol import Answer, ShortWay

HOST = b"Host: 127.0.0.1\r\n"


@dataclass
class Both:
    """An app and a short way that say which of them answered."""

    waiting: asyncio.Queue[Answer] = field(default_factory=asyncio.Queue)
    offered: list[str] = field(default_factory=list)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Echoes the body."""
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": message["type"] + ".complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        text = b"app " + body
        headers = [(b"content-length", b"%d" % len(text))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    @property
    def way(self) -> ShortWay:
        """The short way."""
        return ShortWay(method="POST", path="/", take=self.short)

    def short(self, scope: Scope, body: bytes, answer: Answer) -> bool:
        """Echoes at once, later, not at all or wrongly, as the path says."""
        self.offered.append(scope["path"])
        if scope["path"] == "/raise":
            raise RuntimeError("nothing was done")
        if scope["path"] == "/late":
            self.waiting.put_nowait(answer)
        elif scope["path"] in ("/now", "/close"):
            text = b"short " + body
            more = ((b"connection", b"close"),) if scope["path"] == "/close" else ()
            answer(202, ((b"content-length", b"%d" % len(text)), *more), text)
        return scope["path"] in ("/now", "/close", "/late")


def post(path: str, body: bytes = b"x", more: bytes = b"", version: str = "1.1") -> bytes:
    """A request."""
    return (
        f"POST {path} HTTP/{version}\r\n".encode()
        + HOST
        + b"Content-Length: %d\r\n" % len(body)
        + more
        + b"\r\n"
        + body
    )


@dataclass
class Line:
    """A connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def answer(self) -> tuple[bytes, bytes]:
        """The next reply: head in lower case, and body."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return head, await self.reader.readexactly(length)

    async def ask(self, *pieces: bytes) -> bytes:
        """What is said to a request that comes in pieces."""
        for piece in pieces:
            self.writer.write(piece)
            await asyncio.sleep(0.01)
        return (await self.answer())[1]


@asynccontextmanager
async def calling(both: Both, **options: Any) -> AsyncIterator[Line]:
    """A connection to a listener with a short way."""
    async with listen(both.app, ListenOptions(short=both.way, **options)) as address, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        yield Line(reader, writer)
        writer.close()


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ((post("/now"),), b"short x"),
        ((post("/now", b""),), b"short "),
        ((post("/app"),), b"app x"),
        ((post("/raise"),), b"app x"),
        ((post("/now")[:20], post("/now")[20:]), b"app x"),
        ((post("/now?a=b%20c"),), b"short x"),
        ((post("/now") + b"POST",), b"app x"),
        ((post("/now", b"xy")[:-1], b"y"), b"app xy"),
        (
            (post("/now", more=b"Origin: http://elsewhere.example\r\n"),),
            b"this server does not answer pages of other sites\n",
        ),
        ((post("/now").replace(HOST, b"Host: elsewhere.example\r\n"),), b"this server does not answer for that host\n"),
        ((post("/now", b"x" * 101),), b"the body is larger than 100 bytes\n"),
        ((b"POST /now HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",), b"short x"),
    ],
)
async def test_which_way(pieces: tuple[bytes, ...], said: bytes) -> None:
    """Whole requests that the guards let in go the short way, if it takes them; all others go to the app."""
    async with calling(Both(), max_body=100) as line:
        assert await line.ask(*pieces) == said


async def test_one_after_the_other() -> None:
    """Requests that are sent ahead are answered in order, whichever way each goes, and whenever its answer comes."""
    both = Both()
    async with calling(both) as line:
        line.writer.write(post("/late", b"1"))
        answer = await both.waiting.get()
        for body in (b"2", b"3", b"4"):
            line.writer.write(post("/now", body))
            await asyncio.sleep(0.01)
        assert both.offered == ["/late"]
        answer(200, ((b"content-length", b"4"),), b"late")
        said = [(await line.answer())[1] for _ in range(4)]
        assert [words.rpartition(b" ")[2] for words in said] == [b"late", b"2", b"3", b"4"]
        assert await line.ask(post("/now", b"5")) == b"short 5"
        line.writer.write(post("/now", b"6") + post("/now", b"7"))
        assert [(await line.answer())[1] for _ in range(2)] == [b"app 6", b"app 7"]


@pytest.mark.parametrize(
    ("request_", "closed"),
    [
        (post("/now"), False),
        (post("/close"), True),
        (post("/now", more=b"Connection: close\r\n"), True),
        (post("/now", version="1.0"), True),
    ],
)
async def test_when_it_ends(request_: bytes, closed: bool) -> None:
    """The connection stays unless one of both sides wants it closed, which is said once."""
    async with calling(Both()) as line:
        line.writer.write(request_)
        head, _ = await line.answer()
        assert head.count(b"connection: close") == closed
        assert head.count(b"date: ") == 1
        if closed:
            assert await line.reader.read() == b""
        else:
            assert await line.ask(post("/now", b"again")) == b"short again"


async def test_expecting_sender() -> None:
    """A sender that waits for leave to send its body is given it, in the app's way."""
    async with calling(Both()) as line:
        line.writer.write(post("/now", more=b"Expect: 100-continue\r\n")[:-1])
        assert await line.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert await line.ask(b"x") == b"app x"


async def test_head_has_no_body() -> None:
    """HEAD goes to the app."""
    both = Both()
    async with calling(both) as line:
        line.writer.write(b"HEAD /now HTTP/1.1\r\n" + HOST + b"\r\n")
        assert (await line.reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert both.offered == []


async def test_sender_hangs_up() -> None:
    """An answer for a sender that has gone goes nowhere."""
    both = Both()
    async with calling(both) as line:
        line.writer.write(post("/late"))
        answer = await both.waiting.get()
        line.writer.close()
        await asyncio.sleep(0.05)
        answer(200, ((b"content-length", b"0"),), b"")


async def test_end_waits() -> None:
    """A server that ends lets what is being answered come to its end, and closes after it."""
    both = Both()
    async with listen(both.app, ListenOptions(short=both.way)) as address, asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write(post("/late"))
        answer = await both.waiting.get()
        asyncio.get_running_loop().call_later(0.3, answer, 200, ((b"content-length", b"4"),), b"late")
    head, body = await Line(reader, writer).answer()
    assert (head.count(b"connection: close"), body) == (1, b"late")
    assert await reader.read() == b""
    writer.close()


async def test_end_does_not_wait_for_ever() -> None:
    """What is not answered in the time that the end has is cut off."""
    both = Both()
    options = ListenOptions(short=both.way, stop_seconds=0)
    async with listen(both.app, options) as address, asyncio.timeout(10):
        _, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write(post("/late"))
        await both.waiting.get()
    writer.close()


async def test_slow_heads_end() -> None:
    """A head that does not come in time ends its connection, the second one of a connection, too."""
    async with calling(Both(), head_seconds=0.05) as line:
        assert await line.ask(post("/now")) == b"short x"
        await asyncio.sleep(0.1)
        assert await line.ask(post("/now")) == b"short x"
        line.writer.write(post("/now")[:20])
        assert await line.reader.read() == b""
