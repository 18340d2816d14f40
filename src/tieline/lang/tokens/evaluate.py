"""From a template to text: what each token gives, and what happens where there is nothing.

What lives here asks a :class:`Scope` and knows no message, no connection and no policy.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import orjson

from ...model import MISSING, DocumentError, did_you_mean, settable
from .nodes import Lookup, OriginalMethod, Part, PathParameter, Property, Root, Template, Text
from .parser import shown
from .paths import get

Absent = Literal["fail", "empty"]
"""What a token without value does: stop with an error, or give the empty text."""

MOST_OUTPUT = 4_000_000
"""Characters that one template may give: far above any header, URL or value, and below what fills a memory."""


class Scope(Protocol):
    """What tokens are evaluated against. None, or MISSING for JSON values, stands for "there is none"."""

    def connection_parameter(self, name: str) -> str | None:
        """The value of a connection parameter."""

    def connection_parameters(self) -> tuple[str, ...]:
        """The names of all of them, for a message."""

    def header(self, name: str) -> str | None:
        """A header of the message, in any case."""

    def query(self, name: str) -> str | None:
        """A query parameter, decoded."""

    def path_parameter(self, name: str) -> str | None:
        """A path parameter, encoded as it stood in the URL."""

    def path_parameters(self) -> tuple[str, ...]:
        """The names of all of them, for a message."""

    def original_method(self) -> str:
        """The method with which the operation was called."""

    def body(self) -> Any:
        """The JSON body of the message."""

    def item(self) -> Any:
        """The element at hand of a collection."""

    def trigger_body(self) -> Any:
        """The JSON body of the reply to a poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the documentation leaves open about tokens, with the recommended answers."""

    missing_connection_parameter: Absent = "fail"
    """A connection parameter without value and without default (reference: fails or empty, unknown)."""
    missing_lookup: Absent = "empty"
    """A header or query parameter that is not there, without default (inferred)."""
    any_case_properties: bool = False
    """Whether property names match in any case (not said; exact)."""


DEFAULT = Settings()
"""The recommended answers."""


def text_of(template: Template, scope: Scope, settings: Settings = DEFAULT, *, absent: Absent = "fail") -> str:
    """The text that a template gives. ``absent`` is for properties: a null on the way makes an expression fail.

    Raises DocumentError ``missing-connection-parameter``, ``missing-value``, ``unknown-path-parameter`` or
    ``expression-too-long``, each with the template's route.
    """
    if template.constant is not None:
        return template.constant
    text = "".join([part_text(part, template, scope, settings, absent) for part in template.parts])
    if len(text) > MOST_OUTPUT:
        raise DocumentError(
            "expression-too-long",
            f'the expression "{shown(template.text)}" gives more than {MOST_OUTPUT} characters',
            remedy="take tokens out of it",
            route=template.route,
        )
    return text


def part_text(part: Part, template: Template, scope: Scope, settings: Settings, absent: Absent = "fail") -> str:
    """The text that one part of a template gives; see :func:`text_of`."""
    match part:
        case Text():
            return part.text
        case Lookup():
            return _lookup(part, template, scope, settings)
        case Property():
            value = value_of(part, scope, settings)
            if value is not MISSING and value is not None:
                return to_text(value)
            if absent == "empty":
                return ""
            raise _missing_value(template, part, scope)
        case PathParameter():
            found = scope.path_parameter(part.name)
            if found is None:
                raise _unknown_path_parameter(template, part, scope)
            return found
        case OriginalMethod():
            return scope.original_method()


def _lookup(token: Lookup, template: Template, scope: Scope, settings: Settings) -> str:
    """What a lookup gives: the value, else the default, else nothing."""
    absent = settings.missing_lookup
    match token.source:
        case "connectionParameters":
            value = scope.connection_parameter(token.name)
            absent = settings.missing_connection_parameter
        case "headers":
            value = scope.header(token.name)
        case "queryParameters":
            value = scope.query(token.name)
    if value is None:
        value = token.default
    if value is not None:
        return value
    if absent == "empty":
        return ""
    raise _missing_lookup(template, token, scope)


def value_of(token: Property, scope: Scope, settings: Settings = DEFAULT) -> Any:
    """The JSON value that a property path leads to, or MISSING."""
    match token.root:
        case "body":
            value = scope.body()
        case "item":
            value = scope.item()
        case "triggerBody":
            value = scope.trigger_body()
    return get(value, token.keys, any_case=settings.any_case_properties)


def to_text(value: Any) -> str:
    """A JSON value inside a text: texts raw, all else as JSON (reference: policy-templates, setproperty).

    Raises DocumentError ``value-too-deep``.
    """
    if isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode()
    except (orjson.JSONEncodeError, RecursionError):  # integers over 64 bits, lone surrogates, deep nesting
        pass
    try:
        return json.dumps(value, separators=(",", ":"))
    except RecursionError:
        raise DocumentError(
            "value-too-deep",
            "a JSON value is nested too deeply to be written as text",
            remedy="let the expression lead to a part of it",
        ) from None


def _missing_lookup(template: Template, token: Lookup, scope: Scope) -> DocumentError:
    """The error for a lookup that finds nothing and must find something."""
    if token.source != "connectionParameters":
        kind = "header" if token.source == "headers" else "query parameter"
        return DocumentError(
            "missing-value",
            f'the expression "{shown(template.text)}" needs the {kind} "{token.name}", which the message does not have',
            remedy=f"send it, or write @{token.source}('{token.name}','default')",
            route=template.route,
        )
    return missing_parameter(template, token.name, scope.connection_parameters())


def missing_parameter(template: Template, name: str, known: tuple[str, ...]) -> DocumentError:
    """The error for a connection parameter without value, or one that the connector does not have."""
    if name.casefold() in (parameter.casefold() for parameter in known):
        message = f'the connection parameter "{name}" has no value'
        remedy = f"give it with --set {settable(name)}"
    else:
        message = f'the connector has no connection parameter "{name}"'
        close = did_you_mean(name, known)
        declare = f"declare it in apiProperties.json, or write @connectionParameters('{name}','default')"
        remedy = close if close.startswith("did") else declare
    return DocumentError("missing-connection-parameter", message, remedy=remedy, route=template.route)


NO_WHOLE: dict[Root, tuple[str, str]] = {
    "body": ("the message has no JSON body", "use it for operations with a JSON body alone"),
    "item": ("there is no collection here whose element it could be", "write @body()"),
    "triggerBody": ("there is no JSON reply to a poll here", "write @body()"),
}
"""Why the whole that a path starts from is not there, and what to do."""


def _missing_value(template: Template, token: Property, scope: Scope) -> DocumentError:
    start, end = token.span
    why, remedy = "", "check the names in it against the JSON of the message"
    if value_of(Property(root=token.root, span=token.span), scope) is MISSING:
        why, remedy = NO_WHOLE[token.root]
    return DocumentError(
        "missing-value",
        f'"{shown(template.text[start:end])}" leads to nothing{f": {why}" if why else " or to null"}',
        remedy=remedy,
        route=template.route,
    )


def _unknown_path_parameter(template: Template, token: PathParameter, scope: Scope) -> DocumentError:
    known = scope.path_parameters()
    return DocumentError(
        "unknown-path-parameter",
        f'"{shown(template.text)}" needs the path parameter "{token.name}", which the operation does not have',
        remedy=did_you_mean(token.name, known) or "the path of the operation has no parameters",
        route=template.route,
    )
