"""The property of a request body that carries a callback URL: which it is, and its mark for the platform.

The platform takes it in a JSON body, outside of lists, as a text that is required along its chain and hidden from
people (reference: triggers, 1.1; limits, section 3: ``NotificationUrl…``). What lives here knows lowered schemas alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...model import JsonObject, keys_of_pointer
from .definitions import flat
from .lowering import Lowering

MARK = "x-ms-notification-url"
"""What a property says into which the platform writes its URL."""

Keys = tuple[str, ...]
"""Names of properties, from the body inwards."""

ANY: Keys = ()
"""In the place of keys: the property has to be found by its name."""

MOST_DEPTH = 6
"""Properties inside properties that are searched; the deepest of the corpus of connectors is the fourth."""

MOST_PROPERTIES = 1_000
"""Properties that are searched in one body."""

URL_FORMATS = frozenset({"uri", "url", "iri", "uri-template"})
"""Formats of URLs as descriptions write them."""

_BODY = re.compile(r"\{?\$request\.body#(/[^{}]*)\}?")
_NO_EXPRESSION = re.compile(r"\{[^{}$]*\}")
_PARTS = {"query": "the query", "header": "a header", "path": "the path"}
_WORDS = re.compile(r"[A-Za-z]+|[0-9]+")
_CARRIER = re.compile(
    r"(call_?back|webhook|hook|target|notification|notify|listener|receiver|subscriber|delivery|destination|event|push"
    r"|post|endpoint)*(url|uri|endpoint)?"
)
_RESOURCE = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

RESOURCES = frozenset(
    {"webhook", "webhooks", "hook", "hooks", "subscription", "subscriptions", "subscribe", "callback", "callbacks"}
)
"""Words of which one is in the last part of the path of an operation that registers a URL."""


def keys_of(address: str) -> Keys | str:
    """The property that a callback's address names, :data:`ANY` where it names none, or the reason why it is no use.

    ``{$request.body#/data/url}`` names one. ``{webhookUrl}``, which is no runtime expression, says that there is one.
    """
    address = address.strip()
    named = _BODY.fullmatch(address)
    if named is not None:
        keys = tuple(keys_of_pointer(named[1]))
        return keys if keys != ("",) else "its URL is no property of the body"
    if _NO_EXPRESSION.fullmatch(address):
        return ANY
    for part, words in _PARTS.items():
        if f"$request.{part}." in address:
            return f"its URL comes from {words} of the request, and the platform gives one in a JSON body only"
    if "$request.body#" in address:
        return "the service adds text to the URL, and the platform's URL must be called as it is"
    return f'its URL "{address}" is none that the request gives'


def is_resource(path: str) -> bool:
    """Whether the last part of a path is called like a list of registered URLs: ``/repos/{id}/hooks``."""
    last = path.rstrip("/").rpartition("/")[2]
    return "{" not in last and not RESOURCES.isdisjoint(word.lower() for word in _RESOURCE.findall(last))


def marked(schema: JsonObject, low: Lowering) -> list[Keys]:
    """The properties that say themselves that they carry a callback URL."""
    return [keys for keys, found in _properties(schema, low) if found.get(MARK) is True]


def likely(schema: JsonObject, low: Lowering) -> list[Keys]:
    """The text properties that by name and format are likely to carry a callback URL."""
    return [keys for keys, found in _properties(schema, low) if _is_likely(keys[-1], found)]


def _is_likely(name: str, schema: JsonObject) -> bool:
    """Whether a text is a URL, by its format or the end of its name, and called like one that is called back."""
    joined = "".join(_WORDS.findall(name)).lower()
    if schema.get("type") != "string" or not _CARRIER.fullmatch(joined):
        return False
    return schema.get("format") in URL_FORMATS or joined.endswith(("url", "uri"))


def _properties(schema: JsonObject, low: Lowering) -> Iterator[tuple[Keys, JsonObject]]:
    """The properties of a schema and of the objects in it, each flat, outer ones first; lists are not gone into."""
    level: list[tuple[Keys, JsonObject]] = [((), schema)]
    left = MOST_PROPERTIES
    for _ in range(MOST_DEPTH):
        inner: list[tuple[Keys, JsonObject]] = []
        for keys, holder in level:
            for name, written in flat(holder, low).get("properties", {}).items():
                left -= 1
                if left < 0:
                    return
                inner.append(((*keys, name), flat(written, low)))
        yield from inner
        level = inner


def with_url(schema: JsonObject, keys: Keys, low: Lowering) -> JsonObject | str:
    """A schema in which a property is marked and its chain required, or the reason why that cannot be.

    What changes is written out in place of references, since others may use what they lead to.
    """
    key, *rest = keys
    own = flat(schema, low)
    properties = own.get("properties", {})
    if own.get("type") == "array" or key not in properties:
        where = "a list stands before it" if own.get("type") == "array" else f'there is no property "{key}" in the body'
        return f"its URL cannot be marked: {where}"
    child = _with_mark(flat(properties[key], low)) if not rest else with_url(properties[key], tuple(rest), low)
    if isinstance(child, str):
        return child
    required = own.get("required", [])
    if properties[key] == child and key in required and "readOnly" not in own:
        return schema
    own = {name: value for name, value in own.items() if name != "readOnly"}
    required = required if key in required else [*required, key]
    return {"type": "object", **own, "required": required, "properties": {**properties, key: child}}


def _with_mark(schema: JsonObject) -> JsonObject | str:
    """The schema of a property that carries a callback URL; the reason when it is no text."""
    if schema.get("type", "string") != "string":
        return f"its URL cannot be marked: the property is of type {schema['type']}"
    if schema.get(MARK) is True and schema.get("x-ms-visibility") == "internal" and "readOnly" not in schema:
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("readOnly", "default", "enum")}
    return {"type": "string", **kept, MARK: True, "x-ms-visibility": "internal"}
