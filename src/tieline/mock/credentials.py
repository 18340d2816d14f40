"""Whether a request carries the credential that an operation wants.

What lives here: presence and form of keys, Basic and Bearer. What must not: whether a credential is right; a mock knows
no secrets, so any will do.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from ..auth import credentials_of
from ..model import Connection, Connector, Operation, SecurityDefinition
from .incoming import Incoming
from .validation import Changes


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a request must carry."""

    kind: str
    """``apiKey``, ``basic`` or ``oauth2``."""
    where: str
    """``header`` or ``query``."""
    name: str
    loose: bool = False
    """Whether any value will do, since a policy may have changed it."""

    def in_request(self, incoming: Incoming) -> bool:
        """Whether the request carries it."""
        if self.where == "query":
            return any(incoming.query.get(self.name, ()))
        value = incoming.header(self.name) or ""
        scheme, _, rest = value.strip().partition(" ")
        if self.loose or self.kind == "apiKey":
            return value != ""
        if self.kind == "basic":
            return scheme.lower() == "basic" and _is_basic(rest)
        return scheme.lower() == "bearer" and rest.strip() != ""

    def __str__(self) -> str:
        if self.kind == "apiKey":
            return f'an API key in {self.where} "{self.name}"'
        return f'"Authorization: {"Basic …" if self.kind == "basic" else "Bearer …"}"'

    @property
    def challenge(self) -> str:
        """What ``WWW-Authenticate`` says (RFC 9110 asks for it on a 401)."""
        return {"basic": 'Basic realm="mock"', "oauth2": 'Bearer realm="mock"'}.get(self.kind, 'ApiKey realm="mock"')


def _is_basic(text: str) -> bool:
    try:
        return b":" in base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False


Alternatives = tuple[tuple[Key, ...], ...]
"""A request is let in when it carries all keys of one of these; ``()`` lets everybody in."""


def alternatives_of(connector: Connector, operation: Operation, changes: Changes) -> Alternatives:
    """What an operation wants.

    Only what its ``security`` demands is demanded; where the connector's connection parameters cannot serve that, what
    it sends instead will do too, and if it sends nothing, nothing is demanded.
    """
    definition = connector.definition
    requirements = definition.security if operation.security is None else operation.security
    if not requirements or changes.everything or not all(requirements):
        return ()
    out: dict[tuple[Key, ...], None] = {}
    for requirement in requirements:
        named = [definition.security_definitions.get(name) for name in requirement]
        if any(entry is None or entry.type == "unknown" for entry in named):
            return ()
        out[tuple(_key(entry, changes) for entry in named if entry is not None)] = None
    for parameter_set in [entry.name for entry in connector.properties.parameter_sets] or [""]:
        connection = Connection(parameter_set=parameter_set)
        sent = credentials_of(connector, operation, connection)
        if not any(credential.missing(connection) for credential in sent):
            return ()
        out[tuple(_key(credential.definition, changes) for credential in sent)] = None
    return tuple(out)


def _key(definition: SecurityDefinition | None, changes: Changes) -> Key:
    """Where a definition's credential stands; without definition it is a token (reference: connector-format, 5)."""
    if definition is not None and definition.type == "apiKey":
        return Key("apiKey", definition.where or "header", definition.key)
    kind = "basic" if definition is not None and definition.type == "basic" else "oauth2"
    return Key(kind, "header", "Authorization", loose="authorization" in changes.headers)
