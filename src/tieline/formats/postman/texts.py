"""JSON texts with variables in them, read as far as they can be; and what single texts look like.

A body may hold ``{{name}}`` inside of its texts and in the place of whole values. What lives here makes values of such
texts; what is not known in them is marked.
"""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from ...model import DocumentError, JsonObject
from ...source import Limits, read
from .variables import VARIABLE

UNKNOWN: Final = "\x00"
"""What a text begins with that stands for a value of any kind: a variable without a value outside of a text."""

TEXT = {"type": "string"}
STAND_INS: dict[str, JsonObject] = {
    "<string>": TEXT,
    "<integer>": {"type": "integer"},
    "<long>": {"type": "integer", "format": "int64"},
    "<number>": {"type": "number"},
    "<float>": {"type": "number", "format": "float"},
    "<double>": {"type": "number", "format": "double"},
    "<boolean>": {"type": "boolean"},
    "<date>": {"type": "string", "format": "date"},
    "<dateTime>": {"type": "string", "format": "date-time"},
    "<uuid>": {"type": "string", "format": "uuid"},
    "<email>": {"type": "string", "format": "email"},
    "<uri>": {"type": "string", "format": "uri"},
    "<byte>": {"type": "string", "format": "byte"},
    "<password>": {"type": "string", "format": "password"},
    "{{$guid}}": {"type": "string", "format": "uuid"},
    "{{$randomUUID}}": {"type": "string", "format": "uuid"},
    "{{$timestamp}}": {"type": "integer"},
    "{{$randomInt}}": {"type": "integer"},
    "{{$isoTimestamp}}": {"type": "string", "format": "date-time"},
}
"""Texts that stand for a value -> its schema: those that Postman writes when it makes a collection of an OpenAPI
document, and variables that it makes up a value for."""

MOST_LEVELS = 100
"""Levels of a JSON text that are read."""

Kind = Literal["string", "integer", "number", "boolean"]

_STRING_OR_VARIABLE = re.compile(r'("(?:[^"\\]|\\.)*+")|\{\{[^{}]*\}\}', re.DOTALL)
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})\.[0-9]{0,5}[1-9]")
_FORMATS = (
    (
        "date-time",
        re.compile(
            r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
        ),
    ),
    ("date", re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")),
    ("uuid", re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")),
    ("uri", re.compile(r"https?://[^\s\"<>\\^`{|}]+")),
    ("email", re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")),
)


def value_of(text: str) -> Any:
    """The value of a JSON text in which known variables are filled in.

    An unknown variable outside of a text becomes a text that begins with :data:`UNKNOWN`; inside of one it stays.
    Comments and small mistakes are forgiven, as for documents. Raises DocumentError for what is no JSON, or not JSON
    alone: lines of JSON, a list in Markdown.
    """
    if "{{" in text:
        text = _STRING_OR_VARIABLE.sub(lambda match: match[1] or '"\\u0000"', text)
    start = text.lstrip()
    if not start or (start[0] not in '{["-/' and not start[0].isdigit() and start.strip() not in LITERALS):
        raise DocumentError("not-json", "the text is no JSON")
    document = read(text.encode("utf-8", "replace"), "body", Limits(depth=MOST_LEVELS))
    if document.format != "json" or any(finding.rule == "extra-data" for finding in document.findings):
        raise DocumentError("not-json", "the text is more than one JSON value")
    return document.value


LITERALS = frozenset({"true", "false", "null"})
"""JSON values that begin with a letter."""


def is_whole(value: Any) -> bool:
    """Whether everything in a JSON value is known, so that it can be an example."""
    match value:
        case str():
            return not value.startswith(UNKNOWN) and VARIABLE.search(value) is None and value not in STAND_INS
        case dict():
            return all(is_whole(item) for item in value.values())
        case list():
            return all(is_whole(item) for item in value)
        case _:
            return True


def format_of(text: str) -> str:
    """The format that a text is in: date-time, date, uuid, uri or email; empty for none of them."""
    return next((name for name, pattern in _FORMATS if pattern.fullmatch(text)), "")


def kind_of_text(text: str) -> Kind:
    """The type of a parameter's text. A number is one only if nothing is lost by reading it: no zeros at its ends, no
    plus, not so long that it must be an identifier."""
    if text in ("true", "false"):
        return "boolean"
    if _INTEGER.fullmatch(text):
        return "integer"
    return "number" if _NUMBER.fullmatch(text) else "string"


def typed(text: str, kind: str) -> Any:
    """A parameter's text as a JSON value of the type that was found for it."""
    match kind:
        case "boolean":
            return text == "true"
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case _:
            return text
