"""The command line of Identity: reads the options, serves until it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import logging
import socket
import sys

import uvicorn

from .app import create_app
from .options import CLIENT, PUBLIC_CLIENT, USER, IdentityOptions


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. Returns the exit code: 0 after a stop, 2 for an option or a port that cannot be used."""
    given = _parser().parse_args(arguments)
    app = create_app(
        IdentityOptions(
            pkce=given.pkce, refresh=given.refresh, lifetime=given.lifetime, client_auth=given.client_auth, admin=True
        )
    )
    try:
        family = socket.AF_INET6 if ":" in given.host else socket.AF_INET
        listener = socket.create_server((given.host, given.port), family=family)
    except OSError as problem:
        print(f"cannot listen on {given.host} port {given.port}: {problem}; try another --port", file=sys.stderr)
        return 2
    with listener:
        _greet(given.host, listener.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(app, ws="none", access_log=not given.quiet))
        logging.getLogger("uvicorn.access").addFilter(_without_query)
        # Ctrl+C is how this ends; uvicorn raises it again after it has shut down.
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listener])
    return 0 if server.started else 1


def _without_query(record: logging.LogRecord) -> bool:
    """Takes the query out of the line for a request: states, user codes and whatever else a client puts there."""
    if isinstance(record.args, tuple):
        record.args = tuple(part.partition("?")[0] if isinstance(part, str) else part for part in record.args)
    return True


def _greet(host: str, port: int) -> None:
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    print(f"Identity answers at {address}; its endpoints: {address}/.well-known/openid-configuration.")
    print(f"App: {CLIENT.id}, secret {CLIENT.secret}; app without secret: {PUBLIC_CLIENT.id}.")
    print(f"User: {USER.name}, password {USER.password}. Ctrl+C stops it.", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="identity", description="An OAuth 2.0 server to try sign-ins with.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=_port, default=8322, help="port to listen on, 0 for any free one (default: %(default)s)"
    )
    parser.add_argument("--pkce", choices=("required", "optional", "refused"), default="optional")
    parser.add_argument("--refresh", choices=("rotating", "fixed", "none"), default="rotating")
    parser.add_argument("--client-auth", choices=("both", "body", "basic"), default="both")
    parser.add_argument(
        "--lifetime", type=_seconds, default=3600, help="seconds an access token is good for (default: %(default)s)"
    )
    parser.add_argument("--quiet", action="store_true", help="do not print a line for each request")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f'"{text}" is not a port from 0 to 65535')
    return int(text)


def _seconds(text: str) -> int:
    if not text.isdecimal() or not 1 <= len(text) <= 9:
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of seconds')
    return int(text)
