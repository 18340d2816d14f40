"""The operations of a description, and the requests that OpenAPI 3 prescribes for them.

Where OpenAPI leaves a choice (server, variables, sign-in, media type, optional arguments) each case says what was
taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import quote

from . import bodies, security, servers
from .description import Description, Node
from .parameters import (
    PLACEHOLDER,
    Argument,
    Field,
    arguments,
    cookie_fields,
    header_text,
    parameters,
    path_text,
    query_fields,
)

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

PATH_SAFE = "%/:@!$&'()*+,;="
"""Characters of a path template that stay as they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation."""

    method: str
    """In upper case."""
    path: str
    """As written, with a slash at its start."""
    id: str
    """``operationId``; empty for none."""
    item: Node
    node: Node

    @property
    def key(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    @property
    def root(self) -> Node:
        """The description's main document."""
        return self.node.description.root


class Choice(NamedTuple):
    """What was taken where OpenAPI leaves a choice."""

    full: bool = False
    """All arguments, or only required ones."""
    server: int = 0
    variables: bool = False
    """Whether server variables have other values than their defaults."""
    alternative: int = 0
    """Of the ways to sign in."""

    def __str__(self) -> str:
        words = ["all arguments" if self.full else "required arguments"]
        words += [f"server {self.server + 1}"] if self.server else []
        words += ["other server variables"] if self.variables else []
        words += [f"sign-in {self.alternative + 1}"] if self.alternative else []
        return ", ".join(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """An HTTP request, in the terms in which it can be compared."""

    method: str
    url: str
    """Without the query; encoded."""
    query: tuple[Field, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    """But for ``Cookie`` and ``Content-Type``."""
    cookies: tuple[Field, ...] = ()
    content: bodies.Content | None = None
    certificate: bool = False
    """Whether a client certificate is presented."""
    allowed: frozenset[tuple[str, str]] = frozenset()
    """Credentials that may be there as well, by place and name (headers in lower case): those of all schemes where the
    description declares some and does not say when they are used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call: what is given, and the request that it makes."""

    choice: Choice
    arguments: tuple[Argument, ...]
    server: servers.Server
    schemes: security.Alternative
    request: Prescription


def listed(description: Description) -> list[Operation]:
    """The operations in document order."""
    found: list[Operation] = []
    for path, item in description.root.at("paths").members():
        if path.startswith("x-"):
            continue
        for key in item.value if isinstance(item.value, dict) else ():
            node = item.at(key)
            if key.lower() in METHODS and isinstance(node.value, dict):
                path = path if path.startswith("/") else f"/{path}"
                id = str(node.get("operationId", "")).strip()
                found.append(Operation(method=key.upper(), path=path, id=id, item=item, node=node))
    return found


def choices(operation: Operation) -> list[Choice]:
    """The cases of an operation: required arguments, all arguments, and with all of them each further server, other
    server variables, and each further way to sign in."""
    found = servers.applying(operation.root, operation.item, operation.node)
    made = [Choice(), Choice(full=True)]
    made += [Choice(full=True, server=index) for index in range(1, len(found))]
    made += [Choice(full=True, variables=True)] if servers.has_choice(found[0]) else []
    ways = security.alternatives(operation.root, operation.node)
    return made + [Choice(full=True, alternative=index) for index in range(1, len(ways))]


def case_of(operation: Operation, choice: Choice, base_url: str, media_type: str = "") -> Case:
    """The request of one case.

    ``base_url`` is where the description was fetched; ``media_type`` is the one to use of several for the body.
    """
    node = servers.applying(operation.root, operation.item, operation.node)[choice.server]
    server = servers.server_of(node, base_url, chosen=choice.variables)
    schemes = security.alternatives(operation.root, operation.node)[choice.alternative]
    given = arguments(parameters(operation.path, operation.item, operation.node), full=choice.full)
    url, _, query = (server.url + _filled(operation.path, given)).partition("#")[0].partition("?")
    request = Prescription(
        method=operation.method,
        url=url,
        query=(*_written(query), *_fields(given, "query")),
        headers=tuple((one.parameter.name, header_text(one)) for one in given if one.parameter.where == "header"),
        cookies=tuple(_fields(given, "cookie")),
        content=_content(operation, media_type, full=choice.full),
    )
    if security.says_nothing(operation.root, operation.node):
        known = security.declared(operation.root)
        request = replace(request, allowed=frozenset((one.where, one.key.lower()) for one in known))
    for scheme in schemes:
        request = signed(request, scheme)
    return Case(choice=choice, arguments=tuple(given), server=server, schemes=schemes, request=request)


def _filled(path: str, given: list[Argument]) -> str:
    """A path with the values of its placeholders."""
    texts = {one.parameter.name: path_text(one) for one in given if one.parameter.where == "path"}
    pieces = PLACEHOLDER.split(path)
    return "".join(
        texts.get(piece, "") if number % 2 else quote(piece, safe=PATH_SAFE + "?#")
        for number, piece in enumerate(pieces)
    )


def _written(query: str) -> Iterator[Field]:
    """The query that stands in a path template."""
    for pair in query.split("&") if query else ():
        name, _, text = pair.partition("=")
        yield Field(name=name, text=text)


def _fields(given: list[Argument], where: str) -> Iterator[Field]:
    make = query_fields if where == "query" else cookie_fields
    for one in given:
        if one.parameter.where == where:
            yield from make(one)


def _content(operation: Operation, media_type: str, *, full: bool) -> bodies.Content | None:
    """The body. It is sent with every method: 3.1 permits that, and who describes one with 3.0 wants it."""
    body = operation.node.at("requestBody")
    if not (full or body.get("required") is True):
        return None
    found = bodies.chosen(body.at("content"), media_type)
    return None if found is None else bodies.content_of(*found, full=full)


def signed(request: Prescription, scheme: security.Scheme) -> Prescription:
    """The request with a credential."""
    if scheme.kind == "certificate":
        return replace(request, certificate=True)
    match scheme.where:
        case "query":
            field = Field(name=quote(scheme.key, safe=""), text=quote(scheme.value, safe=""))
            return replace(request, query=(*request.query, field))
        case "cookie":
            return replace(request, cookies=(*request.cookies, Field(name=scheme.key, text=quote(scheme.value))))
    header = (scheme.key, scheme.value)
    return request if header in request.headers else replace(request, headers=(*request.headers, header))


def places(operation: Operation) -> tuple[list[Node], list[Node]]:
    """Where in the description stands what the requests of an operation are made of: whole parts, and single objects
    of which only their own fields count."""
    body = operation.node / "requestBody"
    found = [body, body.followed()]
    for parameter in parameters(operation.path, operation.item, operation.node):
        found += [parameter.written, parameter.node]
    for holder in (operation.item, operation.node):
        found += [holder / "servers", holder / "parameters"]
    applying = servers.applying(operation.root, operation.item, operation.node)
    found += applying
    if applying[0].keys[:1] == ("servers",):
        found.append(operation.root / "servers")
    found += [operation.node / "security", operation.root / "security"]
    schemes = {scheme.name for way in security.alternatives(operation.root, operation.node) for scheme in way}
    found += [operation.root / "components" / "securitySchemes" / name for name in schemes]
    found += [operation.root.at("components").at("securitySchemes").at(name) for name in schemes]
    return found, [operation.node, operation.item]
