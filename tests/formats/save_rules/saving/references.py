"""Rules about references (reference: limits-and-certification, sections 4 and 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .api import Api, Keys, Node, obj, seq

Faults = Iterator[tuple[Keys, str]]
Rule = Callable[[Api], Faults]


def _schemas(api: Api) -> Iterator[Node]:
    yield from (node for node in api.schemas if "$ref" in node.value)


def _parameters(api: Api) -> Iterator[Node]:
    holders = [*api.items, *(Node(one.value, one.keys) for one in api.operations)]
    for holder in holders:
        for index, value in enumerate(seq(holder.value.get("parameters"))):
            if "$ref" in obj(value):
                yield Node(value, (*holder.keys, "parameters", index))
    yield from (Node(value, ("parameters", name)) for name, value in _shared(api, "parameters"))


def _responses(api: Api) -> Iterator[Node]:
    for one in api.operations:
        for code, value in obj(one.value.get("responses")).items():
            if "$ref" in obj(value) and not code.startswith("x-"):
                yield Node(value, (*one.keys, "responses", code))
    yield from (Node(value, ("responses", name)) for name, value in _shared(api, "responses"))


def _shared(api: Api, section: str) -> Iterator[tuple[str, Any]]:
    yield from ((name, value) for name, value in obj(api.root.get(section)).items() if "$ref" in obj(value))


Found = Callable[[Api], Iterator[Node]]


def valid(found: Found, section: str) -> Rule:
    """The rule that a reference leads into its own section."""

    def rule(api: Api) -> Faults:
        for node in found(api):
            ref = node.value["$ref"]
            if not isinstance(ref, str) or not ref.startswith(f"#/{section}/"):
                yield (*node.keys, "$ref"), repr(ref)

    return rule


def there(found: Found, section: str) -> Rule:
    """The rule that a reference leads somewhere."""

    def rule(api: Api) -> Faults:
        for node in found(api):
            ref = node.value["$ref"]
            if isinstance(ref, str) and ref.startswith(f"#/{section}/") and not isinstance(api.at(ref), dict):
                yield (*node.keys, "$ref"), ref

    return rule


def ends(found: Found) -> Rule:
    """The rule that references do not only lead back to each other."""

    def rule(api: Api) -> Faults:
        for node in found(api):
            seen: set[str] = set()
            value: Any = node.value
            while isinstance(ref := obj(value).get("$ref"), str):
                if ref in seen:
                    yield (*node.keys, "$ref"), ref
                    break
                seen.add(ref)
                value = api.at(ref)

    return rule


def pointer(api: Api) -> Faults:
    for found in (_schemas, _parameters, _responses):
        for node in found(api):
            ref = node.value["$ref"]
            text = str(ref).partition("#")[2].replace("~0", "").replace("~1", "")
            if not isinstance(ref, str) or "~" in text or (text and not text.startswith("/")):
                yield (*node.keys, "$ref"), repr(ref)


def known_operation(api: Api) -> Faults:
    for keys, value in dynamics(api):
        id = value.get("operationId")
        if isinstance(id, str) and id not in api.ids:
            yield keys, id


def known_parameter(api: Api) -> Faults:
    for keys, value in dynamics(api):
        target = api.ids.get(value.get("operationId"))
        if target is None:
            continue
        inputs = api.inputs(target)
        names = {node.value.get("name") for node in inputs}
        for node in inputs:
            names |= _paths(api, node.value.get("schema"), "", 0) if node.value.get("in") == "body" else set()
        yield from ((keys, name) for name in obj(value.get("parameters")) if name not in names)


def _paths(api: Api, schema: Any, before: str, level: int) -> set[str]:
    """The paths of properties of a body, three levels deep."""
    found: set[str] = set()
    for name, child in obj(api.kept(obj(schema)).get("properties")).items():
        found |= {f"{before}{name}"} | (_paths(api, child, f"{before}{name}/", level + 1) if level < 3 else set())
    return found


DYNAMIC = ("x-ms-dynamic-values", "x-ms-dynamic-schema")


def dynamics(api: Api) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """Every dynamic extension of parameters and schemas that names an operation."""
    for node in [*api.written_parameters, *api.schemas, *api.single_values]:
        for key in DYNAMIC:
            if isinstance(node.value.get(key), dict):
                yield (*node.keys, key), node.value[key]


def dynamic_on_schema(api: Api) -> Faults:
    for node in api.written_parameters:
        if node.value.get("in") == "body":
            names = [key for key in node.value if key.startswith("x-ms-dynamic-")]
            yield from (((*node.keys, key), key) for key in names)


def next_link(api: Api) -> Faults:
    for one in api.operations:
        pages = one.value.get("x-ms-pageable")
        if isinstance(pages, dict) and pages.get("nextLinkName") not in ("nextLink", "@odata.nextLink"):
            yield (*one.keys, "x-ms-pageable"), repr(pages.get("nextLinkName"))


def content_declared(api: Api) -> Faults:
    for node in _marked(api):
        item = obj(obj(api.root.get("paths")).get(node.keys[1])) if node.keys[0] == "paths" else {}
        if node.keys[0] == "paths" and "x-ms-notification-content" not in item:
            yield node.keys, ""


def _marked(api: Api) -> list[Node]:
    return [node for node in api.schemas if node.value.get("x-ms-notification-url") is True]


def url_carried(api: Api) -> Faults:
    for item in api.items:
        if "x-ms-notification-content" in item.value:
            triggers = [one for one in api.operations if one.keys[:2] == item.keys and "x-ms-trigger" in one.value]
            if not any(_carries(api, one) for one in triggers):
                yield item.keys, ""


def _carries(api: Api, one: Any) -> bool:
    stack = [node.value.get("schema") for node in api.inputs(one) if node.value.get("in") == "body"]
    seen: list[Any] = []
    while stack:
        here = api.followed(stack.pop())
        if not here or any(here is known for known in seen):
            continue
        seen.append(here)
        if here.get("x-ms-notification-url") is True:
            return True
        stack += [*obj(here.get("properties")).values(), *seq(here.get("allOf")), here.get("items")]
    return False


def url_in_body(api: Api) -> Faults:
    for node in api.schemas:
        if "x-ms-notification-url" in node.value and (node.kind != "inner" or "responses" in node.keys):
            yield node.keys, node.kind
    yield from ((node.keys, node.kind) for node in api.single_values if "x-ms-notification-url" in node.value)


def _around(api: Api, node: Node) -> Iterator[tuple[dict[str, Any], str, dict[str, Any]]]:
    """The properties from a node upward: the object that has one, its name, and itself."""
    keys = node.keys
    while len(keys) > 2:
        if keys[-2] == "properties":
            holder, name = _at(api, keys[:-2]), str(keys[-1])
            yield holder, name, obj(obj(holder.get("properties")).get(name))
        keys = keys[:-1]


def _at(api: Api, keys: Keys) -> dict[str, Any]:
    value: Any = api.root
    for key in keys:
        value = value[key]
    return obj(value)


def url_hidden(api: Api) -> Faults:
    for node in _marked(api):
        if not any(own.get("x-ms-visibility") == "internal" for _, _, own in _around(api, node)):
            yield node.keys, ""


def url_required(api: Api) -> Faults:
    for node in _marked(api):
        yield from (
            (node.keys, name) for holder, name, _ in _around(api, node) if name not in seq(holder.get("required"))
        )


def url_text(api: Api) -> Faults:
    yield from ((node.keys, "") for node in _marked(api) if node.value.get("type") != "string")


RULES: dict[str, Rule] = {
    "SchemaReferenceNotValid": valid(_schemas, "definitions"),
    "SchemaReferenceNotFound": there(_schemas, "definitions"),
    "SchemaRefLoopNotAllowed": ends(_schemas),
    "ParameterReferenceNotValid": valid(_parameters, "parameters"),
    "ParameterReferenceNotFound": there(_parameters, "parameters"),
    "ParameterRefLoopNotAllowed": ends(_parameters),
    "ResponseReferenceNotValid": valid(_responses, "responses"),
    "ResponseReferenceNotFound": there(_responses, "responses"),
    "ResponseRefLoopNotAllowed": ends(_responses),
    "JsonPointerNotValid": pointer,
    "OperationIdNotFound": known_operation,
    "OperationParameterNameNotFound": known_parameter,
    "DynamicExtensionDefinitionNotAllowedInParameter": dynamic_on_schema,
    "InvalidNextLinkNameValue": next_link,
    "OperationMustHaveNotificationContentExtension": content_declared,
    "WebhookOperationsMissingNotificationUrlProperty": url_carried,
    "NotificationUrlNotAllowedInThisPosition": url_in_body,
    "NotificationUrlNotInternal": url_hidden,
    "NotificationUrlNotRequired": url_required,
    "NotificationUrlNotString": url_text,
}
"""Code -> the places that break it."""
