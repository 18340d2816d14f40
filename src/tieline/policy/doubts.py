"""What will not do what it seems to, found without a call: it is written well, and yet no connection can give it.

What lives here knows expressions, and no single policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ..lang.tokens import Lookup, PathParameter, Template, missing_parameter, shown
from ..model import Connector, Finding, Severity, did_you_mean
from .chain import Chain, Link
from .policy import Behaviour

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


def doubts(connector: Connector, made: Chain) -> Iterator[Finding]:
    """Warnings about the policies of a chain: connection parameters without default that the connector does not declare
    and path parameters that an operation does not have, where a call stops, and what a policy itself doubts."""
    known = _declared(connector)
    links = {link.instance.route: link for link in (*made.request, *made.response, *made.failure)}
    for link in links.values():
        for template in _templates(link.behaviour):
            yield from _undeclared(template, known)
            yield from _without_place(connector, link, template)
        for finding in link.policy.doubts(link.behaviour):
            yield finding if finding.route.keys else replace(finding, route=link.instance.route)


def _declared(connector: Connector) -> tuple[str, ...]:
    """The connection parameters of all ways to sign in."""
    properties = connector.properties
    sets = (parameter for entry in properties.parameter_sets for parameter in entry.parameters)
    return tuple(dict.fromkeys(parameter.name for parameter in (*properties.connection_parameters, *sets)))


def _undeclared(template: Template, known: tuple[str, ...]) -> Iterator[Finding]:
    folded = {name.casefold() for name in known}
    for name in _asked(template):
        if name.casefold() not in folded:
            yield replace(missing_parameter(template, name, known).finding, severity=Severity.WARNING)


def _without_place(connector: Connector, link: Link, template: Template) -> Iterator[Finding]:
    """A warning for each path parameter, with the first operation whose path does not have it."""
    names = [part.name for part in template.parts if isinstance(part, PathParameter)]
    outlines = connector.definition.operations.outlines if names else ()
    meant = [outline for outline in outlines if link.instance.applies_to(outline.id)]
    for name in dict.fromkeys(names):
        lacking = next((outline for outline in meant if f"{{{name}}}" not in outline.path), None)
        if lacking is not None:
            yield Finding(
                rule="unknown-path-parameter",
                route=template.route,
                message=f'"{shown(template.text)}" needs the path parameter "{name}", which operation "{lacking.id}" '
                "does not have",
                remedy=did_you_mean(name, _PLACEHOLDER.findall(lacking.path))
                or "leave it out, or name the operations that the policy is for",
            )


def _templates(behaviour: Behaviour) -> Iterator[Template]:
    """The expressions that a behaviour holds."""
    names: Iterable[str] = getattr(behaviour, "__dataclass_fields__", ())
    for name in names:
        value = getattr(behaviour, name)
        held = value.values() if isinstance(value, Mapping) else (value,)
        yield from (entry for entry in held if isinstance(entry, Template))


def _asked(template: Template) -> Iterator[str]:
    """The connection parameters that an expression cannot do without."""
    for part in template.parts:
        if isinstance(part, Lookup) and part.source == "connectionParameters" and part.default is None:
            yield part.name
