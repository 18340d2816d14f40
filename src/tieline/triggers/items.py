"""Items of a reply: where they stand, what tells them apart, what orders them in time.

What lives here knows JSON values and schemas, and no state.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from ..model import MISSING, DocumentError, Operation, Schema
from ..policy.json_body import dump, parse
from .digest import digest
from .moment import seconds_of
from .text import keepable

Keys = tuple[str | int, ...]
"""Names that lead to a value."""

IDS = ("id", "Id", "ID", "guid", "key", "_id", "uuid")
"""Properties that tell items apart, best first."""

CREATED = ("created", "inserted", "added", "submitted", "received", "opened", "published")
CHANGED = ("updated", "modified", "changed", "edited")
"""Parts of names of times. Times of creation are taken first: most services filter by them (inferred)."""

WIDTH = 12
"""Bytes of an identity that are remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One payload: what one run is started with."""

    data: bytes
    value: Any = MISSING
    """As JSON; MISSING for what is none."""
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """What a body was split into."""

    items: tuple[Item, ...]
    left: int = 0
    """Elements above the limit, which are not among the items."""


def split_of(schema: Schema | None) -> Keys | None:
    """Where the array is that the designer splits on: the body itself, or the end of a chain of only properties.

    None when it proposes none (reference: triggers, section 2.2).
    """
    keys: list[str] = []
    inside = set()
    while schema is not None:
        try:
            schema = schema.resolved()
        except DocumentError:
            return None
        if schema.type == "array":
            return tuple(keys)
        if schema.route in inside:
            return None
        inside.add(schema.route)
        shown = [(name, one) for name, one in _properties(schema) if not _internal(one)]
        if len(shown) != 1:
            return None
        keys.append(shown[0][0])
        schema = shown[0][1]
    return None


def list_of(schema: Schema | None) -> Keys | None:
    """Where the only array of a body is, siblings or not; for triggers whose items have to be told apart."""
    found = split_of(schema)
    if found is not None or schema is None:
        return found
    try:
        lists = [name for name, one in _properties(schema.resolved()) if one.resolved().type == "array"]
    except DocumentError:
        return None
    return (lists[0],) if len(lists) == 1 else None


def _properties(schema: Schema) -> list[tuple[str, Schema]]:
    """The properties of a resolved schema, those of ``allOf`` included."""
    found = list(schema.properties())
    for part in schema.parts():
        try:
            found.extend(part.resolved().properties())
        except DocumentError:
            continue
    return found


def _internal(schema: Schema) -> bool:
    said = schema.value.get("x-ms-visibility")
    return isinstance(said, str) and said.lower() == "internal"


def output_of(operation: Operation) -> Schema | None:
    """The schema of the first successful reply that declares one; None when none does."""
    found = [one.schema for one in operation.responses if one.schema is not None and one.code.startswith("2")]
    if not found:
        found = [one.schema for one in operation.responses if one.schema is not None and one.code == "default"]
    return found[0] if found else None


def split(body: bytes, content_type: str, keys: Keys | None, most: int) -> Split:
    """What a body starts: one payload, or with ``keys`` one for each element there.

    A body that is no JSON is one payload as it came. Nothing at ``keys`` is no payload; one thing there is one.
    """
    value = parse(body)
    if value is MISSING:
        return Split(items=(Item(data=body, content_type=content_type or "application/octet-stream"),) if body else ())
    whole = Item(data=body, value=value, content_type=content_type or "application/json")
    if keys is None:
        return Split(items=(whole,))
    found = at(value, keys)
    if not isinstance(found, list):
        return Split(items=() if found is MISSING or found is None or found == "" else (_item(found) or whole,))
    made = [_item(element) for element in found[:most]]
    if any(item is None for item in made):  # nested too deeply to be written alone
        return Split(items=(whole,))
    return Split(items=tuple(item for item in made if item is not None), left=max(0, len(found) - most))


def _item(value: Any) -> Item | None:
    try:
        return Item(data=dump(value), value=value)
    except DocumentError:
        return None


def at(value: Any, keys: Sequence[str | int]) -> Any:
    """The value behind names, MISSING when it is not there; a name in another case counts where it is the only one."""
    for key in keys:
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, Mapping) and isinstance(key, str):
            alike = [name for name in value if name.casefold() == key.casefold()]
            value = value[alike[0]] if len(alike) == 1 else MISSING
        elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
            value = value[key]
        else:
            return MISSING
    return value


def property_of(value: Any, name: str) -> Any:
    """A property by its name, or by a path of names joined with ``.``; MISSING when it is not there."""
    if isinstance(value, Mapping) and name in value:
        return value[name]
    return at(value, name.split("."))


def name_of(value: Any, operation: str) -> str:
    """What an item calls itself: its id as text, or empty when it has none.

    Looked for are ``IDS``, then a property ``{thing}Id`` whose thing the operation's name holds.
    """
    if not isinstance(value, Mapping):
        return ""
    for name in IDS:
        if (said := _scalar(value.get(name))) is not None:
            return said
    folded = operation.casefold()
    for name in sorted(name for name in value if isinstance(name, str) and name.casefold().endswith("id")):
        thing = name[:-2].rstrip("_-").casefold()
        if len(thing) > 1 and thing in folded and (said := _scalar(value[name])) is not None:
            return said
    return ""


def _scalar(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        return None
    return keepable(value) if isinstance(value, str) else str(value)


def identities(items: Sequence[Item], operation: str, watermark: str) -> list[tuple[bytes, str]]:
    """For each item what tells it apart from all others, and its own name for itself (empty for none).

    That is its id, with the time of its last change where that orders the items; else the hash of its content. Items of
    one reply that share an id and are not the same are told apart by content: better one event twice than one lost.
    """
    changed = watermark if is_change(watermark) else ""
    named = [name_of(item.value, operation) for item in items]
    moments = [_moment(item, changed) for item in items]
    uses = Counter(zip(named, moments, strict=True))
    found = []
    for item, name, moment in zip(items, named, moments, strict=True):
        alone = name and uses[name, moment] == 1
        parts = ("id", name, moment) if alone else ("content", canonical(item))
        found.append((digest(*parts)[:WIDTH], name))
    return found


def _moment(item: Item, changed: str) -> str:
    value = property_of(item.value, changed) if changed else MISSING
    return value if isinstance(value, str) else "" if value is MISSING else canonical(Item(data=b"", value=value))


def canonical(item: Item) -> str:
    """The content of an item as text, the same for the same JSON whatever the order of its properties."""
    if item.value is MISSING:
        return item.data.hex()
    try:
        return orjson.dumps(item.value, option=orjson.OPT_SORT_KEYS).decode()
    except (orjson.JSONEncodeError, RecursionError):
        pass
    try:
        return json.dumps(item.value, sort_keys=True, separators=(",", ":"))
    except RecursionError:
        return item.data.hex()


def is_change(name: str) -> bool:
    """Whether a property says by its name when a thing was changed last."""
    return any(part in name.rpartition(".")[2].casefold() for part in CHANGED)


def time_property(items: Sequence[Item]) -> str:
    """The property that orders items in time: a date-time that all of them have; empty for none.

    Only names that speak of creation or change count (``CREATED`` before ``CHANGED``, then in the order of the
    alphabet): a due date orders nothing.
    """
    objects = [item.value for item in items if isinstance(item.value, Mapping)]
    if not objects or len(objects) < len(items):
        return ""
    shared = [name for name, one in objects[0].items() if seconds_of(one) is not None and _rank(name) is not None]
    fitting = [name for name in shared if all(seconds_of(one.get(name)) is not None for one in objects)]
    return min(fitting, key=lambda name: (_rank(name), name), default="")


def _rank(name: str) -> int | None:
    folded = name.casefold() if name == keepable(name) else ""
    return next((rank for rank, part in enumerate((*CREATED, *CHANGED)) if part in folded), None)
