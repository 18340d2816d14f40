"""One argument: from what a person or program gave to a JSON value of the declared type, and from there to text.

What lives here knows types and formats of Swagger 2.0, not parameters, places or encodings.
"""

from __future__ import annotations

import base64
import codecs
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from ..model import Schema, did_you_mean

LARGEST_INTEGER = 2**63
"""Integers are 64-bit on the platform and in JSON as it is written here."""

MOST_SHOWN = 40
"""Characters of a value that a message shows."""

_INTEGER = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


class Unfit(ValueError):
    """A value that does not fit; caught where the parameter is known, so it never leaves the pipeline."""

    def __init__(self, message: str, remedy: str, rule: str = "wrong-type") -> None:
        """Takes the second half of a message (``must be …``), what to type instead, and the finding's rule."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.rule = rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a value must be."""

    type: str = ""
    """In lower case; empty or unknown for anything."""
    format: str = ""
    """In lower case."""
    enum: tuple[Any, ...] = ()
    """Allowed values; empty for any."""
    labels: Mapping[str, Any] | None = None
    """What the designer shows for an allowed value -> the value (``x-ms-enum-values``)."""
    items: Shape | None = None
    """What the elements of an array must be; None for anything."""


def shape_of(schema: Schema, type: str = "", format: str = "", enum: tuple[Any, ...] = ()) -> Shape:
    """The shape that a resolved schema declares; ``type`` and so on as read elsewhere win."""
    value = schema.value
    declared = value.get("enum")
    written = value.get("format")
    items = schema.items()
    shape = Shape(
        type=type or schema.type,
        format=(format or (written if isinstance(written, str) else "")).lower(),
        enum=enum or (tuple(declared) if isinstance(declared, list) else ()),
        labels=_labels(value.get("x-ms-enum-values")),
        items=None if items is None or items.ref is not None else shape_of(items),
    )
    return _with_choices_of_elements(shape) if means_elements(shape.type, shape.enum) else shape


def means_elements(type: str, choices: Sequence[Any]) -> bool:
    """Whether allowed values of an array are those of its elements: no array is among them, so none could fit."""
    return type == "array" and bool(choices) and not any(isinstance(choice, list) for choice in choices)


def _with_choices_of_elements(shape: Shape) -> Shape:
    """A shape whose allowed values stand where they are meant, unless the elements have their own."""
    items = shape.items or Shape()
    if not items.enum:
        items = replace(items, enum=shape.enum, labels=shape.labels)
    return replace(shape, enum=(), labels=None, items=items)


def _labels(entries: Any) -> dict[str, Any] | None:
    """Display names of ``x-ms-enum-values``."""
    if not isinstance(entries, list):
        return None
    return {
        entry["displayName"]: entry.get("value")
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("displayName"), str)
    }


def shown(value: Any) -> str:
    """A value as a message shows it: short, on one line."""
    text = value if isinstance(value, str) else type(value).__name__
    if isinstance(value, (bool, int, float)):
        text = to_text(value) if not _too_large(value) else str(value) if isinstance(value, float) else "a huge number"
    flat = " ".join(text.split())
    return f'"{flat[:MOST_SHOWN]}…"' if len(flat) > MOST_SHOWN else f'"{flat}"'


def fit(value: Any, shape: Shape) -> Any:
    """The JSON value of the declared type that ``value`` (typed, or text as typed) stands for. Raises Unfit."""
    fitted = FITTERS.get(shape.type, _fit_anything)(value, shape)
    if shape.enum and fitted not in shape.enum:
        _check_choice(fitted, shape)
    return fitted


def _check_choice(value: Any, shape: Shape) -> None:
    """Refuse a value that is no allowed one, not even written as another type."""
    known = [to_text(entry) if _is_scalar(entry) else shown(entry) for entry in shape.enum]
    text = to_text(value) if _is_scalar(value) else shown(value)
    if text in known:
        return
    labels = shape.labels or {}
    remedy = f'type "{labels[text]}", which is shown as "{text}"' if text in labels else did_you_mean(text, known)
    raise Unfit(f"must be one of the allowed values, not {shown(value)}", remedy, "not-allowed-value")


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool, int, float))


def _too_large(value: int | float) -> bool:
    """Whether a number is none that JSON and the platform can hold."""
    return not math.isfinite(value) if isinstance(value, float) else abs(value) >= LARGEST_INTEGER


def _fit_string(value: Any, shape: Shape) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)) and not _too_large(value):
        return to_text(value)
    if isinstance(value, (date, datetime)):
        return date_text(value, shape.format)
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, bytes) and shape.format == "byte":
        return base64.b64encode(value).decode("ascii")
    raise Unfit(f"must be text, not {shown(value)}", "give a text")


def date_text(value: date, format: str) -> str:
    """A date or time as the platform writes it (reference: openapi-extensions, section 2).

    ``date`` without time; ``date-no-tz`` without zone; all else UTC. A time without zone is taken as UTC. Raises Unfit
    for a time that has none in UTC.
    """
    if not isinstance(value, datetime):
        return value.isoformat()
    if format == "date":
        return value.date().isoformat()
    if format == "date-no-tz":
        return value.replace(tzinfo=None).isoformat()
    if value.tzinfo is None:
        return value.isoformat() + "Z"
    try:
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    except OverflowError:
        raise Unfit("is outside of the years 1 to 9999 in UTC", "give a later or an earlier date") from None


