"""Defaults: whether a value is one that its own schema allows.

What lives here looks at lowered schemas and gives reasons; what becomes of a default that does not fit is said once,
in :func:`fitting`. Swagger 2.0 wants a default to fit its schema, and validators refuse a document in which one does
not.
"""

from __future__ import annotations

import ipaddress
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from ...model import JsonObject
from ..save_rules.patterns import is_readable
from .definitions import flat
from .keywords import NUMBERS, distinct, fits_type
from .lowering import Lowering
from .place import Place

MOST_DEPTH = 20
"""Values inside values that are looked at; deeper ones are taken to fit."""

MOST_MATCHED = 16
"""Characters of a text that is tried against a pattern: a pattern may be made to take long, and longer defaults are
rarely about one. A longer text is taken to fit."""

WHOLE_NUMBERS = {"int32": 31, "int64": 63}
"""Formats of whole numbers -> bits of the largest."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d\d:\d\d)?")
_UUID = re.compile(r"[^-]{8}(-[^-]{4}){3}-[^-]{12}")


def fitting(schema: JsonObject, at: Place, low: Lowering) -> JsonObject:
    """A (lowered) schema or parameter whose default fits: with ``x-default`` in its place, and a finding, where it does
    not."""
    if "default" not in schema:
        return schema
    value = schema["default"]
    reason = misfit(value, schema, low)
    if not reason:
        return schema
    low.notes.add("default-mismatch", (at, "default"), f'the default {reason}; it is kept as "x-default"')
    return {**{key: child for key, child in schema.items() if key != "default"}, "x-default": value}


def misfit(value: Any, schema: JsonObject, low: Lowering, depth: int = 0) -> str:
    """Why a (lowered) schema does not allow a value, in words that follow "the default"; empty when it does."""
    own = flat(schema, low)
    kind = own.get("type", "")
    if not fits_type(value, kind) or (kind == "integer" and isinstance(value, float)):
        return f"is not of type {kind}"
    if "enum" in own and not any(_same(value, one) for one in own["enum"]):
        return "is none of the allowed values"
    if depth == MOST_DEPTH:
        return ""
    if isinstance(value, str):
        return _of_text(value, own)
    if isinstance(value, list):
        return _of_list(value, own, low, depth)
    if isinstance(value, dict):
        return _of_object(value, own, low, depth)
    return _of_number(value, own) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""


def _same(value: Any, other: Any) -> bool:
    """Whether two JSON values are the same; ``1`` and ``true`` are not."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _of_number(value: float, own: JsonObject) -> str:
    """The same for a number."""
    least, most = own.get("minimum"), own.get("maximum")
    if least is not None and (value < least or (value == least and own.get("exclusiveMinimum") is True)):
        return f"is below the minimum of {least}"
    if most is not None and (value > most or (value == most and own.get("exclusiveMaximum") is True)):
        return f"is above the maximum of {most}"
    step = own.get("multipleOf")
    if step and Fraction(str(value)) % Fraction(str(step)):
        return f"is no multiple of {step}"
    bits = WHOLE_NUMBERS.get(own.get("format", "")) if own.get("type") in NUMBERS else None
    return "is too large for its format" if bits and not -(2**bits) <= value < 2**bits else ""


def _of_text(value: str, own: JsonObject) -> str:
    """The same for a text."""
    reason = _of_size(len(value), own, "Length", "characters")
    if reason:
        return reason
    if "pattern" in own and len(value) <= MOST_MATCHED and not _matches(own["pattern"], value):
        return "does not match the pattern"
    form = own.get("format", "")
    known = FORMATS.get(form)
    if known is None:
        return ""
    try:
        return "" if known(value) else f"is not in the format {form}"
    except ValueError:
        return f"is not in the format {form}"


def _matches(pattern: str, value: str) -> bool:
    """Whether a pattern is found in a text; so it is for a pattern that only .NET can read."""
    try:
        return re.search(pattern, value) is not None
    except (re.error, RecursionError, OverflowError):
        return True


def _of_size(size: int, own: JsonObject, what: str, words: str) -> str:
    """The same for how many parts a value has."""
    least, most = own.get(f"min{what}"), own.get(f"max{what}")
    if least is not None and size < least:
        return f"has fewer than {least} {words}"
    return f"has more than {most} {words}" if most is not None and size > most else ""


def _of_list(value: list[Any], own: JsonObject, low: Lowering, depth: int) -> str:
    """The same for a list."""
    reason = _of_size(len(value), own, "Items", "elements")
    if not reason and own.get("uniqueItems") is True and len(distinct(value)) < len(value):
        reason = "has an element twice"
    items = own.get("items")
    inner = (misfit(one, items, low, depth + 1) for one in value) if isinstance(items, dict) and items else ()
    return reason or _first("has an element that", inner)


def _of_object(value: JsonObject, own: JsonObject, low: Lowering, depth: int) -> str:
    """The same for an object."""
    reason = _of_size(len(value), own, "Properties", "properties")
    lacking = [name for name in own.get("required", ()) if name not in value]
    if reason or lacking:
        return reason or f'lacks "{lacking[0]}"'
    properties, others = own.get("properties", {}), own.get("additionalProperties", True)
    unknown = [name for name in value if name not in properties]
    if unknown and others is False:
        return f'has "{unknown[0]}", which is not allowed'
    schemas: Mapping[str, Any] = {**dict.fromkeys(unknown, others), **properties}
    inner = (misfit(value[name], schemas[name], low, depth + 1) for name in value if isinstance(schemas[name], dict))
    return _first("has a property that", inner)


def _first(words: str, reasons: Iterable[str]) -> str:
    """The first reason that there is, as one about a part of the value."""
    reason = next(filter(None, reasons), "")
    return f"{words} {reason}" if reason else ""


# Formats


def _is_date(value: str) -> bool:
    return _DATE.fullmatch(value) is not None and bool(date.fromisoformat(value))


def _is_date_time(value: str) -> bool:
    found = _DATE_TIME.fullmatch(value)
    return found is not None and _is_date(found[1])


def _is_uuid(value: str) -> bool:
    return _UUID.fullmatch(value) is not None and bool(UUID(value).hex)


FORMATS: Mapping[str, Callable[[str], object]] = {
    "date": _is_date,
    "date-time": _is_date_time,
    "time": _TIME.fullmatch,
    "uuid": _is_uuid,
    "email": lambda value: "@" in value,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "byte": lambda value: value.isascii() and b64decode(value, validate=True) is not None,
    "regex": is_readable,
}
"""Formats of texts that can be told -> whether a text is in one: something true, or else nothing or ValueError."""
