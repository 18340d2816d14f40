"""A definition and its properties with some operations only, and without what these do not reach.

What lives here takes things out of the values of a connector; which operations stay is decided by ``selection``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import Finding, JsonObject, Route, Severity
from .derived_properties import properties_for
from .fields import Fields
from .openapi2 import METHODS, security_definitions
from .openapi2.outline import Listed, list_operations
from .policy_instances import INSTANCES, OPERATION_NAMES, instances_of
from .reach import CAPABILITIES, FILE_PICKER, SHARED, Reach
from .refs import LocalRefs
from .selection import Candidate, Selection, choose

ROUTE = "routerequesttoendpoint"
"""The policy that sends requests to another path."""

PATH = "newPath"
"""The parameter of it that says which."""

CONNECTION_PARAMETER = re.compile(r"connectionParameters\(\s*\\?['\"]([^'\"\\]+)", re.IGNORECASE)
"""A connection parameter named in an expression, also inside the JSON text of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slimmed:
    """What stays of a connector."""

    definition: JsonObject = field(repr=False)
    properties: JsonObject = field(repr=False)
    dropped: frozenset[str]
    """Ids of the operations that do not stay."""
    findings: tuple[Finding, ...] = ()
    """What was kept for the sake of others, what was taken out unasked, and which patterns fit nothing."""


def selected(definition: JsonObject, properties: JsonObject, selection: Selection, route: Route) -> Slimmed:
    """The part of a connector that a selection and what it needs make; ``route`` is that of the description.

    Takes the values of a Swagger 2.0 document and of ``apiProperties.json`` and changes neither. Raises DocumentError
    ``nothing-selected`` when the selection fits no operation.
    """
    refs = LocalRefs(definition, Route())
    listed = _listed(definition, refs)
    targets = _targets(properties)
    chosen, findings = choose([_candidate(entry, targets) for entry in listed], selection, route)
    reach = Reach(definition, refs, listed)
    reach.enter(entry.outline.id for entry in listed if entry.outline.id in chosen)
    reach.enter_root()
    kept = chosen | reach.operations.keys()
    slim = {**definition, "paths": _paths(definition, listed, kept)}
    slim = _without_unused_tags(_without_picker(_without_unreached(slim, reach), reach), listed, kept)
    slim = _without_unused_security(slim, definition, properties, listed, kept)
    needed = {name: reason for name, reason in reach.operations.items() if name not in chosen}
    return Slimmed(
        definition=slim,
        properties=_properties(properties, definition, slim, kept),
        dropped=frozenset(entry.outline.id for entry in listed) - kept,
        findings=(*findings, *_needed(needed, route)),
    )


def slimmed(definition: JsonObject, route: Route) -> tuple[JsonObject, tuple[Finding, ...]]:
    """The definition without shared parts that no operation reaches, and a finding that names them if there are any."""
    refs = LocalRefs(definition, Route())
    listed = _listed(definition, refs)
    reach = Reach(definition, refs, listed)
    reach.enter(entry.outline.id for entry in listed)
    slim = _without_unreached(definition, reach)
    gone = {section: [name for name in before if name not in slim[section]] for section, before in _shared(definition)}
    counts = [f"{len(names):,} of the {section}" for section, names in gone.items() if names]
    if not counts:
        return definition, ()
    finding = Finding(
        rule="slimmed",
        route=route,
        message=f"the definition is over a limit, so what no operation reaches was left out: {', '.join(counts)}",
        severity=Severity.INFO,
    )
    return slim, (finding,)


def _listed(definition: JsonObject, refs: LocalRefs) -> tuple[Listed, ...]:
    paths = definition.get("paths")
    return list_operations(paths, Route("", ("paths",)), refs, []) if isinstance(paths, dict) else ()


def _targets(properties: JsonObject) -> dict[str, str]:
    """Id of an operation -> the path that a policy sends its requests to, for those that have one."""
    instances = instances_of(Fields(properties, Route(), []).child("properties"))
    routes = (one for one in instances if one.template == ROUTE)
    return {
        id: one.parameters[PATH] for one in routes if isinstance(one.parameters.get(PATH), str) for id in one.operations
    }


def _tags_of(entry: Listed) -> tuple[str, ...]:
    """The tags of an operation."""
    tags = entry.operation.get("tags")
    return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()


def _candidate(entry: Listed, targets: Mapping[str, str]) -> Candidate:
    """What a selection looks at of one operation."""
    return Candidate(
        id=entry.outline.id,
        method=entry.outline.method,
        path=entry.outline.path,
        tags=_tags_of(entry),
        target=targets.get(entry.outline.id, ""),
    )


def _needed(needed: Mapping[str, str], route: Route) -> Iterator[Finding]:
    """A finding that names the operations that stay because others need them."""
    if needed:
        names = ", ".join(f'"{name}", since {reason}' for name, reason in needed.items())
        message = f"kept beside the selected operations: {names}"
        yield Finding(rule="needed-operation", route=route, message=message, severity=Severity.INFO)


# The definition


def _paths(definition: JsonObject, listed: Collection[Listed], kept: Collection[str]) -> JsonObject:
    """``paths`` with the kept operations only; what is no path stays."""
    dropped: dict[str, list[str]] = {}
    items: dict[str, JsonObject] = {}
    for entry in listed:
        path = entry.outline.path
        items.setdefault(path, entry.path_item)
        if entry.outline.id not in kept:
            dropped.setdefault(path, []).append(entry.outline.method)
    out: JsonObject = {}
    for path, item in definition["paths"].items():
        slashed = path if path.startswith("/") else "/" + path
        if path.startswith("x-") or (slashed in items and slashed not in dropped):
            out[path] = item
        elif slashed in items:
            rest = {key: value for key, value in items[slashed].items() if key.upper() not in dropped[slashed]}
            if any(key.lower() in METHODS for key in rest):
                out[path] = rest
    return out


