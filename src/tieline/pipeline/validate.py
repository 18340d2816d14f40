"""Checking a JSON value against a declared schema: a compiled validator, and its complaints in words.

The only place that knows the validator. What lives here must not know about requests, replies or severities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..model import JsonObject, Operation, Route, Schema
from .dialect import Direction, Rewritten, rewrite
from .values import shown

if TYPE_CHECKING:
    import jsonschema_rs

MOST_SEEN = 2_000
"""Complaints that are looked at in one value; a reply of a million rows that all drift must not take a minute."""

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?\s?([Zz]|[+-]\d\d(:?\d\d)?)?)?", re.ASCII)
"""ISO 8601 as services write it: the zone, the seconds or the whole time may be missing."""

LENIENT = {
    "date": lambda text: _DATE_TIME.fullmatch(text) is not None,
    "date-time": lambda text: _DATE_TIME.fullmatch(text) is not None,
}
"""Checks of text formats: the platform hands the text on and only date functions read it (inferred).

The validator's own checks are stricter and ten times as fast, so they are asked first.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One place of a value that does not fit, and how many more places are wrong in the same way."""

    path: tuple[str | int, ...]
    """Keys and indices from the value's root."""
    message: str
    """The second half of a sentence: ``must be number, not text "12"``."""
    route: Route
    """What declares it."""
    keyword: str
    """The schema keyword that is not kept."""
    name: str = ""
    """The property that is missing, for ``required``."""
    more: int = 0
    """Other elements of the same arrays with the same problem."""
    counted: bool = True
    """Whether ``more`` is all of them; False when so much is wrong that not all was looked at."""

    @property
    def sentence(self) -> str:
        """The message, and how often the same is wrong elsewhere."""
        if not self.more:
            return self.message
        return f"{self.message} (and {self.more} {'more' if self.counted else 'or more others'} like it)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validator:
    """A schema, ready to check values."""

    rewritten: Rewritten
    strict: jsonschema_rs.Draft4Validator | None = field(repr=False)
    """Knows RFC 3339 dates only: what it takes fits. None for a schema that no validator takes."""
    compiled: jsonschema_rs.Draft4Validator | None = field(repr=False)
    """The verdict; None for a schema that no validator takes; then everything fits."""
    unusable: str = ""
    """Why that is so."""

    def fits(self, value: Any) -> bool:
        """Whether a value fits. The value must be JSON."""
        return (
            self.strict is None or self.compiled is None or self.strict.is_valid(value) or self.compiled.is_valid(value)
        )

    def problems(self, value: Any) -> tuple[Problem, ...]:
        """What does not fit, in the order of the value; equal complaints about elements of an array are one."""
        if self.compiled is None:
            return ()
        found: dict[tuple[Any, ...], list[Any]] = {}
        for error in islice(_plain(self.compiled.iter_errors(value)), MOST_SEEN):
            path = _path(error.instance_path, value)
            alike = tuple("*" if isinstance(key, int) else key for key in path)
            key = (alike, tuple(error.schema_path), _missing_name(error))
            found.setdefault(key, [error, path, -1])[2] += 1
        counted = sum(more + 1 for _, _, more in found.values()) < MOST_SEEN
        return tuple(self._problem(error, path, more, counted) for error, path, more in found.values())

    def _problem(
        self, error: jsonschema_rs.ValidationError, path: tuple[str | int, ...], more: int, counted: bool
    ) -> Problem:
        return Problem(
            path=path,
            message=_message(error),
            route=self._route(error.schema_path),
            keyword=error.kind.name,
            name=_missing_name(error),
            more=more,
            counted=counted,
        )

    def _route(self, path: list[str | int]) -> Route:
        """Where in the author's definition the keyword of a rewritten schema stands."""
        keys: list[str | int] = []
        for key in path:  # the validator turns a property called "0" into a number
            keys.append(str(key) if keys and keys[-1] == "properties" else key)
        definition = self.rewritten.routes[int(str(keys[1]).removeprefix("d"))]
        made_up = "anyOf" in keys  # by the rewriting, for null; the author's keys are others from there on
        return definition if made_up else definition.join(*keys[2:])


def _path(found: Iterable[str | int], value: Any) -> tuple[str | int, ...]:
    """The keys to a place of a value; the validator turns a property called "0" or "00" into a number."""
    keys: list[str | int] = []
    for key in found:
        if isinstance(value, dict) and isinstance(key, int):
            known = (name for name in value if name.isdecimal() and int(name) == key)
            key = str(key) if str(key) in value else next(known)
        keys.append(key)
        value = value[key]
    return tuple(keys)


