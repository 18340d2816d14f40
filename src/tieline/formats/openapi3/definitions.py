"""Definitions: named schemas, lowered when they are first needed, and schemas with what their references hold.

What is written in their places is made of them in ``finishing``.
"""

from __future__ import annotations

from typing import Any

from ...model import JsonObject
from .lowering import Lowering
from .place import Place
from .references import Found
from .schemas import lower_schema
from .unions import UNIONS, entries, is_null

PREFIX = "#/definitions/"
"""How every reference of a lowered description begins."""

MOST_DEPTH = 60
"""Parts of parts that are put into one schema; it is deeper than any that a person can have meant."""

MOST_PARTS = 200
"""Parts that are looked at to see whether a schema is a part of itself."""


def definition(name: str, low: Lowering) -> JsonObject:
    """The definition called ``name``, which must be one that the lowering has met.

    What is found in it goes to the definitions' findings, whoever needs it first.
    """
    known = low.lowered.get(name)
    if known is None:
        outer, low.notes = low.notes, low.definition_notes
        known = low.lowered[name] = _lowered(name, low)
        low.notes = outer
    return known


def _lowered(name: str, low: Lowering) -> JsonObject:
    """Lower a definition.

    One that is nothing but a reference to a file carries that file's schema, since it gave its name to it. References
    that only lead back to each other are open.
    """
    value, at = low.written[name]
    while (ref := _only_ref(value)) is not None:
        if low.follow(value, at) is None:
            return {}
        target = low.reference(ref, at)
        if target is None or target["$ref"] != PREFIX + name:
            return target or {}
        found = low.find(ref, at)
        if found is None:
            return {}
        value, at = found
    return lower_schema(_without_itself(value, at, low), at, low)


def _only_ref(value: Any) -> str | None:
    """The reference of a schema that is nothing else."""
    ref = value.get("$ref") if isinstance(value, dict) and len(value) == 1 else None
    return ref if isinstance(ref, str) else None


def parts_of(schema: JsonObject) -> list[str]:
    """The definitions that a lowered schema is or is made of, as far as it says itself."""
    found = [schema["$ref"].removeprefix(PREFIX)] if "$ref" in schema else []
    return found + [name for part in schema.get("allOf", ()) for name in parts_of(part)]


# Schemas that are parts of themselves


def _without_itself(value: Any, at: Place, low: Lowering) -> Any:
    """A schema without the parts that lead back to it: a schema that is a part of itself says nothing by that part."""
    if not isinstance(value, dict):
        return value
    out = value
    for key, part in _parts(value, at):
        if _leads_to(id(value), part, low):
            low.notes.add("ref-loop", part[1], "this part of the schema leads back to the schema")
            if isinstance(out[key], list):
                out = {**out, key: [True if child is part[0] else child for child in out[key]]}
            else:
                out = {name: child for name, child in out.items() if name != key}
    return out


def _parts(value: JsonObject, at: Place) -> list[tuple[str, Found]]:
    """The schemas that a schema is made of as a whole, by keyword: references, ``allOf``, a choice without choice."""
    found: list[tuple[str, Found]] = []
    for key in ("$ref", "$dynamicRef"):
        if isinstance(value.get(key), str):
            found.append((key, ({"$ref": value[key]}, at)))
    found += [("allOf", part) for part in entries(value, at, "allOf")]
    for key in UNIONS:
        parts = [part for part in entries(value, at, key) if not (isinstance(part[0], dict) and is_null(part[0]))]
        found += [(key, part) for part in parts if len(parts) == 1]
    return found


def _leads_to(target: int, part: Found, low: Lowering) -> bool:
    """Whether a part is, or is made of, the object with an identity. References that lead nowhere are seen to later."""
    seen: set[int] = set()
    stack = [part]
    while stack and len(seen) < MOST_PARTS and low.effort > 0:
        low.effort -= 1
        value, at = stack.pop()
        if not isinstance(value, dict) or id(value) in seen:
            continue
        if id(value) == target:
            return True
        seen.add(id(value))
        for key, inner in _parts(value, at):
            stack += low.peek(inner) if key in ("$ref", "$dynamicRef") else [inner]
    return False


# Schemas with what their references hold


def flat(schema: JsonObject, low: Lowering) -> JsonObject:
    """A lowered schema with what its references and parts say put into it, as far as its own level goes.

    Of several parts that say the same the later counts, and the schema itself most. A schema inside itself adds
    nothing.
    """
    if "$ref" not in schema and "allOf" not in schema:
        return schema
    return _flat(schema, low, set(), 0)


def _flat(schema: JsonObject, low: Lowering, seen: set[str], depth: int) -> JsonObject:
    """The same; ``seen`` holds the references that were followed. Merging a part twice would change nothing."""
    while isinstance(ref := schema.get("$ref"), str):
        if ref in seen:
            return {}
        seen.add(ref)
        schema = definition(ref.removeprefix(PREFIX), low)
    if depth > MOST_DEPTH:
        low.notes.add("too-deep", low.main, f"a schema is made of others over more than {MOST_DEPTH} steps")
        return {}
    out: JsonObject = {}
    for part in (*schema.get("allOf", ()), schema):
        own = part if part is schema else _flat(part, low, seen, depth + 1)
        properties = {**out.get("properties", {}), **own.get("properties", {})}
        required = dict.fromkeys((*out.get("required", ()), *own.get("required", ())))
        out |= {key: value for key, value in own.items() if key != "allOf"}
        out |= {"properties": properties} if properties else {}
        out |= {"required": list(required)} if required else {}
    return out
