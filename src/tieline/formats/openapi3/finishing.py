"""What Swagger 2.0 allows in schemas and the platform refuses: bytes inside of a schema, and definitions of which each
value has to hold another one without end (reference: limits-and-certification, sections 4 and 9).

What lives here looks at lowered schemas as they are about to be written; parameters and forms are made of schemas as
they were before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...model import Finding, JsonObject
from .defaults import fitting
from .definitions import PREFIX, definition, flat
from .lowering import Lowering
from .place import Place, route_of
from .values import MARK

BYTES = "binary"
"""The format of bytes; only a whole body, a whole reply or a file may have it."""


def finished(name: str, low: Lowering) -> JsonObject:
    """The definition called ``name`` as it is written. What is found goes to the definitions' findings."""
    known = low.finished.get(name)
    if known is None:
        outer, low.notes = low.notes, low.definition_notes
        at = low.written[name][1]
        whole = finished_schema(definition(name, low), at, low)
        known = low.finished[name] = _without_loop(whole, name, at, low)
        low.notes = outer
    return known


def all_finished(low: Lowering) -> JsonObject:
    """Every definition: the component schemas, then those that were met on the way, in a fixed order."""
    done: JsonObject = {}
    while len(done) < len(low.written):
        for name in list(low.written)[len(done) :]:
            done[name] = finished(name, low)
    return done


def said(low: Lowering, *parts: JsonObject) -> Iterator[Finding]:
    """The definitions' findings that say something: bytes in a definition that is a form and nothing else are files.

    ``parts`` are all that is written.
    """
    found = list(low.definition_notes)
    forms = low.forms if any(finding.rule == "nested-bytes" for finding in found) else set()
    used = _referred(parts) if forms else set()
    unused = [route_of(low.written[name][1]) for name in forms if PREFIX + name not in used]
    for finding in found:
        route = finding.route
        if finding.rule != "nested-bytes" or not any(
            route.document == other.document and route.keys[: len(other.keys)] == other.keys for other in unused
        ):
            yield finding


def _referred(parts: Iterable[JsonObject]) -> set[str]:
    """All references in what is written."""
    found: set[str] = set()
    stack: list[Any] = list(parts)
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            ref = value.get("$ref")
            if isinstance(ref, str):
                found.add(ref)
            stack += value.values()
        elif isinstance(value, list):
            stack += value
    return found


def finished_schema(schema: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """The schema of a whole body or reply as it is written; itself where nothing changes."""
    out = schema
    if MARK in schema:
        low.notes.add("extension-refused", (at, MARK), f'"{MARK}" must be on a required, internal text property')
        out = {key: value for key, value in schema.items() if key != MARK}
    out = fitting(out, at, low)
    if properties := schema.get("properties"):
        base: Place = (at, "properties")
        made = {name: _property(name, schema, (base, name), low) for name in properties}
        if any(made[name] is not child for name, child in properties.items()):
            out = {**out, "properties": made}
    if parts := schema.get("allOf"):
        base = (at, "allOf")
        found = [_inside(part, (base, index), low) for index, part in enumerate(parts)]
        if any(part is not child for part, child in zip(found, parts, strict=True)):
            out = {**out, "allOf": found}
    for key in ("items", "additionalProperties"):
        value = schema.get(key)
        if isinstance(value, dict) and value and (inner := _inside(value, (at, key), low)) is not value:
            out = {**out, key: inner}
    return out


def _property(name: str, holder: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A property. The mark of a trigger's URL stays where the platform takes it: on a required text that is hidden."""
    schema: JsonObject = holder["properties"][name]
    hidden = MARK in schema and schema.get("x-ms-visibility") == "internal"
    fits = hidden and schema.get("type") == "string" and name in holder.get("required", ())
    return schema if fits else _inside(schema, at, low)


def _inside(schema: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A schema inside of another one: bytes become a text."""
    ref = schema.get("$ref")
    if ref is None:
        whole = finished_schema(schema, at, low)
        return without_bytes(whole, at, low) if schema.get("format") == BYTES else whole
    name = ref.removeprefix(PREFIX)
    if not _may_be_bytes(name, low):
        return schema
    found = flat(schema, low)
    return without_bytes(finished_schema(found, at, low), at, low) if found.get("format") == BYTES else schema


def _may_be_bytes(name: str, low: Lowering) -> bool:
    """Whether a definition may be bytes, by what is written: only then is it lowered here."""
    value = low.written[name][0]
    if not isinstance(value, dict) or "properties" in value or "items" in value:
        return False
    return value.get("format") == BYTES or any(key in value for key in ("contentMediaType", "$ref", "allOf"))


def without_bytes(schema: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A schema of bytes without its format, with a finding."""
    low.notes.add("nested-bytes", at, 'bytes that are only a part of a value become a text; the format is "x-format"')
    return {**{key: value for key, value in schema.items() if key != "format"}, "x-format": BYTES}


# Definitions that require each other


def _without_loop(schema: JsonObject, name: str, at: Place, low: Lowering) -> JsonObject:
    """A definition that does not require a value of itself inside of each of its values."""
    if not _reaches(_needed(schema), name, low):
        return schema
    out = schema
    if "required" in schema:
        properties = schema.get("properties", {})
        endless = [one for one in schema["required"] if _reaches(_needed(properties.get(one, {})), name, low)]
        if endless:
            shown = ", ".join(f'"{one}"' for one in endless)
            low.notes.add("required-loop", (at, "required"), f'{shown} of "{name}" would hold "{name}" without end')
            kept = [one for one in schema["required"] if one not in endless]
            out = {key: value for key, value in schema.items() if key != "required"}
            out |= {"required": kept} if kept else {}
    if "allOf" in schema:
        parts = [part if "$ref" in part else _without_loop(part, name, at, low) for part in schema["allOf"]]
        out = {**out, "allOf": parts}
    return out


def _needed(schema: JsonObject) -> set[str]:
    """The definitions that every value of a schema holds a value of, or is one of, as far as the schema says itself."""
    found: set[str] = set()
    stack = [schema]
    while stack:
        here = stack.pop()
        if "$ref" in here:
            found.add(here["$ref"].removeprefix(PREFIX))
            continue
        if "required" in here:
            properties = here.get("properties", {})
            stack += [properties[name] for name in here["required"] if name in properties]
        stack += here.get("allOf", ())
    return found


def _reaches(names: Iterable[str], target: str, low: Lowering) -> bool:
    """Whether values of some definitions hold one of ``target``."""
    seen: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name == target:
            return True
        if name not in seen:
            seen.add(name)
            if name not in low.needs:
                low.needs[name] = _needed(definition(name, low))
            stack += low.needs[name]
    return False
