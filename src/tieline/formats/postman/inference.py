"""Schemas made of values: what several examples of one thing have in common, and what only some of them have.

What lives here knows JSON values and Swagger's schemas, and nothing of requests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ...model import JsonObject
from .secret_values import MASKED
from .texts import STAND_INS, TEXT, UNKNOWN, format_of
from .variables import VARIABLE

MOST_LEVELS = 60
"""Levels of a value that become schemas; real ones have fewer than 20."""

_KEYS_OF_A_MAP = re.compile(r"[0-9]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-fA-F]{24}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INT32 = 2**31
_INT64 = 2**63


class Inference:
    """One inference, and what it could not say."""

    __slots__ = ("deep", "mixed")

    def __init__(self) -> None:
        self.mixed: list[str] = []
        """Where values are of several types: names of properties with dots between them, ``[]`` for elements."""
        self.deep = False
        """Whether some value has too many levels."""

    def schema(self, values: Sequence[Any], where: str = "", level: int = 0) -> JsonObject:
        """The schema of all of several values. ``where`` is what they are called in messages.

        Required is what is in all objects. Null makes a value nullable, integers and other numbers together are
        numbers, and any other mixture may be anything.
        """
        if level > MOST_LEVELS:
            self.deep = True
            return {}
        known = [value for value in values if value is not None and not _is_unknown(value)]
        kinds = {_kind(value) for value in known}
        out: JsonObject
        match kinds:
            case _ if not kinds:
                out = {}
            case _ if isinstance(known[0], str) and known[0] in STAND_INS and all(value == known[0] for value in known):
                out = dict(STAND_INS[known[0]])
            case _ if kinds == {"integer", "number"}:
                out = {"type": "number"}
            case _ if len(kinds) > 1:
                self.mixed.append(where or "the value")
                out = {}
            case _:
                out = self._of_kind(kinds.pop(), known, where, level)
        return {**out, "x-nullable": True} if None in values and out else out

    def _of_kind(self, kind: str, values: list[Any], where: str, level: int) -> JsonObject:
        match kind:
            case "object":
                return self._object(values, where, level)
            case "array":
                elements = [element for value in values for element in value]
                return {"type": "array", "items": self.schema(elements, f"{where}[]", level + 1)}
            case "string":
                return _string(values, where)
            case "integer":
                return _integer(values)
            case _:
                return {"type": kind}

    def _object(self, values: list[dict[str, Any]], where: str, level: int) -> JsonObject:
        by_name: dict[str, list[Any]] = {}
        for value in values:
            for name, item in value.items():
                by_name.setdefault(name, []).append(item)
        if len(by_name) > 1 and all(_KEYS_OF_A_MAP.fullmatch(name) for name in by_name):
            items = [item for listed in by_name.values() for item in listed]
            return {"type": "object", "additionalProperties": self.schema(items, f"{where}.*", level + 1)}
        out: JsonObject = {"type": "object"}
        if by_name:
            prefix = f"{where}." if where else ""
            out["properties"] = {name: self.schema(items, prefix + name, level + 1) for name, items in by_name.items()}
        required = [name for name, items in by_name.items() if len(items) == len(values)]
        return {**out, "required": required} if required else out


def _is_unknown(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(UNKNOWN)


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return str(STAND_INS.get(value, TEXT)["type"])
        case list():
            return "array"
        case _:
            return "object"


def _integer(values: list[Any]) -> JsonObject:
    """A whole number, with the size that all of the known ones have room in; others are not known to be small."""
    if any(isinstance(value, str) for value in values):
        return {"type": "integer"}
    if any(not -_INT64 <= value < _INT64 for value in values):
        return {"type": "integer"}
    large = any(not -_INT32 <= value < _INT32 for value in values)
    return {"type": "integer", "format": "int64" if large else "int32"}


def _string(values: list[str], where: str) -> JsonObject:
    """A text, with the format that all of the known ones have."""
    formats = {
        str(STAND_INS[value].get("format", "")) if value in STAND_INS else format_of(value)
        for value in values
        if VARIABLE.search(value) is None or value in STAND_INS
    }
    if len(formats) == 1 and "" not in formats:
        return {"type": "string", "format": formats.pop()}
    if MASKED.search(where.rpartition(".")[2]):
        return {"type": "string", "format": "password"}
    return {"type": "string"}
