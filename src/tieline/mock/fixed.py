"""Values that the definition or a policy sets and no person does: internal parameters and properties with a default,
and the constants of Request policies.

Operations that are sent to one place often differ in these alone, as in the kind of event that a webhook is for. What
lives here: finding them, and how many of them a request has. What must not: complaints, since it may do without.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import policy
from ..lang.tokens import Key, get
from ..model import MISSING, Connector, Operation, Schema
from ..pipeline.payload import Views, resolved
from ..pipeline.values import to_text
from ..policy.policy import Behaviour
from ..policy.query import name_of
from ..policy.set_header import SetHeader
from ..policy.set_property import SetProperty, stored
from ..policy.set_query_parameter import SetQueryParameter
from .incoming import Incoming
from .validation import changes_of

DEEPEST = 8
"""Levels of a body in which internal properties are looked for."""


class Fixed:
    """The values of one operation that no person sets."""

    __slots__ = ("_headers", "_properties", "_query")

    def __init__(self, connector: Connector, operation: Operation) -> None:
        """Takes the operation and its connector. What a script or policy may have changed is left out."""
        self._headers: dict[str, str] = {}
        self._query: dict[str, str] = {}
        self._properties: dict[tuple[Key, ...], Any] = {}
        changes = changes_of(connector, operation.id)
        for parameter in operation.parameters:
            if changes.covers(parameter):
                continue
            if parameter.where == "body":
                self._properties.update(_properties(resolved(parameter.schema), Views(), (), ()))
            elif parameter.internal and isinstance(parameter.default, (str, int, float)):
                self._set(parameter.where, parameter.name, to_text(parameter.default))
        if not changes.everything:
            for link in policy.chain(connector, operation).request:
                self._add(link.behaviour)

    def _set(self, where: str, name: str, value: str) -> None:
        if where == "header":
            self._headers[name.lower()] = value
        elif where == "query":
            self._query[name] = value

    def _add(self, behaviour: Behaviour) -> None:
        """The constant that a policy sets, if it does."""
        match behaviour:
            case SetHeader(value=value, if_present="override") if value.constant is not None:
                self._set("header", behaviour.name, value.constant)
            case SetQueryParameter(value=value, if_present="override") if value.constant is not None:
                self._set("query", name_of(behaviour.name), value.constant)
            case SetProperty(value=value) if value.constant is not None:
                self._properties[(*behaviour.parent.keys, *behaviour.sub)] = stored(value.constant)

    def compared(self, incoming: Incoming) -> tuple[int, int]:
        """How many of the values are other ones in a request, and how many are there. What is missing counts as
        neither."""
        found: list[tuple[Any, Any]] = []
        found.extend((incoming.headers.get(name, MISSING), value) for name, value in self._headers.items())
        found.extend((incoming.query.get(name, [MISSING])[0], value) for name, value in self._query.items())
        found.extend((get(incoming.json, keys), value) for keys, value in self._properties.items())
        equal = sum(given == value for given, value in found)
        return sum(given is not MISSING for given, _ in found) - equal, equal


def _properties(
    schema: Schema, views: Views, keys: tuple[str, ...], inside: tuple[int, ...]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Places in a body, each with the value that the definition sets there."""
    if id(schema.value) in inside or len(keys) >= DEEPEST:
        return
    for name, entry in views.of(schema).properties.items():
        place = (*keys, name)
        if entry.internal and entry.default is not MISSING:
            yield place, entry.default
        else:
            yield from _properties(entry.schema, views, place, (*inside, id(schema.value)))
