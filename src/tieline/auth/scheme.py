"""What a way of signing in is: which connection parameters it takes, and how it signs a request.

A scheme asks for the world the way everything below ``net`` does: its generators yield requests and are sent what came
of them. What lives here must not know any one scheme.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from ..model import Connection, ConnectionParameter, Request, Secret, SecurityDefinition, Sent

Answer = TypeVar("Answer")

Asking: TypeAlias = Generator[Request, Sent, Answer]
"""Yields requests to the identity provider, is sent what came of them, returns its answer."""

Parameters: TypeAlias = tuple[ConnectionParameter, ...]
"""Connection parameters in the order in which a scheme uses them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One way of signing in, tied to what a connector declares: a scheme, its definition, its connection parameters."""

    scheme: Scheme
    definition: SecurityDefinition | None = None
    """None for a sign-in that only the connection parameters declare (``oauthSetting`` without a definition)."""
    parameters: Parameters = ()
    """The connection parameters whose values are used, in the scheme's order."""

    def value(self, connection: Connection, index: int = 0) -> str | None:
        """The value of one of the parameters: the connection's, else the parameter's default; None for neither."""
        parameter = self.parameters[index]
        value = connection.value(parameter.name)
        if value is None and parameter.default is not None:
            return str(parameter.default)
        return value

    def values(self, connection: Connection) -> tuple[str, ...] | None:
        """The values of all parameters, an optional one that was not given as empty text; None when a required one is
        missing, or when none was given."""
        found = [self.value(connection, index) for index in range(len(self.parameters))]
        given = any(value is not None for value in found)
        if not given or self.missing(connection):
            return None
        return tuple(value or "" for value in found)

    def missing(self, connection: Connection) -> Parameters:
        """The required parameters that have no value. An optional credential that is not given is left out. Of several
        one may be empty, as passwords are; an empty key is none, but a shell's variable that is not set."""
        none = (None, "") if len(self.parameters) == 1 else (None,)
        return tuple(
            parameter
            for index, parameter in enumerate(self.parameters)
            if parameter.required and self.value(connection, index) in none
        )


class Scheme(Protocol):
    """One way of proving who you are. Implementations hold no state; each stands in its own file."""

    @property
    def id(self) -> str:
        """Kebab-case name of the scheme, the same in code, data and docs."""

    def match(self, definition: SecurityDefinition | None, parameters: Parameters) -> Parameters | None:
        """The connection parameters that serve a security definition (or, for None, that sign in by themselves).

        None when this scheme is not for that definition or the parameters do not suffice. Definitions are matched by
        type, not by name (reference: connector-format, section 5).
        """

    def title(self, credential: Credential) -> str:
        """What is put where, in one phrase without secrets."""

    def sign(self, credential: Credential, values: tuple[str, ...], request: Request) -> Request:
        """Put the credential on a request; ``values`` are those of its parameters, in their order."""

    def secrets(self, values: tuple[str, ...]) -> tuple[Secret, ...]:
        """Secrets that signing makes of the values, and that must be hidden as the values are."""


def plain(name: str) -> str:
    """A name without case, spaces and punctuation, for comparing ``API Key`` with ``api_key``."""
    return "".join(char for char in name.casefold() if char.isalnum())


def texts(parameters: Parameters) -> Parameters:
    """Those parameters that hold text typed by a person and do not belong to an OAuth parameter (``token:…``)."""
    return tuple(
        parameter
        for parameter in parameters
        if parameter.type in ("securestring", "string") and ":" not in parameter.name
    )