def _fit_integer(value: Any, shape: Shape) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and not _too_large(value):
        return value
    raise Unfit(f"must be a whole number, not {shown(value)}", "give a whole number, for example 5")


def _fit_number(value: Any, shape: Shape) -> int | float:
    if isinstance(value, str):
        text = value.strip()
        if _INTEGER.fullmatch(text):
            value = int(text)
        elif _NUMBER.fullmatch(text):
            value = float(text)
    if isinstance(value, Decimal) and value.is_finite():
        value = float(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and not _too_large(value):
        return value
    raise Unfit(f"must be a number, not {shown(value)}", "give a number, for example 2.5")


def _fit_boolean(value: Any, shape: Shape) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in ("true", "false"):
        return word == "true"
    raise Unfit(f"must be true or false, not {shown(value)}", "give true or false")


def _fit_array(value: Any, shape: Shape) -> list[Any]:
    if isinstance(value, str):
        value = _split(value)
    elif isinstance(value, (Set, Iterator)):  # without an order, or gone once it was looked at
        raise Unfit(f"must be a list, not {shown(value)}", "give a list")
    elif not isinstance(value, Sequence) or isinstance(value, (bytes, bytearray, memoryview)):
        value = [value]
    return [fit(entry, shape.items) for entry in value] if shape.items else list(value)


def _split(text: str) -> list[Any]:
    """An array typed as JSON or separated by commas."""
    if text.lstrip().startswith("["):
        parsed = parse_json(text)
        if isinstance(parsed, list):
            return parsed
    return [part.strip() for part in text.split(",")] if text.strip() else []


def _fit_object(value: Any, shape: Shape) -> Any:
    parsed = parse_json(value) if isinstance(value, str) else value
    if isinstance(parsed, Mapping):
        return parsed if isinstance(parsed, dict) else dict(parsed)
    raise Unfit(f"must be an object, not {shown(value)}", 'give JSON, for example {"name": "value"}')


def _fit_anything(value: Any, shape: Shape) -> Any:
    """A value of no declared type: typed values stay, dates become text."""
    return date_text(value, shape.format) if isinstance(value, date) else value


FITTERS: dict[str, Callable[[Any, Shape], Any]] = {
    "string": _fit_string,
    "integer": _fit_integer,
    "number": _fit_number,
    "boolean": _fit_boolean,
    "array": _fit_array,
    "object": _fit_object,
}
"""How a value becomes one of a declared type."""


def parse_json(text: str | bytes) -> Any:
    """The JSON value that a text holds, whatever its byte order mark. Raises Unfit where it stops being JSON."""
    try:
        return orjson.loads(_without_mark(text))
    except orjson.JSONDecodeError as error:
        raise Unfit(f"must be JSON: {json_fault(error)}", 'give JSON, for example {"name": "value"}') from None


def json_fault(error: orjson.JSONDecodeError) -> str:
    """Why and where a text is no JSON."""
    if "UTF-8" in error.msg:  # which has no place: the text was not looked into
        return "it is not encoded in UTF-8"
    if not error.doc.strip():
        return "it is empty"
    return f"{error.msg} at line {error.lineno}, column {error.colno}"


def _without_mark(text: str | bytes) -> str | bytes:
    """Text as editors and shells save it, without its byte order mark."""
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return text.decode("utf-16", "replace")
    return text.removeprefix(codecs.BOM_UTF8)


def guess(value: Any) -> Any:
    """What a value of no declared type most likely means: text that is JSON (but for a JSON text) is that JSON."""
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        parsed = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    return value if isinstance(parsed, str) else parsed


def dump(value: Any) -> bytes:
    """A JSON value as bytes. Raises Unfit for what JSON cannot hold (NaN, huge numbers, bytes, lone surrogates)."""
    try:
        data = orjson.dumps(value, _written, orjson.OPT_PASSTHROUGH_DATETIME)
    except (orjson.JSONEncodeError, RecursionError) as error:
        if isinstance(error.__cause__, Unfit):
            raise error.__cause__ from None
        raise Unfit(f"cannot be written as JSON: {_reason(error)}", "give texts, numbers, lists and objects") from None
    if b"null" in data and _has_nan(value):  # orjson writes NaN as null, which would be a silent change
        raise Unfit("cannot be written as JSON: it holds a number that is not finite", "give finite numbers")
    return data


def _written(value: Any) -> str | float:
    """A date or time as text, a decimal as number, for what orjson leaves to us; TypeError for all else, as orjson
    wants it."""
    if isinstance(value, Decimal) and value.is_finite():
        return float(value)
    if isinstance(value, date):
        return date_text(value, "")
    if isinstance(value, time):
        return value.isoformat()
    raise TypeError(f"type is not JSON serializable: {type(value).__name__}")


def _reason(error: BaseException) -> str:
    return str(error).partition("\n")[0].lower() or "it is nested too deeply"


def _has_nan(value: Any) -> bool:
    """Whether a value that orjson could write holds a number that is not finite."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, dict):
        return any(map(_has_nan, value.values()))
    return any(map(_has_nan, value)) if isinstance(value, (list, tuple)) else False


def to_text(value: Any) -> str:
    """A fitted value as text in a URL, header or form: ``true``, ``5``, text as it is, JSON for an object."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_INTEGER:
        return str(int(value))
    if isinstance(value, (int, float)):
        if _too_large(value):
            raise Unfit("must be a finite number of at most 64 bits", "give a smaller number")
        return str(value)
    return "" if value is None else dump(value).decode()
