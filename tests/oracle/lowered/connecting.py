"""The connection of a call: a value for each connection parameter that a connector declares.

- A credential: the parameters that serve the security definition of its name. Of several parameter sets the one is used
  that signs with the schemes of the case.
- A server variable: the parameter of its name.
- A choice of servers: the allowed value that is the server's address, path, host or description.
- A parameter for the address without allowed values: the address, or the host where its default is one.
- A key in a cookie: as ``name=value``, for the security definition of its name, or the parameter of its name or the
  cookie's.
- A cookie parameter: the parameter of its name.
- Anything else: the parameter's default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from prescribed.operations import Case
from prescribed.security import SECRET, USER, Scheme

from tieline import auth
from tieline.auth.scheme import Credential, plain
from tieline.model import Connection, ConnectionParameter, Connector, Operation, Secret

UNASKED = "unasked"
"""The value of a credential that the case does not ask for: a connection has values for all that are required."""


def connection_for(connector: Connector, operation: Operation, case: Case, cookies: Mapping[str, str]) -> Connection:
    """The connection for a case. ``cookies`` are those for which the operation has no input."""
    chosen = _parameter_set(connector, operation, case)
    found = {one.name: _other(one, case, cookies) or _default(one) for one in _parameters(connector, chosen)}
    for credential in auth.credentials_of(connector, operation, Connection(parameter_set=chosen)):
        found |= _credential(connector, operation, credential, case)
    values = {name: Secret(value) for name, value in found.items() if value is not None}
    return Connection(values=values, parameter_set=chosen)


def _parameters(connector: Connector, chosen: str) -> tuple[ConnectionParameter, ...]:
    sets = connector.properties.parameter_sets
    return next((one.parameters for one in sets if one.name == chosen), connector.properties.connection_parameters)


def _parameter_set(connector: Connector, operation: Operation, case: Case) -> str:
    """The set that signs with the schemes of the case (with none: that may be left empty), else the first; empty for
    none."""
    names = [one.name for one in connector.properties.parameter_sets]
    defined = connector.definition.security_definitions
    wanted = {scheme.name for scheme in case.schemes if scheme.where != "cookie" or scheme.name in defined}
    for name in names:
        found = auth.credentials_of(connector, operation, Connection(parameter_set=name))
        signs = [one for one in found if wanted or any(parameter.required for parameter in one.parameters)]
        if {one.definition.name for one in signs if one.definition is not None} == wanted:
            return name
    return names[0] if names else ""


def _credential(connector: Connector, operation: Operation, credential: Credential, case: Case) -> dict[str, str]:
    """The values of a credential's parameters."""
    name = credential.definition.name if credential.definition is not None else ""
    scheme = next((one for one in case.schemes if one.name == name), None)
    if scheme is None and credential.definition is None and len(case.schemes) == 1:
        scheme = case.schemes[0]
    if scheme is None:
        return {parameter.name: UNASKED for parameter in credential.parameters if parameter.required}
    if len(credential.parameters) == 2:
        return dict(zip((one.name for one in credential.parameters), (USER, SECRET), strict=True))
    typed = credential.scheme.id == "api-key" and not _adds_word(connector, operation, scheme)
    if scheme.where == "cookie":
        return {credential.parameters[0].name: f"{scheme.key}={SECRET}"}
    return {credential.parameters[0].name: scheme.value if typed else SECRET}


def _adds_word(connector: Connector, operation: Operation, scheme: Scheme) -> bool:
    """Whether a policy puts the scheme's word before the value, so that a person types the value alone."""
    policies = [one for one in connector.policies_of(operation.id) if one.template == "setheader"]
    return bool(scheme.word) and any(
        str(one.parameters.get("name", "")).lower() == "authorization"
        and str(one.parameters.get("value", "")).startswith(f"{scheme.word} @")
        for one in policies
    )


def _other(parameter: ConnectionParameter, case: Case, cookies: Mapping[str, str]) -> str | None:
    """The value of a parameter that is no credential; None for none."""
    name = plain(parameter.name)
    for variable, value in case.server.variables.items():
        if plain(variable) == name:
            return value
    for cookie, value in cookies.items():
        if plain(cookie) == name:
            return value
    for scheme in case.schemes:
        if scheme.where == "cookie" and name in (plain(scheme.name), plain(scheme.key), "apikey"):
            return f"{scheme.key}={SECRET}"
    return _server(parameter, case)


def _default(parameter: ConnectionParameter) -> str | None:
    """What stands in a parameter until a person changes it."""
    return None if parameter.default is None else str(parameter.default)


def _server(parameter: ConnectionParameter, case: Case) -> str | None:
    """The value of a parameter for the server."""
    server, parts = case.server, urlsplit(case.server.url)
    names = {server.url, server.template, server.template.rstrip("/"), server.description, parts.path, parts.netloc}
    names |= {server.url.partition("://")[2]}
    for allowed in parameter.allowed_values:
        if {_bare(allowed.value), _bare(allowed.text)} & {_bare(name) for name in names if name}:
            return str(allowed.value)
    if parameter.allowed_values or not isinstance(parameter.default, str) or parameter.secret:
        return None
    if "://" in parameter.default:
        return server.url
    return parts.netloc if "." in parameter.default and " " not in parameter.default else None


def _bare(value: Any) -> str:
    return str(value).rstrip("/")
