"""The list of a document's operations, made without reading them.

What lives here looks at each operation object once and only at what a list shows; it follows no reference but that of a
path item.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple

from ...model import (
    DocumentError,
    Edit,
    Finding,
    JsonObject,
    OperationKind,
    Outline,
    Refs,
    Route,
    Severity,
    Visibility,
)
from ..fields import wrong_type

METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch"})
"""Methods that a Swagger 2.0 path item may have."""

VISIBILITIES: dict[str, Visibility] = {"important": "important", "advanced": "advanced", "internal": "internal"}
"""``x-ms-visibility`` in lower case (files also write ``Advanced``) -> visibility."""

_WORDS = re.compile(r"[^0-9A-Za-z]+")


class Listed(NamedTuple):
    """An operation's outline with the objects to read it from."""

    outline: Outline
    operation: JsonObject
    path_item: JsonObject


class _Found(NamedTuple):
    """One operation object and where it was found."""

    path: str
    method: str
    item: JsonObject
    operation: JsonObject
    route: Route


def list_operations(
    paths: JsonObject, route: Route, refs: Refs, notes: list[Finding], methods: frozenset[str] = METHODS
) -> tuple[Listed, ...]:
    """All operations under ``paths`` in order of writing, with unique ids.

    ``methods`` are the method names (lower case) of the dialect. An outline's route is that of the operation object and
    its parent is the path item (behind its ``$ref``, if it is one). What is no operation is noted and left out.
    """
    found: list[_Found] = []
    for path, item in paths.items():
        if path.startswith("x-"):
            continue
        resolved = _path_item(item, route / path, refs, notes)
        if resolved is not None:
            _collect(_slashed(path, route / path, notes), *resolved, methods, found, notes)
    ids = _ids(found, notes)
    return tuple(Listed(_outline(id, entry), entry.operation, entry.item) for id, entry in zip(ids, found, strict=True))


def _slashed(path: str, route: Route, notes: list[Finding]) -> str:
    """The path template with the slash that it must start with."""
    if path.startswith("/"):
        return path
    notes.append(
        Finding(
            rule="path-without-slash",
            route=route,
            message=f'path "{path}" does not start with "/"; it is read as "/{path}"',
            remedy=f'write "/{path}"',
        )
    )
    return "/" + path


def _path_item(item: Any, route: Route, refs: Refs, notes: list[Finding]) -> tuple[JsonObject, Route] | None:
    """The path item behind a reference, if it is one, and its route; None with a finding when it is no object."""
    seen: set[str] = set()
    here = route
    while isinstance(item, dict) and isinstance(ref := item.get("$ref"), str):
        if ref in seen:
            notes.append(Finding(rule="ref-loop", route=route, message=f'reference "{ref}" only leads back to itself'))
            return None
        seen.add(ref)
        try:
            item, here = refs.resolve(ref)
        except DocumentError as error:
            notes.append(replace(error.finding, route=route / "$ref", severity=Severity.WARNING))
            return None
    if isinstance(item, dict):
        return item, here
    notes.append(wrong_type(str(route.keys[-1]), route, "an object", item))
    return None


def _collect(
    path: str, item: JsonObject, route: Route, methods: frozenset[str], found: list[_Found], notes: list[Finding]
) -> None:
    """Add the operations of one path item; keys that a path item does not have are noted."""
    for key, value in item.items():
        method = key.lower()
        if method in methods:
            if isinstance(value, dict):
                found.append(_Found(path, method, item, value, route / key))
            else:
                notes.append(wrong_type(key, route / key, "an object", value))
        elif method != "parameters" and not method.startswith("x-"):
            notes.append(_unknown_key(path, key, route))


def _unknown_key(path: str, key: str, route: Route) -> Finding:
    """The finding for a key that is no method and nothing else that a path item may have."""
    known = ", ".join(sorted(METHODS))
    return Finding(
        rule="unknown-method",
        route=route / key,
        message=f'"{key}" of path "{path}" is no method that a connector can call; it is left out',
        remedy=f"use one of {known}",
    )


