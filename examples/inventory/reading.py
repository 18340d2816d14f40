"""Reads what callers send: JSON bodies and query parameters. All that is wrong is told at once, field by field."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect, Request

from .problems import Detail, Problem

BODY_LIMIT = 64 * 1024
"""Bytes. The largest body that means anything here is a tenth of this."""

_JSON_TYPE = re.compile(r"application/([\w.-]+\+)?json", re.IGNORECASE)

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

_LARGEST = 2**53
"""Beyond this, not every whole number can be told from its neighbours by all readers of JSON."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Choice = TypeVar("_Choice", bound=str)


class _Wrong(Exception):
    """Says what is wrong with one value."""


class _Reader:
    """Reads named values and gathers what is wrong with them."""

    def __init__(self) -> None:
        self._details: list[Detail] = []

    def done(self, message: str) -> None:
        """Raise a 400 :class:`Problem` with that message if anything read so far was wrong."""
        if self._details:
            raise Problem(400, message, self._details)

    def _check(self, name: str, check: Callable[[Any], Any], value: Any, otherwise: Any) -> Any:
        try:
            return check(value)
        except _Wrong as wrong:
            self._details.append(Detail(field=name, error=str(wrong)))
            return otherwise


class Fields(_Reader):
    """Reads the fields of a JSON object. A field that is wrong reads as its default, until :meth:`done` ends it."""

    def __init__(self, values: dict[str, Any], prefix: str = "") -> None:
        super().__init__()
        self._values = values
        self._prefix = prefix

    def text(self, name: str, longest: int, *, default: str | None = None, shortest: int = 1) -> str:
        """A text, trimmed; required unless there is a default."""

        def check(value: Any) -> str:
            text = _text(value).strip()
            if not shortest <= len(text) <= longest:
                raise _Wrong("must not be empty" if not text else f"must have at most {longest} characters")
            return text

        return str(self._read(name, check, default))

    def number(self, name: str, most: float) -> float:
        """A required number from 0."""

        def check(value: Any) -> float:
            number = _number(value)
            if not 0 <= number <= most:
                raise _Wrong("must not be negative" if number < 0 else f"must be at most {most:.0f}")
            return float(number)

        return float(self._read(name, check, None) or 0.0)

    def whole(self, name: str, least: int, most: int) -> int | None:
        """A whole number in a range, or None where the field is absent."""

        def check(value: Any) -> int:
            number = _number(value)
            if number != int(number):
                raise _Wrong("must be a whole number")
            if not least <= number <= most:
                raise _Wrong(f"must be from {least} to {most}")
            return int(number)

        found: int | None = self._read(name, check, None, optional=True)
        return found

    def choice(self, name: str, choices: Sequence[_Choice]) -> _Choice | None:
        """One of some words, or None where the field is absent."""

        def check(value: Any) -> _Choice:
            for choice in choices:
                if value == choice:
                    return choice
            raise _Wrong("must be one of " + ", ".join(f'"{choice}"' for choice in choices))

        found: _Choice | None = self._read(name, check, None, optional=True)
        return found

    def callback_url(self, name: str) -> str:
        """A required absolute http or https URL, kept to the letter since callback URLs carry signatures."""
        return str(self._read(name, _callback_url, None))

    def object(self, name: str) -> Fields:
        """The fields of an object inside, none where it is absent; its errors are gathered here."""

        def check(value: Any) -> dict[str, Any]:
            if not isinstance(value, dict):
                raise _Wrong(f"must be an object, not {_kind(value)}")
            return value

        inner = Fields(self._read(name, check, {}, optional=True), f"{self._prefix}{name}.")
        inner._details = self._details
        return inner

    def _read(self, name: str, check: Callable[[Any], Any], default: Any, *, optional: bool = False) -> Any:
        value = self._values.get(name)
        if value is None and (optional or default is not None):
            return default
        if name not in self._values:
            self._details.append(Detail(field=self._prefix + name, error="is required"))
            return default
        return self._check(self._prefix + name, check, value, default)


class Query(_Reader):
    """Reads query parameters. An empty one counts as absent, since many clients send those that were left blank."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._values = request.query_params

    def text(self, name: str) -> str | None:
        """Any text."""
        return self._values.get(name) or None

    def flag(self, name: str) -> bool | None:
        """`true` or `false`, in any case."""

        def check(value: str) -> bool:
            if value.lower() not in ("true", "false"):
                raise _Wrong(f'must be "true" or "false", not "{value[:40]}"')
            return value.lower() == "true"

        found: bool | None = self._read(name, check, None)
        return found

    def whole(self, name: str, least: int, most: int, default: int) -> int:
        """A whole number; one that is too large counts as the largest."""

        def check(value: str) -> int:
            if not (value.isascii() and value.isdigit()):
                raise _Wrong(f'must be a whole number, not "{value[:40]}"')
            number = most if len(value) > 15 else min(int(value), most)
            if number < least:
                raise _Wrong(f"must be at least {least}")
            return number

        return int(self._read(name, check, default))

    def moment(self, name: str) -> int | None:
        """An RFC 3339 date-time, as milliseconds since 1970, rounded down."""
        found: int | None = self._read(name, _moment, None)
        return found

    def _read(self, name: str, check: Callable[[Any], Any], default: Any) -> Any:
        value = self._values.get(name)
        return self._check(name, check, value, default) if value else default


async def read_fields(request: Request) -> Fields:
    """The JSON object in the body of a request. Raises a :class:`Problem` with 400, 413 or 415 for anything else."""
    content_type = request.headers.get("content-type", "application/json").split(";")[0].strip()
    if not _JSON_TYPE.fullmatch(content_type):
        raise Problem(415, f'the body must be "application/json", not "{content_type[:100]}"')
    body = await _body(request)
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        raise Problem(400, f"the body is not JSON: {problem}") from None
    if not isinstance(value, dict):
        raise Problem(400, f"the body must be an object, not {_kind(value)}")
    return Fields(value)


async def _body(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > BODY_LIMIT:
                raise Problem(413, f"the body must have at most {BODY_LIMIT} bytes")
            chunks.append(chunk)
    except ClientDisconnect:
        raise Problem(400, "the body ended too early") from None
    return b"".join(chunks)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _kind(value: Any) -> str:
    """The JSON name of a value's type."""
    if value is None:
        return "null"
    names = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array"}
    return names.get(type(value), "an object")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"must be a string, not {_kind(value)}")
    # Control characters and lone surrogates can be written in JSON, but not stored or shown.
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise _Wrong("must not contain control characters")
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Wrong(f"must be a number, not {_kind(value)}")
    # JSON has no largest number: 1e999 reads as infinity, and whole numbers have any length.
    if abs(value) > _LARGEST:
        raise _Wrong("is too large")
    return value


def _callback_url(value: Any) -> str:
    text = _text(value)
    if not 1 <= len(text) <= 4096 or not text.isascii() or " " in text:
        raise _Wrong("must be a URL of at most 4096 ASCII characters, without spaces")
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise _Wrong("must be an absolute http or https URL")
    return text


def _moment(value: str) -> int:
    wrong = _Wrong(
        f'must be a date-time such as "2026-11-25T08:30:00.000Z", not "{value[:40]}"; in a URL, "+" is written "%2B"'
    )
    if not _DATE_TIME.fullmatch(value):
        raise wrong
    try:
        return (datetime.fromisoformat(value.upper()) - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise wrong from None
