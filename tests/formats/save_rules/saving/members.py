"""Rules about which members objects have and of which types (reference: limits-and-certification, sections 4 and 9;
the members themselves are those of the Swagger 2.0 specification)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .api import METHODS, Api, Keys, Node, obj, seq

Faults = Iterator[tuple[Keys, str]]

TEXT, FLAG, COUNT, NUMBER, LIST, OBJECT, ANY, TEXTS = (
    "text",
    "flag",
    "count",
    "number",
    "list",
    "object",
    "any",
    "texts",
)

BOUNDS = {
    **dict.fromkeys(("maximum", "minimum", "multipleOf"), NUMBER),
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum", "uniqueItems"), FLAG),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems"), COUNT),
    "pattern": TEXT,
    "enum": LIST,
    "default": ANY,
    "type": TEXT,
    "format": TEXT,
}
SCHEMA = {
    **BOUNDS,
    **dict.fromkeys(("$ref", "title", "description", "discriminator"), TEXT),
    **dict.fromkeys(("maxProperties", "minProperties"), COUNT),
    **dict.fromkeys(("properties", "items", "xml", "externalDocs"), OBJECT),
    "required": TEXTS,
    "allOf": LIST,
    "additionalProperties": ANY,
    "readOnly": FLAG,
    "example": ANY,
}
VALUE = {**BOUNDS, "items": OBJECT, "collectionFormat": TEXT}
PARAMETER = {
    **VALUE,
    **dict.fromkeys(("name", "in", "description"), TEXT),
    **dict.fromkeys(("required", "allowEmptyValue"), FLAG),
    "schema": OBJECT,
}
HEADER = {**VALUE, "description": TEXT}
RESPONSE = {"description": TEXT, "schema": OBJECT, "headers": OBJECT, "examples": OBJECT}
OPERATION = {
    **dict.fromkeys(("summary", "description", "operationId"), TEXT),
    **dict.fromkeys(("tags", "consumes", "produces", "schemes"), TEXTS),
    **dict.fromkeys(("parameters", "security"), LIST),
    **dict.fromkeys(("externalDocs", "responses"), OBJECT),
    "deprecated": FLAG,
}
ITEM = {**dict.fromkeys((*METHODS, "$ref"), ANY), "parameters": LIST}
ROOT = {
    **dict.fromkeys(("swagger", "host", "basePath"), TEXT),
    **dict.fromkeys(("schemes", "consumes", "produces"), TEXTS),
    **dict.fromkeys(("info", "paths", "definitions", "parameters", "responses", "securityDefinitions"), OBJECT),
    **dict.fromkeys(("security", "tags"), LIST),
    "externalDocs": OBJECT,
}
INFO = {
    **dict.fromkeys(("title", "description", "termsOfService", "version"), TEXT),
    **dict.fromkeys(("contact", "license"), OBJECT),
}
DOCS = dict.fromkeys(("description", "url"), TEXT)
CONTACT = dict.fromkeys(("name", "url", "email"), TEXT)
LICENCE = dict.fromkeys(("name", "url"), TEXT)
TAG = {"name": TEXT, "description": TEXT, "externalDocs": OBJECT}
XML = {**dict.fromkeys(("name", "namespace", "prefix"), TEXT), "attribute": FLAG, "wrapped": FLAG}
CONTENT = {"schema": OBJECT, "description": TEXT, "headers": OBJECT}

ELSEWHERE = (
    frozenset(
        {"oneOf", "anyOf", "not", "nullable", "const", "if", "then", "else", "contains", "prefixItems", "propertyNames"}
    )
    | frozenset(
        {"patternProperties", "additionalItems", "dependencies", "dependentRequired", "dependentSchemas", "$defs"}
    )
    | frozenset(
        {"unevaluatedProperties", "unevaluatedItems", "contentEncoding", "contentMediaType", "contentSchema", "$id"}
    )
    | frozenset(
        {"$schema", "$anchor", "$comment", "$dynamicRef", "$dynamicAnchor", "examples", "writeOnly", "deprecated"}
    )
)
"""Keywords of JSON Schema and OpenAPI 3 that a schema of the platform has not."""

TYPES = ("string", "number", "integer", "boolean", "array", "object", "file")
VALUE_TYPES = ("string", "number", "integer", "boolean", "array", "file")


def _objects(api: Api) -> Iterator[tuple[Node, dict[str, str]]]:
    """Every object of a document that has fixed members, with these."""
    root = Node(api.root, ())
    info = obj(api.root.get("info"))
    yield root, ROOT
    yield Node(info, ("info",)), INFO
    yield Node(obj(info.get("contact")), ("info", "contact")), CONTACT
    yield Node(obj(info.get("license")), ("info", "license")), LICENCE
    for index, tag in enumerate(seq(api.root.get("tags"))):
        yield Node(obj(tag), ("tags", index)), TAG
    for item in api.items:
        yield item, ITEM
        yield Node(obj(item.value.get("x-ms-notification-content")), (*item.keys, "x-ms-notification-content")), CONTENT
    for one in api.operations:
        yield Node(one.value, one.keys), OPERATION
    for node in api.written_parameters:
        yield node, PARAMETER
    for node in api.written_responses:
        yield node, RESPONSE
    for node in api.single_values:
        if node.kind != "parameter":
            yield node, HEADER if node.kind == "header" else VALUE
    for node in api.schemas:
        yield node, SCHEMA
        yield Node(obj(node.value.get("xml")), (*node.keys, "xml")), XML


def _documented(api: Api) -> Iterator[tuple[Node, dict[str, str]]]:
    for node, known in _objects(api):
        yield node, known
        if known.get("externalDocs"):
            yield Node(obj(node.value.get("externalDocs")), (*node.keys, "externalDocs")), DOCS


def _others(api: Api) -> Iterator[tuple[Node, str, bool]]:
    """Members that are neither known nor extensions, and whether they stand in a schema."""
    for node, known in _documented(api):
        yield from ((node, key, known is SCHEMA) for key in node.value if key not in known and not key.startswith("x-"))


def only_known(api: Api) -> Faults:
    yield from (((*node.keys, key), key) for node, key, schema in _others(api) if not schema)


def only_extensions(api: Api) -> Faults:
    for node, key, schema in _others(api):
        if schema and key not in ELSEWHERE:
            yield (*node.keys, key), key


def only_keywords(api: Api) -> Faults:
    for node, key, schema in _others(api):
        if schema and key in ELSEWHERE:
            yield (*node.keys, key), key


def _fits(value: Any, kind: str) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {
        TEXT: isinstance(value, str),
        FLAG: isinstance(value, bool),
        COUNT: number and value == int(value),
        NUMBER: number,
        LIST: isinstance(value, list),
        OBJECT: isinstance(value, dict),
        ANY: True,
        TEXTS: isinstance(value, list) and all(isinstance(one, str) for one in value),
    }[kind]


def types(api: Api) -> Faults:
    for node, known in _documented(api):
        for key, kind in known.items():
            if key in node.value and not _fits(node.value[key], kind):
                yield (*node.keys, key), f"{node.value[key]!r} is no {kind}"
    for node in api.schemas:
        more = node.value.get("additionalProperties", {})
        if not isinstance(more, (bool, dict)):
            yield (*node.keys, "additionalProperties"), repr(more)
        for name, child in obj(node.value.get("properties")).items():
            if not isinstance(child, dict):
                yield (*node.keys, "properties", name), repr(child)
        for index, child in enumerate(seq(node.value.get("allOf"))):
            if not isinstance(child, dict):
                yield (*node.keys, "allOf", index), repr(child)


def choices(api: Api) -> Faults:
    for node in api.schemas:
        if isinstance(node.value.get("type"), str) and node.value["type"] not in TYPES:
            yield node.keys, node.value["type"]
    for node in api.single_values:
        if isinstance(node.value.get("type"), str) and node.value["type"] not in VALUE_TYPES:
            yield node.keys, node.value["type"]
        if node.value.get("collectionFormat", "csv") not in ("csv", "ssv", "tsv", "pipes", "multi"):
            yield node.keys, repr(node.value["collectionFormat"])
    for node in api.written_parameters:
        if node.value.get("in") not in ("path", "query", "header", "formData", "body"):
            yield node.keys, repr(node.value.get("in"))


def needed(api: Api) -> Faults:
    wanted = [
        (Node(api.root, ()), ("swagger", "info", "paths")),
        (Node(obj(api.root.get("info")), ("info",)), ("title", "version")),
    ]
    wanted += [(node, ("name", "in")) for node in api.written_parameters]
    wanted += [(node, ("type",)) for node in api.single_values]
    wanted += [(node, ("description",)) for node in api.written_responses]
    wanted += [(Node(obj(tag), ("tags", index)), ("name",)) for index, tag in enumerate(seq(api.root.get("tags")))]
    wanted += [(Node(one.value, one.keys), ("responses",)) for one in api.operations]
    for node, names in wanted:
        yield from ((node.keys, name) for name in names if name not in node.value)


def filled(api: Api) -> Faults:
    info = obj(api.root.get("info"))
    yield from ((("info", key), "") for key in ("title", "version") if info.get(key) == "")
    yield from ((node.keys, "name") for node in api.written_parameters if node.value.get("name") == "")


RULES = {
    "AdditionalPropertyNotAllowed": only_known,
    "ExtensionNameNotValid": only_extensions,
    "SwaggerKeywordNotSupported": only_keywords,
    "JsonTypeIncorrect": types,
    "JsonValueNotInEnum": choices,
    "RequiredPropertyMissing": needed,
    "RequiredValueEmpty": filled,
}
"""Code -> the places that break it."""