def _outline(id: str, found: _Found) -> Outline:
    """What a list shows of one operation."""
    operation = found.operation
    summary, visibility = operation.get("summary"), operation.get("x-ms-visibility")
    return Outline(
        id=id,
        method=found.method.upper(),
        path=found.path,
        summary=summary if isinstance(summary, str) else "",
        kind=_kind(operation, found.item),
        visibility=VISIBILITIES.get(visibility.strip().lower(), "") if isinstance(visibility, str) else "",
        deprecated=operation.get("deprecated") is True,
        route=found.route,
    )


def _kind(operation: JsonObject, item: JsonObject) -> OperationKind:
    """What the platform makes of an operation (reference: triggers, section 0)."""
    if not operation.get("x-ms-trigger"):
        return OperationKind.ACTION
    return OperationKind.WEBHOOK if "x-ms-notification-content" in item else OperationKind.POLLING


def _ids(found: list[_Found], notes: list[Finding]) -> list[str]:
    """A unique id for each operation: its operationId, or one made up where that is missing or taken already."""
    declared = [entry.operation.get("operationId") for entry in found]
    taken = {id for id in declared if isinstance(id, str)}
    first: dict[str, tuple[str, Route]] = {}
    ids: list[str] = []
    for entry, id in zip(found, declared, strict=True):
        if not isinstance(id, str) or not id.strip():
            id = _free(made_up_id(entry.method, entry.path), taken)
            notes.append(_missing_id(id, entry))
        elif (twin := first.get(id.lower())) is not None:
            id = _twin_id(id, twin, entry.route, taken, notes)
        first.setdefault(id.lower(), (id, entry.route))
        ids.append(id)
    return ids


def _free(id: str, taken: set[str]) -> str:
    """``id``, or the first of ``id_2``, ``id_3``, … that is not taken; it is taken from now on."""
    candidate, number = id, 1
    while candidate in taken:
        number += 1
        candidate = f"{id}_{number}"
    taken.add(candidate)
    return candidate


def _missing_id(id: str, entry: _Found) -> Finding:
    """The finding for an operation without an operationId, with the edit that adds the made-up one."""
    return Finding(
        rule="missing-operation-id",
        route=entry.route,
        message=f'{entry.method.upper()} {entry.path} has no operationId; it is called "{id}" here',
        remedy=f'add "operationId": "{id}"',
        fix=(Edit(route=entry.route / "operationId", action="set", value=id),),
    )


def _twin_id(id: str, twin: tuple[str, Route], route: Route, taken: set[str], notes: list[Finding]) -> str:
    """The id of an operation whose operationId occurred before: a new one, or the same when only its case differs.

    Ids are matched with their exact case everywhere (policies, scripts), so a case difference is enough to tell two
    operations apart here; the platform may not see it that way.
    """
    if id == twin[0]:
        new = _free(id, taken)
        message = f'operationId "{id}" is used twice; this operation is called "{new}" here'
        rule = "duplicate-operation-id"
    else:
        new = id
        message = f'operationId "{id}" differs from "{twin[0]}" only by case'
        rule = "operation-ids-differ-by-case"
    notes.append(
        Finding(
            rule=rule,
            route=route / "operationId",
            message=message,
            remedy="give each operation an id of its own",
            related=((twin[1], f'"{twin[0]}" is declared here'),),
        )
    )
    return new


def made_up_id(method: str, path: str) -> str:
    """A stable id for an operation without one: ``GET /products/{id}`` -> ``GetProductsById``."""
    parts = [method.capitalize()]
    for segment in path.split("/"):
        words = [word[0].upper() + word[1:] for word in _WORDS.split(segment) if word]
        parts.extend(["By", *words] if segment.startswith("{") and words else words)
    return "".join(parts)
