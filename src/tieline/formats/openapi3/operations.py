"""Operations: the list of them, and each as a Swagger 2.0 operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...model import JsonObject
from ..openapi2 import METHODS
from . import cookies, extensions, paths
from .bodies import NAMES, NO_BODY, Body, lower_body
from .finishing import finished_schema
from .lowering import Lowering, Part
from .media import JSON
from .names import operation_id, summary_of
from .parameters import lower_parameters, path_prefix, schema_of
from .place import Place
from .plan import NOTIFICATION, Apart, Plans
from .responses import lower_responses
from .schemas import lower_schema
from .security import Security, lower_requirements
from .servers import Servers
from .values import style_of, with_description

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


class Entry(NamedTuple):
    """One operation in the list."""

    id: str
    """Unique; made up where the description has none."""
    method: str
    """In lower case."""
    path: str
    """The one in the definition; starts with a slash."""
    item: Part
    """The path item behind its reference."""
    operation: Part
    target: str = ""
    """The path, with its query, to which requests go; empty for that of the operation."""


class Around(NamedTuple):
    """What an operation takes from the description around it."""

    servers: Servers
    security: Security
    base_url: str
    plans: Plans


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
    items, at = low.object_at(low.main.value, low.main, "paths")
    if "paths" not in low.main.value:
        low.notes.add("no-operations", low.main, 'the description has no "paths", so there is nothing to call')
    found: list[Entry] = []
    for written, value in items.items():
        if written.startswith("x-"):
            continue
        item = _item(value, (at, written), low)
        if item is not None:
            path = _path(written, (at, written), low)
            for method, operation in _methods(item, low):
                found.append(Entry("", method, _styled(path, item, operation, low), item, operation))
    return _named(_placed(_distinct(found, low), low), low)


def _item(value: Any, at: Place, low: Lowering) -> Part | None:
    """A path item behind its reference; what stands beside the reference goes before what is behind it."""
    part = low.follow(value, at)
    if part is None or not isinstance(value, dict) or "$ref" not in value:
        return part
    beside = {key: child for key, child in value.items() if key != "$ref"}
    return ({**part[0], **beside}, part[1]) if beside else part


def _path(written: str, at: Place, low: Lowering) -> str:
    """A path with the slash that it must start with, and with braces that belong to no placeholder as they are sent."""
    encoded = paths.with_braces_encoded(written)
    path = paths.with_variables(encoded)
    if path != encoded:
        low.notes.add("path-variable", at, f'the placeholders of "{written}" are called as in "{path}"')
    if path.startswith("/"):
        return path
    low.notes.add("path-without-slash", at, f'the path "{written}" is read as "/{written}"')
    return "/" + path


def _styled(path: str, item: Part, operation: Part, low: Lowering) -> str:
    """A path with what the styles of its parameters put before their values."""
    for value, at in (item, operation) if "{" in path else ():
        written = value.get("parameters")
        for index, parameter in enumerate(written if isinstance(written, list) else ()):
            place: Place = ((at, "parameters"), index)
            known = [(parameter, place)]
            if isinstance(parameter, dict) and isinstance(parameter.get("$ref"), str):
                known = low.peek((parameter, place))
            for found, where in known:
                if isinstance(found, dict) and found.get("in") == "path" and isinstance(found.get("style"), str):
                    path = _with_prefix(path, (found, where), low)
    return path


def _with_prefix(path: str, parameter: Part, low: Lowering) -> str:
    """A path with what the style of one parameter puts before its value."""
    value, at = parameter
    name, style = value.get("name"), style_of(value, "simple")
    if not isinstance(name, str) or style.name not in ("label", "matrix"):
        return path
    with Apart(low):
        prefix = path_prefix(name, schema_of(value, at, low), style)
    shown = f"{{{paths.variable(name)}}}"
    return path.replace(shown, f"{prefix}{shown}") if prefix else path


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
    """The operations without those whose method and path occurred before."""
    out: dict[tuple[str, str], Entry] = {}
    for entry in found:
        if (entry.method, entry.path) in out:
            message = f'{entry.method.upper()} "{entry.path}" occurred before; this one is left out'
            low.notes.add("duplicate-path", entry.operation[1], message)
        out.setdefault((entry.method, entry.path), entry)
    return list(out.values())


def _placed(found: list[Entry], low: Lowering) -> list[Entry]:
    """The operations at paths that the platform takes."""
    places = paths.placed(entry.path for entry in found)
    out: list[Entry] = []
    for entry in found:
        path, target = places[entry.path], paths.target(entry.path)
        if path != entry.path:
            message = f'"{entry.path}" stands at "{path}" in the definition; a policy sends its requests to "{target}"'
            low.notes.add("path-moved", entry.item[1], message)
            entry = entry._replace(path=path, target=target)
        out.append(entry)
    return out


def _named(found: list[Entry], low: Lowering) -> list[Entry]:
    """The operations with unique ids: their own, or one made of method and path."""
    declared = [_declared_id(entry) for entry in found]
    taken = {id.lower() for id in declared} - {""}
    first: set[str] = set()
    spelt: dict[str, str] = {}
    out: list[Entry] = []
    for entry, own in zip(found, declared, strict=True):
        id, at = own, entry.operation[1]
        if not own or own in first:
            id = operation_id(entry.method, entry.path, taken)
            rule = "duplicate-operation-id" if own else "missing-operation-id"
            message = f'operationId "{own}" is used twice' if own else "the operation has no operationId"
            low.notes.add(rule, (at, "operationId") if own else at, f'{message}; it is called "{id}"')
        elif (other := spelt.setdefault(id.lower(), id)) != id:
            message = f'operationId "{id}" differs from "{other}" only by case'
            low.notes.add("operation-ids-differ-by-case", (at, "operationId"), message)
        first.add(id)
        taken.add(id.lower())
        out.append(entry._replace(id=id))
    return out


def _declared_id(entry: Entry) -> str:
    """The operationId that an operation says; empty for none."""
    id = entry.operation[0].get("operationId")
    return id if isinstance(id, str) and id.strip() else ""


def lower_operation(entry: Entry, low: Lowering, around: Around) -> LoweredOperation:
    """The Swagger operation for one operation, with the parameters of its path item."""
    value, at = low.with_flags(*entry.operation, ("deprecated",)), entry.operation[1]
    plan = around.plans.of(entry.method, entry.path)
    low.notes.extend(plan.findings)
    body = plan.body or request_body(entry, low)
    parameters = _with_body([plan.added(parameter) for parameter in _parameters(entry, low)], body)
    part, place = low.object_at(value, at, "responses")
    responses = lower_responses(part, place, low)
    out = _texts(entry, low)
    if body.media_type not in ("", JSON):
        out["consumes"] = [body.media_type]
    if responses.media_types not in ([], [JSON]):
        out["produces"] = responses.media_types
    if parameters:
        out["parameters"] = [_written(parameter, place, low) for parameter, place in parameters]
    out["responses"] = responses.value
    if value.get("deprecated") is True:
        out["deprecated"] = True
    out |= _security(entry, low, around)
    return LoweredOperation(
        value=out | extensions.of_operation(low.extras(value, at, KNOWN), at, low) | plan.extensions,
        parameter_places={(parameter["name"], parameter["in"]): place for parameter, place in parameters},
        response_places=responses.places,
    )


def _security(entry: Entry, low: Lowering, around: Around) -> JsonObject:
    """How an operation is signed in, where it is not as the whole description is."""
    value, at = entry.operation
    security, keys = around.security, joined_cookies(entry, low, around).keys
    if cookies.are_replaced(_stated(entry, low), security.definitions, security.cookies) and cookies.sends_cookies(
        (entry.item, entry.operation), low
    ):
        message = "where a key in a cookie signs in, it takes the place of the cookies that are given"
        low.notes.add("cookie-replaced", (at, "parameters"), message)
    if "security" in value or keys:
        holder, where = (value, at) if "security" in value else (low.main.value, low.main)
        return {"security": lower_requirements(holder["security"], (where, "security"), low, security, keys)}
    return {"security": []} if security.of_operations and security.definitions else {}


def joined_cookies(entry: Entry, low: Lowering, around: Around) -> cookies.Joined:
    """The keys in cookies that a policy puts on the requests of an operation; see ``cookies``."""
    if not around.security.cookies:
        return cookies.NOTHING
    given = cookies.sends_cookies((entry.item, entry.operation), low)
    definitions, keys = around.security.definitions, around.security.cookies
    return cookies.joined(_stated(entry, low), definitions, keys, given=given)


def _stated(entry: Entry, low: Lowering) -> Any:
    """The ``security`` that an operation has, or that the description has for it."""
    return entry.operation[0].get("security", low.main.value.get("security"))


def _texts(entry: Entry, low: Lowering) -> JsonObject:
    """Tags, summary, description and id of an operation. Words of the path item stand in for its own."""
    (value, at), (item, where) = entry.operation, entry.item
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
    for key in ("summary", "description"):
        if low.text_at(item, where, key) not in ("", out.get("description")):
            low.notes.add("text-dropped", (where, key), f"the {key} of the path is left out")
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
    names = dict.fromkeys(paths.PLACEHOLDER.findall(entry.path))
    found: list[Part] = []
    for (name, where), (parameter, at) in merged.items():
        if where == "path" and name not in names:
            low.notes.add("unused-path-parameter", at, f'the path "{entry.path}" has no placeholder "{{{name}}}"')
        else:
            found.append((parameter, at))
    found += [_undeclared(name, entry, low) for name in names if (name, "path") not in merged]
    return cookies.as_header(found, low)


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


def request_body(entry: Entry, low: Lowering) -> Body:
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


def _written(parameter: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A parameter as it is written."""
    if parameter["in"] != "body":
        return parameter
    schema = finished_schema(parameter["schema"], (at, "schema"), low)
    return parameter if schema is parameter["schema"] else {**parameter, "schema": schema}


def lower_item(entry: Entry, low: Lowering, around: Around) -> JsonObject:
    """What stands in a path item beside its operations: extensions, the shape of a trigger's notifications lowered."""
    value, at = entry.item
    out = {key: child for key, child in value.items() if key.startswith("x-")}
    if entry.path in around.plans.contents:
        out[NOTIFICATION] = around.plans.contents[entry.path]
        return out
    content = out.get(NOTIFICATION)
    if isinstance(content, dict) and "schema" in content:
        place = ((at, NOTIFICATION), "schema")
        schema = finished_schema(lower_schema(content["schema"], place, low), place, low)
        out[NOTIFICATION] = {**content, "schema": schema}
    return out
