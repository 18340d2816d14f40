"""Hosts: how requests reach the server that a person chooses, and the servers that some operations have for themselves.

Swagger 2.0 has one host. What lives here makes connection parameters of choices and variables, and policies that put
the address together (reference: policy-templates, section 4: ``dynamichosturl`` replaces scheme, host and base path).

The rule: the variables of a single server are a connection parameter each. Of several servers the address as a whole is
one connection parameter: with all addresses to choose from, where those can be listed, else as free text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import product

from ...model import JsonObject
from ..derived_properties import text_parameter
from ..policy_instances import instance_value
from .lowering import Lowering
from .operations import Entry
from .servers import Server, Servers, Variable, own_servers

MOST_CHOICES = 100
"""Addresses that are listed to choose from."""

MOST_SHOWN = 5
"""Addresses that the description of a free text names."""

FIRST_TAB = 3
"""Place in the form of the first parameter: behind those of signing in."""

_OTHER = re.compile(r"[^0-9A-Za-z_]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

VariableKey = tuple[str, str | None, tuple[str, ...]]
"""What makes two variables one to a person: name, default and allowed values."""


class Hosts:
    """The connection parameters and policies of a description's servers."""

    __slots__ = ("_known", "_low", "_taken", "instances", "parameters")

    def __init__(self, low: Lowering, taken: Iterable[str]) -> None:
        """``taken`` are the names of the connection parameters that sign-in has."""
        self._low = low
        self._taken = {name.lower() for name in taken}
        self._known: dict[VariableKey, str] = {}
        self.parameters: JsonObject = {}
        """Connection parameters by name."""
        self.instances: list[JsonObject] = []
        """Policy instances, that of all operations first: the last that applies wins."""

    def add(self, servers: Servers, entries: Sequence[Entry], base_url: str) -> None:
        """Take in the servers of a description, and those that its paths and operations have for themselves."""
        known = servers.known
        if len(known) > 1 or (known and known[0].variables):
            self._instance("Server", known, "server", ())
        if len(known) > 1:
            message = f'the {len(known)} servers become the choices of the connection parameter "server"'
            self._low.notes.add("server-choice", (self._low.main, "servers"), message)
        groups: dict[tuple[str, ...], tuple[list[Server], list[str]]] = {}
        for entry in entries:
            own = self._own(entry, base_url)
            texts = tuple(server.text for server in own)
            if own and texts != tuple(server.text for server in known):
                groups.setdefault(texts, (own, []))[1].append(entry.id)
        for own, ids in groups.values():
            self._low.notes.add("operation-server", own[0].at, f'a policy sends requests to "{own[0].text}"')
            self._instance(f"Server {own[0].text}", own, f"server_{ids[0]}", ids)

    def _own(self, entry: Entry, base_url: str) -> list[Server]:
        """The servers that an operation has for itself, or that its path has."""
        for value, at in (entry.operation, entry.item):
            if value.get("servers"):
                return own_servers(value, at, self._low, base_url)
        return []

    def _instance(self, title: str, servers: Sequence[Server], name: str, operations: Sequence[str]) -> None:
        """Add the policy that sends operations (all, for none) to one of several servers."""
        url = self._token(self._choice(servers, name)) if len(servers) > 1 else self._filled(servers[0])
        values = {"urlTemplate": url}
        self.instances.append(
            instance_value("dynamichosturl", values, title=title, section="request", operations=operations)
        )

    def _filled(self, server: Server) -> str:
        """The URL of a server with expressions in the places of its variables."""
        return "".join(piece if isinstance(piece, str) else self._variable(piece) for piece in server.pieces)

    def _token(self, name: str) -> str:
        """The expression for a connection parameter."""
        default = self.parameters[name].get("defaultValue")
        quoted = "" if default is None else ",'" + default.replace("'", "''") + "'"
        return f"@connectionParameters('{name}'{quoted})"

    def _variable(self, variable: Variable) -> str:
        """The expression for a variable, which has a connection parameter of its name."""
        key = (variable.name, variable.default, variable.allowed)
        if key not in self._known:
            description = variable.description or f'The value of "{variable.name}" in the address of the service'
            name = self._known[key] = self._add(
                variable.name, description, variable.default, [(value, value) for value in variable.allowed]
            )
            message = f'"{variable.name}" becomes the connection parameter "{name}"'
            self._low.notes.add("server-variable", variable.at, message)
        return self._token(self._known[key])

    def _choice(self, servers: Sequence[Server], name: str) -> str:
        """The connection parameter for the address as a whole; its name."""
        urls = addresses(servers)
        default = _url(servers[0]) if all(one.default is not None for one in servers[0].variables) else None
        if urls:
            return self._add(name, "The address of the service", default, _labelled(urls))
        shown = ", ".join(server.text for server in servers[:MOST_SHOWN])
        return self._add(name, f"The address of the service: {shown}", default, [])

    def _add(self, name: str, description: str, default: str | None, choices: Sequence[tuple[str, str]]) -> str:
        """Add a connection parameter under its name, or under another one where that is taken."""
        made = _OTHER.sub("_", name).strip("_") or "server"
        while made.lower() in self._taken:
            made = f"server_{made}"
        self._taken.add(made.lower())
        label = " ".join(word[:1].upper() + word[1:] for word in _WORDS.findall(name)) or "Server"
        tab = FIRST_TAB + len(self.parameters)
        self.parameters[made] = text_parameter(label, description, tab=tab, default=default, choices=choices)
        return made


def addresses(servers: Sequence[Server]) -> list[tuple[str, str]]:
    """Every address that servers can have, with the description of the server; none where they cannot be listed."""
    found: dict[str, str] = {}
    for server in servers:
        texts = [(piece,) if isinstance(piece, str) else piece.allowed for piece in server.pieces]
        if not all(texts):
            return []
        for pieces in product(*texts):
            found.setdefault("".join(pieces), "" if server.variables else server.description)
            if len(found) > MOST_CHOICES:
                return []
    return list(found.items())


def _labelled(urls: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Addresses with labels: the description where only one has it, else the address."""
    texts = [text for _, text in urls]
    return [(url, text if text and texts.count(text) == 1 else url) for url, text in urls]


def _url(server: Server) -> str:
    """The URL of a server with the defaults of its variables."""
    return "".join(piece if isinstance(piece, str) else piece.shown for piece in server.pieces)
