"""What a caller does with credentials: say what is missing, list what must be hidden, describe the sign-in in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..model import (
    Connection,
    ConnectionParameter,
    Connector,
    Finding,
    Operation,
    ParameterSet,
    Secret,
    Severity,
    did_you_mean,
    settable,
)
from .choice import credentials_of, default_credentials
from .scheme import Credential, Parameters

_UNSAFE = re.compile(r"[\r\n\0]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a connection means for one operation."""

    signing: tuple[tuple[Credential, tuple[str, ...]], ...] = field(repr=False)
    """The credentials to put on a request, in order, each with its values; optional ones without values left out."""
    problems: tuple[Finding, ...]
    """Why the operation cannot be signed; ``()`` when it can."""
    secrets: tuple[Secret, ...] = field(repr=False)
    """Everything that must be hidden of a call: all connection values, and what signing makes of them."""


def prepared(connector: Connector, operation: Operation, connection: Connection) -> Prepared:
    """What a connection means for an operation; worked out once and kept with the connection."""
    if not connection.values:
        return _prepared(connector, operation, connection)
    made = connection.compiled.get(operation.id)
    if made is not None and made[0] is operation and made[1] is connector:
        found: Prepared = made[2]
        return found
    found = _prepared(connector, operation, connection)
    connection.compiled[operation.id] = (operation, connector, found)
    return found


def _prepared(connector: Connector, operation: Operation, connection: Connection) -> Prepared:
    signing: list[tuple[Credential, tuple[str, ...]]] = []
    held = list(connection.secrets)
    for credential in credentials_of(connector, operation, connection):
        values = credential.values(connection)
        if values is not None:
            signing.append((credential, values))
            held.extend(credential.scheme.secrets(values))
    return Prepared(
        signing=tuple(signing),
        problems=tuple(_problems(connector, operation, connection)),
        secrets=tuple(held),
    )


def required_values(connector: Connector, operation: Operation, connection: Connection) -> Parameters:
    """The connection parameters that the operation's credential needs and that have no value yet."""
    credentials = credentials_of(connector, operation, connection)
    return tuple(parameter for credential in credentials for parameter in credential.missing(connection))


def _problems(connector: Connector, operation: Operation, connection: Connection) -> Iterator[Finding]:
    sets = [entry.name for entry in connector.properties.parameter_sets]
    if connection.parameter_set and connection.parameter_set not in sets:
        yield Finding(
            rule="unknown-parameter-set",
            route=connector.properties.route,
            message=f'the connector has no parameter set "{connection.parameter_set}"',
            remedy=did_you_mean(connection.parameter_set, sets) or "name none: the connector has one way to sign in",
            severity=Severity.ERROR,
        )
    for credential in credentials_of(connector, operation, connection):
        for parameter in credential.missing(connection):
            yield _missing(credential, parameter)
        for parameter, value in zip(credential.parameters, credential.values(connection) or (), strict=False):
            if _UNSAFE.search(value):
                yield _injection(parameter)


def _missing(credential: Credential, parameter: ConnectionParameter) -> Finding:
    """The finding for a value that nobody gave, with what to type."""
    return Finding(
        rule="missing-credential",
        route=parameter.route,
        message=f'the connection parameter "{parameter.name}" has no value: {credential.scheme.title(credential)}',
        remedy=("sign in: tieline connect; or " if parameter.type == "oauthsetting" else "")
        + f"add --set {settable(parameter.name)}",
        severity=Severity.ERROR,
    )


def _injection(parameter: ConnectionParameter) -> Finding:
    """The finding for a value that would break out of its header; the value itself is not shown."""
    return Finding(
        rule="header-injection",
        route=parameter.route,
        message=f'the value of connection parameter "{parameter.name}" has a line break or a null character in it',
        remedy="give it without line breaks; a file that holds it often ends in one",
        severity=Severity.ERROR,
    )


def describe(connector: Connector) -> str:
    """How the connector signs in, in one sentence."""
    sets = connector.properties.parameter_sets
    if not sets:
        return described(connector, None)
    ways = "; ".join(f'"{entry.name}" with {described(connector, entry)}' for entry in sets)
    return f"one of {len(sets)} ways: {ways}"


def described(connector: Connector, chosen: ParameterSet | None) -> str:
    """The sign-in of one parameter set, or of the connection parameters of a connector without sets."""
    parameters = connector.properties.connection_parameters if chosen is None else chosen.parameters
    credentials = default_credentials(connector, chosen)
    if credentials:
        return " and ".join(credential.scheme.title(credential) for credential in credentials)
    if connector.definition.security_definitions:
        return "nothing by itself: no connection parameter fits what the definition declares"
    if parameters:
        names = ", ".join(f'"{parameter.name}"' for parameter in parameters)
        return f"nothing by itself; policies or a script may use {names}"
    return "no sign-in"
