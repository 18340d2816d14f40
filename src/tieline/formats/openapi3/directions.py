"""Directions: what only the service says (``readOnly``) is not required of requests, what only the caller says
(``writeOnly``) not of replies.

Swagger 2.0 has one ``required`` for both, and the platform does not want a required property that is read-only as an
input (reference: limits, section 3: ``RequiredReadOnlyPropertyNotAllowedAsInput``). Where a definition requires such a
property, requests use ``NameInput`` in place of ``Name``, and replies ``NameOutput``; where it does not, all use
``Name``. A part that requires what another part says is read-only is ``NameInput_property`` inside that whole. Whether
and how does not depend on which operations use it. What lives here works on lowered schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ...model import JsonObject
from .definitions import PREFIX, definition, flat
from .lowering import Lowering


class Direction(NamedTuple):
    """Which way values go."""

    keyword: str
    """What a (lowered) property says that does not go this way."""
    suffix: str
    """What is put behind the name of a definition that differs for this way."""
    words: str


_ODD = re.compile(r"[^A-Za-z0-9]+")

_Wanted = tuple[str, ...]
"""A definition that has to be made: name, suffix of a direction, names of properties that the whole excuses."""

REQUEST = Direction("readOnly", "Input", "requests")
REPLY = Direction("x-write-only", "Output", "replies")


class _Facts(NamedTuple):
    """What is known of a definition by itself."""

    clash: bool
    """Whether it requires a property that does not go this way."""
    refs: tuple[str, ...]
    """The definitions that it refers to."""


def in_direction(schema: JsonObject, way: Direction, low: Lowering) -> JsonObject:
    """A lowered schema as it is for values that go one way; itself where nothing differs."""
    pending: list[_Wanted] = []
    out = _turned(schema, way, (), pending, low)
    while pending:
        wanted = pending.pop()
        name, _, *above = wanted
        written, made = definition(name, low), low.one_way[wanted]
        low.lowered[made] = _turned(written, way, tuple(above), pending, low)
        excused = (*above, *_excused(written, way, low))
        if excused:
            names = ", ".join(f'"{one}"' for one in excused)
            message = f'"{name}" requires {names}; {way.words} use "{made}", which does not'
            low.definition_notes.add("direction-variant", low.written[name][1], message)
    return out


def _turned(
    schema: JsonObject, way: Direction, above: tuple[str, ...], pending: list[_Wanted], low: Lowering
) -> JsonObject:
    """A schema for one way. ``above`` are properties that the whole, of which it is a part, excuses."""
    if "$ref" in schema:
        return _turned_reference(schema, way, above, pending, low)
    excused = (*above, *_excused(schema, way, low))
    out: JsonObject = {}
    for key, value in schema.items():
        if key == "required" and excused:
            names = [name for name in value if name not in excused]
            out |= {key: names} if names else {}
        elif key == "properties":
            out[key] = {name: _turned(child, way, (), pending, low) for name, child in value.items()}
        elif key == "allOf":
            out[key] = [turned for part in value if (turned := _turned(part, way, excused, pending, low))]
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            out[key] = _turned(value, way, (), pending, low)
        else:
            out[key] = value
    return schema if out == schema else out


def _turned_reference(
    schema: JsonObject, way: Direction, above: tuple[str, ...], pending: list[_Wanted], low: Lowering
) -> JsonObject:
    """A reference for one way, to the definition for it."""
    name = schema["$ref"].removeprefix(PREFIX)
    wanted: _Wanted = (name, way.suffix)
    if above:
        written = definition(name, low)
        still = set(flat(written, low).get("required", ())) - set(_excused(written, way, low))
        wanted = (*wanted, *sorted(still.intersection(above)))
    if wanted not in low.one_way:
        if len(wanted) == 2:
            _settle(name, way, pending, low)
        else:
            low.one_way[wanted] = low.variant(name, "_".join((way.suffix, *(_ODD.sub("_", one) for one in wanted[2:]))))
            pending.append(wanted)
    known = low.one_way[wanted]
    return schema if known == name else {"$ref": PREFIX + known}


def _settle(name: str, way: Direction, pending: list[_Wanted], low: Lowering) -> None:
    """Say what a definition and all that it reaches are called for one way: like themselves where nothing that they
    reach differs. Each definition is looked at once."""
    users: dict[str, list[str]] = {name: []}
    differing: list[str] = []
    for reached in (order := [name]):  # grows while it is walked
        facts = _facts(definition(reached, low), way, low)
        known = [low.one_way.get((ref, way.suffix)) for ref in facts.refs]
        if facts.clash or any(one not in (None, ref) for one, ref in zip(known, facts.refs, strict=True)):
            differing.append(reached)
        for ref in (ref for one, ref in zip(known, facts.refs, strict=True) if one is None):
            if ref not in users:
                order.append(ref)
            users.setdefault(ref, []).append(reached)
    different = dict.fromkeys(differing)
    for reached in differing:  # grows while it is walked
        new = [user for user in users[reached] if user not in different]
        different |= dict.fromkeys(new)
        differing += dict.fromkeys(new)
    for reached in order:
        low.one_way[reached, way.suffix] = low.variant(reached, way.suffix) if reached in different else reached
    pending += [(reached, way.suffix) for reached in order if reached in different]


def _excused(schema: JsonObject, way: Direction, low: Lowering) -> tuple[str, ...]:
    """The properties that a schema requires and that do not go this way."""
    own = flat(schema, low) if "allOf" in schema else schema
    required, properties = own.get("required", ()), own.get("properties", {})
    if not required or not properties:
        return ()
    found = [name for name in required if name in properties]
    return tuple(name for name in found if flat(properties[name], low).get(way.keyword) is True)


def _facts(schema: JsonObject, way: Direction, low: Lowering) -> _Facts:
    """What is known of a definition by itself."""
    clash, refs = False, dict[str, None]()
    for inner in _inside(schema):
        if "$ref" in inner:
            refs[inner["$ref"].removeprefix(PREFIX)] = None
        else:
            clash = clash or bool(_excused(inner, way, low))
    return _Facts(clash, tuple(refs))


def _inside(schema: JsonObject) -> Iterator[JsonObject]:
    """A schema and all schemas inside it, behind no reference."""
    stack = [schema]
    while stack:
        inner = stack.pop()
        yield inner
        stack += inner.get("properties", {}).values()
        stack += inner.get("allOf", ())
        stack += [inner[key] for key in ("items", "additionalProperties") if isinstance(inner.get(key), dict)]
