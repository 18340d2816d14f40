"""A description as the connector that Tieline makes of it, called with the arguments of a case.

What lives here finds the inputs of a connector that stand for what a description names:

- an operation: the one with its method and path, else the one with its ``operationId``, however that is spelt;
- a parameter: the one of its name and place, in a path the one in its place; for an object that has none,
  ``name[property]`` or ``property``;
- a value that the connector takes as text only: the value as JSON;
- a cookie: a parameter of its name in a header or query, else the connection parameter of its name, else the header
  ``Cookie``;
- a server: see :mod:`lowered.connecting`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prescribed.operations import PLACEHOLDER, Case
from prescribed.operations import Operation as Described
from prescribed.parameters import Argument, cookie_fields, document
from prescribed.styles import text_of
from prescribed.values import Blob

from tieline.app.load import loader_beside
from tieline.auth.scheme import plain
from tieline.formats import convert, folder
from tieline.formats.conversion import Conversion
from tieline.model import Connector, Document, Exchange, Operation, Parameter, Reply, Request, Sent, Severity
from tieline.pipeline import File, Options, Send, call
from tieline.source import dump, read

from . import connecting

OPTIONS = Options(optional_defaults=False, retry="none", follow=False)
"""The platform shows defaults of optional parameters to the author of a flow, who may clear them. Here they are, since
OpenAPI does not send them."""

BASE_URL = "https://described.example/specs/v1/openapi.json"
"""Where a description was fetched, for servers relative to it."""

EMPTY = Sent(reply=Reply(status=204))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A connector and the findings of making it."""

    connector: Connector
    conversion: Conversion
    by_place: Mapping[tuple[str, str], str]
    """Method and path -> id of the operation."""
    by_id: Mapping[str, str]
    """An id without case and punctuation -> the id."""

    def operation(self, described: Described) -> Operation | None:
        """The connector's operation for one of the description."""
        id = self.by_place.get((described.method, described.path)) or self.by_id.get(plain(described.id))
        return None if id is None else self.connector.definition.operations[id]

    def media_type(self, operation: Operation | None) -> str:
        """The media type of an operation's body; empty for none."""
        if operation is None or not any(one.where in ("body", "formData") for one in operation.parameters):
            return ""
        return next(iter(operation.consumes), "application/json")


def lowered_file(path: Path) -> Lowered:
    """The connector for a file."""
    return _lowered(path.read_bytes(), path.name, loader_beside(path))


def lowered_value(value: Any) -> Lowered:
    """The connector for a description that is one value."""
    return _lowered(dump(value), "api.json", None)


def _lowered(data: bytes, name: str, load: Callable[[str], Document] | None) -> Lowered:
    conversion = convert(read(data, name), load, base_url=BASE_URL)
    connector = folder.read(conversion.files, "Lowered")
    outlines = connector.definition.operations.outlines
    return Lowered(
        connector=connector,
        conversion=conversion,
        by_place={(one.method, one.path): one.id for one in outlines},
        by_id={plain(one.id): one.id for one in outlines},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What came of a call."""

    request: Request | None
    """None when nothing was sent."""
    problems: tuple[str, ...]
    """Arguments for which the connector has no input, and why nothing was sent."""


def send(lowered: Lowered, operation: Operation, case: Case, path: str) -> Sending:
    """Call an operation with the arguments, server and sign-in of a case; the request that went out.

    ``path`` is the one that the description has.
    """
    filling = Filling(operation, path)
    filling.take(case)
    connection = connecting.connection_for(lowered.connector, operation, case, filling.cookies)
    exchange, sent = _driven(call(lowered.connector, operation, filling.given, connection, OPTIONS))
    errors = [f"{one.rule}: {one.message}" for one in exchange.findings if one.severity is Severity.ERROR]
    if len(sent) != 1:
        return Sending(request=None, problems=(*filling.unplaced, *errors, f"{len(sent)} requests were sent"))
    return Sending(request=sent[0], problems=tuple(filling.unplaced))


def _driven(steps: Any) -> tuple[Exchange, list[Request]]:
    """Drive a call with a service that answers "no content"."""
    sent: list[Request] = []
    answer: Any = None
    while True:
        try:
            effect = steps.send(answer)
        except StopIteration as stop:
            return stop.value, sent
        answer = 0.0
        if isinstance(effect, Send):
            sent.append(effect.request)
            answer = EMPTY


class Filling:
    """The arguments of a case under the names that a connector's operation has for them."""

    def __init__(self, operation: Operation, path: str) -> None:
        self.operation = operation
        self.renamed = dict(zip(PLACEHOLDER.findall(path), PLACEHOLDER.findall(operation.path), strict=False))
        """Placeholder of the description -> the one in its place."""
        self.given: dict[str, Any] = {}
        self.unplaced: list[str] = []
        self.cookies: dict[str, str] = {}
        """Cookies for which the operation has no input of its own."""
        self._inputs: dict[tuple[str, str], Parameter] = {(one.where, one.name): one for one in operation.parameters}
        self._names = Counter(one.name for one in operation.parameters)

    def take(self, case: Case) -> None:
        """Place all arguments."""
        for argument in case.arguments:
            self._take(argument)
        if self.cookies and (header := self._inputs.get(("header", "Cookie"))) is not None:
            self._give(header, "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
            self.cookies = {}
        content = case.request.content
        if content is None:
            return
        if self.operation.body is not None:
            self.given[self.operation.body.name] = content.given
        elif content.kind in ("form", "multipart"):
            for name, value in content.given.items():
                self._place("formData", name, value)
        else:
            self.unplaced.append("no input for the body")

    def _take(self, argument: Argument) -> None:
        parameter = argument.parameter
        value = document(argument) if parameter.media_type else argument.value
        if parameter.where != "cookie":
            name = self.renamed.get(parameter.name, parameter.name) if parameter.where == "path" else parameter.name
            self._place(parameter.where, name, value)
            return
        for where in ("header", "query"):
            if (where, parameter.name) in self._inputs:
                self._place(where, parameter.name, value)
                return
        self.cookies |= {field.name: field.text for field in cookie_fields(argument)}

    def _place(self, where: str, name: str, value: Any) -> None:
        found = self._inputs.get((where, name))
        if found is not None:
            self._give(found, value)
        elif isinstance(value, dict) and value:
            for key, inner in value.items():
                nested = f"{name}[{key}]"
                known = isinstance(inner, dict) or (where, nested) in self._inputs or "[" in name
                self._place(where, nested if known else key, inner)
        else:
            self.unplaced.append(f'no input for the {where} parameter "{name}"')

    def _give(self, parameter: Parameter, value: Any) -> None:
        name = parameter.name if self._names[parameter.name] == 1 else f"{parameter.where}.{parameter.name}"
        self.given[name] = _fitted(value, parameter)


def _fitted(value: Any, parameter: Parameter) -> Any:
    """A value as an input takes it."""
    if parameter.type == "file" and isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Blob):
        return File(name=value.name, content=value.content)
    if parameter.type == "file":
        return File(name=parameter.name, content=text_of(value).encode())
    if isinstance(value, dict) or (isinstance(value, list) and parameter.type == "string"):
        return text_of(value)
    if isinstance(value, list):
        return [text_of(one) if isinstance(one, (dict, list)) else one for one in value]
    return value
