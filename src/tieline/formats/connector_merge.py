"""A connector that its author edited, and a new import of the same API, become one connector.

What lives here knows what in a definition belongs together: operations are told by their ids and places, shared parts
by their names, and what is referred to has to be there. Comparing values is the business of ``merge``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from ..model import MISSING, JsonObject, keys_of_pointer
from .merge import Conflict, Keys, Manners, Merged, merge, same
from .openapi2 import METHODS
from .policy_instances import OPERATION_NAMES
from .reach import CALLING, CAPABILITIES, SHARED

NAMING = CALLING | {CAPABILITIES}
"""Extensions that name operations by their ids."""

_PARAMETER = re.compile(r"\{[^{}]*\}")

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
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Ids of operations that the API calls something else now -> their new ids."""
    moved: tuple[tuple[Keys, str], ...] = ()
    """Members of the author's definition that stand under another key now, one after the other: path items and
    operations that moved as they are."""
    placed: Imported = NOTHING
    """The author's connector with its operations where they are now and called what they are called now."""


def merge_connectors(base: Imported, ours: Imported, theirs: Imported, *, take_theirs: bool = False) -> ConnectorMerge:
    """The author's connector (``ours``) with the changes that lead from the last import (``base``) to the new one.

    What the author edited, added or took out stays so; what changed in the API is taken over; where both changed the
    same value there is a conflict, and the author's is kept unless ``take_theirs``. Operations are the same when the
    API or the author moves them to another place, and what names one follows when the API renames it. No value is
    changed; the result may share parts with all three.
    """
    own_moves = _moves(base.definition, theirs.definition, ours.definition)
    gone = _gone(base.definition, ours.definition)
    before, other = (_moved(one, own_moves, gone)[0] for one in (base.definition, theirs.definition))
    moves, gone = _moves(before, ours.definition, other), _gone(before, other)
    before, (own, moved) = _moved(before, moves, gone)[0], _moved(ours.definition, moves, gone)
    renamed = _renamed(before, own, other)
    before, own = _following(before, renamed), _following(own, renamed)
    known, mine = _following(base.properties, renamed), _following(ours.properties, renamed)
    manners = Manners(theirs=take_theirs, stays_out=_is_unit, gathers=_is_path, completed=_completed_path)
    definition = merge(before, own, other, manners)
    properties = merge(known, mine, theirs.properties, Manners(theirs=take_theirs))
    value = _complete(definition.value, own, other)
    return ConnectorMerge(
        result=Imported(definition=value, properties=properties.value),
        definition=replace(definition, conflicts=tuple(_told_back(definition.conflicts, own_moves))),
        properties=properties,
        left_out=tuple(_names(definition.left_out, other)),
        renamed=renamed,
        moved=moved,
        placed=Imported(definition=own, properties=mine),
        **_differences(ours.definition, value, renamed),
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
    """Where operations were -> where the API has them now, as far as nothing of the author's is in the way. They are
    told by their ids, else by the others of their path, else by paths that differ in the names of parameters only."""
    before, own, other = _ids(base), _ids(ours), _ids(theirs)
    taken = _operations(base).keys() | _operations(ours).keys()
    moves = {
        place: other[name]
        for name, place in before.items()
        if own.get(name) == place and other.get(name, place) != place
    }
    moves |= _told_by_paths(base, ours, theirs, moves)
    while blocked := [place for place, target in moves.items() if target in taken and target not in moves]:
        for place in blocked:
            del moves[place]
    return moves


def _told_by_paths(base: Any, ours: Any, theirs: Any, known: Mapping[Place, Place]) -> dict[Place, Place]:
    """Moves of operations whose ids are gone: to where others of their path moved to, or to the one new place whose
    path has the same shape."""
    before, own, other = _operations(base), _operations(ours), _operations(theirs)
    shapes: dict[str, list[str]] = {}
    for path in dict.fromkeys(path for path, _ in other if not any((path, method) in before for method in METHODS)):
        shapes.setdefault(_PARAMETER.sub("{}", path), []).append(path)
    along = {place[0]: target[0] for place, target in known.items()}
    moves: dict[Place, Place] = {}
    for path, method in before:
        alike = shapes.get(_PARAMETER.sub("{}", path), [])
        target = (along.get(path) or (alike[0] if len(alike) == 1 else path), method)
        gone = (path, method) in own and (path, method) not in other and (path, method) not in known
        if gone and target in other and target not in before and target not in {*known.values(), *moves.values()}:
            moves[path, method] = target
    return moves


def _gone(before: Any, after: Any) -> Set[Place]:
    """Where one definition has operations and another has none any more."""
    return _operations(before).keys() - _operations(after).keys()


def _moved(definition: Any, moves: Mapping[Place, Place], gone: Set[Place]) -> tuple[Any, tuple[tuple[Keys, str], ...]]:
    """The definition with operations at other places, and the members of it that only have another key. Operations that
    are ``gone`` keep no path from moving."""
    if not moves or not isinstance(definition, dict):
        return definition, ()
    paths: JsonObject = {}
    renames: list[tuple[Keys, str]] = []
    done: set[Place] = set()
    for path, item in definition["paths"].items():
        target = _new_path(path, definition["paths"], moves, gone)
        methods = _new_methods(path, target, item, moves)
        paths[target] = _moved_item(item, methods, _parameters_now(path, target)) if methods else item
        renames += [(("paths", path), target)] if target != path else []
        renames += [(("paths", target, old), new) for old, new in methods.items() if old != new]
        done |= {(path, method) for method in methods}
    waiting = {place: target for place, target in moves.items() if place not in done}
    return {**definition, "paths": _moved_apart(paths, waiting)}, tuple(renames)


def _new_path(path: str, paths: JsonObject, moves: Mapping[Place, Place], gone: Set[Place]) -> str:
    """The path that all operations of a path move to, if nothing is there; else the same."""
    methods = [key for key in paths[path] if key.lower() in METHODS] if isinstance(paths[path], dict) else []
    staying = [method for method in methods if (path, method) in moves or (path, method) not in gone]
    targets = {moves.get((path, method), (path, method))[0] for method in staying}
    target = targets.pop() if len(targets) == 1 else path
    alone = all(place[0] == path for place, to in moves.items() if to[0] == target)
    return target if alone and target not in paths else path


def _new_methods(path: str, target: str, item: Any, moves: Mapping[Place, Place]) -> dict[str, str]:
    """The operations of a path that stay with the others of it -> their new methods."""
    found = {old: new for (own, old), (to, new) in moves.items() if own == path and to == target}
    return found if target != path or not any(new in item for new in found.values()) else {}


def _moved_item(item: JsonObject, methods: Mapping[str, str], names: Mapping[str, str]) -> JsonObject:
    """A path item that moves as a whole: its operations with their new methods, its path parameters with their new
    names."""
    moved = {
        methods.get(key, key): _with_parameters(value, names) if key.lower() in METHODS else value
        for key, value in item.items()
    }
    renamed: JsonObject = _with_parameters(moved, names)
    return renamed


def _parameters_now(path: str, target: str) -> dict[str, str]:
    """The names of path parameters -> those that they have in another path, where both have as many."""
    old, new = _PARAMETER.findall(path), _PARAMETER.findall(target)
    pairs = zip(old, new, strict=True) if len(old) == len(new) else ()
    return {was[1:-1]: now[1:-1] for was, now in pairs if was != now}


def _with_parameters(holder: Any, names: Mapping[str, str]) -> Any:
    """An operation or a path item whose path parameters have new names."""
    written = holder.get("parameters") if isinstance(holder, dict) else None
    if not names or not isinstance(written, list):
        return holder
    return {**holder, "parameters": [_with_name(parameter, names) for parameter in written]}


def _with_name(parameter: Any, names: Mapping[str, str]) -> Any:
    """A parameter of a path with its new name; any other one as it is."""
    if not isinstance(parameter, dict) or parameter.get("in") != "path" or not isinstance(parameter.get("name"), str):
        return parameter
    return {**parameter, "name": names.get(parameter["name"], parameter["name"])}


def _moved_apart(paths: JsonObject, moves: Mapping[Place, Place]) -> JsonObject:
    """Path items with operations taken from one to another; a new one gets what the old has beside its operations."""
    paths = {path: dict(item) if isinstance(item, dict) else item for path, item in paths.items()}
    waiting = [
        (*target, place[0], _with_parameters(paths[place[0]].pop(place[1]), _parameters_now(place[0], target[0])))
        for place, target in moves.items()
    ]
    for path, method, old_path, operation in waiting:
        item, left = paths.get(path), paths.get(old_path, {})
        fresh = path != old_path and not isinstance(item, dict)
        if fresh:
            item = {key: value for key, value in left.items() if key.lower() not in METHODS}
        if old_path in paths and not _has_operations(left) and (fresh or not left):
            del paths[old_path]
        paths[path] = {**(item if isinstance(item, dict) else {}), method: operation}
    return paths


def _has_operations(item: Any) -> bool:
    """Whether a path item has operations."""
    return isinstance(item, dict) and any(key.lower() in METHODS for key in item)


def _told_back(conflicts: Iterable[Conflict], own_moves: Mapping[Place, Place]) -> Iterator[Conflict]:
    """Conflicts with the places that the API has for operations which the author moved."""
    origins: dict[Hashable, Place] = {target: place for place, target in own_moves.items()}
    for conflict in conflicts:
        origin = origins.get(conflict.their_keys[1:3])
        keys = ("paths", *origin, *conflict.their_keys[3:]) if origin else conflict.their_keys
        yield replace(conflict, their_keys=keys)


def _names(places: tuple[Keys, ...], definition: Any) -> Iterator[str]:
    """The ids of the operations among some places of a definition."""
    operations = _operations(definition)
    for keys in places:
        operation = operations.get((str(keys[1]), str(keys[2]))) if len(keys) == 3 else None
        if operation is not None:
            yield str(operation.get("operationId", keys[1]))


def _differences(before: Any, after: Any, renamed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The ids of operations that are new, gone, or not the same any more; one that was renamed has changed."""
    named = ((_name(place, operation), operation) for place, operation in _operations(before).items())
    old = {renamed.get(name, name): operation for name, operation in named}
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


# Names of operations


def _renamed(base: Any, ours: Any, theirs: Any) -> dict[str, str]:
    """Old and new ids of operations that the API renamed where they are, and the author did not. Two may exchange
    theirs."""
    before, own, other = (
        {place: operation.get("operationId") for place, operation in _operations(definition).items()}
        for definition in (base, ours, theirs)
    )
    found: dict[str, str] = {}
    for place, new in other.items():
        old = before.get(place)
        if isinstance(old, str) and isinstance(new, str) and old != new and own.get(place) == old:
            found[old] = new
    kept = [name for name in own.values() if name not in found]
    return {old: new for old, new in found.items() if new not in kept}


def _following(value: Any, renamed: Mapping[str, str], naming: bool = False) -> Any:
    """A value that names operations as they are called now; ``naming`` is whether its ``operationId`` is such a name
    and not an operation's own."""
    if not renamed:
        return value
    if isinstance(value, list):
        return [_following(item, renamed, naming) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _called_now(item, renamed)
        if key == OPERATION_NAMES or (naming and key == "operationId")
        else _following(item, renamed, naming or key in NAMING)
        for key, item in value.items()
    }


def _called_now(names: Any, renamed: Mapping[str, str]) -> Any:
    """One id, or a list of them."""
    if isinstance(names, list):
        return [_called_now(name, renamed) for name in names]
    return renamed.get(names, names) if isinstance(names, str) else names


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
