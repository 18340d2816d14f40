"""Speed of the main paths, each beside a peer or a floor in the same run. See README.md."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from github import description

CORPUS = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus"
RUNS = 9


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    bench: str
    ours: float
    beside: float
    unit: str
    target: str
    good: bool


def median_time(work: Callable[[], object], runs: int = RUNS) -> float:
    """Median wall-clock milliseconds of ``work`` after one run to warm up."""
    work()
    times = []
    for _ in range(runs):
        gc.collect()
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def bench_help() -> Iterator[Row]:
    """``tieline --help`` beside a bare click program, cold processes."""
    bare = "import click\n@click.group()\ndef main(): pass\n@main.command()\ndef one(): pass\nmain(['--help'])"

    def run(*command: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)

    ours = median_time(run("-m", "tieline", "--help"))
    floor = median_time(run("-c", bare))
    yield Row("help", ours, floor, "ms", "3x", ours <= 3 * floor)


def bench_list() -> Iterator[Row]:
    """Load and list the largest connector beside ``orjson.loads`` of its definition."""
    import orjson

    from tieline.app.load import load_connector

    definitions = sorted(CORPUS.glob("connectors/*/*/apiDefinition.swagger.json"), key=lambda path: path.stat().st_size)
    largest = definitions[-1]

    def ours() -> object:
        return [
            (o.id, o.method, o.path, o.summary, o.kind)
            for o in load_connector(largest.parent).definition.operations.outlines
        ]

    took = median_time(ours)
    floor = median_time(lambda: orjson.loads(largest.read_bytes()))
    yield Row("list", took, floor, "ms", "4x", took <= 4 * floor)


SERVER = """
import asyncio, sys, uvicorn
ITEM = (
    b'{"id":"%d","name":"Widget","category":"Electronics","price":9.5,"quantity":3,"inStock":true,"lastUpdated":"2026-01-02T03:04:05.678Z"}'
)
BODY = b'[' + b','.join(ITEM % i for i in range(10)) + b']'
HEADERS = [(b'content-type', b'application/json'), (b'content-length', str(len(BODY)).encode())]
async def app(scope, receive, send):
    if scope['type'] != 'http':
        return
    await send({'type': 'http.response.start', 'status': 200, 'headers': HEADERS})
    await send({'type': 'http.response.body', 'body': BODY})
import socket
s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level='error', access_log=False, http='httptools')).run(sockets=[s])
"""


@contextmanager
def process(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A child process that is ended afterwards."""
    child = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    try:
        yield child
    finally:
        child.terminate()
        child.wait()


def bench_call() -> Iterator[Row]:
    """CPU of a call through the pipeline beside the same request by bare aiohttp; the server is another process."""
    with process("-c", SERVER) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        ours, floor = asyncio.run(_calls(f"http://127.0.0.1:{port}"))
    yield Row("call", ours, floor, "us CPU", "1.5x", ours <= 1.5 * floor)


async def _calls(server: str) -> tuple[float, float]:
    import aiohttp
    import yarl

    import tieline

    connector = tieline.load(_inventory(), server=server, values={"api_key": "k"})
    url = yarl.URL(f"{server}/products?category=Electronics&inStock=true", encoded=True)
    async with tieline.Transport() as transport, aiohttp.ClientSession() as session:

        async def pipeline() -> None:
            result = await connector.call_async(
                "GetProducts", transport=transport, category="Electronics", inStock=True
            )
            assert result.status == 200, result
            assert not result.findings, result.findings

        async def bare() -> None:
            headers = {"Accept": "application/json", "X-API-Key": "k"}
            async with session.get(url, headers=headers) as response:
                json.loads(await response.read())

        ours, floor = [], []
        for _ in range(RUNS):
            floor.append(await _cpu(bare))
            ours.append(await _cpu(pipeline))
        return statistics.median(ours), statistics.median(floor)


async def _cpu(work: Callable[[], object], count: int = 500) -> float:
    for _ in range(20):
        await work()  # type: ignore[misc]
    start = time.process_time()
    for _ in range(count):
        await work()  # type: ignore[misc]
    return (time.process_time() - start) / count * 1e6


POLICIES = [
    {
        "templateId": "dynamichosturl",
        "parameters": {
            "x-ms-apimTemplateParameter.urlTemplate": "https://@connectionParameters('api_key').example.com/v1"
        },
    },
    {
        "templateId": "setheader",
        "parameters": {
            "x-ms-apimTemplateParameter.name": "X-Key",
            "x-ms-apimTemplateParameter.value": "Key @headers('X-API-Key')",
            "x-ms-apimTemplate-policySection": "Request",
        },
    },
    {
        "templateId": "setqueryparameter",
        "parameters": {"x-ms-apimTemplateParameter.name": "limit", "x-ms-apimTemplateParameter.value": "10"},
    },
]


def bench_policies() -> Iterator[Row]:
    """CPU of a call with three policies (host URL, header, query parameter) beside the same call without any."""
    plain, loaded = _inventory(), _inventory()
    properties = loaded / "apiProperties.json"
    value = json.loads(properties.read_text(encoding="utf-8"))
    value["properties"]["policyTemplateInstances"] = POLICIES
    properties.write_text(json.dumps(value), encoding="utf-8")
    with process("-c", SERVER) as server:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{int(server.stdout.readline())}"
        ours, floor = asyncio.run(_side_by_side(address, loaded, plain))
    yield Row("policies", ours, floor, "us CPU", "1.25x", ours <= 1.25 * floor)


