"""The reply of a service as it is before the connector's Response policies have changed it.

A definition declares what a flow sees, and that is what the policies have made. What lives here: for each policy that
reshapes a body, the way back. What must not: what is declared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from .. import policy
from ..lang.tokens import Key, Path, get, put, remove
from ..model import MISSING, Connection, Connector, Operation, Reply, Request, Sent
from ..pipeline.media import JSON
from ..policy.convert_array_to_object import ConvertArrayToObject
from ..policy.convert_object_to_array import ConvertObjectToArray
from ..policy.encode_property_value import EncodePropertyValue
from ..policy.json_body import parse
from ..policy.move_properties import MoveProperties
from ..policy.policy import Behaviour
from ..policy.reshape import Reshape, same
from ..policy.set_property import SetProperty
from ..policy.string_replace import StringReplace
from ..policy.string_to_array import StringToArray
from .bodies import dump

CHANGING = (Reshape, MoveProperties, SetProperty)
"""Policies that change the body of a reply."""

Keys = tuple[Key, ...]
Undo = Callable[[Any], Any]
"""From what a policy has made of a property to a property of which it makes that; MISSING where there is none."""


class Unpolicied:
    """The way back through the Response policies of one operation."""

    __slots__ = ("_chain", "_context", "_outgoing", "_ways")

    def __init__(self, connector: Connector, operation: Operation) -> None:
        """Takes the operation and its connector."""
        links = [link for link in policy.chain(connector, operation).response if isinstance(link.behaviour, CHANGING)]
        self._ways = [way for link in reversed(links) if (way := way_back(link.behaviour)) is not None]
        self._chain = policy.Chain(response=tuple(links))
        self._outgoing = policy.outgoing(Request(method=operation.method, url="http://localhost"), "http://localhost")
        self._context = policy.Context(connector=connector, connection=Connection(), method=operation.method)

    def value(self, declared: Any, fits: Callable[[Any], bool]) -> Any:
        """What the service sends so that the policies make of it a body like ``declared``.

        The very same where there is no way back: where what the policies make of the result does not fit.
        """
        value = declared
        for way in self._ways:
            value = way.back(value)
        return value if value is declared or fits(self._forward(value)) else declared

    def _forward(self, value: Any) -> Any:
        """What the policies make of a body."""
        reply = Reply(status=200, headers=(("Content-Type", JSON),), body=dump(value))
        try:
            next(policy.run_reply(self._chain, self._outgoing, Sent(reply=reply), self._context))
        except StopIteration as stop:
            passed: policy.Passed = stop.value
            return MISSING if passed.reply is None or passed.stopped else parse(passed.reply.body)
        return MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The way back from what one policy wrote to what it read."""

    parent: Path
    sub: Keys
    """What was read, below the parent or below each element of it."""
    target: Keys
    in_item: bool
    """Whether the target is below the parent or its element, and not below the body."""
    each: bool
    """Whether a parent that is an array stands for its elements."""
    undo: Undo

    def back(self, body: Any) -> Any:
        """The body with what the policy reads, and without what it makes of that."""
        here = get(body, self.parent.keys)
        if not (self.each and isinstance(here, list)):
            parent = self.parent.keys
            return self._back(body, (*parent, *self.sub), (*parent, *self.target) if self.in_item else self.target)
        if not self.in_item:
            return body
        elements = [self._back(element, self.sub, self.target) for element in here]
        return body if same(elements, here) else put(body, self.parent.keys, elements)

    def _back(self, holder: Any, source: Keys, target: Keys) -> Any:
        made = get(holder, target)
        read = MISSING if made is MISSING else self.undo(made)
        if read is MISSING:
            return holder
        rest = holder if source == target else remove(holder, target)
        changed = put(rest, source, read, create=True)
        return holder if changed is rest else changed


def way_back(behaviour: Behaviour) -> Way | None:
    """The way back from what a policy does; None where nothing tells what was there before."""
    if isinstance(behaviour, MoveProperties):
        return None if behaviour.children else _moved(behaviour)
    undoing = UNDOING.get(type(behaviour))
    if undoing is None or not isinstance(behaviour, Reshape):
        return None
    return Way(
        parent=behaviour.parent,
        sub=behaviour.sub,
        target=behaviour.target.keys,
        in_item=behaviour.target.root == "item",
        each=bool(behaviour.sub) or not behaviour.takes_arrays,
        undo=undoing(behaviour),
    )


def _moved(behaviour: MoveProperties) -> Way | None:
    source = (*behaviour.source.keys, *behaviour.source_sub)
    if not source:
        return None
    own = behaviour.target.root == "item"
    name = () if behaviour.target_sub else source[-1:]
    return Way(
        parent=behaviour.source,
        sub=behaviour.source_sub,
        target=(*behaviour.target.keys, *behaviour.target_sub, *name),
        in_item=own,
        each=own,
        undo=lambda made: made,
    )


def _object(behaviour: ConvertObjectToArray) -> Undo:
    """An object of an array with keys and values."""

    def undo(made: Any) -> Any:
        elements: list[Any] = made if isinstance(made, list) else [None]
        if not all(isinstance(element, dict) and isinstance(element.get(key), str) for element in elements):
            return MISSING
        return {element[key]: element.get(behaviour.value_name) for element in elements}

    key = behaviour.key_name
    return undo


def _array(behaviour: ConvertArrayToObject) -> Undo:
    """An array of an object whose every property is an object."""

    def undo(made: Any) -> Any:
        if not isinstance(made, dict) or not all(isinstance(element, dict) for element in made.values()):
            return MISSING
        return [put(element, behaviour.key, key, create=True) for key, element in made.items()]

    return undo


def _delimited(behaviour: StringToArray) -> Undo:
    """A text of the pieces in an array."""

    def undo(made: Any) -> Any:
        elements: list[Any] = made if isinstance(made, list) else [None]
        pieces = [element.get(behaviour.child) if isinstance(element, dict) else None for element in elements]
        texts = [piece for piece in pieces if isinstance(piece, str)]
        return behaviour.delimiters[0].join(texts) if len(texts) == len(pieces) else MISSING

    return undo


def _unreplaced(behaviour: StringReplace) -> Undo:
    """A text with what was put in replaced by what was looked for."""

    def undo(made: Any) -> Any:
        if not isinstance(made, str):
            return MISSING
        return made.replace(behaviour.new, behaviour.old) if behaviour.new else made

    return undo


def _decoded(behaviour: EncodePropertyValue) -> Undo:
    """A text that is not percent-encoded."""
    return lambda made: unquote(made) if isinstance(made, str) else MISSING


UNDOING: Mapping[type[Behaviour], Callable[[Any], Undo]] = {
    ConvertObjectToArray: _object,
    ConvertArrayToObject: _array,
    StringToArray: _delimited,
    StringReplace: _unreplaced,
    EncodePropertyValue: _decoded,
}
"""Policy -> what undoes it. ``setproperty`` has none: nothing tells what was there before."""
