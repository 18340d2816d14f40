"""Whether a connection works: a call of the operation that the connector declares for that.

Reference: openapi-extensions, ``x-ms-capabilities``: a GET with literal parameters; a reply of 2xx says yes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..model import Connection, Connector, DocumentError, Redactor
from ..pipeline import Options
from .call import CallResult, Session

if TYPE_CHECKING:
    from ..net.transport import Transport
    from .keeper import Keeper

REFUSALS = frozenset({401, 403})
"""Replies that say that the credential is at fault."""


class Verdict(StrEnum):
    """What a check found."""

    WORKS = "works"
    REFUSED = "refused"
    """The service did not accept the credential."""
    FAILED = "failed"
    """The call went wrong for another reason, so nothing is known."""
    UNTRIED = "untried"
    """The connector declares no operation for it, or one that it does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What came of trying a connection."""

    verdict: Verdict
    said: str
    """In one line, with the service's own words; secrets hidden."""
    operation: str = ""
    """Which operation was called; empty for none."""
    result: CallResult | None = field(default=None, repr=False)
    """The call."""


def operation_for_test(connector: Connector) -> tuple[str, Mapping[str, Any]] | None:
    """The operation that tests a connection, with its arguments; None when the connector declares none."""
    capabilities = connector.definition.root.get("x-ms-capabilities")
    declared = capabilities.get("testConnection") if isinstance(capabilities, Mapping) else None
    operation = declared.get("operationId") if isinstance(declared, Mapping) else None
    if not isinstance(declared, Mapping) or not isinstance(operation, str) or not operation:
        return None
    parameters = declared.get("parameters")
    return operation, parameters if isinstance(parameters, Mapping) else {}


async def check_connection(
    connector: Connector,
    connection: Connection,
    transport: Transport,
    *,
    keeper: Keeper | None = None,
    options: Options = Options(),
) -> Check:
    """Try a connection; never raises for what the service does. ``keeper`` renews a stored one."""
    declared = operation_for_test(connector)
    if declared is None:
        said = "the connector declares no operation that tests a connection (x-ms-capabilities, testConnection)"
        return Check(verdict=Verdict.UNTRIED, said=said)
    operation, arguments = declared
    session = Session(connector=connector, connection=connection, options=options, keeper=keeper)
    try:
        result = await session.call(operation, arguments, transport)
    except DocumentError as error:
        return Check(verdict=Verdict.UNTRIED, said=error.finding.message, operation=operation)
    return Check(verdict=_verdict(result), said=_said(result), operation=operation, result=result)


def _verdict(result: CallResult) -> Verdict:
    if result.ok:
        return Verdict.WORKS
    return Verdict.REFUSED if result.status in REFUSALS else Verdict.FAILED


def _said(result: CallResult) -> str:
    lines = [line.strip().removeprefix("error: ") for line in result.summary()]
    said = "; ".join([*lines, *(finding.message for finding in result.errors)])
    return Redactor(result.exchange.secrets).text(said)
