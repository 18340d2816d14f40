"""Media types: which one a message is sent as or wanted in, and what a body of one means."""

from __future__ import annotations

from typing import Any

import orjson

from ..model import Reply, Request
from ..model.media_type import bare, is_json_type

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def is_json(media_type: str) -> bool:
    """Whether bodies of that (bare) media type are JSON; what takes anything takes JSON."""
    return media_type == "*/*" or is_json_type(media_type)


def is_text(media_type: str) -> bool:
    """Whether bodies of that (bare) media type are text."""
    return media_type.startswith("text/") or media_type.endswith(("xml", "javascript", "yaml", "csv", FORM))


def preferred(declared: tuple[str, ...]) -> str:
    """The media type that is used of those declared: plain JSON, else the first kind of JSON, else the first.

    Nothing declared means JSON (reference: connector-format, section 2). Wildcards stand for JSON.
    """
    first_json = ""
    for media_type in declared:
        name = bare(media_type)
        if name in (JSON, "*/*", "application/*"):
            return JSON if "*" in name else media_type
        if not first_json and "*" not in name and is_json(name):
            first_json = media_type
    return first_json or next((media_type for media_type in declared if "*" not in media_type), JSON)


def content_type_of(message: Reply | Request) -> str:
    """A message's content type as it was sent; empty for none."""
    return message.header("content-type") or ""


def decoded_text(message: Reply | Request) -> str | None:
    """The body as text, by its declared charset, else UTF-8; None when it is no text."""
    charset = _charset(content_type_of(message))
    try:
        return message.body.decode(charset or "utf-8-sig")
    except (ValueError, LookupError):  # wrong bytes, or a charset that Python does not know
        return message.body.decode("latin-1") if is_text(bare(content_type_of(message))) else None


def _charset(content_type: str) -> str:
    """The ``charset`` parameter; empty for none or for UTF-8 (whose byte order mark is dropped)."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
            return "" if charset in ("utf-8", "utf8") else charset
    return ""


def parsed_json(message: Reply | Request) -> Any:
    """The JSON value of a body. Raises orjson.JSONDecodeError when it is none."""
    try:
        return orjson.loads(message.body)
    except orjson.JSONDecodeError:
        text = decoded_text(message)  # another charset, or a byte order mark
        if text is None:
            raise
        return orjson.loads(text)


def decoded_body(message: Reply | Request) -> Any:
    """A body as people look at it: a JSON value, else text, else the bytes; None when there is none.

    What calls itself JSON, calls itself nothing, or looks like an object or array, is tried as JSON.
    """
    if not message.body:
        return None
    kind = bare(content_type_of(message))
    if not kind or is_json(kind) or message.body.lstrip()[:1] in (b"{", b"["):
        try:
            return parsed_json(message)
        except orjson.JSONDecodeError:
            pass
    text = decoded_text(message)
    return message.body if text is None or (not is_text(kind) and "\0" in text) else text
