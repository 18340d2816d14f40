"""Webhook intake on a running server: what is taken, what is refused and how, and that nobody holds others up."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from house import House, Service, house, until
from yarl import URL

from tieline.app.intake import IntakeLimits
from tieline.server.serving import ServeOptions
from tieline.store.history import EventFilter


async def test_kept_before_answered(home_of_things: House) -> None:
    """When 202 is read, the event is in the history."""
    home = home_of_things
    url = await home.enable()
    for number in range(1, 20):
        assert (await home.send(url))[0] == 202
        assert len(home.running.history.events()) == number


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/json", b'{"id": "1"}', {"data": {"id": "1"}}),
        ("application/x-www-form-urlencoded", b"a=1", {"data_base64": "YT0x"}),
        ("text/plain; charset=latin-1", b"\xe4", {"data_base64": "5A=="}),
        ("application/octet-stream", bytes(range(4)), {"data_base64": "AAECAw=="}),
        ("", b"{}", {"data": {}}),
        ("application/json", b"[", {"data_base64": "Ww=="}),
        ("nonsense", b"", {}),
    ],
)
async def test_any_content_type(
    home_of_things: House, content_type: str, body: bytes, expected: dict[str, Any]
) -> None:
    """Whatever a service sends is taken and delivered as it came."""
    home = home_of_things
    headers = {"content-type": content_type} if content_type else {}
    skipped = ["content-type"]
    url = await home.enable()
    assert (await home.send(url, body, headers=headers, skip_auto_headers=skipped))[0] == 202
    (event,) = await home.taken(1)
    got = {name: value for name, value in event.items() if name.startswith("data") and name != "datacontenttype"}
    assert got == expected


async def test_not_known(home_of_things: House) -> None:
    """A wrong signature, no signature, a wrong path and an unknown id are the same 401."""
    home = home_of_things
    url = await home.enable()
    id = url.partition("/workflows/")[2].partition("/")[0]
    signed = url.rpartition("sig=")[0]
    answers = [
        await home.send(wrong)
        for wrong in (
            url[:-1],
            signed,
            f"{signed}sig=",
            url.partition("?")[0],
            url.replace(id, "0" * 32),
            url.replace(id, ""),
            url.replace("sig=", "sig=%"),
            f"{home.started.address}/workflows/",
            f"{home.started.address}/workflows/%00%ff?sig=x",
        )
    ]
    assert {(status, body) for status, _, body in answers} == {(401, answers[0][2])}
    assert id.encode() not in answers[0][2]
    assert home.running.history.events() == []


async def test_twice(home_of_things: House) -> None:
    """The same notification twice, by the id that its sender gives it, is one event; another id is another."""
    home = home_of_things
    url = await home.enable()
    sent = [
        {"webhook-id": "a"},
        {"webhook-id": "a"},
        {"webhook-id": "b"},
        {"webhook-id": "x" * 500},
        {"webhook-id": "x" * 501},
        {"ce-id": "1", "ce-source": "/one"},
        {"ce-id": "1", "ce-source": "/two"},
        {"ce-id": "1", "ce-source": "/two"},
        {"x-request-id": "r"},
        {"x-request-id": "r"},
        {},
        {},
    ]
    for headers in sent:
        assert (await home.send(url, headers=headers))[0] == 202
    together = await asyncio.gather(*(home.send(url, headers={"webhook-id": "c"}) for _ in range(10)))
    assert {status for status, _, _ in together} == {202}
    assert len(home.running.history.events(EventFilter(limit=100))) == 11


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
async def test_other_methods(home_of_things: House, method: str) -> None:
    """What is no way to send a notification starts nothing."""
    home = home_of_things
    assert (await home.send(await home.enable(), b"", method=method))[0] == 405
    assert home.running.history.events() == []


HANDSHAKES = [
    ("POST", "&validationToken=a%20b", {}, b"", 200, b"a b", {"content-type": "text/plain; charset=utf-8"}),
    ("GET", "&hub.challenge=77", {}, b"", 200, b"77", {}),
    ("POST", "", {}, b'{"type": "url_verification", "challenge": "c"}', 200, b'{"challenge":"c"}', {}),
    ("POST", "", {"X-Hook-Secret": "s"}, b"", 200, b"", {"x-hook-secret": "s"}),
]


@pytest.mark.parametrize("during", [False, True], ids=["afterwards", "while registering"])
@pytest.mark.parametrize("shake", HANDSHAKES, ids=["Graph", "WebSub", "Slack", "Asana"])
async def test_handshakes(home_of_things: House, shake: tuple[Any, ...], during: bool) -> None:
    """Services that ask the callback URL to prove itself are answered, which is said once."""
    home = home_of_things
    method, query, headers, body, status, expected, echoed = shake
    answers = []

    async def ask(url: str) -> None:
        sent = {**headers, "content-type": "application/json"}
        answers.append(await home.send(url + query, body, headers=sent, method=method))

    home.service.during = ask if during else None
    url = await home.enable()
    await ask(url)
    for got_status, got_headers, got in answers:
        assert (got_status, got) == (status, expected)
        assert echoed.items() <= got_headers.items()
    assert [rule for _, rule in home.reports].count("handshake-answered") == 1
    assert home.running.history.events() == []
    shown = await home.running.control("show", {"name": "hook"})
    assert "handshake-answered" in {report["rule"] for report in shown["reports"]}


async def test_no_handshakes(tmp_path: Path) -> None:
    """Without handshakes such a POST is a notification, as on the platform."""
    async with house(tmp_path, handshakes=False) as home:
        url = await home.enable()
        status, _, body = await home.send(url, b'{"type": "url_verification", "challenge": "c"}')
        assert (status, body) == (202, b"")
        await home.taken(1)
        assert (await home.send(url + "&validationToken=a", b"", method="GET"))[0] == 405
        assert (await home.send(url, b'{"size": "large"}'))[0] == 202
        await home.taken(2)
        assert [rule for _, rule in home.reports].count("notification-mismatch") == 1


async def test_off(home_of_things: House) -> None:
    """A trigger that is off answers 404, handshakes too."""
    url = await home_of_things.enable()
    await home_of_things.running.control("disable", {"name": "hook"})
    assert (await home_of_things.send(url))[0] == 404
    assert (await home_of_things.send(url + "&validationToken=a", b""))[0] == 404


async def test_early(home_of_things: House) -> None:
    """A notification that comes before the registration is answered is taken."""
    home = home_of_things
    statuses: list[int] = []

    async def tell(url: str) -> None:
        statuses.append((await home.send(url))[0])

    home.service.during = tell
    await home.enable()
    assert statuses == [202]
    await home.taken(1)


async def test_not_as_declared(home_of_things: House) -> None:
    """What does not fit the declared schema goes on; each difference is said once."""
    home = home_of_things
    url = await home.enable()
    for _ in range(3):
        assert (await home.send(url, b'{"id": "1", "size": "large"}'))[0] == 202
    await home.taken(3)
    assert [rule for _, rule in home.reports].count("notification-mismatch") == 1
    shown = await home.running.control("show", {"name": "hook"})
    (report,) = [one for one in shown["reports"] if one["rule"] == "notification-mismatch"]
    assert report["severity"] == "warning"
    assert "size" in report["message"]


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[House]:
    """A house with small limits."""
    limits = IntakeLimits(body=1000, each=4, all=6, seconds=0.3, memory=3000)
    serve = lambda run: ServeOptions(run=run, port=0, head_seconds=0.3)  # noqa: E731
    async with house(tmp_path, limits=limits, serve=serve) as home:
        yield home


async def pieces(*parts: bytes, hold: asyncio.Event | None = None) -> AsyncIterator[bytes]:
    """A body without length; with ``hold`` its end comes when that is set."""
    for part in parts:
        yield part
    if hold is not None:
        await hold.wait()


async def test_too_large(strict: House) -> None:
    """A body over the limit is a 413, with a length and without, and the limit itself is taken."""
    url = await strict.enable()
    assert (await strict.send(url, b"x" * 1000))[0] == 202
    assert (await strict.send(url, b"x" * 1001))[0] == 413
    assert (await strict.send(url, pieces(b"x" * 600, b"x" * 600)))[0] == 413
    assert (await strict.send(url, pieces(b"x" * 500, b"x" * 500)))[0] == 202
    await strict.taken(2)
    parts = [b"x" * 500_000, b"x"]
    async with strict.session.post(URL(url, encoded=True), data=pieces(*parts)) as reply:
        assert reply.status == 413


async def raw(home: House, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the server on which some bytes were sent."""
    parts = urlsplit(home.started.address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(head)
    await writer.drain()
    return reader, writer


def head_of(url: str, *lines: str) -> bytes:
    """The head of a POST."""
    parts = urlsplit(url)
    return "\r\n".join([f"POST {parts.path}?{parts.query} HTTP/1.1", f"Host: {parts.netloc}", *lines, "", ""]).encode()


@pytest.mark.parametrize("body", [b"", b"x" * 10], ids=["nothing", "a part"])
@pytest.mark.parametrize("length", ["Content-Length: 100", "Transfer-Encoding: chunked"])
async def test_body_that_never_ends(strict: House, length: str, body: bytes) -> None:
    """A body that does not come in time is a 408, whether it began or not; its sender keeps no place."""
    url = await strict.enable()
    sent = b"a\r\n" + body + b"\r\n" if body and "chunked" in length else body
    reader, writer = await raw(strict, head_of(url, length) + sent)
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        await reader.read()
    writer.close()
    assert strict.running.intake._taking.all == 0
    assert strict.running.history.events() == []


async def test_sender_hangs_up(home_of_things: House) -> None:
    """A sender that hangs up in the middle of a body starts nothing."""
    home = home_of_things
    url = await home.enable()
    for sent in (b"", b"x" * 10):
        _, writer = await raw(home, head_of(url, "Content-Length: 100") + sent)
        await until(lambda: home.running.intake._taking.all == 1)
        writer.transport.abort()
        await until(lambda: home.running.intake._taking.all == 0)
    assert home.running.history.events() == []
    assert home.running.intake.refused == {400: 2}


async def test_slow_heads(strict: House) -> None:
    """Senders that never end their heads lose their connections; others are answered meanwhile."""
    url = await strict.enable()
    slow = [await raw(strict, b"POST / HTTP/1.1\r\nHost: a\r\nX-") for _ in range(50)]
    assert (await strict.send(url))[0] == 202
    async with asyncio.timeout(5):
        for reader, writer in slow:
            assert await reader.read() == b""
            writer.close()


async def test_too_many(strict: House) -> None:
    """Above its limit one trigger is told to wait with 429, above the limit of all everyone with 503; when there is
    room again, all is taken."""
    url, other = await strict.enable(), await strict.enable(name="other")
    hold = asyncio.Event()
    held = [asyncio.ensure_future(strict.send(url, pieces(b"a", hold=hold))) for _ in range(4)]
    await until(lambda: strict.running.intake._taking.all == 4)
    status, headers, _ = await strict.send(url)
    assert (status, headers["retry-after"]) == (429, "1")
    assert (await strict.send(other))[0] == 202
    more = [asyncio.ensure_future(strict.send(other, pieces(b"a", hold=hold))) for _ in range(2)]
    await until(lambda: strict.running.intake._taking.all == 6)
    status, headers, _ = await strict.send(other)
    assert (status, headers["retry-after"]) == (503, "5")
    hold.set()
    assert {status for status, _, _ in await asyncio.gather(*held, *more)} == {202}
    assert (await strict.send(url))[0] == 202


async def test_too_much(strict: House) -> None:
    """All bodies that are not complete share a limit, above which more is a 503."""
    url, other = await strict.enable(), await strict.enable(name="other")
    hold = asyncio.Event()
    held = [asyncio.ensure_future(strict.send(url, pieces(b"a" * 900, hold=hold))) for _ in range(3)]
    await until(lambda: strict.running.intake._taking.bytes == 2700)
    assert (await strict.send(other, pieces(b"a" * 301, hold=hold)))[0] == 503
    hold.set()
    assert {status for status, _, _ in await asyncio.gather(*held)} == {202}
    assert strict.running.intake._taking.bytes == 0


async def test_flood(tmp_path: Path) -> None:
    """While one trigger is flooded, notifications of another are all taken, each in well under a second."""
    async with house(tmp_path, limits=IntakeLimits(each=16)) as home:
        url, other = await home.enable(), await home.enable(name="other")
        over = asyncio.Event()
        statuses: dict[int, int] = {}

        async def flood(session: aiohttp.ClientSession) -> None:
            while not over.is_set():
                async with session.post(URL(url, encoded=True), data=b"{}") as reply:
                    statuses[reply.status] = statuses.get(reply.status, 0) + 1

        async def calm() -> None:
            for number in range(30):
                async with asyncio.timeout(2):
                    status, _, _ = await home.send(other, json.dumps({"id": str(number)}).encode())
                assert status == 202
            over.set()

        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as session, asyncio.TaskGroup() as group:
            for _ in range(48):
                group.create_task(flood(session))
            await until(lambda: statuses.get(202, 0) > 20)
            group.create_task(calm())
        assert set(statuses) <= {202, 429}
        assert home.running.intake.taken == 30 + statuses[202]
        wanted = (await home.running.control("show", {"name": "other"}))["id"]
        await until(lambda: sum(event["subscription"] == wanted for event in home.receiver.events) == 30)


async def test_registered_places(tmp_path: Path) -> None:
    """The callback URL has the shape of the platform's."""
    service = Service()
    async with house(tmp_path, service=service) as home:
        whole = await home.enable()
        assert len(whole) > 300
        url = urlsplit(whole)
        assert url.path.startswith("/workflows/")
        assert "/triggers/OnThing/versions/" in url.path
        assert re.fullmatch(
            r"api-version=2016-10-01&sp=%2Fversions%2F\w+%2Ftriggers%2Fmanual%2Frun&sv=1\.0&sig=[\w-]{64}", url.query
        )
