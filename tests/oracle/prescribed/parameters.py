"""The parameters of an operation: which there are, a value for each, and what that becomes on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .bodies import is_json
from .description import Node
from .styles import encoded, encoded_reserved, of_path, of_query, plain, text_of
from .values import MISSING, Maker, Place

PLACES: tuple[Place, ...] = ("path", "query", "header", "cookie")

IGNORED = frozenset({"accept", "content-type", "authorization"})
"""Headers (lower case) that are no parameters (3.1.1, "Parameter Object")."""

TRANSPORT = frozenset({"content-length", "transfer-encoding", "connection"})
"""Headers (lower case) that say how a message is transferred: their values follow from the message (RFC 9112)."""

PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of an operation."""

    name: str
    where: Place
    node: Node
    """Behind its reference; without a value for a placeholder that nothing declares."""
    written: Node
    """Where it stands in the operation or path item."""

    @property
    def required(self) -> bool:
        """Whether it is always sent."""
        return self.where == "path" or self.node.get("required") is True

    @property
    def style(self) -> str:
        """How its value is written."""
        return str(self.node.get("style", "form" if self.where in ("query", "cookie") else "simple"))

    @property
    def explode(self) -> bool:
        """Whether the parts of its value travel separately."""
        return bool(self.node.get("explode", self.style == "form"))

    @property
    def reserved(self) -> bool:
        """Whether reserved characters go as they are."""
        return self.where == "query" and self.node.get("allowReserved") is True

    @property
    def media_type(self) -> str:
        """For a parameter that is a document: its media type; else empty."""
        return next(iter(self.node.get("content", {})), "")

    @property
    def schema(self) -> Node:
        """The schema of its value."""
        return self.node.at("content").at(self.media_type) / "schema" if self.media_type else self.node / "schema"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """A parameter with a value."""

    parameter: Parameter
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A name and its text on the wire, encoded."""

    name: str
    text: str
    exact: bool = False
    """Whether reserved characters must be as they are here."""


def parameters(path: str, item: Node, operation: Node) -> list[Parameter]:
    """The parameters of an operation: its own go before the path's of the same name and place; the first of several
    counts; a placeholder that nothing declares must be filled, too."""
    found: dict[tuple[str, str], Parameter] = {}
    for holder in (operation, item):
        for written in (holder / "parameters").elements():
            node = written.followed()
            name, where = node.get("name"), str(node.get("in", "")).strip()
            if isinstance(name, str) and name and where in PLACES:
                found.setdefault((where, name), Parameter(name=name, where=where, node=node, written=written))
    names = PLACEHOLDER.findall(path)
    for name in names:
        bare = Parameter(name=name, where="path", node=operation.nothing(), written=operation.nothing())
        found.setdefault(("path", name), bare)
    return [one for one in found.values() if _counts(one, names)]


def _counts(parameter: Parameter, names: Iterable[str]) -> bool:
    """Whether a parameter has a place on the wire."""
    if parameter.where == "path":
        return parameter.name in names
    return parameter.where != "header" or parameter.name.lower() not in IGNORED | TRANSPORT


def arguments(found: Iterable[Parameter], *, full: bool) -> list[Argument]:
    """A value for each parameter: for the required ones only, or for all."""
    made = []
    for parameter in found:
        if full or parameter.required:
            place: Place = "json" if is_json(parameter.media_type) else parameter.where
            value = Maker(place, full=full).value(parameter.schema)
            if value is not MISSING:
                made.append(Argument(parameter=parameter, value=value))
    return made


def path_text(argument: Argument) -> str:
    """What stands in the path in the place of a placeholder."""
    parameter = argument.parameter
    if parameter.media_type:
        return encoded(document(argument))
    return of_path(parameter.style, parameter.explode, parameter.name, argument.value, encoded)


def header_text(argument: Argument) -> str:
    """The value of a header."""
    parameter = argument.parameter
    if parameter.media_type:
        return document(argument)
    return of_path("simple", parameter.explode, parameter.name, argument.value, plain)


def query_fields(argument: Argument) -> Iterator[Field]:
    """What stands in the query."""
    parameter = argument.parameter
    if parameter.media_type:
        yield Field(name=encoded(parameter.name), text=encoded(document(argument)))
        return
    encode = encoded_reserved if parameter.reserved else encoded
    for name, text in of_query(parameter.style, parameter.explode, parameter.name, argument.value, encode):
        yield Field(name=name, text=text, exact=parameter.reserved)


def cookie_fields(argument: Argument) -> Iterator[Field]:
    """What stands in ``Cookie``."""
    parameter = argument.parameter
    if parameter.media_type:
        yield Field(name=parameter.name, text=encoded(document(argument)))
        return
    for name, text in of_query("form", parameter.explode, parameter.name, argument.value, encoded):
        yield Field(name=name, text=text)


def document(argument: Argument) -> str:
    """The value of a parameter that is a document."""
    value = argument.value
    if is_json(argument.parameter.media_type):
        return f'"{value}"' if isinstance(value, str) else text_of(value)
    return text_of(value)
