"""Callbacks and webhooks: what a service sends by itself, as the notification content of the platform.

What lives here reads them. Which operation becomes a trigger by them is in ``triggers``.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ...model import JsonObject
from .bodies import BODY_KNOWN, body_schema
from .definitions import flat
from .directions import REPLY, in_direction
from .finishing import finished_schema
from .lowering import Lowering, Part
from .media import chosen, kind_of_media
from .place import Place
from .references import Found
from .schemas import lower_either, lower_schema
from .values import SCALARS, scalar_kind, with_description

Kind = Literal["callback", "webhook"]

WEBHOOKS = ("webhooks", "x-webhooks")
"""Where a description has its webhooks: since 3.1, and as descriptions of 3.0 often write it."""

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
"""Methods by which a service may send."""

CONTENT_HEADERS = frozenset({"content-type", "accept", "authorization"})
"""Headers (lower case) for which OpenAPI says that parameters are ignored."""


class Sent(NamedTuple):
    """One thing that a service sends by POST."""

    kind: Kind
    name: str
    at: Place
    """The callback or webhook, for findings."""
    address: str
    """The runtime expression of the URL that it is sent to; empty for a webhook."""
    item: Part
    operation: Part
    """What is received."""

    def drop(self, low: Lowering, reason: str) -> None:
        """Note that it is not carried over."""
        low.notes.add(f"{self.kind}-dropped", self.at, f'the {self.kind} "{self.name}" is left out: {reason}')


def callbacks_of(operation: Part, low: Lowering) -> list[Sent]:
    """The callbacks of an operation in order; those that are sent by another method than POST are noted."""
    found: list[Sent] = []
    callbacks = low.members(operation, "callbacks")
    for name in callbacks[0]:
        if name.startswith("x-"):
            continue
        addresses, at = low.members(callbacks, name)
        written = [address for address in addresses if not address.startswith("x-")]
        if not written:
            message = f'the callback "{name}" is left out: nothing is said of it'
            low.notes.add("callback-dropped", (callbacks[1], name), message)
        for address in written:
            item = low.object_at(addresses, at, address)
            found += _posted("callback", name, (at, address), address, item, low)
    return found


def webhooks_of(low: Lowering) -> list[Sent]:
    """The webhooks of a description in order; those that are sent by another method than POST are noted."""
    found: list[Sent] = []
    for key in WEBHOOKS:
        webhooks = low.object_at(low.main.value, low.main, key)
        for name in webhooks[0]:
            if not name.startswith("x-"):
                item = low.members(webhooks, name)
                found += _posted("webhook", name, (webhooks[1], name), "", item, low)
    return found


def _posted(kind: Kind, name: str, at: Place, address: str, item: Part, low: Lowering) -> list[Sent]:
    """What the path item of a callback or webhook says is posted, as a list of one; empty for nothing."""
    methods = {key.lower(): key for key in item[0] if key.lower() in METHODS}
    for method, key in methods.items():
        if method != "post":
            message = f'the {kind} "{name}" by {method.upper()} is left out: the platform takes POST'
            low.notes.add(f"{kind}-dropped", (item[1], key), message)
    if "post" in methods:
        return [Sent(kind, name, at, address, item, low.members(item, methods["post"]))]
    if not methods:
        low.notes.add(f"{kind}-dropped", at, f'the {kind} "{name}" is left out: it has no operation')
    return []


def content_of(sent: list[Sent], low: Lowering) -> JsonObject:
    """The notification content for what is sent to one URL: one schema for all of them (reference: triggers, 1.3)."""
    bodies = [_body(one, low) for one in sent]
    texts = [text for body in bodies for text in body.texts]
    description = texts[0] if len(sent) == 1 and texts else ""
    if len(sent) > 1:
        description = "One of: " + ", ".join(one.name for one in sent)
    out = with_description({}, description)
    schema = bodies[0].lowered(low) if len(bodies) == 1 else _any_of(sent, bodies, low)
    out["schema"] = finished_schema(in_direction(schema, REPLY, low), sent[0].at, low)
    for one in sent:
        _note_answer(one, low)
    headers = {name: header for one in sent for name, header in _headers(one, low).items()}
    return {**out, "headers": headers} if headers else out


def _any_of(sent: list[Sent], bodies: list[_Body], low: Lowering) -> JsonObject:
    """One schema for several bodies."""
    kinds = {kind_of_media(body.media_type) for body in bodies}
    if kinds != {"json"}:
        schemas = [body.lowered(low) for body in bodies]
        if all(schema == schemas[0] for schema in schemas):
            return schemas[0]
        low.notes.add("union-opened", sent[0].at, "bodies of several media types are sent; anything is accepted")
        return {}
    return lower_either([body.schema for body in bodies], sent[0].at, low)


class _Body(NamedTuple):
    """The body of what is sent."""

    media_type: str
    media: Part
    schema: Found
    texts: list[str]
    """Words about it, the best first."""

    def lowered(self, low: Lowering) -> JsonObject:
        """Its schema."""
        return body_schema(self.media_type, lower_schema(*self.schema, low), self.media, low)


def _body(sent: Sent, low: Lowering) -> _Body:
    """The body of what is sent, of the media type that a request would have; anything where none is said."""
    operation = sent.operation[0]
    body, at = low.members(sent.operation, "requestBody")
    low.extras(body, at, BODY_KNOWN)
    words = (body.get("description"), operation.get("description"), operation.get("summary"))
    texts = [text for text in words if isinstance(text, str) and text.strip()]
    choice = chosen(low.object_at(body, at, "content"), low, reply=False)
    if choice is None:
        return _Body("application/json", (body, at), (True, at), texts)
    name, media = choice
    return _Body(name, media, (media[0].get("schema", True), (media[1], "schema")), texts)


def _headers(sent: Sent, low: Lowering) -> JsonObject:
    """The headers of what is sent; other parameters, for which the platform has no place, are noted."""
    out: JsonObject = {}
    for holder in (sent.item, sent.operation):
        for index, written in enumerate(low.list_at(*holder, "parameters")):
            part = low.follow(written, ((holder[1], "parameters"), index))
            if part is None:
                continue
            name, where = part[0].get("name"), part[0].get("in")
            if where == "path" and f"{{{name}}}" in sent.address:
                continue
            if where == "header" and isinstance(name, str):
                out |= {} if name.lower() in CONTENT_HEADERS else {name: _header(part, low)}
            else:
                low.notes.add("notification-part", part[1], f'"{name}" in {where} of the {sent.kind} is left out')
    return out


def _header(parameter: Part, low: Lowering) -> JsonObject:
    """One header of a notification, as the one connector of the corpus that has them writes it."""
    value, at = parameter
    schema = flat(lower_schema(value.get("schema", {}), (at, "schema"), low), low)
    kind = scalar_kind(schema)
    out: JsonObject = {"type": kind if kind in SCALARS else "string"}
    out |= {key: schema[key] for key in ("format", "enum") if key in schema and kind in SCALARS}
    return with_description(out, value.get("description"), schema.get("description"))


def _note_answer(sent: Sent, low: Lowering) -> None:
    """Note what the service wants to be answered: the platform answers 202 and nothing else (reference: triggers,
    1.3)."""
    responses = low.members(sent.operation, "responses")
    for code in responses[0]:
        response = low.members(responses, code) if not code.startswith("x-") else ({}, sent.at)
        if response[0].get("content"):
            message = f'the {sent.kind} "{sent.name}" wants a body as answer; the platform answers 202 without one'
            low.notes.add("notification-part", (response[1], "content"), message)
