"""Which credential an operation is called with: security requirements and connection parameters brought together.

Everything here follows reference: connector-format, section 5. Matching is by type: names of definitions are arbitrary.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..model import (
    Connection,
    Connector,
    Definition,
    Operation,
    ParameterSet,
    Requirement,
    SecurityDefinition,
)
from .api_key import ApiKey
from .basic import Basic
from .bearer import Bearer
from .scheme import Credential, Parameters, Scheme

SCHEMES: tuple[Scheme, ...] = (ApiKey(), Basic(), Bearer())
"""Every way of signing in; the first that matches a definition is used. No match means that nothing is sent."""

CACHE = "auth"
"""Key of the choice among what is compiled of an operation."""


def credentials_of(connector: Connector, operation: Operation, connection: Connection) -> tuple[Credential, ...]:
    """What is put on a request of that operation, in order; ``()`` when nothing is.

    The first alternative of ``security`` that the connection parameters can serve is used. Without a usable one (no
    ``security``, ``security: []`` at the root, undefined names) the first definition is that they can serve; without
    that an ``oauthSetting`` parameter signs in by itself. ``security: []`` on the operation means none.
    """
    chosen = parameter_set(connector, connection)
    made = operation.compiled.get(CACHE)
    if made is not None and made[0] is connector and made[1] is chosen:
        found: tuple[Credential, ...] = made[2]
        return found
    parameters = connector.properties.connection_parameters if chosen is None else chosen.parameters
    found = () if _anonymous(operation) else _choose(connector.definition, operation.security, parameters)
    operation.compiled[CACHE] = (connector, chosen, found)
    return found


def default_credentials(connector: Connector, parameters: Parameters) -> tuple[Credential, ...]:
    """The same for operations that say nothing about security, for given connection parameters."""
    return _choose(connector.definition, None, parameters)


def parameter_set(connector: Connector, connection: Connection) -> ParameterSet | None:
    """The set that a connection uses: the named one, else the first that has all its values, else the first."""
    sets = connector.properties.parameter_sets
    if not sets:
        return None
    named = next((entry for entry in sets if entry.name == connection.parameter_set), None)
    if named is not None:
        return named
    given = connection.values.keys()
    return next((entry for entry in sets if given <= {parameter.name for parameter in entry.parameters}), sets[0])


def _anonymous(operation: Operation) -> bool:
    """Whether the operation says itself that it is called without credential (inferred: webhook proxies do)."""
    return operation.security is not None and not any(operation.security)


def _choose(
    definition: Definition, security: tuple[Requirement, ...] | None, parameters: Parameters
) -> tuple[Credential, ...]:
    """The credentials of the first set of definitions that the parameters can serve."""
    for wanted in _alternatives(definition, security):
        credentials = [match(entry, parameters) for entry in wanted]
        found = tuple(credential for credential in credentials if credential is not None)
        if len(found) == len(wanted) and not _shared(found):
            return found
    alone = match(None, parameters)
    return () if alone is None else (alone,)


def _alternatives(
    definition: Definition, security: tuple[Requirement, ...] | None
) -> Iterator[tuple[SecurityDefinition, ...]]:
    """Sets of definitions to try: what ``security`` demands, then each definition alone."""
    definitions = definition.security_definitions
    requirements = definition.security if security is None else security
    for requirement in requirements or ():
        wanted = tuple(definitions[name] for name in requirement if name in definitions)
        if wanted and len(wanted) == len(requirement):
            yield wanted
    for entry in definitions.values():
        yield (entry,)


def match(definition: SecurityDefinition | None, parameters: Parameters) -> Credential | None:
    """The credential that serves a definition, or (for None) that the parameters are by themselves."""
    for scheme in SCHEMES:
        used = scheme.match(definition, parameters)
        if used is not None:
            return Credential(scheme=scheme, definition=definition, parameters=used)
    return None


def _shared(credentials: tuple[Credential, ...]) -> bool:
    """Whether one connection parameter would have to serve two definitions."""
    names = [parameter.name for credential in credentials for parameter in credential.parameters]
    return len(set(names)) < len(names)
