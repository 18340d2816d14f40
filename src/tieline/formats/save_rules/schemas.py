"""Rules about schemas, and about the keywords that single values have as well."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from ...model import JsonObject
from .judge import Judge, Keys, is_number, listing, mapping, repeated
from .members import SCHEMA, XML, see_docs, see_members
from .patterns import is_readable

Kind = Literal["definition", "body", "response", "notification", "inner"]
"""What a schema is of."""

TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object", "file"})
BOUNDS = (
    ("minimum", "maximum", "MinimumShouldBeLessThanOrEqualToMaximum"),
    ("minItems", "maxItems", "MinItemsShouldBeLessThanOrEqualToMaxItems"),
    ("minLength", "maxLength", "MinLengthShouldBeLessThanOrEqualToMaxLength"),
)
COUNTS = ("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties")
VALUES = "x-ms-enum-values"
MARK = "x-ms-notification-url"
MOST_PARTS = 50
"""Parts of a schema that are looked at to see what it has."""


def see_schema(schema: JsonObject, keys: Keys, kind: Kind, judge: Judge) -> None:
    """Judge a schema and all inside of it."""
    stack: list[tuple[JsonObject, Keys, Kind]] = [(schema, keys, kind)]
    while stack:
        value, here, sort = stack.pop()
        _see_one(value, here, sort, judge)
        inside = list(_inside(value, here))
        for child, place in inside:
            if isinstance(child, dict):
                stack.append((child, place, "inner"))
            else:
                judge.say("JsonTypeIncorrect", place, "a schema must be an object", "correct the value")


def _inside(value: JsonObject, keys: Keys) -> Iterator[tuple[Any, Keys]]:
    """The schemas right inside of a schema."""
    for name, child in mapping(value.get("properties")).items():
        yield child, (*keys, "properties", name)
    for index, child in enumerate(listing(value.get("allOf"))):
        yield child, (*keys, "allOf", index)
    for key in ("items", "additionalProperties"):
        if isinstance(value.get(key), dict):
            yield value[key], (*keys, key)


def _see_one(value: JsonObject, keys: Keys, kind: Kind, judge: Judge) -> None:
    """Judge one schema without those inside of it."""
    see_members(value, keys, SCHEMA, judge)
    see_docs(value, keys, judge)
    if isinstance(value.get("xml"), dict):
        see_members(value["xml"], (*keys, "xml"), XML, judge)
    if "$ref" in value:
        judge.reference("Schema", value, keys)
    see_keywords(value, keys, judge)
    if value.get("required") == []:
        judge.say("RequiredPropertyArrayEmpty", (*keys, "required"), '"required" names nothing', "take it out")
    if repeated(listing(value.get("required"))):
        judge.say("ArrayDuplicateValue", (*keys, "required"), '"required" names something twice', "name it once")
    if value.get("type") == "file" and kind != "response":
        judge.say("SchemaTypeFileNotValid", keys, '"file" is no type of a schema here', 'use "string"')
    if kind == "inner" and is_bytes(judge.behind(value)):
        judge.say("InvalidStringBinaryProperty", keys, "bytes are only a part of a value", 'use the format "byte"')
    if isinstance(value.get("discriminator"), str):
        _see_discriminator(value, keys, judge)
    if MARK in value and kind != "inner":
        judge.say("NotificationUrlNotAllowedInThisPosition", keys, f'"{MARK}" marks a whole schema', "mark a property")


def is_bytes(value: JsonObject) -> bool:
    """Whether a schema is of bytes."""
    return value.get("type") == "string" and value.get("format") == "binary"


def _see_discriminator(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge a discriminator."""
    name = value["discriminator"]
    parts = [judge.behind(value)]
    for part in parts:  # grows while it is walked
        parts += [judge.behind(one) for one in listing(part.get("allOf"))][: MOST_PARTS - len(parts)]
    own = [judge.behind(mapping(part.get("properties")).get(name)) for part in parts]
    required = any(name in listing(part.get("required")) for part in parts)
    if not required or all(one.get("type") != "string" for one in own):
        what = f'the discriminator "{name}" is no required text of the schema'
        judge.say("DiscriminatorMustBeARequiredStringProperty", keys, what, f'add "{name}" to "required"')


