"""Where requests go: host, base path and scheme joined, ``--server`` put in their place, origins compared."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..model import Connector, Definition, Finding, Operation, Severity
from .options import Options

_PORT = r"(:(?P<port>\d{1,5}))?"
_HOST = re.compile(rf"(\[[0-9A-Fa-f:.]+\]|[\w.~-]+){_PORT}")
_SERVER = re.compile(rf"https?://(\[[0-9A-Fa-f:.]+\]|[\w.~-]+){_PORT}(/[^?#\s]*)?", re.IGNORECASE)

LARGEST_PORT = 65_535

DEFAULT_PORTS = {"http": 80, "https": 443}
"""Ports that a URL need not name."""


CACHE = "target"
"""Key of the target among what is compiled of an operation."""


def target_of(connector: Connector, operation: Operation, options: Options) -> tuple[str, tuple[Finding, ...]]:
    """The base URL of an operation, and why there is nowhere to send to; kept with the operation."""
    made = operation.compiled.get(CACHE)
    if made is not None and made[0] is connector.definition and made[1] == options.server:
        found: tuple[str, tuple[Finding, ...]] = made[2]
        return found
    found = base_url(connector.definition, operation, options), problems(connector, operation, options)
    operation.compiled[CACHE] = (connector.definition, options.server, found)
    return found


def problems(connector: Connector, operation: Operation, options: Options) -> tuple[Finding, ...]:
    """Why there is nowhere to send to, as findings; ``()`` when there is."""
    if options.server is not None:
        return () if _is(_SERVER, options.server) else (_bad_server(options.server, operation),)
    host = connector.definition.host
    if _is(_HOST, host):
        return ()
    said = f'the definition\'s host "{host}" is no host name' if host else "the definition names no host"
    return (
        Finding(
            rule="bad-host" if host else "no-host",
            route=connector.definition.route / "host" if host else connector.definition.route,
            message=said,
            remedy='add --server URL, or "host" to the definition',
            severity=Severity.ERROR,
        ),
    )


def _is(address: re.Pattern[str], text: str) -> bool:
    """Whether a text is such an address, with a port that there can be."""
    found = address.fullmatch(text)
    return found is not None and int(found["port"] or 0) <= LARGEST_PORT


def _bad_server(server: str, operation: Operation) -> Finding:
    """The finding for a server that is no plain URL; it is not repeated when it may hold a password."""
    shown = "the server" if "@" in server else f'the server "{server}"'
    return Finding(
        rule="bad-server",
        route=operation.route,
        message=f"{shown} is no URL of the form http(s)://host[:port][/path]",
        remedy="give for example --server http://localhost:8080",
        severity=Severity.ERROR,
    )


def base_url(definition: Definition, operation: Operation, options: Options) -> str:
    """Scheme, host and base path in front of the operation's path, without a slash at the end.

    A definition without host stands on ``options.server``'s until that replaces the whole base.
    """
    host, scheme = definition.host, (operation.schemes or definition.schemes or ("https",))[0]
    if options.server is not None and not _is(_HOST, host):
        server = urlsplit(options.server)
        host, scheme = server.netloc, server.scheme
    return f"{scheme}://{host}{definition.base_path.rstrip('/')}"


def with_server(url: str, definition: Definition, server: str) -> str:
    """``url`` with ``server`` in place of scheme, host and base path: server + path below the base path + query."""
    base = definition.base_path.rstrip("/")
    start = url.find("/", url.find("://") + 3)
    rest = url[start:] if start >= 0 else ""
    if base and rest.startswith(base) and rest[len(base) : len(base) + 1] in ("", "/", "?"):
        rest = rest[len(base) :]
    if not rest.startswith("/"):
        rest = "/" + rest if rest else ""
    return server.rstrip("/") + rest


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an absolute ``http`` or ``https`` URL; None for anything else."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # a port that is no number, or brackets that do not close
        return None
    if parts.scheme not in DEFAULT_PORTS or not host:
        return None
    return parts.scheme, host, port or DEFAULT_PORTS[parts.scheme]