def _shared(definition: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """The sections with shared parts that a definition has."""
    for section in SHARED:
        parts = definition.get(section)
        if isinstance(parts, dict):
            yield section, parts


def _without_unreached(definition: JsonObject, reach: Reach) -> JsonObject:
    """The definition without shared parts that nothing reaches."""
    return definition | {
        section: {name: part for name, part in parts.items() if name in reach.shared[section]}
        for section, parts in _shared(definition)
    }


def _without_picker(definition: JsonObject, reach: Reach) -> JsonObject:
    """The definition without the operations that show files, where no operation lets its user pick one."""
    capabilities = definition.get(CAPABILITIES)
    if reach.picks_files or not isinstance(capabilities, dict) or FILE_PICKER not in capabilities:
        return definition
    return {**definition, CAPABILITIES: {key: value for key, value in capabilities.items() if key != FILE_PICKER}}


def _without_unused_tags(definition: JsonObject, listed: Collection[Listed], kept: Collection[str]) -> JsonObject:
    """The definition without tags that no kept operation has."""
    tags = definition.get("tags")
    if not isinstance(tags, list):
        return definition
    used = {tag for entry in listed if entry.outline.id in kept for tag in _tags_of(entry)}
    return {**definition, "tags": [tag for tag in tags if isinstance(tag, dict) and tag.get("name") in used]}


def _without_unused_security(
    slim: JsonObject,
    definition: JsonObject,
    properties: JsonObject,
    listed: Collection[Listed],
    kept: Collection[str],
) -> JsonObject:
    """The definition without ways of signing in that only dropped operations require.

    One that no operation requires is one that the platform uses without being told, and stays; so do all where there
    are several ways to choose from.
    """
    declared = definition.get("securityDefinitions")
    inner = properties.get("properties")
    if not isinstance(declared, dict) or (isinstance(inner, dict) and inner.get("connectionParameterSets")):
        return slim
    gone, used = set[str](), set[str]()
    for entry in listed:
        required = entry.operation.get("security", definition.get("security"))
        (used if entry.outline.id in kept else gone).update(_schemes(required))
    unused = gone - used
    rest = {name: value for name, value in declared.items() if name not in unused}
    out = {**slim, "securityDefinitions": rest} if unused else slim
    if unused & set(_schemes(definition.get("security"))):
        out = {key: value for key, value in out.items() if key != "security"}
    return out


def _schemes(requirements: Any) -> Iterator[str]:
    """The names of security definitions in a list of requirements."""
    for requirement in requirements if isinstance(requirements, list) else ():
        if isinstance(requirement, dict):
            yield from requirement


# The properties


def _properties(properties: JsonObject, definition: JsonObject, slim: JsonObject, kept: Collection[str]) -> JsonObject:
    """The properties without what is for dropped operations only."""
    inner = properties.get("properties")
    if not isinstance(inner, dict):
        return properties
    out = dict(inner)
    for key, value in inner.items():
        if key == INSTANCES and isinstance(value, list):
            out[key] = [made for entry in value if (made := _instance(entry, kept)) is not None]
        elif key == "scriptOperations" and isinstance(value, list):
            out[key] = [name for name in value if name in kept] or value
    parameters = inner.get("connectionParameters")
    if isinstance(parameters, dict):
        out["connectionParameters"] = _parameters(parameters, definition, slim, _named_in(inner) - _named_in(out))
    return {**properties, "properties": out}


def _parameters(
    parameters: JsonObject, definition: JsonObject, slim: JsonObject, unnamed: Collection[str]
) -> JsonObject:
    """The connection parameters that are still needed; ``unnamed`` are those that no policy names any more.

    Where an author wrote those for signing in, all stay: only he knows what they are for.
    """
    before, after = _signing(definition), _signing(slim)
    if any(_type(parameters.get(name)) != value["type"] for name, value in before.items()):
        return parameters
    signing = {name: parameters[name] if before.get(name) == value else value for name, value in after.items()}
    others = {name: value for name, value in parameters.items() if name not in before and name not in unnamed}
    return {**signing, **others}


def _type(parameter: Any) -> Any:
    return parameter.get("type") if isinstance(parameter, dict) else None


def _instance(entry: Any, kept: Collection[str]) -> Any:
    """A policy for the kept operations; None for one that was for others only."""
    parameters = entry.get("parameters") if isinstance(entry, dict) else None
    if not isinstance(parameters, dict):
        return entry
    names = parameters.get(OPERATION_NAMES)
    if not names or not isinstance(names, (list, str)):
        return entry
    listed = [names] if isinstance(names, str) else names
    rest = [name for name in listed if name in kept]
    if rest == listed:
        return entry
    return {**entry, "parameters": {**parameters, OPERATION_NAMES: rest}} if rest else None


def _signing(definition: JsonObject) -> JsonObject:
    """The connection parameters that signing in needs, as an import writes them."""
    found = security_definitions(definition.get("securityDefinitions"), Route(), [])
    parameters: JsonObject = properties_for(found)["properties"]["connectionParameters"]
    return parameters


def _named_in(inner: JsonObject) -> set[str]:
    """The connection parameters that the policies name."""
    return set(CONNECTION_PARAMETER.findall(json.dumps(inner.get(INSTANCES))))
