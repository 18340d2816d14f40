"""A written Swagger value as the rules look at it: operations, parameters, schemas, each with where it stands.

Nothing here judges; what is of another type than it must be is left out, and the rules about types speak of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

Keys = tuple[str | int, ...]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
"""Members of a path item that are operations."""

MISSING = object()
"""What a reference leads to that leads nowhere."""

MOST_STEPS = 100
"""References that are followed one after another."""

MOST_LEVELS = 10
"""How deep the parts of parts of a schema are looked at."""


class Node(NamedTuple):
    """An object and where it stands."""

    value: dict[str, Any]
    keys: Keys
    kind: str = ""
    """For a schema: definition, body, response, notification or inner; for others: parameter, items or header."""


class Operation(NamedTuple):
    """One operation."""

    path: str
    method: str
    value: dict[str, Any]
    keys: Keys
    item: dict[str, Any]


def obj(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def seq(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def members(value: Any, keys: Keys) -> Iterator[Node]:
    """The members of an object that are objects; extensions are none."""
    for key, child in obj(value).items():
        if isinstance(child, dict) and not key.startswith("x-"):
            yield Node(child, (*keys, key))


class Api:
    """A Swagger value."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root

    def at(self, pointer: str) -> Any:
        """What a local reference points to; ``MISSING`` where it leads nowhere."""
        value: Any = self.root
        for key in pointer.removeprefix("#").split("/")[1:]:
            name = key.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            else:
                return MISSING
        return value

    def followed(self, value: Any) -> dict[str, Any]:
        """The object behind references; an empty one where there is none."""
        for _ in range(MOST_STEPS):
            ref = obj(value).get("$ref")
            if not isinstance(ref, str):
                return obj(value)
            value = self.at(ref)
        return {}

    @cached_property
    def items(self) -> list[Node]:
        """The path items; the last key of each is its path."""
        return list(members(self.root.get("paths"), ("paths",)))

    @cached_property
    def operations(self) -> list[Operation]:
        """Every operation."""
        return [
            Operation(str(item.keys[-1]), method, item.value[method], (*item.keys, method), item.value)
            for item in self.items
            for method in item.value
            if method in METHODS and isinstance(item.value[method], dict)
        ]

    @cached_property
    def ids(self) -> dict[str, Operation]:
        """Every operation by its id."""
        return {operation.value.get("operationId", ""): operation for operation in self.operations}

    def inputs(self, operation: Operation) -> list[Node]:
        """The parameters of an operation behind their references: its own, then those of its path that it has not."""
        own = list(self.listed(operation.value, operation.keys))
        known = {(node.value.get("name"), node.value.get("in")) for node in own}
        shared = self.listed(operation.item, operation.keys[:-1])
        return [*own, *(node for node in shared if (node.value.get("name"), node.value.get("in")) not in known)]

    def listed(self, holder: dict[str, Any], keys: Keys) -> Iterator[Node]:
        """The parameters that an operation or a path item lists, behind their references."""
        for index, value in enumerate(seq(holder.get("parameters"))):
            yield Node(self.followed(value), (*keys, "parameters", index), "parameter")

    @cached_property
    def written_parameters(self) -> list[Node]:
        """Every parameter object where it is written; references are none."""
        lists = [*self.items, *(Node(one.value, one.keys) for one in self.operations)]
        found = [
            Node(value, (*holder.keys, "parameters", index), "parameter")
            for holder in lists
            for index, value in enumerate(seq(holder.value.get("parameters")))
            if isinstance(value, dict) and "$ref" not in value
        ]
        shared = members(self.root.get("parameters"), ("parameters",))
        return found + [node._replace(kind="parameter") for node in shared if "$ref" not in node.value]

    @cached_property
    def written_responses(self) -> list[Node]:
        """Every response object where it is written; references are none."""
        holders = [members(one.value.get("responses"), (*one.keys, "responses")) for one in self.operations]
        holders.append(members(self.root.get("responses"), ("responses",)))
        return [node for holder in holders for node in holder if "$ref" not in node.value]

    @cached_property
    def single_values(self) -> list[Node]:
        """Everything that holds the keywords of single values and lists: parameters but bodies, headers, elements."""
        found = [node for node in self.written_parameters if node.value.get("in") != "body"]
        for response in self.written_responses:
            headers = members(response.value.get("headers"), (*response.keys, "headers"))
            found += [node._replace(kind="header") for node in headers]
        for node in found:
            if isinstance(node.value.get("items"), dict):
                found.append(Node(node.value["items"], (*node.keys, "items"), "items"))
        return found

    @cached_property
    def whole_schemas(self) -> list[Node]:
        """The schemas that are written for definitions, bodies, replies and notifications."""
        found = [node._replace(kind="definition") for node in members(self.root.get("definitions"), ("definitions",))]
        holders = [(node, "body") for node in self.written_parameters if node.value.get("in") == "body"]
        holders += [(node, "response") for node in self.written_responses]
        for item in self.items:
            content = item.value.get("x-ms-notification-content")
            if isinstance(content, dict):
                holders.append((Node(content, (*item.keys, "x-ms-notification-content")), "notification"))
        for holder, kind in holders:
            if isinstance(holder.value.get("schema"), dict):
                found.append(Node(holder.value["schema"], (*holder.keys, "schema"), kind))
        return found

    @cached_property
    def schemas(self) -> list[Node]:
        """Every schema, also those inside of schemas."""
        found = list(self.whole_schemas)
        for node in found:
            found += inner(node)
        return found

    @cached_property
    def typed(self) -> list[Node]:
        """Everything that has a type: schemas and single values."""
        return [*self.schemas, *self.single_values]

    def kept(self, schema: dict[str, Any], level: int = 0) -> dict[str, Any]:
        """A schema behind references, with the required names and properties of its parts."""
        out = dict(self.followed(schema))
        for part in seq(out.get("allOf")) if level < MOST_LEVELS else []:
            own = self.kept(obj(part), level + 1)
            out["properties"] = {**obj(own.get("properties")), **obj(out.get("properties"))}
            out["required"] = [*seq(own.get("required")), *seq(out.get("required"))]
        return out


def inner(node: Node) -> Iterator[Node]:
    """The schemas right inside of a schema."""
    value, keys = node.value, node.keys
    for found in members(value.get("properties"), (*keys, "properties")):
        yield found._replace(kind="inner")
    extended = {key: child for key, child in obj(value.get("properties")).items() if key.startswith("x-")}
    for key, child in extended.items():
        if isinstance(child, dict):
            yield Node(child, (*keys, "properties", key), "inner")
    for key in ("items", "additionalProperties"):
        if isinstance(value.get(key), dict):
            yield Node(value[key], (*keys, key), "inner")
    for index, part in enumerate(seq(value.get("allOf"))):
        if isinstance(part, dict):
            yield Node(part, (*keys, "allOf", index), "inner")
