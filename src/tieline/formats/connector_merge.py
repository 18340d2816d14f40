"""A connector that its author edited, and a new import of the same API, become one connector.

What lives here knows what in a definition belongs together: operations are told by their ids and places, shared parts
by their names, and what is referred to has to be there. Comparing values is the business of ``merge``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import MISSING, JsonObject, keys_of_pointer
from .merge import Keys, Manners, Merged, merge, same
from .openapi2 import METHODS
from .reach import SHARED

Place = tuple[str, str]
"""Path and method of an operation, as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The values of a connector's two documents."""

    definition: Any = field(repr=False)
    """The Swagger 2.0 document; MISSING for none."""
    properties: Any = field(repr=False)
    """``apiProperties.json``; MISSING for none."""


NOTHING = Imported(definition=MISSING, properties=MISSING)
"""What is known of a connector of which nobody knows what was imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorMerge:
    """A merged connector and what changed in it."""

    result: Imported
    definition: Merged
    """How the definition was merged."""
    properties: Merged
    """How the properties were merged."""
    added: tuple[str, ...] = ()
    """Ids of operations that are new."""
    removed: tuple[str, ...] = ()
    """Ids of operations that are gone."""
    updated: tuple[str, ...] = ()
    """Ids of operations that changed."""
    left_out: tuple[str, ...] = ()
    """Ids of operations that the author took out and that changed in the API; they stay out."""


def merge_connectors(base: Imported, ours: Imported, theirs: Imported, *, take_theirs: bool = False) -> ConnectorMerge:
    """The author's connector (``ours``) with the changes that lead from the last import (``base``) to the new one.

    What the author edited, added or took out stays so; what changed in the API is taken over; where both changed the
    same value there is a conflict, and the author's is kept unless ``take_theirs``. Operations follow their id when
    the API moves them to another place. No value is changed; the result may share parts with all three.
    """
    moves = _moves(base.definition, ours.definition, theirs.definition)
    before, own = _moved(base.definition, moves), _moved(ours.definition, moves)
    manners = Manners(theirs=take_theirs, stays_out=_is_unit, gathers=_is_path, completed=_completed_path)
    definition = merge(before, own, theirs.definition, manners)
    properties = merge(base.properties, ours.properties, theirs.properties, Manners(theirs=take_theirs))
    value = _complete(definition.value, own, theirs.definition)
    return ConnectorMerge(
        result=Imported(definition=value, properties=properties.value),
        definition=definition,
        properties=properties,
        left_out=tuple(_names(definition.left_out, theirs.definition)),
        **_differences(ours.definition, value),
    )


# Operations


def _operations(definition: Any) -> dict[Place, JsonObject]:
    """The operations of a definition by their place."""
    paths = definition.get("paths") if isinstance(definition, dict) else None
    return {
        (path, method): operation
        for path, item in (paths.items() if isinstance(paths, dict) else ())
        if isinstance(item, dict)
        for method, operation in item.items()
        if method.lower() in METHODS and isinstance(operation, dict)
    }


def _ids(definition: Any) -> dict[str, Place]:
    """Where the operation of each id is; ids that several have are left out."""
    found: dict[str, Place] = {}
    several: set[str] = set()
    for place, operation in _operations(definition).items():
        name = operation.get("operationId")
        if isinstance(name, str):
            several |= {name} & found.keys()
            found[name] = place
    return {name: place for name, place in found.items() if name not in several}


def _moves(base: Any, ours: Any, theirs: Any) -> dict[Place, Place]:
    """Where operations were -> where the API has them now, as far as nothing of the author's is in the way."""
    before, own, other = _ids(base), _ids(ours), _ids(theirs)
    taken = _operations(base).keys() | _operations(ours).keys()
    moves = {
        place: other[name]
        for name, place in before.items()
        if own.get(name) == place and other.get(name, place) != place
    }
    while blocked := [place for place, target in moves.items() if target in taken and target not in moves]:
        for place in blocked:
            del moves[place]
    return moves


