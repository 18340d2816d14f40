"""What a policy can ask about the call it is part of: the connection, the message, where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..lang import tokens
from ..model import MISSING, Connection, ConnectionParameter, Connector, Reply
from . import query
from .json_body import JsonBody
from .message import Message, Outgoing
from .settings import DEFAULT, Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What stays the same over all policies of one call."""

    connector: Connector
    connection: Connection
    method: str
    """The method with which the operation was called."""
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    """Name -> value as it stands in the URL, encoded."""
    server: str | None = None
    """What side requests are sent to in place of the base URL; the call's own ``--server``."""
    caller_base: str = ""
    """The URL under which the caller reaches this connector; empty when there is none (a call without gateway)."""
    called: Outgoing | None = None
    """The request as the operation was called, before credential and policies: a poll's state comes from it, and its
    ``Location`` leads back to it."""
    settings: Settings = DEFAULT


class MessageScope:
    """Everything that tokens of one policy can see (a ``tokens.Scope``), and the JSON body for its behaviour."""

    __slots__ = ("_item", "_message", "_outgoing", "context", "json")

    def __init__(
        self, context: Context, message: Message, outgoing: Outgoing, json: JsonBody, item: Any = MISSING
    ) -> None:
        """``outgoing`` is the message itself, or the request that a reply answers."""
        self.context = context
        self.json = json
        self._message = message
        self._outgoing = outgoing
        self._item = item

    def move(self, message: Message) -> None:
        """Go on to the message that the last policy gave."""
        self._message = message
        if isinstance(message, Outgoing):
            self._outgoing = message

    @property
    def outgoing(self) -> Outgoing:
        """The request at hand, or the one that was answered."""
        return self._outgoing

    def at(self, item: Any) -> MessageScope:
        """The same scope with ``item`` as ``@item()``."""
        return MessageScope(self.context, self._message, self._outgoing, self.json, item)

    def text(self, template: tokens.Template, *, absent: tokens.Absent = "fail") -> str:
        """The text that a template gives here; raises as ``tokens.text_of`` does."""
        if template.constant is not None:
            return template.constant
        return tokens.text_of(template, self, self.context.settings.tokens, absent=absent)

    def lacking(self, template: tokens.Template) -> tokens.Property | None:
        """The first property in a template that is not there, or is null; None when there is none."""
        settings = self.context.settings.tokens
        for part in template.parts:
            if isinstance(part, tokens.Property) and tokens.value_of(part, self, settings) in (MISSING, None):
                return part
        return None

    def connection_parameter(self, name: str) -> str | None:
        """The connection's value, else the default that the connector declares; the exact name first, then any case
        (inferred: two published connectors spell a name in two ways)."""
        value = self.context.connection.value(name)
        if value is not None:
            return value
        folded = name.casefold()
        for given in self.context.connection.values:
            if given.casefold() == folded:
                return self.context.connection.value(given)
        for parameter in self._declared():
            if parameter.name.casefold() == folded and parameter.default is not None:
                return tokens.to_text(parameter.default)
        return None

    def connection_parameters(self) -> tuple[str, ...]:
        """The names of all that the connector declares."""
        return tuple(parameter.name for parameter in self._declared())

    def _declared(self) -> tuple[ConnectionParameter, ...]:
        """The connection parameters of the chosen set, or of all of them."""
        properties = self.context.connector.properties
        sets = [entry for entry in properties.parameter_sets if entry.name == self.context.connection.parameter_set]
        chosen = sets or properties.parameter_sets
        if not chosen:
            return properties.connection_parameters
        return tuple(parameter for entry in chosen for parameter in entry.parameters)

    def header(self, name: str) -> str | None:
        """A header of the message: the request's in Request, the reply's in Response (inferred). Several lines of it
        come with commas between (reference: apim-expressions, section 5.5, to which templates compile)."""
        wanted = name.lower()
        values = [value for key, value in self._message.headers if key.lower() == wanted]
        return ",".join(values) if values else None

    def query(self, name: str) -> str | None:
        """A query parameter of the request as it is now."""
        return query.looked_up(self._outgoing.query, name)

    def path_parameter(self, name: str) -> str | None:
        """A path parameter with which the operation was called, encoded."""
        return self.context.path_parameters.get(name)

    def path_parameters(self) -> tuple[str, ...]:
        """The names of all of them."""
        return tuple(self.context.path_parameters)

    def original_method(self) -> str:
        """The method with which the operation was called."""
        return self.context.method

    def body(self) -> Any:
        """The JSON body of the message, or MISSING."""
        return self.json.of(self._message)

    def item(self) -> Any:
        """The object at hand of a collection, or MISSING."""
        return self._item

    def trigger_body(self) -> Any:
        """The JSON body of the reply to a poll, or MISSING."""
        return self.json.of(self._message) if isinstance(self._message, Reply) else MISSING
