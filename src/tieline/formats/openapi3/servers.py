"""Servers: the addresses that a description names, and the one of them that Swagger 2.0 has room for.

What lives here reads server objects. What becomes of several addresses and of variables is in ``hosts``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from ...model import JsonObject
from ..fields import scalar_text
from .addresses import absolute
from .lowering import Lowering
from .place import Place

NO_HOST = "localhost"
"""The host of a description that names none. The platform wants a host; this one is nobody else's, so that nothing is
sent to a stranger before the right one is put in."""

SCHEMES = ("https", "http")
"""Schemes that the platform calls; a server without a scheme gets the first."""

MARK = re.compile(r"(tieline[0-9]+mark)")
"""What stands for a variable while a URL is taken apart: letters and digits, which may stand anywhere in a URL."""

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(r"[^{}/ :\\@?#\[\]]+(:[0-9]+)?")


class Address(NamedTuple):
    """The address of a service."""

    scheme: str
    host: str
    base_path: str
    """Starts with ``/`` and has none at the end, but for the root."""

    def __str__(self) -> str:
        """As a URL; a path where there is no host."""
        return f"{self.scheme}://{self.host}{self.base_path.rstrip('/')}" if self.host else self.base_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable in the URL of a server."""

    name: str
    default: str | None
    """None where the description gives none."""
    allowed: tuple[str, ...]
    """Empty for any value."""
    description: str
    at: Place

    @property
    def shown(self) -> str:
        """What stands in its place where only one address can be named."""
        return self.name if self.default is None else self.default


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server object."""

    address: Address
    """With the defaults of its variables."""
    pieces: tuple[str | Variable, ...]
    """Its URL: text and variables; absolute, without a slash at the end."""
    description: str
    relative: bool
    """Whether it does not say where the service is."""
    at: Place

    @property
    def text(self) -> str:
        """Its URL with the names of variables in braces."""
        return "".join(piece if isinstance(piece, str) else f"{{{piece.name}}}" for piece in self.pieces)

    @property
    def variables(self) -> list[Variable]:
        """Its variables in order; one that occurs twice stands twice."""
        return [piece for piece in self.pieces if isinstance(piece, Variable)]


class Servers(NamedTuple):
    """The servers of a description."""

    address: Address
    """The first one's: what the definition says."""
    schemes: list[str]
    """The address's, then others under which the description has the same address."""
    known: tuple[Server, ...]
    """All that can be called, each once; none where the description does not say where the service is."""

    def fields(self) -> JsonObject:
        """The address as root fields of a Swagger 2.0 document."""
        return {"host": self.address.host, "basePath": self.address.base_path, "schemes": self.schemes}


def lower_servers(root: JsonObject, at: Place, low: Lowering, base_url: str) -> Servers:
    """The servers of a description.

    Relative ones stand relative to ``base_url`` (where the description was fetched; empty for a file). Where none is
    declared, that is the root of the host, or the whole of a ``base_url`` that ends in a slash. Without ``base_url``
    those that say where the service is go first.
    """
    base = (at, "servers")
    root_of_all = {"url": "." if base_url.endswith("/") else "/"}
    found = _read(low.list_at(root, at, "servers") or [root_of_all], base, low, base_url)
    known = callable_servers(found, low)
    first = next((server.address for server in (*known, *found)), Address(SCHEMES[0], "", "/"))
    if not known:
        low.notes.add("missing-server", base, f'no server with a host is declared; the host becomes "{NO_HOST}"')
    schemes = [server.address.scheme for server in known if server.address[1:] == first[1:]]
    if not first.host:
        first = first._replace(host=NO_HOST)
    return Servers(first, list(dict.fromkeys([first.scheme, *schemes])), tuple(known))


def own_servers(value: JsonObject, at: Place, low: Lowering, base_url: str) -> list[Server]:
    """The servers that a path or an operation has for itself; none when it has none that can be called."""
    return callable_servers(_read(low.list_at(value, at, "servers"), (at, "servers"), low, base_url), low)


def callable_servers(found: Sequence[Server], low: Lowering) -> list[Server]:
    """Those servers that say where the service is, each address once. The others are noted, unless one of them is all
    that there is."""
    known: dict[str, Server] = {}
    relative = [server for server in found if server.relative]
    for server in found:
        if not server.relative:
            known.setdefault(server.text, server)
    for server in relative if known or len(relative) > 1 else ():
        low.notes.add("server-dropped", server.at, f'the server "{server.address}" is relative to an unknown address')
    return list(known.values())


