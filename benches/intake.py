"""Durable webhook intake at 32 connections, beside bare uvicorn and group commit in the same run."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

Figure = tuple[str, float, float, str, str, bool]

CONNECTIONS = 32
COUNT = 16_000
RUNS = 5
BODY = b'{"id":1234,"name":"Widget","category":"Electronics","price":9.5,"quantity":3,"note":"' + b"x" * 400 + b'"}'
HERE = Path(__file__).resolve().parent

DEFINITION = {
    "swagger": "2.0",
    "info": {"title": "Hooks", "version": "1"},
    "host": "127.0.0.1:1",
    "schemes": ["http"],
    "paths": {
        "/hooks": {
            "x-ms-notification-content": {"schema": {"type": "object", "properties": {"id": {"type": "integer"}}}},
            "post": {
                "operationId": "OnThing",
                "x-ms-trigger": "single",
                "parameters": [
                    {
                        "name": "body",
                        "in": "body",
                        "required": True,
                        "schema": {
                            "type": "object",
                            "required": ["url"],
                            "properties": {
                                "url": {"type": "string", "x-ms-notification-url": True, "x-ms-visibility": "internal"}
                            },
                        },
                    }
                ],
                "responses": {"201": {"description": "made"}},
            },
        }
    },
}


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process while the block runs."""
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    """Until somebody listens."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens on {port}")


@contextmanager
def bare(folder: Path) -> Iterator[tuple[str, int]]:
    """The floor; gives its URL and process id."""
    port = free_port()
    with running(sys.executable, str(HERE / "bare_receiver.py"), str(folder / "bare.db"), str(port)) as server:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/hook", server.pid


@contextmanager
def tieline(folder: Path) -> Iterator[tuple[str, int]]:
    """``tieline serve`` with one webhook that is on; gives its callback URL and process id."""
    service_port, port = free_port(), free_port()
    connector = folder / "Hooks"
    connector.mkdir()
    definition = {**DEFINITION, "host": f"127.0.0.1:{service_port}"}
    (connector / "apiDefinition.swagger.json").write_text(json.dumps(definition), encoding="utf-8")
    told = folder / "hook.json"
    service = f"""
import http.server
class Service(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        open({str(told)!r}, "wb").write(body)
        self.send_response(201); self.send_header("content-length", "0"); self.end_headers()
http.server.HTTPServer(("127.0.0.1", {service_port}), Service).serve_forever()
"""
    home = {"TIELINE_HOME": str(folder / "home")}
    serve = (sys.executable, "-m", "tieline", "serve", str(connector), "--port", str(port), "-q")
    with running(sys.executable, "-c", service), running(*serve, **home) as server:
        wait_for(service_port)
        wait_for(port)
        enable = [sys.executable, "-m", "tieline", "triggers", "enable", "OnThing", str(connector), "-q"]
        subprocess.run(enable, check=True, env={**os.environ, **home}, stdout=subprocess.DEVNULL)
        yield json.loads(told.read_bytes())["url"], server.pid


class Sender(asyncio.Protocol):
    """One connection that sends the same request again and again."""

    def __init__(self, request: bytes, count: int, times: list[float]) -> None:
        self.request = request
        self.left = count
        self.times = times
        self.done = asyncio.get_running_loop().create_future()
        self.started = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Sends the first."""
        self.transport = transport
        self.next()

    def next(self) -> None:
        """Sends another one, or ends."""
        if not self.left:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.left -= 1
        self.started = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        """Takes an answer."""
        if not data.startswith(b"HTTP/1.1 202"):
            self.done.set_exception(RuntimeError(data[:200].decode()))
            self.transport.close()
            return
        self.times.append(time.perf_counter() - self.started)
        self.next()


async def load(url: str, count: int) -> tuple[float, float]:
    """Requests a second, and the 99th percentile of their times in milliseconds."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY
    times: list[float] = []
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    senders = []
    for _ in range(CONNECTIONS):
        _, sender = await loop.create_connection(
            lambda: Sender(request, count // CONNECTIONS, times), parts.hostname, parts.port
        )
        senders.append(sender.done)
    await asyncio.gather(*senders)
    took = time.perf_counter() - start
    return len(times) / took, statistics.quantiles(times, n=100)[98] * 1000


def measured(url: str, count: int) -> tuple[float, float]:
    """The same on the fastest loop."""
    import uvloop

    return uvloop.run(load(url, count))


def cpu(process: int) -> float:
    """Seconds of CPU that a process used; 0 where the system does not tell."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def figures() -> Iterator[Figure]:
    """Both, in turn, five times; the medians."""
    runs: dict[str, list[tuple[float, float, float]]] = {"ours": [], "bare": []}
    for _ in range(RUNS):
        for name, server in (("bare", bare), ("ours", tieline)):
            with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as (url, process):
                measured(url, 2_000)
                used = cpu(process)
                figure = measured(url, COUNT)
                runs[name].append((*figure, (cpu(process) - used) / COUNT * 1e6))
    ours, bare_ = ([statistics.median(figure) for figure in zip(*runs[name], strict=True)] for name in ("ours", "bare"))
    yield "intake", ours[0], bare_[0], "per second, median of 5", "0.8x", ours[0] >= 0.8 * bare_[0]
    yield "intake-p99", ours[1], bare_[1], "ms", "-", True
    if bare_[2]:
        yield "intake-cpu", ours[2], bare_[2], "us CPU", "1.25x", ours[2] <= 1.25 * bare_[2]


if __name__ == "__main__":
    for figure in figures():
        print(figure)
