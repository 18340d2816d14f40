"""How fitted values stand in a URL, a header or a form (reference: openapi-extensions, section 2)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, quote_plus

from ..model import CollectionFormat
from .values import Unfit, to_text

SEPARATORS: dict[str, str] = {"csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|", "multi": ","}
"""What stands between the elements of an array; ``multi`` where a name cannot be repeated (path, header)."""

RESERVED = "%/:?#[]@!$&'()*+,;="
"""Characters of a path template that stay as its author wrote them."""

_UNSAFE_HEADER = re.compile(r"[\r\n\0]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)


def escape(text: str, times: int = 1) -> str:
    """Percent-encode everything but unreserved characters, once or several times. Raises Unfit for lone surrogates."""
    if text.isascii() and text.isalnum():
        return text
    for _ in range(times):
        try:
            text = quote(text, safe="")
        except UnicodeEncodeError:
            raise _no_unicode() from None
    return text


def escape_form(text: str) -> str:
    """The same as forms do it: a space becomes ``+``."""
    try:
        return quote_plus(text)
    except UnicodeEncodeError:
        raise _no_unicode() from None


def utf8(text: str) -> bytes:
    """Text as bytes. Raises Unfit for lone surrogates."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _no_unicode() from None


def _no_unicode() -> Unfit:
    return Unfit("is not valid Unicode text", "give text without lone surrogates")


def literal(text: str) -> str:
    """A part of a path template as it stands in a URL: only what a URL cannot hold is encoded.

    A ``#`` is encoded, since what follows it would never be sent.
    """
    return quote(text, safe=RESERVED, errors="replace").replace("#", "%23")


def joined(value: Any, collection: CollectionFormat) -> str:
    """A value as one text; the elements of an array with their separator between them."""
    if isinstance(value, (list, tuple)):
        return SEPARATORS[collection].join(to_text(entry) for entry in value)
    return to_text(value)


def repeated(value: Any, collection: CollectionFormat) -> list[str]:
    """A value as the texts of fields of one name: one for each element with ``multi``, else one."""
    if collection == "multi" and isinstance(value, (list, tuple)):
        return [to_text(entry) for entry in value]
    return [joined(value, collection)]


def header_text(value: Any, collection: CollectionFormat) -> str:
    """A value as a header has it. Raises Unfit for what would break out of the header."""
    text = joined(value, collection)
    if _UNSAFE_HEADER.search(text):
        raise Unfit(
            "must not hold line breaks or null characters, since it is sent as a header",
            "give it on one line",
            "header-injection",
        )
    utf8(text)
    return text


def is_token(name: str) -> bool:
    """Whether a header can have this name (RFC 9110, section 5.6.2)."""
    return _TOKEN.fullmatch(name) is not None
