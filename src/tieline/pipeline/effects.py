"""What a call asks of the world. Whoever drives the generators performs these and sends back the answer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from ..model import Connection, Connector, Exchange, Finding, Request, Secret, TraceEntry

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Send:
    """Send this request; answered with a ``model.Sent``, also when nothing came back."""

    request: Request


@dataclass(frozen=True, slots=True)
class Wait:
    """Let this many seconds pass; answered with None."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Now:
    """Tell the time; answered with seconds as a float, of a clock that only runs forward. Only differences count."""


@dataclass(frozen=True, slots=True)
class Renew:
    """Give this connection with an access token that lasts, renewing it where it has ended; answered with ``Renewed``.

    Asked only for connections that signed in at an identity provider.
    """

    connector: Connector
    connection: Connection
    rejected: bool = False
    """Whether the service refused the access token of ``connection``, however long it was to last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What came of a ``Renew``."""

    connection: Connection | None
    """The connection to go on with, the same one when there was nothing to renew; None when it could not be renewed."""
    trace: tuple[TraceEntry, ...] = ()
    """The requests to the identity provider, if there were any, without secrets."""
    findings: tuple[Finding, ...] = ()
    """Why it could not be renewed."""
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    """What must be hidden besides the secrets of ``connection``."""


Effect: TypeAlias = Send | Wait | Now | Renew
"""Everything that a call may ask for."""

Steps: TypeAlias = Generator[Effect, Any, Result]
"""A part of a call: yields effects, is sent their answers, returns its result."""

CallSteps: TypeAlias = Steps[Exchange]
"""A whole call."""
