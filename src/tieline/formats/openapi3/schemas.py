"""Schemas of OpenAPI 3 as schemas of Swagger 2.0.

What lives here goes through the schemas inside schemas. A schema in which nothing changes is given back as it is; no
reference is followed but to see that something is there. What becomes of keywords that hold no schema is in
``keywords``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...model import JsonObject
from .extensions import DYNAMIC, VALUES, dynamic, enum_values
from .keywords import KEYWORDS, LEAST, NUMBERS, TYPES, WHOLE, Step, bounds, const, distinct, nothing, unknown
from .lowering import Lowering
from .place import Place, source_of
from .references import Found
from .unions import UNIONS, Choice, Home, Look, Member, entries, union_of

PLAIN = frozenset({"type", "title", "description", "format"})
"""Keywords that mean the same in both, as long as they hold texts."""

STRUCTURE = frozenset({"properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength"})
"""Keywords that speak of one type, left out where several types are allowed."""

STRUCTURED = frozenset({"object", "array"})
"""Types whose schemas hold schemas."""

MOST_LEVELS = 3
"""How deep properties of a choice are merged that have several schemas each; below that anything is accepted."""

ANNOTATIONS = frozenset({"title", "description", "example", "default"})
"""Keywords that say nothing of the allowed values."""


ONE_SCHEMA = "one schema for all elements is left of a schema for each position"
"""What becomes of a schema for each position of a list."""


def lower_schema(value: Any, at: Place, low: Lowering) -> JsonObject:
    """The Swagger schema for a schema. Anything is accepted where it is none."""
    if type(value) is dict:
        if value.keys() <= PLAIN and _is_plain(value):
            return value
        if "$ref" in value and isinstance(value["$ref"], str):
            return _reference(value, at, low)
        return _lowered(value, at, low)
    if value is False:
        low.notes.add("false-schema", at, "nothing is allowed here by the description; anything is accepted")
    elif value is not True:
        low.wrong(at, "a schema", value)
    return {}


def _is_plain(value: JsonObject) -> bool:
    """Whether a schema of plain keywords means the same in Swagger 2.0: texts, and a type other than array."""
    for text in value.values():
        if type(text) is not str:
            return False
    kind = value.get("type")
    return kind is None or (kind in TYPES and kind != "array")


def _reference(value: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A reference; what stands beside it is kept by putting the reference into ``allOf``."""
    target = low.reference(value["$ref"], at)
    if len(value) == 1:
        return target or {}
    out = _lowered({key: child for key, child in value.items() if key != "$ref"}, at, low)
    if not out or target is None:
        return out or target or {}
    return {"allOf": [target, *out.pop("allOf", ())], **out}