async def _side_by_side(server: str, first: Path, second: Path) -> tuple[float, float]:
    """Median CPU of the same call through two connectors, taken in turns."""
    import tieline

    connectors = [tieline.load(folder, server=server, values={"api_key": "k"}) for folder in (first, second)]
    times: tuple[list[float], list[float]] = ([], [])
    async with tieline.Transport() as transport:
        for _ in range(RUNS):
            for connector, taken in zip(connectors, times, strict=True):

                async def work(connector: tieline.LoadedConnector = connector) -> None:
                    result = await connector.call_async("GetProducts", transport=transport, category="Electronics")
                    assert result.status == 200, result

                taken.append(await _cpu(work))
    return statistics.median(times[0]), statistics.median(times[1])


def _inventory() -> Path:
    """A connector folder of the Inventory example's own description."""
    from tieline.app.example import inventory_folder
    from tieline.app.importing import ImportOptions, import_source

    folder = Path(tempfile.mkdtemp(prefix="tieline-bench-"))
    example = inventory_folder()
    assert example is not None
    import_source(str(example / "openapi.yaml"), ImportOptions(output=folder / "Inventory"))
    return folder / "Inventory"


def bench_mock() -> Iterator[Row]:
    """Start and rate of the mock on GitHub's description."""
    document = description()
    starts = []
    for _ in range(5):
        start = time.perf_counter()
        with _mock(document) as url:
            _get(f"{url}/repos/octocat/hello/issues/1")
            starts.append((time.perf_counter() - start) * 1000)
    took = statistics.median(starts)
    yield Row("mock-start", took, 1200, "ms", "1200 ms", took <= 1200)
    with _mock(document) as url:
        rate = asyncio.run(_rate(f"{url}/repos/octocat/hello/issues/1"))
    yield Row("mock-rate", rate, 2000, "requests/s", "2000/s", rate >= 2000)


@contextmanager
def _mock(document: Path) -> Iterator[str]:
    command = ("-m", "tieline", "mock", str(document), "--port", "0", "--format", "json")
    with process(*command) as child:
        assert child.stdout is not None
        url = json.loads(child.stdout.readline())["url"]
        drain = subprocess.Popen([sys.executable, "-c", "import sys\nfor _ in sys.stdin: pass"], stdin=child.stdout)
        try:
            yield url
        finally:
            child.terminate()
            drain.wait()


def _get(url: str) -> bytes:
    from urllib.request import urlopen

    with urlopen(url, timeout=30) as response:
        return response.read()


async def _rate(url: str, connections: int = 32, count: int = 8000) -> float:
    """Requests a second seen by raw keep-alive connections, so that the client costs little."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for _ in range(number):
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()
        await writer.wait_closed()

    await one(50)
    start = time.perf_counter()
    await asyncio.gather(*(one(count // connections) for _ in range(connections)))
    return count / (time.perf_counter() - start)


def bench_lower() -> Iterator[Row]:
    """CPU of lowering all OpenAPI 3 documents of the corpus beside parsing them, and GitHub's beside 1.5 s."""
    from tieline.app.load import loader_beside
    from tieline.formats import openapi3
    from tieline.source import read

    tags = json.loads((CORPUS / "TAGS.json").read_text(encoding="utf-8"))["openapi"]
    files = [(CORPUS / name, (CORPUS / name).read_bytes()) for name in tags]
    documents = [(path, read(data, path.name)) for path, data in files]
    floor = median_time(lambda: [read(data, path.name) for path, data in files])
    ours = median_time(lambda: [openapi3.lower(document, loader_beside(path)) for path, document in documents])
    yield Row("lower", ours, floor, "ms", "4x", ours <= 4 * floor)
    github = read(description().read_bytes(), "api.github.com.json")
    took = median_time(lambda: openapi3.lower(github), runs=3)
    yield Row("lower-github", took, 1500, "ms", "1500 ms", took <= 1500)


def bench_intake() -> Iterator[Row]:
    """Durable webhook intake beside bare uvicorn and group commit."""
    import intake

    return (Row(*figure) for figure in intake.figures())


def bench_engine() -> Iterator[Row]:
    """The engine alone beside bare group commit."""
    import engine

    return (Row(*figure) for figure in engine.figures())


def bench_polling() -> Iterator[Row]:
    """Subscriptions that poll, and idle ones."""
    import polling

    return (Row(*figure) for figure in polling.figures())


BENCHES = {
    "help": bench_help,
    "list": bench_list,
    "call": bench_call,
    "policies": bench_policies,
    "lower": bench_lower,
    "mock": bench_mock,
    "intake": bench_intake,
    "engine": bench_engine,
    "polling": bench_polling,
}


def main() -> None:
    """Run the benches named on the command line, or all."""
    os.environ.pop("PYTHONDEVMODE", None)
    names = sys.argv[1:] or list(BENCHES)
    print(f"{'bench':12} {'ours':>12} {'beside':>12} {'ratio':>7}  {'target':10}")
    for name in names:
        for row in BENCHES[name]():
            verdict = "good" if row.good else "MISSED"
            figures = f"{row.ours:12.2f} {row.beside:12.2f} {row.ours / row.beside:7.2f}"
            print(f"{row.bench:12} {figures}  {row.target:10} {verdict} ({row.unit})")


if __name__ == "__main__":
    main()
