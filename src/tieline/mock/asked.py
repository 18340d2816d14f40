"""What the connector's own policies ask its service for: side requests of ``setvaluefromurl``, and the values in the
replies to them (reference: policy-templates, section 4).

What lives here: which values are asked for at a path, and putting them into a reply. What must not: the reply itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..lang.tokens import Key, get
from ..model import MISSING, Connector
from ..policy.set_value_from_url import SetValueFromUrl
from .incoming import Incoming
from .routing import Endpoint, Router, behaviour_of
from .sample import MOST_ELEMENTS
from .templates import read

VALUE = "string"
"""What is given where the definition does not say what stands there."""

Place = tuple[Key, ...]
"""Where in the JSON body of the reply a value is looked for."""


class Asked:
    """The side requests of a connector's policies."""

    __slots__ = ("_places", "_router")

    def __init__(self, connector: Connector) -> None:
        """Takes the connector; reads its policies only."""
        self._places: dict[Endpoint, list[Place]] = {}
        for endpoint, place in _asked(connector):
            self._places.setdefault(endpoint, []).append(place)
        self._router = Router(connector, self._places) if self._places else None

    def places(self, incoming: Incoming) -> list[Place]:
        """Where policies look for a value in the reply to a request; ``[]`` when none sends it."""
        if self._router is None:
            return []
        out: list[Place] = []
        for match in self._router.find(incoming.method, incoming.path).matches:
            if not incoming.lacks(match.endpoint.template.query):
                out.extend(place for place in self._places[match.endpoint] if place not in out)
        return out


def _asked(connector: Connector) -> Iterator[tuple[Endpoint, Place]]:
    """Each side request of each operation that sends it, with where its value stands."""
    for instance in connector.properties.policies:
        behaviour = behaviour_of(instance)
        if not isinstance(behaviour, SetValueFromUrl):
            continue
        template = read(behaviour.url.text)
        for outline in connector.definition.operations.outlines:
            if instance.applies_to(outline.id):
                endpoint = Endpoint(
                    operation=outline.id,
                    method=behaviour.method,
                    template=template,
                    names=template.names,
                    origin="asked",
                )
                yield endpoint, behaviour.value.keys


def with_values(value: Any, places: Sequence[Place]) -> Any:
    """A body that has something at each of the places; the very same when it had already."""
    for place in places:
        if get(value, place) in (MISSING, None):
            value = _grown(value, place)
    return value


def _grown(value: Any, place: Place) -> Any:
    """The value with something at a place. What is on the way and cannot hold it is replaced; elements before an index
    are null. An index that nobody's array reaches is left alone."""
    if not place:
        return VALUE
    key, rest = place[0], place[1:]
    if isinstance(key, int):
        if key >= MOST_ELEMENTS:
            return value
        held = list(value) if isinstance(value, list) else []
        held.extend([None] * (key + 1 - len(held)))
        held[key] = _grown(held[key], rest)
        return held
    named = dict(value) if isinstance(value, dict) else {}
    named[key] = _grown(named.get(key), rest)
    return named
