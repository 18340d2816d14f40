"""Servers, as the one host, base path and schemes that Swagger 2.0 has."""

from __future__ import annotations

import re
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from ...model import JsonObject
from .lowering import Lowering, absolute
from .place import Place

NO_HOST = "localhost"
"""The host of a description that names none. The platform wants a host; this one is nobody else's, so that nothing is
sent to a stranger before the right one is put in."""

SCHEMES = ("https", "http")
"""Schemes that the platform calls; a server without a scheme gets the first."""

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(r"[^{}/ :\\@?#\[\]]+(:[0-9]+)?")


class Server(NamedTuple):
    """The address of a service."""

    scheme: str
    host: str
    base_path: str
    """Starts with ``/`` and has none at the end, but for the root."""


class Servers(NamedTuple):
    """The address that a connector calls."""

    server: Server
    schemes: list[str]
    """The server's, then others under which the description has the same address."""

    def fields(self) -> JsonObject:
        """The address as root fields of a Swagger 2.0 document."""
        return {"host": self.server.host, "basePath": self.server.base_path, "schemes": self.schemes}


def lower_servers(root: JsonObject, at: Place, low: Lowering, base_url: str) -> Servers:
    """The address of the first usable server of a description.

    A relative one stands relative to ``base_url`` (where the description was fetched; empty for a file). Further
    servers at other addresses are noted.
    """
    base = (at, "servers")
    usable: list[tuple[Server, Place]] = []
    for index, written in enumerate(low.list_at(root, at, "servers") or [{"url": "/"}]):
        if not isinstance(written, dict):
            low.wrong((base, index), "an object", written)
            continue
        server = _server(written, (base, index), low, base_url, note=not usable)
        if server is not None:
            usable.append((server, (base, index)))
    first = usable[0][0] if usable else Server(SCHEMES[0], "", "/")
    schemes = [first.scheme]
    for server, place in usable[1:]:
        if server[1:] != first[1:]:
            low.notes.add("server-dropped", place, f'the server "{address(server)}" is left out')
        elif server.scheme not in schemes:
            schemes.append(server.scheme)
    if not first.host:
        low.notes.add("missing-server", base, f'no server with a host is declared; the host becomes "{NO_HOST}"')
        first = first._replace(host=NO_HOST)
    return Servers(first, schemes)


def note_own_servers(value: JsonObject, at: Place, low: Lowering, servers: Servers, base_url: str) -> None:
    """Note that a path or operation has servers of its own, unless the first is the one that is called anyway."""
    own = low.list_at(value, at, "servers")
    if not own or not isinstance(own[0], dict):
        return
    place = ((at, "servers"), 0)
    server = _server(own[0], place, low, base_url, note=False)
    if server is not None and server[1:] != servers.server[1:]:
        message = f'the server "{address(server)}" is not called; "{address(servers.server)}" is'
        low.notes.add("operation-server", place, message)


def address(server: Server) -> str:
    """A server as a URL, for a message."""
    return f"{server.scheme}://{server.host}{server.base_path}" if server.host else server.base_path


def _server(value: JsonObject, at: Place, low: Lowering, base_url: str, *, note: bool) -> Server | None:
    """The address of one server object; None, with a finding, when it is none. ``note``: whether to note variables."""
    url = _filled(value, at, low, note=note)
    parts = _split(absolute(base_url, url))
    if parts is None or (parts.scheme and parts.scheme not in SCHEMES) or not _HOST.fullmatch(parts.netloc or "x"):
        low.notes.add("bad-server-url", (at, "url"), f'"{url}" is no address that can be called; it is left out')
        return None
    path = _VARIABLE.sub(r"\1", parts.path)
    return Server(parts.scheme or SCHEMES[0], parts.netloc, "/" + path.strip("/"))


def _split(url: str) -> SplitResult | None:
    """The parts of a URL without a user; None when it is none."""
    try:
        parts = urlsplit(url.strip())
        return parts._replace(netloc=parts.netloc.rpartition("@")[2].lower(), scheme=parts.scheme.lower())
    except ValueError:
        return None


def _filled(value: JsonObject, at: Place, low: Lowering, *, note: bool) -> str:
    """The URL of a server with the defaults of its variables in their places."""
    variables, place = low.object_at(value, at, "variables")
    url = low.text_at(value, at, "url")

    def default(match: re.Match[str]) -> str:
        name = match[1]
        variable: Any = variables.get(name)
        text = variable.get("default") if isinstance(variable, dict) else None
        if text is None and isinstance(variable, dict) and isinstance(variable.get("enum"), list):
            text = next(iter(variable["enum"]), None)
        text = str(text) if isinstance(text, (str, int, float)) else name
        if note:
            low.notes.add("server-variable", (place, name), f'the variable "{name}" of the server is fixed to "{text}"')
        return text

    return _VARIABLE.sub(default, url)