def _lowered(value: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A schema that is more than a reference."""
    if isinstance(value.get("type"), list):
        value = _with_one_type(value, at, low)
    out: JsonObject = {}
    for key, child in value.items():
        step = STEPS.get(key)
        if step is not None:
            step(out, key, child, at, low)
        elif key.startswith("x-"):
            out[key] = child
        else:
            unknown(out, key, child, at, low)
    if not value.keys().isdisjoint(WHOLE_KEYS):
        for keys, whole in WHOLE_STEPS:
            if not keys.isdisjoint(value):
                whole(out, value, at, low)
    if not LEAST.isdisjoint(out):
        bounds(out, at, low)
    if out.get("type") == "array":
        out.setdefault("items", {})
    return _simplest(out)


def _simplest(schema: JsonObject) -> JsonObject:
    """A schema that consists of one part is that part."""
    parts: list[JsonObject] = schema.get("allOf", [])
    return parts[0] if len(parts) == 1 and len(schema) == 1 else schema


def _with_one_type(value: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A schema with one type or none in the place of a list of types, as it could have been written."""
    types = distinct(value["type"])
    out = {key: child for key, child in value.items() if key != "type"}
    if "null" in types:
        out["nullable"] = True
    kinds = [kind for kind in types if kind != "null"]
    if set(map(str, kinds)) == NUMBERS:
        kinds = ["number"]
    if len(kinds) == 1:
        return {"type": kinds[0], **out}
    if kinds:
        names = ", ".join(f'"{kind}"' for kind in kinds)
        low.notes.add("several-types", (at, "type"), f"the types {names} are not said any more; anything is accepted")
    return {key: child for key, child in out.items() if key not in STRUCTURE} if kinds else out


# Steps for keywords that hold schemas


def _properties(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """Properties, each lowered."""
    if not isinstance(value, dict):
        low.wrong((at, key), "an object", value)
        return
    base = (at, key)
    lowered = {name: lower_schema(child, (base, name), low) for name, child in value.items() if child is not False}
    if len(lowered) < len(value):
        low.notes.add("false-schema", base, "properties that are forbidden by the description are not said any more")
    out[key] = lowered


def _items(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """The schema of elements; of a list of schemas, as older drafts have it, what they have in common."""
    if isinstance(value, list):
        low.notes.add("tuple-items", (at, key), ONE_SCHEMA)
        out[key] = _same(entries({key: value}, at, key), low)
    elif isinstance(value, bool):
        out[key] = {}
    else:
        out[key] = lower_schema(value, (at, key), low)


def _additional(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """Additional properties: allowed, forbidden, or of a schema."""
    out[key] = value if isinstance(value, bool) else lower_schema(value, (at, key), low)


def _all_of(out: JsonObject, key: str, value: Any, at: Place, low: Lowering) -> None:
    """Parts of a schema; those that say nothing are left out."""
    if not isinstance(value, list):
        low.wrong((at, key), "a list", value)
        return
    parts = [part for found in entries({key: value}, at, key) if (part := lower_schema(*found, low))]
    if parts:
        out[key] = parts


# Steps for whole schemas with schemas in them


def _pattern_properties(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """Properties with names of a pattern become additional properties of any name."""
    patterns = schema["patternProperties"]
    if not isinstance(patterns, dict):
        low.wrong((at, "patternProperties"), "an object", patterns)
        return
    if not patterns:
        return
    low.notes.add("pattern-properties", (at, "patternProperties"), "properties of any name are accepted")
    base = (at, "patternProperties")
    if out.get("additionalProperties", False) is False:
        out["additionalProperties"] = _same([(child, (base, name)) for name, child in patterns.items()], low)
    elif out["additionalProperties"] is not True:
        out["additionalProperties"] = {}


def _prefix_items(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """A schema for each position becomes one for all elements."""
    found = entries(schema, at, "prefixItems")
    if isinstance(schema.get("items"), dict):
        found.append((schema["items"], (at, "items")))
    low.notes.add("tuple-items", (at, "prefixItems"), ONE_SCHEMA)
    out["items"] = _same(found, low)


def _same(found: list[Found], low: Lowering) -> JsonObject:
    """The schema that several are, if they are all the same, else one that accepts anything."""
    schemas = [lower_schema(value, at, low) for value, at in found]
    return schemas[0] if schemas and all(schema == schemas[0] for schema in schemas) else {}


def _unevaluated(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """Unevaluated properties are additional ones where the schema has no parts; else they cannot be said."""
    value = schema["unevaluatedProperties"]
    if not any(key in schema for key in ("allOf", "patternProperties", "if", "dependentSchemas", *UNIONS)):
        if "additionalProperties" not in schema:
            _additional(out, "additionalProperties", value, at, low)
        return
    if value is not True:
        low.notes.add("unevaluated-dropped", (at, "unevaluatedProperties"), "other properties are accepted")


def _dynamic_ref(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """A dynamic reference leads where a plain one would."""
    low.notes.add("dynamic-ref", (at, "$dynamicRef"), '"$dynamicRef" is followed like "$ref"')
    ref = schema["$dynamicRef"]
    target = low.reference(ref, at) if isinstance(ref, str) else None
    if target is not None:
        out["allOf"] = [target, *out.get("allOf", ())]


def _choices(out: JsonObject, schema: JsonObject, at: Place, low: Lowering) -> None:
    """``oneOf`` and ``anyOf``: their members merged into the schema that holds them."""
    for key in UNIONS:
        if key not in schema:
            continue
        if not isinstance(schema[key], list):
            low.wrong((at, key), "a list", schema[key])
            continue
        elsewhere = _is_elsewhere(at, low)
        if at in low.merging or (elsewhere and at in low.choices):
            _add(out, low.own_definition(schema, at))
            return
        look = Look(low)
        choice = look.choice(entries(schema, at, key))
        around = _Around(out.get("type", ""), schema.get("discriminator"), 0)
        if elsewhere and len(choice.members) > 1 and _kind(choice, look, around) in STRUCTURED:
            low.choices.add(at)
            _add(out, low.own_definition(schema, at))
            return
        look.home = Home(choice.identities, (schema, at))
        low.merging.add(at)
        merged = _merged(choice, look, around)
        low.merging.discard(at)
        if merged.rule:
            low.notes.add(merged.rule, (at, key), f'"{key}" of {_listed(choice.members)} {merged.becomes}')
        _add(out, merged.schema)


def _is_elsewhere(at: Place, low: Lowering) -> bool:
    """Whether a choice is met while others are merged, none of which it is written inside of.

    Then a reference led here, and may do so any number of times or lead back to where it started.
    """
    while low.merging and isinstance(at, tuple):
        if at in low.merging:
            return False
        at = at[0]
    return bool(low.merging)


WHOLE_STEPS = (
    (frozenset({"const"}), const),
    (frozenset({"prefixItems"}), _prefix_items),
    (frozenset({"patternProperties"}), _pattern_properties),
    (frozenset({"unevaluatedProperties"}), _unevaluated),
    (frozenset({"$dynamicRef"}), _dynamic_ref),
    (frozenset(UNIONS), _choices),
    *WHOLE,
    (frozenset({VALUES}), enum_values),
)
"""Keywords that are seen to together with others, with their step, in the order of the steps."""

WHOLE_KEYS = frozenset().union(*(keys for keys, _ in WHOLE_STEPS))
"""All those keywords."""

STEPS: dict[str, Step] = {
    **KEYWORDS,
    **dict.fromkeys(DYNAMIC, dynamic),
    **dict.fromkeys(WHOLE_KEYS, nothing),
    "properties": _properties,
    "items": _items,
    "additionalProperties": _additional,
    "allOf": _all_of,
}
"""Every keyword with its step."""


# Choices


class _Around(NamedTuple):
    """What a choice has to know of the schema that holds it."""

    kind: str
    """The type that it says; empty for none."""
    discriminator: Any
    level: int
    """How many choices it is inside of that had to be merged."""


class _Merged(NamedTuple):
    """One schema in the place of several."""

    schema: JsonObject
    rule: str = ""
    """The kind of loss; empty when the schema means the same."""
    becomes: str = ""
    """What is left, for a message."""


def _merged(choice: Choice, look: Look, around: _Around) -> _Merged:
    """One schema for the members of a choice."""
    found = _merged_members(choice, look, around)
    return found._replace(schema={**found.schema, "x-nullable": True}) if choice.nullable else found


def _merged_members(choice: Choice, look: Look, around: _Around) -> _Merged:
    """The same without a look at null."""
    members = choice.members
    if look.exhausted:
        return _Merged({}, "union-opened", "is too large to be merged; anything is accepted")
    if choice.opened or not members:
        return _Merged({})
    if len(members) == 1:
        return _Merged(lower_schema(*members[0].written, look.low))
    kind = _kind(choice, look, around)
    if kind == "object":
        if around.level and look.home is not None and choice.identities <= look.home.members:
            return _Merged(look.low.own_definition(*look.home.schema))
        return _merged_objects(members, look, around)
    if kind == "array":
        return _merged_lists(members, look, around.level)
    if kind in TYPES:
        return _merged_scalars(kind, [lower_schema(member.value, member.at, look.low) for member in members])
    return _Merged({}, "union-opened", "is not said any more; anything is accepted")


def _kind(choice: Choice, look: Look, around: _Around) -> str:
    """The type that all members of a choice have; empty when they differ or one does not say it."""
    kinds = {look.kind(member.value, member.at) or around.kind for member in choice.members}
    return "number" if kinds == NUMBERS else kinds.pop() if len(kinds) == 1 else ""


def _merged_objects(members: list[Member], look: Look, around: _Around) -> _Merged:
    """An object with the properties of all members. What every member requires is required."""
    shape = union_of([look.shape(member.value, member.at) for member in members])
    if look.exhausted:
        return _Merged({}, "union-opened", "is too large to be merged; anything is accepted")
    properties = {name: _either(found, look, around.level + 1) for name, found in shape.properties.items()}
    _add_discriminator(properties, around.discriminator, members)
    out: JsonObject = {"type": "object"}
    if shape.required:
        out["required"] = list(shape.required)
    if properties:
        out["properties"] = properties
    if shape.closed:
        out["additionalProperties"] = False
    return _Merged(out, "union-flattened", "becomes one object with the properties of all")


def _add_discriminator(properties: JsonObject, discriminator: Any, members: list[Member]) -> None:
    """Say the values of the property that tells members apart, unless the members say them themselves."""
    name = discriminator.get("propertyName") if isinstance(discriminator, dict) else None
    if not isinstance(name, str):
        return
    own = properties.get(name) or {"type": "string"}
    if own.get("type") != "string" or "enum" in own:
        return
    mapping = discriminator.get("mapping")
    mapping = mapping if isinstance(mapping, dict) else {}
    mapped = {str(target).rpartition("/")[2] for target in mapping.values()}
    values = [*mapping, *(member.name for member in members if member.name and member.name not in mapped)]
    if values:
        properties[name] = {**own, "enum": distinct(values)}


def _merged_lists(members: list[Member], look: Look, level: int) -> _Merged:
    """A list whose elements may be those of any member."""
    items: list[Found] = [(member.value.get("items", True), (member.at, "items")) for member in members]
    schema = {"type": "array", "items": _either(items, look, level + 1)}
    return _Merged(schema, "union-flattened", "becomes one list of the elements of all")


def _merged_scalars(kind: str, schemas: list[JsonObject]) -> _Merged:
    """A single value with what all members say. Nothing is lost when all are lists of values, or one says no more than
    the type."""
    narrow = [{key: schema[key] for key in schema if key not in ANNOTATIONS and key[:2] != "x-"} for schema in schemas]
    common = {key: value for key, value in narrow[0].items() if all(other.get(key) == value for other in narrow[1:])}
    out: JsonObject = {**common, "type": kind}
    out |= {"x-nullable": True} if any(schema.get("x-nullable") is True for schema in schemas) else {}
    if any(schema.keys() <= {"type"} and schema.get("type") == kind for schema in narrow):
        return _Merged(out)
    if all("enum" in schema for schema in narrow):
        out["enum"] = distinct(value for schema in narrow for value in schema["enum"])
        if all(schema.keys() <= out.keys() for schema in narrow):
            return _named_values(out, schemas)
    return _Merged(out, "union-flattened", f"becomes one {kind} with what all have in common")


def _named_values(out: JsonObject, schemas: list[JsonObject]) -> _Merged:
    """A list of values, of which members name single ones: the names stay with the values (reference:
    openapi-extensions, section 2), what is said of a value does not."""
    ones = [schema for schema in schemas if len(schema["enum"]) == 1]
    titles = {schema["enum"][0]: schema["title"] for schema in ones if schema.get("title")}
    if titles:
        out[VALUES] = [{"value": value, "displayName": titles.get(value, str(value))} for value in out["enum"]]
    if any("description" in schema for schema in ones):
        return _Merged(out, "text-dropped", "becomes one list of values, without what is said of each")
    return _Merged(out)


def _either(found: list[Found], look: Look, level: int) -> JsonObject:
    """One schema for several that a value may have; anything for those that are nested too deep to be merged.

    ``look`` is that of the choice around them, so that all inside one choice takes its share and no more. Objects that
    the choice itself is between become a reference to it: it leads back to where it started.
    """
    unique = list({id(value): (value, at) for value, at in found}.values())
    schemas: list[JsonObject] = []
    for value, at in unique:
        schema = lower_schema(value, at, look.low)
        if schema not in schemas:
            schemas.append(schema)
    if len(schemas) == 1:
        return schemas[0]
    if level > MOST_LEVELS or {} in schemas:
        return {}
    out: JsonObject = {}
    different = list({_words(value, at): (value, at) for value, at in unique}.values())
    _add(out, _merged(look.choice(different), look, _Around("", None, level)).schema)
    return _simplest(out)


def lower_either(found: list[Found], at: Place, low: Lowering) -> JsonObject:
    """One schema for several that stand in different places, each of which a value may have; what is lost by that is
    noted ``at`` a place."""
    schemas = [lower_schema(value, place, low) for value, place in found]
    if all(schema == schemas[0] for schema in schemas):
        return schemas[0]
    look = Look(low)
    choice = look.choice(found)
    merged = _merged(choice, look, _Around("", None, 0))
    if merged.rule:
        low.notes.add(merged.rule, at, f"one of {_listed(choice.members)} {merged.becomes}")
    out: JsonObject = {}
    _add(out, merged.schema)
    return _simplest(out)


def _words(value: Any, at: Place) -> Any:
    """What tells a schema from others; the same for two choices between the same references."""
    for key in UNIONS:
        members = value.get(key) if isinstance(value, dict) and len(value) == 1 else None
        if isinstance(members, list):
            refs = [member.get("$ref") if isinstance(member, dict) and len(member) == 1 else None for member in members]
            if all(isinstance(ref, str) for ref in refs):
                return (source_of(at).file, *refs)
    return id(value)


def _add(out: JsonObject, schema: JsonObject) -> None:
    """Add what a choice became to the schema that holds it, whose own words go first."""
    for key, value in schema.items():
        match key:
            case "$ref":
                out["allOf"] = [*out.get("allOf", ()), {"$ref": value}]
            case "allOf":
                out["allOf"] = [*out.get("allOf", ()), *value]
            case "properties":
                out["properties"] = {**value, **out.get("properties", {})}
            case "required":
                out["required"] = list(dict.fromkeys((*out.get("required", ()), *value)))
            case _:
                out.setdefault(key, value)


def _listed(members: list[Member]) -> str:
    """Members by name, for a message."""
    names = [f'"{member.name}"' for member in members if member.name]
    if len(names) < len(members) or len(names) > 6:
        return f"{len(members)} schemas"
    return ", ".join(names)