# Keywords that single values have as well


def see_keywords(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge the keywords of a schema, a parameter, a header or the elements of one."""
    kind = value.get("type")
    if isinstance(kind, str) and kind not in TYPES:
        judge.say("JsonValueNotInEnum", keys, f'"{kind}" is no type', "use string, number, integer, boolean or array")
    if kind == "array" and not isinstance(value.get("items"), dict):
        judge.say("ArrayHasNoItems", keys, 'a list without "items"', 'add "items"')
    _see_enum(value, keys, judge)
    _see_bounds(value, keys, judge)
    pattern = value.get("pattern")
    if isinstance(pattern, str) and not is_readable(pattern):
        what = f'.NET cannot read the pattern "{pattern}"'
        judge.say("PatternShouldBeValidRegularExpression", keys, what, "write it without what other languages have")


def _see_enum(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge allowed values and their names."""
    allowed = value.get("enum")
    if allowed == []:
        judge.say("EnumMustContainAtLeastOneElement", keys, '"enum" allows nothing', "list the allowed values")
    if repeated(listing(allowed)):
        judge.say("ArrayDuplicateValue", (*keys, "enum"), '"enum" names a value twice', "name it once")
    named = [mapping(entry) for entry in listing(value.get(VALUES))]
    if repeated([entry.get("value") for entry in named]):
        judge.say("DuplicateEnumValuesInExtension", keys, f'"{VALUES}" names a value twice', "name it once")
    for entry in named:
        if entry.get("value") not in listing(allowed):
            what = f'"{VALUES}" names "{entry.get("value")}", which is not in "enum"'
            judge.say("InvalidEnumValuesExtensionValue", keys, what, 'add it to "enum"')
        if not isinstance(entry.get("displayName"), str):
            what = f'"{VALUES}" gives "{entry.get("value")}" no name'
            judge.say("MissingEnumValuesDisplayName", keys, what, 'add "displayName"')


def _see_bounds(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge minima and maxima."""
    for least, most, code in BOUNDS:
        low, high = value.get(least), value.get(most)
        if is_number(low) and is_number(high) and low > high:
            judge.say(code, keys, f'"{least}" {low} is more than "{most}" {high}', "correct the bounds")
    for key in COUNTS:
        bound = value.get(key)
        if is_number(bound) and bound < 0:
            code = f"{key[0].upper()}{key[1:]}MustBeGreaterThanOrEqualToZero"
            judge.say(code, keys, f'"{key}" is less than 0', "correct the bound")
    for key, beside in (("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")):
        if key in value and beside not in value:
            code = f"{key[0].upper()}{key[1:]}Requires{beside.capitalize()}"
            judge.say(code, keys, f'"{key}" stands without "{beside}"', f'add "{beside}"')
    step = value.get("multipleOf")
    if is_number(step) and step <= 0:
        judge.say("MultipleOfMustBeGreaterThanZero", keys, '"multipleOf" is not more than 0', "correct it")


# Definitions that require each other


def see_loops(judge: Judge) -> None:
    """Judge whether the values of a definition have to hold one of it without end."""
    definitions = mapping(judge.root.get("definitions"))
    needs = {name: _needs(schema) for name, schema in definitions.items()}
    for name in definitions:
        seen: set[str] = set()
        stack = list(needs[name])
        while stack:
            other = stack.pop()
            if other not in seen:
                seen.add(other)
                stack += needs.get(other, ())
        if name in seen:
            what = f'each value of "{name}" has to hold another one'
            judge.say(
                "RequiredLoopInSchemaNotAllowed", ("definitions", name), what, 'take a property out of "required"'
            )


def _needs(schema: Any) -> set[str]:
    """The definitions of which each value of a schema holds a value, as far as it says itself."""
    found: set[str] = set()
    stack = [schema]
    while stack:
        here = stack.pop()
        if not isinstance(here, dict):
            continue
        if isinstance(here.get("$ref"), str):
            name = here["$ref"].removeprefix("#/definitions/").replace("~1", "/").replace("~0", "~")
            found.add(name)
            continue
        properties = mapping(here.get("properties"))
        stack += [properties.get(name) for name in listing(here.get("required")) if isinstance(name, str)]
        stack += listing(here.get("allOf"))
    return found
