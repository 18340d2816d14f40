"""What a caller does with credentials: say what is missing, list what must be hidden, describe the sign-in in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..model import (
    Connection,
    ConnectionParameter,
    Connector,
    Finding,
    Operation,
    Secret,
    Severity,
    did_you_mean,
)
from .choice import credentials_of, default_credentials
from .scheme import Credential, Parameters

_UNSAFE = re.compile(r"[\r\n\0]")
_SIMPLE = re.compile(r"[\w:./-]+")


def required_values(connector: Connector, operation: Operation, connection: Connection) -> Parameters:
    """The connection parameters that the operation's credential needs and that have no value yet."""
    credentials = credentials_of(connector, operation, connection)
    return tuple(parameter for credential in credentials for parameter in credential.missing(connection))


def problems(connector: Connector, operation: Operation, connection: Connection) -> tuple[Finding, ...]:
    """Why the operation cannot be signed with this connection, as findings; ``()`` when it can."""
    return tuple(_problems(connector, operation, connection))


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
        remedy=f"add --set {_typed(parameter.name)}",
        severity=Severity.ERROR,
    )


def _typed(name: str) -> str:
    """``name=VALUE`` as a shell takes it."""
    return f"{name}=VALUE" if _SIMPLE.fullmatch(name) else f'"{name}=VALUE"'


def _injection(parameter: ConnectionParameter) -> Finding:
    """The finding for a value that would break out of its header; the value itself is not shown."""
    return Finding(
        rule="header-injection",
        route=parameter.route,
        message=f'the value of connection parameter "{parameter.name}" has a line break or a null character in it',
        remedy="give it without line breaks; a file that holds it often ends in one",
        severity=Severity.ERROR,
    )


def secrets(connector: Connector, operation: Operation, connection: Connection) -> tuple[Secret, ...]:
    """Everything that must be hidden of a call: all connection values, and what signing makes of them."""
    held = list(connection.values.values())
    for credential in credentials_of(connector, operation, connection):
        values = credential.values(connection)
        held.extend(credential.scheme.secrets(values) if values is not None else ())
    return tuple(held)


def describe(connector: Connector) -> str:
    """How the connector signs in, in one sentence."""
    sets = connector.properties.parameter_sets
    if not sets:
        return _described(connector, connector.properties.connection_parameters)
    ways = "; ".join(f'"{entry.name}" with {_described(connector, entry.parameters)}' for entry in sets)
    return f"one of {len(sets)} ways: {ways}"


def _described(connector: Connector, parameters: Parameters) -> str:
    """The sign-in of one set of connection parameters."""
    credentials = default_credentials(connector, parameters)
    if credentials:
        return " and ".join(credential.scheme.title(credential) for credential in credentials)
    if connector.definition.security_definitions:
        return "nothing by itself: no connection parameter fits what the definition declares"
    if parameters:
        names = ", ".join(f'"{parameter.name}"' for parameter in parameters)
        return f"nothing by itself; policies or a script may use {names}"
    return "no sign-in"