def validator_of(operation: Operation, schema: Schema, direction: Direction) -> Validator:
    """The validator of a schema of an operation, made when it is first asked for."""
    made: dict[tuple[Any, ...], Validator] = operation.compiled.setdefault("validators", {})
    key = (schema.route, direction)
    validator = made.get(key)
    if validator is None:
        validator = made[key] = compile_schema(schema, direction)
    return validator


def compile_schema(schema: Schema, direction: Direction) -> Validator:
    """A validator for a schema. Never raises: see ``Validator.unusable``.

    Patterns are run by an engine that takes linear time; what it cannot read (look-around, for example) is not checked.
    """
    import jsonschema_rs  # 15 MB that only a check needs

    rewritten = rewrite(schema, direction)
    for patterns in (True, False):
        try:
            usable = rewritten.schema if patterns else _without_patterns(rewritten.schema)
            options = jsonschema_rs.RegexOptions()
            compiled = jsonschema_rs.Draft4Validator(
                usable, formats=LENIENT, validate_formats=True, pattern_options=options
            )
            strict = compiled
            if _has_dates(rewritten.schema):
                strict = jsonschema_rs.Draft4Validator(usable, validate_formats=True, pattern_options=options)
        except (jsonschema_rs.ValidationError, ValueError) as error:
            unusable = str(error).partition("\n")[0]
        else:
            return Validator(rewritten=rewritten, strict=strict, compiled=compiled)
    return Validator(rewritten=rewritten, strict=None, compiled=None, unusable=unusable)


def _has_dates(value: Any) -> bool:
    """Whether a rewritten schema has a format that is checked leniently."""
    if isinstance(value, list):
        return any(_has_dates(entry) for entry in value)
    if not isinstance(value, dict):
        return False
    format = value.get("format")
    return (isinstance(format, str) and format in LENIENT) or any(_has_dates(inner) for inner in value.values())


def _without_patterns(value: Any) -> Any:
    """A rewritten schema whose ``pattern`` keywords are gone; a property may be called so and stays."""
    if isinstance(value, list):
        return [_without_patterns(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {key: _without_patterns(inner) for key, inner in value.items() if not _is_pattern(key, inner)}


def _is_pattern(key: str, value: Any) -> bool:
    return key == "pattern" and isinstance(value, str)


def _plain(errors: Iterator[jsonschema_rs.ValidationError]) -> Iterator[jsonschema_rs.ValidationError]:
    """Complaints without the ``anyOf`` that stands for "or null": those of the schema itself instead."""
    for error in errors:
        context = error.kind.as_dict().get("context") if error.kind.name == "anyOf" else None
        if context:
            yield from _plain(iter(context[0]))
        else:
            yield error


def _missing_name(error: jsonschema_rs.ValidationError) -> str:
    return str(error.kind.as_dict().get("property", "")) if error.kind.name == "required" else ""


def _message(error: jsonschema_rs.ValidationError) -> str:
    """A complaint as the second half of a sentence."""
    detail: JsonObject = error.kind.as_dict()
    match error.kind.name:
        case "type":
            return f"must be {' or '.join(detail['types'])}, not {_described(error.instance)}"
        case "required":
            return f'lacks the required property "{detail["property"]}"'
        case "enum":
            return f"must be one of {_choices(detail['options'])}, not {_described(error.instance)}"
        case "format":
            return f"must be a {detail['format']}, not {_described(error.instance)}"
        case "additionalProperties":
            names = ", ".join(f'"{name}"' for name in detail["unexpected"][:5])
            return f"has properties that are not declared: {names}"
        case "falseSchema":
            return "has a property where none is declared"
    limits = ", ".join(str(limit) for limit in detail.values() if isinstance(limit, (int, float, str)))
    return f"does not keep {error.kind.name} {limits}".rstrip() + f": it is {_described(error.instance)}"


def _choices(options: list[Any]) -> str:
    """Allowed values, at most eight of them."""
    names = list(dict.fromkeys(shown(option) for option in options))
    return ", ".join(names[:8]) + (", …" if len(names) > 8 else "")


def _described(value: Any) -> str:
    """A JSON value in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f"text {shown(value)}"
        case float():  # 5.0 is no integer, so it must not show as 5
            return f'number "{value!r}"'
        case int():
            return f"number {shown(value)}"
        case list():
            return f"an array of {len(value)}"
    return "an object"


def path_text(path: tuple[str | int, ...]) -> str:
    """A path as people write it: ``$.items[3].price``."""
    out = "$"
    for key in path:
        if isinstance(key, int):
            out += f"[{key}]"
        else:
            out += f".{key}" if key.isidentifier() else f'["{key}"]'
    return out
