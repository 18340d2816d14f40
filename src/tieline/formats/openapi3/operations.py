"""Operations: the list of them, and each as a Swagger 2.0 operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...model import JsonObject
from ..openapi2 import METHODS
from .bodies import NAMES, NO_BODY, Body, lower_body
from .lowering import Lowering, Part
from .media import JSON
from .names import operation_id, summary_of
from .parameters import lower_parameters
from .place import Place
from .responses import lower_responses
from .schemas import lower_schema
from .security import Security, lower_requirements
from .servers import Servers, note_own_servers
from .values import with_description

OTHER_METHODS = frozenset({"trace", "query"})
"""Methods of OpenAPI 3 that Swagger 2.0 does not have."""

BODILESS = frozenset({"get", "head"})
"""Methods with which the platform sends no body."""

ITEM_KNOWN = frozenset({"summary", "description", "servers", "parameters", "$ref", "additionalOperations"})
"""Fields of a path item that are no operations."""

KNOWN = frozenset(
    {"tags", "summary", "description", "externalDocs", "operationId", "parameters", "requestBody"}
) | frozenset({"responses", "callbacks", "deprecated", "security", "servers"})
"""Fields of an operation."""

NOTIFICATION = "x-ms-notification-content"
"""Where a path item says what a webhook trigger is sent (reference: triggers, section 0)."""

_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


class Entry(NamedTuple):
    """One operation in the list."""

    id: str
    """Unique; made up where the description has none."""
    method: str
    """In lower case."""
    path: str
    """Starts with a slash."""
    item: Part
    """The path item behind its reference."""
    operation: Part


class Around(NamedTuple):
    """What an operation takes from the description around it."""

    servers: Servers
    security: Security
    base_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoweredOperation:
    """A Swagger 2.0 operation and where its parts come from."""

    value: JsonObject
    """The operation object."""
    parameter_places: dict[tuple[str, str], Place]
    """Where each of its parameters is written, by name and place on the wire."""
    response_places: dict[str, Place]
    """Where each of its responses is written, by code."""


def listed(low: Lowering) -> list[Entry]:
    """All operations in document order, with unique ids. What is no operation is noted and left out."""
    paths, at = low.object_at(low.main.value, low.main, "paths")
    if "paths" not in low.main.value:
        low.notes.add("no-operations", low.main, 'the description has no "paths", so there is nothing to call')
    found: list[Entry] = []
    for written, value in paths.items():
        if written.startswith("x-"):
            continue
        item = _item(value, (at, written), low)
        if item is not None:
            path = _path(written, (at, written), low)
            found += [Entry("", method, path, item, operation) for method, operation in _methods(item, low)]
    return _named(_distinct(found, low), low)


def _item(value: Any, at: Place, low: Lowering) -> Part | None:
    """A path item behind its reference; what stands beside the reference goes before what is behind it."""
    part = low.follow(value, at)
    if part is None or not isinstance(value, dict) or "$ref" not in value:
        return part
    beside = {key: child for key, child in value.items() if key != "$ref"}
    return ({**part[0], **beside}, part[1]) if beside else part


def _path(written: str, at: Place, low: Lowering) -> str:
    """A path with the slash that it must start with."""
    if "?" in written or "#" in written:
        low.notes.add("path-with-query", at, f'the path "{written}" has a query or a fragment')
    if written.startswith("/"):
        return written
    low.notes.add("path-without-slash", at, f'the path "{written}" is read as "/{written}"')
    return "/" + written


def _methods(item: Part, low: Lowering) -> Iterator[tuple[str, Part]]:
    """The operations of a path item by method."""
    value, at = item
    for key, child in value.items():
        method = key.lower()
        if method in METHODS:
            operation = low.follow(child, (at, key))
            if operation is not None:
                yield method, operation
        elif method in OTHER_METHODS:
            low.notes.add("method-dropped", (at, key), f'the operation with the method "{key.upper()}" is left out')
        elif key not in ITEM_KNOWN and not key.startswith("x-"):
            low.notes.add("unknown-field", (at, key), f'"{key}" is no field that may stand here; it is left out')
    for method in low.object_at(value, at, "additionalOperations")[0]:
        place = ((at, "additionalOperations"), method)
        low.notes.add("method-dropped", place, f'the operation with the method "{method}" is left out')


def _distinct(found: list[Entry], low: Lowering) -> list[Entry]:
    """The operations without those whose method and path occurred before. Paths that only the platform takes for one
    are noted."""
    out: dict[tuple[str, str], Entry] = {}
    shapes: dict[tuple[str, str], str] = {}
    for entry in found:
        shape = (entry.method, _PLACEHOLDER.sub("{}", entry.path).lower())
        known = shapes.setdefault(shape, entry.path)
        if (entry.method, entry.path) in out:
            message = f'{entry.method.upper()} "{entry.path}" occurred before; this one is left out'
            low.notes.add("duplicate-path", entry.operation[1], message)
            continue
        if known != entry.path:
            message = f'"{entry.path}" is the same as "{known}" to the platform'
            low.notes.add("duplicate-path", entry.operation[1], message)
        out[entry.method, entry.path] = entry
    return list(out.values())


def _named(found: list[Entry], low: Lowering) -> list[Entry]:
    """The operations with unique ids: their own, or one made of method and path."""
    declared = [_declared_id(entry) for entry in found]
    taken = set(declared) - {""}
    first: set[str] = set()
    out: list[Entry] = []
    for entry, own in zip(found, declared, strict=True):
        id, at = own, entry.operation[1]
        if not own or own in first:
            id = operation_id(entry.method, entry.path, taken)
            rule = "duplicate-operation-id" if own else "missing-operation-id"
            message = f'operationId "{own}" is used twice' if own else "the operation has no operationId"
            low.notes.add(rule, (at, "operationId") if own else at, f'{message}; it is called "{id}"')
        first.add(id)
        taken.add(id)
        out.append(entry._replace(id=id))
    return out


def _declared_id(entry: Entry) -> str:
    """The operationId that an operation says; empty for none."""
    id = entry.operation[0].get("operationId")
    return id if isinstance(id, str) and id.strip() else ""


def lower_operation(entry: Entry, low: Lowering, around: Around) -> LoweredOperation:
    """The Swagger operation for one operation, with the parameters of its path item."""
    value, at = entry.operation
    note_own_servers(entry.item[0], entry.item[1], low, around.servers, around.base_url)
    note_own_servers(value, at, low, around.servers, around.base_url)
    for name in low.object_at(value, at, "callbacks")[0]:
        low.notes.add("callback-dropped", ((at, "callbacks"), name), f'the callback "{name}" is left out')
    body = _body(entry, low)
    parameters = _with_body(_parameters(entry, low), body)
    part, place = low.object_at(value, at, "responses")
    responses = lower_responses(part, place, low)
    out = _texts(entry, low)
    if body.media_type not in ("", JSON):
        out["consumes"] = [body.media_type]
    if responses.media_types not in ([], [JSON]):
        out["produces"] = responses.media_types
    if parameters:
        out["parameters"] = [parameter for parameter, _ in parameters]
    out["responses"] = responses.value
    if value.get("deprecated") is True:
        out["deprecated"] = True
    if "security" in value:
        out["security"] = lower_requirements(value["security"], (at, "security"), low, around.security)
    return LoweredOperation(
        value=out | low.extras(value, at, KNOWN),
        parameter_places={(parameter["name"], parameter["in"]): place for parameter, place in parameters},
        response_places=responses.places,
    )


def _texts(entry: Entry, low: Lowering) -> JsonObject:
    """Tags, summary, description and id of an operation. Words of the path item stand in for its own."""
    (value, at), item = entry.operation, entry.item[0]
    out: JsonObject = {}
    tags = list(dict.fromkeys(tag for tag in low.list_at(value, at, "tags") if isinstance(tag, str)))
    if tags:
        out["tags"] = tags
    summary = low.text_at(value, at, "summary").strip()
    if not summary:
        summary = summary_of(entry.id, entry.method, entry.path)
        low.notes.add("missing-summary", at, f'the operation has no summary; it becomes "{summary}"')
    out["summary"] = summary
    out = with_description(out, value.get("description"), item.get("description"), item.get("summary"))
    docs = low.docs_at(value, at)
    if docs:
        out["externalDocs"] = docs
    out["operationId"] = entry.id
    return out


def _parameters(entry: Entry, low: Lowering) -> list[Part]:
    """The parameters of an operation: the path item's that it does not override, then its own, as the path needs
    them."""
    shared = _unique(_listed_parameters(entry.item, low), low)
    own = _unique(_listed_parameters(entry.operation, low), low)
    merged = {key: part for key, part in shared.items() if key not in own} | own
    names = dict.fromkeys(_PLACEHOLDER.findall(entry.path))
    found: list[Part] = []
    for (name, where), (parameter, at) in merged.items():
        if where == "path" and name not in names:
            low.notes.add("unused-path-parameter", at, f'the path "{entry.path}" has no placeholder "{{{name}}}"')
        else:
            found.append((parameter, at))
    return found + [_undeclared(name, entry, low) for name in names if (name, "path") not in merged]


def _listed_parameters(holder: Part, low: Lowering) -> list[Part]:
    """The parameters that a path item or an operation lists."""
    value, at = holder
    return lower_parameters(low.list_at(value, at, "parameters"), (at, "parameters"), low)


def _unique(found: list[Part], low: Lowering) -> dict[tuple[str, str], Part]:
    """Parameters by name and place; the first of a name and place counts."""
    out: dict[tuple[str, str], Part] = {}
    for parameter, at in found:
        key = (parameter["name"], parameter["in"])
        if key in out:
            message = f'the {parameter["in"]} parameter "{parameter["name"]}" occurred before'
            low.notes.add("duplicate-parameter", at, message)
        out.setdefault(key, (parameter, at))
    return out


def _undeclared(name: str, entry: Entry, low: Lowering) -> Part:
    """A text for a placeholder that nothing declares."""
    at = entry.operation[1]
    low.notes.add("undeclared-path-parameter", at, f'the placeholder "{{{name}}}" of "{entry.path}" is not declared')
    return {"name": name, "in": "path", "required": True, "type": "string"}, at


def _body(entry: Entry, low: Lowering) -> Body:
    """The body of an operation."""
    value, at = entry.operation
    if value.get("requestBody") is None:
        return NO_BODY
    if entry.method in BODILESS:
        low.notes.add("body-dropped", (at, "requestBody"), f"the body of a {entry.method.upper()} is left out")
        return NO_BODY
    part = low.follow(value["requestBody"], (at, "requestBody"))
    if part is None:
        return NO_BODY
    shared = "$ref" in value["requestBody"]
    return low.once(lower_body, *part) if shared else lower_body(*part, low)


def _with_body(parameters: list[Part], body: Body) -> list[Part]:
    """Parameters, then body or form fields; the body gets a name that no parameter has."""
    names = {parameter["name"] for parameter, _ in parameters}
    name = next((name for name in NAMES if name not in names), NAMES[0])
    return parameters + [
        ({**parameter, "name": name}, at) if parameter["in"] == "body" else (parameter, at)
        for parameter, at in body.parameters
    ]


def lower_item(entry: Entry, low: Lowering) -> JsonObject:
    """What stands in a path item beside its operations: extensions, the shape of a trigger's notifications lowered."""
    value, at = entry.item
    out = {key: child for key, child in value.items() if key.startswith("x-")}
    content = out.get(NOTIFICATION)
    if isinstance(content, dict) and "schema" in content:
        place = ((at, NOTIFICATION), "schema")
        out[NOTIFICATION] = {**content, "schema": lower_schema(content["schema"], place, low)}
    return out
