"""Which members an object of Swagger 2.0 has, and of which types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...model import JsonObject
from .judge import Judge, Keys, is_number

Test = Callable[[Any], bool]


def text(value: Any) -> bool:
    """A text."""
    return isinstance(value, str)


def flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def count(value: Any) -> bool:
    """A whole number."""
    return is_number(value) and value == value // 1


def many(value: Any) -> bool:
    """A list."""
    return isinstance(value, list)


def texts(value: Any) -> bool:
    """A list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def whole(value: Any) -> bool:
    """An object."""
    return isinstance(value, dict)


def either(value: Any) -> bool:
    """An object, or true or false."""
    return isinstance(value, (dict, bool))


def anything(value: Any) -> bool:
    """Any value."""
    return True


Known = Mapping[str, Test]
"""Name of a member -> what it must be."""

VALUE: Known = {
    **dict.fromkeys(("type", "format", "pattern"), text),
    **dict.fromkeys(("maximum", "minimum", "multipleOf"), is_number),
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum", "uniqueItems"), flag),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems"), count),
    "enum": many,
    "default": anything,
    "items": whole,
}
ITEMS: Known = {**VALUE, "collectionFormat": text}
HEADER: Known = {**ITEMS, "description": text}
PARAMETER: Known = {
    **HEADER,
    **dict.fromkeys(("name", "in"), text),
    **dict.fromkeys(("required", "allowEmptyValue"), flag),
    "schema": whole,
}
SCHEMA: Known = {
    **VALUE,
    **dict.fromkeys(("$ref", "title", "description", "discriminator"), text),
    **dict.fromkeys(("maxProperties", "minProperties"), count),
    **dict.fromkeys(("properties", "xml", "externalDocs"), whole),
    "required": texts,
    "allOf": many,
    "additionalProperties": either,
    "readOnly": flag,
    "example": anything,
}
RESPONSE: Known = {"description": text, "schema": whole, "headers": whole, "examples": whole}
OPERATION: Known = {
    **dict.fromkeys(("summary", "description", "operationId"), text),
    **dict.fromkeys(("tags", "consumes", "produces", "schemes"), texts),
    **dict.fromkeys(("parameters", "security"), many),
    **dict.fromkeys(("externalDocs", "responses"), whole),
    "deprecated": flag,
}
ITEM: Known = {
    **dict.fromkeys(("get", "put", "post", "delete", "options", "head", "patch"), whole),
    "$ref": text,
    "parameters": many,
}
ROOT: Known = {
    **dict.fromkeys(("swagger", "host", "basePath"), text),
    **dict.fromkeys(("schemes", "consumes", "produces"), texts),
    **dict.fromkeys(("info", "paths", "definitions", "parameters", "responses", "securityDefinitions"), whole),
    **dict.fromkeys(("security", "tags"), many),
    "externalDocs": whole,
}
INFO: Known = {
    **dict.fromkeys(("title", "description", "termsOfService", "version"), text),
    **dict.fromkeys(("contact", "license"), whole),
}
CONTACT: Known = dict.fromkeys(("name", "url", "email"), text)
LICENCE: Known = dict.fromkeys(("name", "url"), text)
DOCS: Known = dict.fromkeys(("description", "url"), text)
TAG: Known = {"name": text, "description": text, "externalDocs": whole}
XML: Known = {**dict.fromkeys(("name", "namespace", "prefix"), text), **dict.fromkeys(("attribute", "wrapped"), flag)}
CONTENT: Known = {"schema": whole, "description": text, "headers": whole}

NEWER = frozenset(
    {"oneOf", "anyOf", "not", "nullable", "const", "if", "then", "else", "contains", "prefixItems", "propertyNames"}
) | frozenset(
    {"patternProperties", "additionalItems", "dependencies", "dependentRequired", "dependentSchemas", "$defs", "$id"}
    | {"unevaluatedProperties", "unevaluatedItems", "contentEncoding", "contentMediaType", "contentSchema", "$schema"}
    | {"$anchor", "$comment", "$dynamicRef", "$dynamicAnchor", "examples", "writeOnly", "deprecated"}
)
"""Keywords of JSON Schema and OpenAPI 3 that Swagger 2.0 schemas do not have."""


def see_members(value: JsonObject, keys: Keys, known: Known, judge: Judge) -> None:
    """Judge the members of an object."""
    for key, child in value.items():
        test = known.get(key)
        if test is not None:
            if not test(child):
                needed = (test.__doc__ or "").rstrip(".").lower()
                what = f'"{key}" must be {needed.replace("_", " ")}'
                judge.say("JsonTypeIncorrect", (*keys, key), what, "correct the value")
        elif not key.startswith("x-"):
            judge.say(
                _code(key, known), (*keys, key), f'"{key}" may not stand here', 'take it out, or begin it with "x-"'
            )


def _code(key: str, known: Known) -> str:
    """The platform's code for a member that may not stand in an object."""
    if known is not SCHEMA:
        return "AdditionalPropertyNotAllowed"
    return "SwaggerKeywordNotSupported" if key in NEWER else "ExtensionNameNotValid"


def see_needed(value: JsonObject, keys: Keys, names: tuple[str, ...], judge: Judge) -> None:
    """Judge whether an object has the members that it must have."""
    for name in names:
        if name not in value:
            judge.say("RequiredPropertyMissing", keys, f'there is no "{name}"', f'add "{name}"')
        elif value[name] == "" and name not in ("description", "in", "type"):
            judge.say("RequiredValueEmpty", (*keys, name), f'"{name}" is empty', f'give "{name}" a value')


def see_docs(holder: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge ``externalDocs`` of an object."""
    docs = holder.get("externalDocs")
    if isinstance(docs, dict):
        see_members(docs, (*keys, "externalDocs"), DOCS, judge)
        see_url(docs, (*keys, "externalDocs"), judge)


def see_url(holder: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge the ``url`` of an object."""
    if "url" in holder and not is_absolute(holder["url"]):
        what = f'"{holder["url"]}" is no absolute URL'
        judge.say("UrlNotValid", (*keys, "url"), what, 'write it like "https://example.com"')


def is_absolute(url: Any) -> bool:
    """Whether a value is a URL that needs no other one."""
    scheme, colon, rest = url.partition(":") if isinstance(url, str) else ("", "", "")
    named = bool(scheme) and scheme[0].isalpha() and scheme.replace("+", "").replace("-", "").replace(".", "").isalnum()
    return bool(named and colon and rest.lstrip("/")) and not any(char.isspace() for char in str(url))