def _read(written: Sequence[Any], base: Place, low: Lowering, base_url: str) -> list[Server]:
    """The server objects of a list. What is none, and what has no address that can be called, is noted and left out."""
    found: list[Server] = []
    for index, value in enumerate(written):
        if not isinstance(value, dict):
            low.wrong((base, index), "an object", value)
            continue
        server = _server(value, (base, index), low, base_url)
        if server is not None:
            found.append(server)
    return found


def _server(value: JsonObject, at: Place, low: Lowering, base_url: str) -> Server | None:
    """One server object; None, with a finding, when it has no address that can be called."""
    variables, place = low.object_at(value, at, "variables")
    url = low.text_at(value, at, "url").strip()
    known = {name: _variable(name, variables.get(name), (place, name)) for name in _VARIABLE.findall(url)}
    filled = _VARIABLE.sub(lambda match: known[match[1]].shown, url)
    parts = _split(absolute(base_url, filled))
    own = _split(filled)
    hostless = own is not None and bool(own.scheme) and not own.netloc
    wrong = parts is None or (bool(parts.scheme) and parts.scheme not in SCHEMES) or "://" in parts.path
    if parts is None or wrong or (hostless and not known) or not _HOST.fullmatch(parts.netloc or "x"):
        low.notes.add("bad-server-url", (at, "url"), f'"{filled}" is no address that can be called; it is left out')
        return None
    _note_extra(filled, at, low)
    if hostless:
        known = {name: replace(variable, default=variable.default or None) for name, variable in known.items()}
    return Server(
        address=Address(parts.scheme or SCHEMES[0], parts.netloc, "/" + parts.path.strip("/")),
        pieces=_pieces(url, filled, known, base_url),
        description=low.text_at(value, at, "description").strip(),
        relative=not parts.scheme and not parts.netloc,
        at=at,
    )


def _note_extra(url: str, at: Place, low: Lowering) -> None:
    """Note what a server's URL has besides an address; it is not shown, since it may be secret."""
    parts = urlsplit(url)
    for words, there, remedy in (
        ("query", parts.query, 'set it by the policy "setqueryparameter"'),
        ("fragment", parts.fragment, "take it out"),
        ("user", "@" in parts.netloc, 'declare a security scheme of type "http"'),
    ):
        if there:
            low.notes.add("bad-server-url", (at, "url"), f"the {words} of the URL is left out", remedy)


def _variable(name: str, written: Any, at: Place) -> Variable:
    """One variable of a server; the first allowed value is the default where it says none."""
    value = written if isinstance(written, dict) else {}
    allowed = value.get("enum")
    texts = [scalar_text(choice) for choice in allowed] if isinstance(allowed, list) else []
    known = list(dict.fromkeys(text for text in texts if text is not None))
    default = scalar_text(value.get("default"))
    if default is None:
        default = next(iter(known), None)
    if known and default is not None and default not in known:
        known.insert(0, default)
    description = value.get("description")
    return Variable(
        name=name,
        default=default,
        allowed=tuple(known),
        description=description.strip() if isinstance(description, str) else "",
        at=at,
    )


def _pieces(url: str, filled: str, known: Mapping[str, Variable], base_url: str) -> tuple[str | Variable, ...]:
    """The URL of a server, absolute, cut at its variables. ``filled`` is the same with the defaults put in."""
    marks: dict[str, Variable] = {}

    def mark(match: re.Match[str]) -> str:
        made = f"tieline{len(marks)}mark"
        marks[made] = known[match[1]]
        return made

    text = _VARIABLE.sub(mark, url)
    # A variable may hold the scheme, or the whole address: what is absolute once it is filled in is so already.
    text = text if urlsplit(filled).scheme else absolute(base_url, text)
    parts = _split(text)
    if parts is not None and parts.netloc:
        text = f"{parts.scheme or SCHEMES[0]}://{parts.netloc}/{parts.path.strip('/')}"
    cut = (marks.get(piece, piece) for piece in MARK.split(text.rstrip("/")))
    return tuple(piece for piece in cut if piece != "")


def _split(url: str) -> SplitResult | None:
    """The parts of a URL without a user; None when it is none."""
    try:
        parts = urlsplit(url.strip())
        return parts._replace(netloc=parts.netloc.rpartition("@")[2].lower(), scheme=parts.scheme.lower())
    except ValueError:
        return None
