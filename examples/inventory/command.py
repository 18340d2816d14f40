"""The command line of Inventory: reads the options, checks the database, serves until it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sqlite3
import sys

import uvicorn

from .app import DEMO_KEY, DEMO_READ_ONLY_KEY, create_app
from .gate import Rate
from .store import MEMORY, Store


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Returns the exit code: 0 after a stop, 2 for an option or a port that cannot be used."""
    options = _parser().parse_args(arguments)
    try:
        Store(options.database).close()
    except sqlite3.Error as problem:
        print(f'cannot use the database "{options.database}": {problem}', file=sys.stderr)
        return 2
    app = create_app(
        options.database,
        options.api_key,
        options.read_only_key,
        rate=Rate(per_second=options.rate, burst=options.burst),
    )
    try:
        listener = _listen(options.host, options.port)
    except OSError as problem:
        print(f"cannot listen on {options.host} port {options.port}: {problem}; try another --port", file=sys.stderr)
        return 2
    with listener:
        _greet(options.host, listener.getsockname()[1], options.api_key)
        server = uvicorn.Server(uvicorn.Config(app, ws="none", access_log=not options.quiet))
        # Ctrl+C is how this ends; uvicorn raises it again after it has shut down.
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
    return 0 if server.started else 1


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _greet(host: str, port: int, api_key: str) -> None:
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    key = api_key if api_key == DEMO_KEY else "the key that you gave"
    print(f"Inventory answers at {address}/v1 (X-API-Key: {key}).")
    print(f"Its description is {address}/openapi.yaml. Ctrl+C stops it.", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inventory", description="A small real API to make a connector of.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8321, help="port to listen on, 0 for any free one (default: %(default)s)"
    )
    parser.add_argument("--database", default=MEMORY, help="SQLite file that keeps the data (default: none, in memory)")
    parser.add_argument("--api-key", type=_key, default=DEMO_KEY, help="key that may do all (default: %(default)s)")
    parser.add_argument(
        "--read-only-key", type=_key, default=DEMO_READ_ONLY_KEY, help="key that may only read (default: %(default)s)"
    )
    parser.add_argument(
        "--rate", type=_positive, default=Rate().per_second, help="calls a second for each key (default: %(default)s)"
    )
    parser.add_argument(
        "--burst",
        type=_positive,
        default=Rate().burst,
        help="calls that a rested key may make at once (default: %(default)s)",
    )
    parser.add_argument("--quiet", action="store_true", help="do not print a line for each call")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f'"{text}" is not a port from 0 to 65535')
    return int(text)


def _key(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("a key must not be empty")
    return text


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number above 0')
    return value
