"""What a way of signing in is: which connection parameters it takes, and how it signs a request.

A scheme asks for the world the way everything below ``net`` does: its generators yield requests and are sent what came
of them. What lives here must not know any one scheme.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from ..model import Connection, ConnectionParameter, Request, Secret, SecurityDefinition, Sent

Answer = TypeVar("Answer")

Asking: TypeAlias = Generator[Request, Sent, Answer]
"""Yields requests to the identity provider, is sent what came of them, returns its answer."""

Signing: TypeAlias = Request | Asking[Request]
"""Returns the signed request."""

Renewal: TypeAlias = Asking[Connection | None]
"""Returns the connection with renewed values, or None when they could not be renewed."""

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
        """The values of all parameters; None when one is missing."""
        values = tuple(self.value(connection, index) for index in range(len(self.parameters)))
        return tuple(value for value in values if value is not None) if None not in values else None

    def missing(self, connection: Connection) -> Parameters:
        """The parameters that have no value, of a credential that is needed.

        A credential none of whose parameters is required and none of which is given is left out, not missing.
        """
        missing = tuple(
            parameter for index, parameter in enumerate(self.parameters) if self.value(connection, index) is None
        )
        wanted = any(parameter.required for parameter in missing) or len(missing) < len(self.parameters)
        return missing if wanted else ()


class Scheme(Protocol):
    """One way of proving who you are. Implementations hold no state; each stands in its own file."""

    @property
    def id(self) -> str:
        """Kebab-case name of the scheme, the same in code, data and docs."""

    @property
    def renew(self) -> Callable[[Credential, Connection], Renewal] | None:
        """What makes fresh values after a 401; None for a scheme that cannot."""

    def match(self, definition: SecurityDefinition | None, parameters: Parameters) -> Parameters | None:
        """The connection parameters that serve a security definition (or, for None, that sign in by themselves).

        None when this scheme is not for that definition or the parameters do not suffice. Definitions are matched by
        type, not by name (reference: connector-format, section 5).
        """

    def title(self, credential: Credential) -> str:
        """What is put where, in one phrase without secrets."""

    def sign(self, credential: Credential, values: tuple[str, ...], request: Request) -> Signing:
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
