"""The JSON body of a message for policies: parsed once, written once for each change.

Integers of any size stay exact; other numbers are read as 64-bit floats, as the platform reads them. What is no JSON is
left alone and said so. What lives here knows bytes and media types, and no policy.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

import orjson

from ..model import MISSING, DocumentError, Reply, Secret
from ..model.media_type import bare, is_json_type
from ..model.secret import holds_secret
from .message import Message, Outcome, with_body

Change = Callable[[Any], tuple[Any, str]]
"""Takes the JSON value and gives the changed one (the very same when nothing is to be done) and what was done."""

_LONG_INTEGER = re.compile(rb"\d{19}")
"""Only behind this may stand an integer of more than 64 bits, which orjson would round."""


class JsonBody:
    """The JSON value of the message at hand; belongs to one pass and follows its changes."""

    __slots__ = ("_data", "_value")

    def __init__(self) -> None:
        self._data: bytes | None = None
        self._value: Any = MISSING

    def of(self, message: Message) -> Any:
        """The JSON value of a message's body; MISSING when it has none, or is none by its media type as it is now."""
        if not says_json(message):
            return MISSING
        if message.body is not self._data:
            self.keep(message.body, parse(message.body))
        return self._value

    def keep(self, data: bytes, value: Any) -> None:
        """Remember what ``data`` holds, so that it need not be parsed."""
        self._data = data
        self._value = value


def is_json(media_type: str) -> bool:
    """Whether a body of that ``Content-Type`` is JSON; one of no type may be."""
    return not bare(media_type) or is_json_type(media_type)


def says_json(message: Message) -> bool:
    """Whether a message has a body that is JSON by its media type."""
    return bool(message.body) and is_json(message.header("content-type") or "")


def read(message: Message) -> Any:
    """The JSON value of a message's body; MISSING for an empty body, another media type, or what is no JSON."""
    return parse(message.body) if says_json(message) else MISSING


def parse(data: bytes) -> Any:
    """The JSON value that a text is; MISSING for what is no JSON."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        if not _LONG_INTEGER.search(data):
            return orjson.loads(data)
        return json.loads(data, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return MISSING


def _finite(text: str) -> float:
    """A float, as orjson reads it: JSON has no infinite ones."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value


def why_none(message: Message) -> str:
    """Why a message has no JSON value."""
    if not message.body:
        return "no body"
    media_type = message.header("content-type") or ""
    if not is_json(media_type):
        return f'the body is "{media_type.partition(";")[0].strip()}", not JSON'
    return "the body cannot be read as JSON"


SECRET_ENDS = ("token", "secret", "password")
"""How names of properties end, in lower case, whose texts are secrets besides those that every message hides."""


def secrets_in(reply: Reply) -> tuple[Secret, ...]:
    """The texts of a JSON reply that nobody has declared and that are secrets by the names of their properties."""
    found: list[Secret] = []
    waiting = [read(reply)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
            found += [Secret(text) for name, text in value.items() if isinstance(text, str) and is_secret(name)]
    return tuple(found)


def is_secret(name: str) -> bool:
    """Whether a property of that name holds a secret."""
    return holds_secret(name) or name.lower().endswith(SECRET_ENDS)


def dump(value: Any) -> bytes:
    """A JSON value as bytes. Raises DocumentError ``unwritable-body`` for one that is nested too deeply."""
    try:
        return orjson.dumps(value)
    except (orjson.JSONEncodeError, RecursionError):  # integers over 64 bits, lone surrogates, deep nesting
        pass
    try:
        return json.dumps(value, separators=(",", ":")).encode()
    except RecursionError:
        raise DocumentError(
            "unwritable-body",
            "the changed body cannot be written as JSON: it is nested too deeply",
            remedy="send a simpler body",
        ) from None


def edit(message: Message, body: JsonBody, change: Change) -> Outcome:
    """The outcome of a change of the JSON body: written back when it changed, nothing done when there is no JSON."""
    value = body.of(message)
    if value is MISSING:
        return Outcome(message=message, did=f"{why_none(message)}; nothing to do")
    changed, did = change(value)
    if changed is value:
        return Outcome(message=message, did=did)
    data = dump(changed)
    body.keep(data, changed)
    return Outcome(message=with_body(message, data), did=did)
