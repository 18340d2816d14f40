"""How a connector signs in when its files say it in several places, or in only one of them.

A definition says it with ``securityDefinitions``, ``apiProperties.json`` with connection parameters, and either of them
(or a YAML file beside them) with an ``authentication:`` block. What lives here fills in whichever is missing from the
others; what a file says itself always wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..model import ConnectionParameter, Definition, Properties, Route, SecurityDefinition
from . import api_properties
from .authentication import BLOCK, swagger_of
from .derived_properties import properties_for
from .fields import Fields
from .openapi2 import declared_security, security_definitions

DERIVED = Route(api_properties.NAME)
"""Where derived properties stand: in the file that the connector would have."""


def completed(
    definition: Definition, properties: Properties | None, roots: Sequence[Fields]
) -> tuple[Definition, Properties]:
    """Definition and properties with what each lacks taken from the other places.

    ``properties`` is None for a connector without an ``apiProperties.json``: then they are those that the definition
    brings along, if it does; ``roots`` are the root objects of all
    documents that may hold a block, the definition's first. They collect findings.
    """
    block = next((root for root in roots if root.get(BLOCK) is not None), None)
    if not definition.security_definitions:
        definition = replace(definition, security_definitions=_first(roots))
    if properties is None and definition.properties is not None:
        return definition, api_properties.read_value(definition.properties, DERIVED)
    if properties is None:
        needed = _of_block(block) if block is not None else definition.security_definitions
        return definition, api_properties.read_value(properties_for(needed), DERIVED)
    if block is not None and not properties.connection_parameters and not properties.parameter_sets:
        properties = replace(properties, connection_parameters=_parameters(block))
    return definition, properties


def _first(roots: Sequence[Fields]) -> dict[str, SecurityDefinition]:
    """The security definitions of the first root that has any."""
    return next((found for root in roots if (found := declared_security(root))), {})


def _of_block(root: Fields) -> dict[str, SecurityDefinition]:
    """The security definitions that the block of a root stands for."""
    return security_definitions(swagger_of(root), root.at(BLOCK), root.notes)


def _parameters(root: Fields) -> tuple[ConnectionParameter, ...]:
    """The connection parameters that the block of a root stands for; they stand where the block does."""
    derived = api_properties.read_value(properties_for(_of_block(root)), DERIVED)
    where = root.at(BLOCK)
    return tuple(replace(parameter, route=where) for parameter in derived.connection_parameters)
