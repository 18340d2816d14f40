"""Rules about schemas and their keywords (reference: limits-and-certification, sections 4 and 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .api import Api, Keys, Node, obj, seq
from .patterns import readable

Faults = Iterator[tuple[Keys, str]]
Rule = Callable[[Api], Faults]

MOST_SCHEMAS = 512
UNIQUE = ("enum", "required", "schemes", "consumes", "produces", "tags")


def items(api: Api) -> Faults:
    for node in api.typed:
        if node.value.get("type") == "array" and not isinstance(node.value.get("items"), dict):
            yield node.keys, ""


def required_named(api: Api) -> Faults:
    yield from ((node.keys, "[]") for node in api.schemas if node.value.get("required") == [])


def enum_filled(api: Api) -> Faults:
    yield from ((node.keys, "[]") for node in api.typed if node.value.get("enum") == [])


def no_duplicates(api: Api) -> Faults:
    holders = [Node(api.root, ()), *(Node(one.value, one.keys) for one in api.operations), *api.typed]
    for node in holders:
        for key in UNIQUE:
            values = [(type(value).__name__ == "bool", value) for value in seq(node.value.get(key))]
            if any(value in values[:index] for index, value in enumerate(values)) and (key != "tags" or node.keys):
                yield (*node.keys, key), ""


def extension_duplicates(api: Api) -> Faults:
    for node in api.typed:
        values = [obj(entry).get("value") for entry in seq(node.value.get("x-ms-enum-values"))]
        if any(value in values[:index] for index, value in enumerate(values)):
            yield node.keys, ""


def extension_values(api: Api) -> Faults:
    for node in api.typed:
        for entry in seq(node.value.get("x-ms-enum-values")):
            if obj(entry).get("value") not in seq(node.value.get("enum")):
                yield node.keys, repr(entry)


def extension_names(api: Api) -> Faults:
    for node in api.typed:
        for entry in seq(node.value.get("x-ms-enum-values")):
            if not isinstance(obj(entry).get("displayName"), str):
                yield node.keys, repr(entry)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def not_negative(key: str) -> Rule:
    """The rule for a count."""

    def rule(api: Api) -> Faults:
        for node in api.typed:
            if _number(node.value.get(key)) and node.value[key] < 0:
                yield node.keys, str(node.value[key])

    return rule


def ordered(low: str, high: str) -> Rule:
    """The rule for two bounds."""

    def rule(api: Api) -> Faults:
        for node in api.typed:
            least, most = node.value.get(low), node.value.get(high)
            if _number(least) and _number(most) and least > most:
                yield node.keys, f"{least} > {most}"

    return rule


def beside(key: str, bound: str) -> Rule:
    """The rule for a keyword that needs another."""

    def rule(api: Api) -> Faults:
        yield from ((node.keys, "") for node in api.typed if key in node.value and bound not in node.value)

    return rule


def multiple(api: Api) -> Faults:
    for node in api.typed:
        if _number(node.value.get("multipleOf")) and node.value["multipleOf"] <= 0:
            yield node.keys, str(node.value["multipleOf"])


def pattern(api: Api) -> Faults:
    for node in api.typed:
        value = node.value.get("pattern")
        if isinstance(value, str) and not readable(value):
            yield node.keys, value


def discriminator(api: Api) -> Faults:
    for node in api.schemas:
        name = node.value.get("discriminator")
        if isinstance(name, str):
            whole = api.kept(node.value)
            own = api.followed(obj(whole.get("properties")).get(name))
            if own.get("type") != "string" or name not in seq(whole.get("required")):
                yield node.keys, name


def file_type(api: Api) -> Faults:
    for node in api.schemas:
        if node.value.get("type") == "file" and node.kind != "response":
            yield node.keys, node.kind


def size(api: Api) -> Faults:
    for node in api.whole_schemas:
        if node.kind != "definition" and _more(node.value, api):
            yield node.keys, ""


def _more(schema: dict[str, Any], api: Api) -> bool:
    """Whether there are too many schemas in a schema, references followed; one that leads back counts once (section
    1)."""
    found = 0
    stack: list[tuple[dict[str, Any], frozenset[str]]] = [(schema, frozenset())]
    while stack and found <= MOST_SCHEMAS:
        here, inside = stack.pop()
        ref = here.get("$ref")
        if isinstance(ref, str) and ref not in inside:
            stack.append((obj(api.at(ref)), inside | {ref}))
            continue
        found += 1
        parts = [*obj(here.get("properties")).values(), *seq(here.get("allOf"))] if ref is None else []
        parts += [here.get(key) for key in ("items", "additionalProperties") if ref is None]
        stack += [(part, inside) for part in parts if isinstance(part, dict)]
    return found > MOST_SCHEMAS


def required_loop(api: Api) -> Faults:
    for node in api.whole_schemas:
        if node.kind == "definition" and _needs(f"#/definitions/{_escaped(str(node.keys[1]))}", node.value, api):
            yield node.keys, ""


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _needs(target: str, schema: dict[str, Any], api: Api) -> bool:
    """Whether every value of a schema has to hold one of the definition ``target``."""
    seen: set[str] = set()
    stack = [schema]
    while stack:
        here = stack.pop()
        ref = here.get("$ref")
        if isinstance(ref, str):
            if ref == target:
                return True
            if ref not in seen:
                seen.add(ref)
                stack.append(obj(api.at(ref)))
            continue
        properties = obj(here.get("properties"))
        stack += [obj(properties.get(name)) for name in seq(here.get("required")) if isinstance(name, str)]
        stack += [obj(part) for part in seq(here.get("allOf"))]
    return False


COUNTS = ("MaxItems", "MaxLength", "MaxProperties", "MinItems", "MinLength", "MinProperties")

RULES: dict[str, Rule] = {
    "ArrayHasNoItems": items,
    "RequiredPropertyArrayEmpty": required_named,
    "EnumMustContainAtLeastOneElement": enum_filled,
    "ArrayDuplicateValue": no_duplicates,
    "DuplicateEnumValuesInExtension": extension_duplicates,
    "InvalidEnumValuesExtensionValue": extension_values,
    "MissingEnumValuesDisplayName": extension_names,
    **{f"{name}MustBeGreaterThanOrEqualToZero": not_negative(name[0].lower() + name[1:]) for name in COUNTS},
    "MinimumShouldBeLessThanOrEqualToMaximum": ordered("minimum", "maximum"),
    "MinItemsShouldBeLessThanOrEqualToMaxItems": ordered("minItems", "maxItems"),
    "MinLengthShouldBeLessThanOrEqualToMaxLength": ordered("minLength", "maxLength"),
    "ExclusiveMaximumRequiresMaximum": beside("exclusiveMaximum", "maximum"),
    "ExclusiveMinimumRequiresMinimum": beside("exclusiveMinimum", "minimum"),
    "MultipleOfMustBeGreaterThanZero": multiple,
    "PatternShouldBeValidRegularExpression": pattern,
    "DiscriminatorMustBeARequiredStringProperty": discriminator,
    "SchemaTypeFileNotValid": file_type,
    "BodySchemaCountExceedsMaxAllowed": size,
    "RequiredLoopInSchemaNotAllowed": required_loop,
}
"""Code -> the places that break it."""
