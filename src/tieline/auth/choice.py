"""Which credential an operation is called with: security requirements and connection parameters brought together.

Everything here follows reference: connector-format, section 5. Matching is by type: names of definitions are arbitrary.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..model import (
    Connection,
    ConnectionParameter,
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
from .scheme import Credential, Parameters, Scheme, plain

SCHEMES: tuple[Scheme, ...] = (ApiKey(), Basic(), Bearer())
"""Every way of signing in; the first that matches a definition is used. No match means that nothing is sent."""

USUAL_NAMES = frozenset({"apikey", "token", "username"})
"""Names of connection parameters, as :func:`scheme.plain` gives them, that say what they are for and not for which
definition."""

CACHE = "auth"
"""Key of the choice among what is compiled of an operation."""


def credentials_of(connector: Connector, operation: Operation, connection: Connection) -> tuple[Credential, ...]:
    """What is put on a request of that operation, in order; ``()`` when nothing is.

    The first alternative of ``security`` that the connection parameters can serve is used; with a parameter set, which
    is made for one of them, the one that fits the set best. Without a usable one (no ``security``, ``security: []`` at
    the root, undefined names) the first definition is that they can serve; without that an ``oauthSetting`` parameter
    signs in by itself. ``security: []`` on the operation means none.
    """
    chosen = parameter_set(connector, connection)
    made = operation.compiled.get(CACHE)
    if made is not None and made[0] is connector and made[1] is chosen:
        found: tuple[Credential, ...] = made[2]
        return found
    found = () if _anonymous(operation) else _choose(connector, operation.security, chosen)
    operation.compiled[CACHE] = (connector, chosen, found)
    return found


def default_credentials(connector: Connector, chosen: ParameterSet | None) -> tuple[Credential, ...]:
    """The same for operations that say nothing about security, for a parameter set (None for a connector without)."""
    return _choose(connector, None, chosen)


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


def oauth_parameter(connector: Connector, connection: Connection) -> ConnectionParameter | None:
    """The ``oauthSetting`` parameter that a connection signs in with; None for a connector without."""
    chosen = parameter_set(connector, connection)
    parameters = connector.properties.connection_parameters if chosen is None else chosen.parameters
    return next((parameter for parameter in parameters if parameter.type == "oauthsetting"), None)


def _anonymous(operation: Operation) -> bool:
    """Whether the operation says itself that it is called without credential (inferred: webhook proxies do)."""
    return operation.security is not None and not any(operation.security)


def _choose(
    connector: Connector, security: tuple[Requirement, ...] | None, chosen: ParameterSet | None
) -> tuple[Credential, ...]:
    """The credentials of the alternative that is used: what ``security`` demands, else a definition alone."""
    definition = connector.definition
    parameters = connector.properties.connection_parameters if chosen is None else chosen.parameters
    for wanted in (_required(definition, security), ((entry,) for entry in definition.security_definitions.values())):
        served = (_served(entries, parameters) for entries in wanted)
        found = (credentials for credentials in served if credentials)
        fit = partial(_fit, parameters=parameters)
        best = next(found, ()) if chosen is None else max(found, key=fit, default=())
        if best:
            return best
    alone = match(None, parameters)
    return () if alone is None else (alone,)


def _required(
    definition: Definition, security: tuple[Requirement, ...] | None
) -> Iterator[tuple[SecurityDefinition, ...]]:
    """The alternatives that ``security`` demands."""
    definitions = definition.security_definitions
    requirements = definition.security if security is None else security
    for requirement in requirements or ():
        wanted = tuple(definitions[name] for name in requirement if name in definitions)
        if wanted and len(wanted) == len(requirement):
            yield wanted


def _served(wanted: tuple[SecurityDefinition, ...], parameters: Parameters) -> tuple[Credential, ...]:
    """The credentials that serve all of several definitions; none when one of them cannot be served."""
    found = tuple(credential for entry in wanted if (credential := match(entry, parameters)) is not None)
    return found if len(found) == len(wanted) and not _shared(found) else ()


def _fit(credentials: tuple[Credential, ...], parameters: Parameters) -> tuple[bool, bool, int, int]:
    """How well credentials fit a parameter set (inferred): their parameters are called as they should be; they use all
    credentials that the set requires; they use more of the set; more of its names are theirs."""
    closeness = [_closeness(credential) for credential in credentials]
    used = {parameter.name for credential in credentials for parameter in credential.parameters}
    required = {parameter.name for parameter in parameters if parameter.required and parameter.secret}
    return all(closeness), used >= required, len(used), sum(closeness)


def _closeness(credential: Credential) -> int:
    """2 for a parameter called as the definition or its key, 1 for one of a usual name, 0 for any other."""
    definition, name = credential.definition, plain(credential.parameters[0].name)
    own = () if definition is None else (plain(definition.name), plain(definition.key))
    return 2 if name in own else int(name in USUAL_NAMES)


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
