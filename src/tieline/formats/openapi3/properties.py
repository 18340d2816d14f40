"""``apiProperties.json`` of a description: connection parameters and policies, from everything that needs some.

What lives here puts together what other modules make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...model import JsonObject, Route
from ..derived_properties import parameters_for, properties_value
from ..openapi2 import security_definitions
from . import cookies, paths, ways
from .hosts import Hosts
from .lowering import Lowering
from .operations import Around, Entry, joined_cookies
from .place import Place


def lower_properties(entries: Sequence[Entry], around: Around, low: Lowering) -> JsonObject:
    """The value of ``apiProperties.json`` for a description."""
    route = Route(low.main.name, ("components", "securitySchemes"))
    declared = security_definitions(around.security.definitions, route, [])
    root = low.main.value.get("security")
    lists = ways.choices((entry.operation[0].get("security", root) for entry in entries), declared)
    definitions = ways.used_first(declared, lists)
    _note_without_room(ways.without_room(definitions, lists), low)
    names = ways.parameter_names(definitions.values())
    hosts = Hosts(low, parameters_for(definitions.values(), names))
    hosts.add(around.servers, entries, around.base_url)
    moved: dict[str, list[str]] = {}
    for entry in entries:
        if entry.target:
            moved.setdefault(entry.target, []).append(entry.id)
    instances = [*hosts.instances, *paths.routes(moved), *_joined(entries, around, names, low)]
    return properties_value(ways.connection_of(definitions, lists, hosts.parameters), instances)


def _note_without_room(found: Mapping[str, str], low: Lowering) -> None:
    """Note the ways of signing in that a connection has no room for beside another one."""
    for name, other in found.items():
        at: Place = (((low.main, "components"), "securitySchemes"), name)
        low.notes.add("one-sign-in", at, f'operations that need "{name}" are sent the token of "{other}"')


def _joined(entries: Sequence[Entry], around: Around, names: Mapping[str, str], low: Lowering) -> list[JsonObject]:
    """The policies that put keys in cookies together with other cookies."""
    groups: dict[cookies.Joined, list[str]] = {}
    for entry in entries:
        found = joined_cookies(entry, low, around)
        if found.keys:
            groups.setdefault(found, []).append(entry.id)
    return [cookies.joining(found, names, ids) for found, ids in groups.items()]