def _moved(definition: Any, moves: Mapping[Place, Place]) -> Any:
    """The definition with operations at other places; what a path has beside its operations goes with the last."""
    if not moves or not isinstance(definition, dict):
        return definition
    paths = {path: dict(item) if isinstance(item, dict) else item for path, item in definition["paths"].items()}
    waiting = [(*target, place[0], paths[place[0]].pop(place[1])) for place, target in moves.items()]
    for path, method, old_path, operation in waiting:
        item = paths.get(path)
        rest = {} if path == old_path or _has_operations(paths.get(old_path)) else paths.pop(old_path, {})
        paths[path] = {**rest, **(item if isinstance(item, dict) else {}), method: operation}
    return {**definition, "paths": paths}


def _has_operations(item: Any) -> bool:
    """Whether a path item has operations."""
    return isinstance(item, dict) and any(key.lower() in METHODS for key in item)


def _names(places: tuple[Keys, ...], definition: Any) -> Iterator[str]:
    """The ids of the operations among some places of a definition."""
    operations = _operations(definition)
    for keys in places:
        operation = operations.get((str(keys[1]), str(keys[2]))) if len(keys) == 3 else None
        if operation is not None:
            yield str(operation.get("operationId", keys[1]))


def _differences(before: Any, after: Any) -> dict[str, tuple[str, ...]]:
    """The ids of operations that are new, gone, or not the same any more."""
    old = {_name(place, operation): operation for place, operation in _operations(before).items()}
    new = {_name(place, operation): operation for place, operation in _operations(after).items()}
    return {
        "added": tuple(name for name in new if name not in old),
        "removed": tuple(name for name in old if name not in new),
        "updated": tuple(name for name in new if name in old and not same(old[name], new[name])),
    }


def _name(place: Place, operation: JsonObject) -> str:
    """The id of an operation, or its place."""
    name = operation.get("operationId")
    return name if isinstance(name, str) else f"{place[1].upper()} {place[0]}"


# What is special in a definition


def _is_path(keys: Keys) -> bool:
    """Whether a place is that of a path item."""
    return len(keys) == 2 and keys[0] == "paths"


def _is_unit(keys: Keys) -> bool:
    """Whether a place is that of an operation or of a shared part: what an author takes out as a whole."""
    if len(keys) == 3 and keys[0] == "paths":
        return str(keys[2]).lower() in METHODS
    return len(keys) == 2 and keys[0] in SHARED


def _completed_path(item: JsonObject, whole: JsonObject) -> JsonObject:
    """A path item with what the operations in it need beside them, from the version that has it."""
    if not _has_operations(item):
        return item
    return {key: value for key, value in whole.items() if key.lower() not in METHODS} | item


# References


def _complete(merged: Any, ours: Any, theirs: Any) -> Any:
    """The definition with the shared parts that it refers to and that only one of the two versions still has.

    What was referred to and missing in one of them before is not brought back.
    """
    if not isinstance(merged, dict):
        return merged
    known = _dangling(ours) | _dangling(theirs)
    out = merged
    while missing := _dangling(out) - known:
        for section, name in sorted(missing):
            parts = {**_section(theirs, section), **_section(ours, section)}
            if name in parts:
                out = {**out, section: {**_section(out, section), name: parts[name]}}
        known |= missing
    return out


def _dangling(definition: Any) -> set[tuple[str, str]]:
    """The shared parts that a definition refers to and does not have."""
    found = set()
    waiting = [definition]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            waiting.extend(here.values())
            if isinstance(ref := here.get("$ref"), str) and ref.startswith("#/"):
                keys = keys_of_pointer(ref)
                if len(keys) == 2 and keys[0] in SHARED and keys[1] not in _section(definition, keys[0]):
                    found.add((keys[0], keys[1]))
        elif isinstance(here, list):
            waiting.extend(here)
    return found


def _section(definition: Any, section: str) -> JsonObject:
    """A section of a definition; an empty one when there is none."""
    value = definition.get(section) if isinstance(definition, dict) else None
    return value if isinstance(value, dict) else {}
