"""Ways of signing in of which one is enough, as parameter sets of a connection (reference: connector-format, 6.1).

The rule: where an operation has a choice, there is one set for each distinct alternative of such operations. So that a
connection can call everything, a set also has what other operations need, of the first alternative of theirs; that may
stay empty. Without a choice a connection has one list of parameters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ...model import JsonObject, SecurityDefinition
from ..derived_properties import parameters_for

Alternative: TypeAlias = tuple[str, ...]
"""Names of schemes that are needed together; none for "no credential"."""

Lists: TypeAlias = Sequence[Sequence[Alternative]]
"""What :func:`choices` gives."""

WHOLE: JsonObject = {
    "displayName": "Authentication type",
    "description": "How to sign in",
}
"""``uiDefinition`` of the choice between the sets; certification wants both texts."""

NO_SIGN_IN = "anonymous"
"""The name of a set without credentials."""

KINDS = {"apiKey": "API key", "basic": "User name and password", "oauth2": "OAuth 2"}
"""Types of security definitions in words."""

_OTHER = re.compile(r"[^0-9A-Za-z_]+")


def alternatives(value: Any, definitions: Mapping[str, Any]) -> list[Alternative]:
    """The distinct alternatives in a ``security`` value; those that need what is not there are left out."""
    found: dict[frozenset[str], Alternative] = {}
    for written in value if isinstance(value, list) else ():
        if isinstance(written, dict) and all(name in definitions for name in written):
            found.setdefault(frozenset(written), tuple(written))
    return list(found.values())


def choices(values: Iterable[Any], definitions: Mapping[str, Any]) -> list[list[Alternative]]:
    """The different lists of alternatives in several ``security`` values; empty ones are left out."""
    found = dict.fromkeys(tuple(alternatives(value, definitions)) for value in values)
    return [list(each) for each in found if each]


def connection_of(definitions: Mapping[str, SecurityDefinition], lists: Lists, extra: JsonObject) -> JsonObject:
    """``connectionParameters``, or ``connectionParameterSets`` where there is a choice.

    ``lists`` are those of :func:`choices`, ``extra`` further parameters, for each set.
    """
    names = parameter_names(definitions.values())
    optional = {name for each in lists if () in each and not _is_choice(each) for way in each for name in way}
    if not any(map(_is_choice, lists)):
        signing = parameters_for(_one_sign_in(definitions.values()), names, optional=optional)
        return {"connectionParameters": {**signing, **extra}}
    values = []
    for way in dict.fromkeys(way for each in lists if _is_choice(each) for way in each):
        further = [name for name in _needed_beside(way, lists) if name not in way]
        used = _one_sign_in(definitions[name] for name in (*way, *further))
        signing = parameters_for(used, names, optional=optional.union(further))
        values.append(_set([definitions[name] for name in way], {**signing, **extra}))
    return {"connectionParameterSets": {"uiDefinition": WHOLE, "values": values}}


def used_first(definitions: Mapping[str, SecurityDefinition], lists: Lists) -> dict[str, SecurityDefinition]:
    """Definitions with the OAuth 2 ones behind the others of them that operations need and that the platform knows the
    flow of: a connection has the first."""
    used = _used(lists)
    tokens = [one for one in definitions.values() if one.type == "oauth2"]
    order = iter(sorted(_preferred(tokens), key=lambda one: one.name not in used))
    return {one.name: one for one in (next(order) if one in tokens else one for one in definitions.values())}


def without_room(definitions: Mapping[str, SecurityDefinition], lists: Lists) -> dict[str, str]:
    """OAuth 2 definitions that operations need and some connection has no room for -> the one that it has."""
    choices = dict.fromkeys(way for each in lists if _is_choice(each) for way in each)
    used = _used(lists)
    groups = [(*way, *_needed_beside(way, lists)) for way in choices] or [tuple(filter(used.__contains__, definitions))]
    found: dict[str, str] = {}
    for names in groups:
        tokens = _preferred(definitions[name] for name in dict.fromkeys(names) if definitions[name].type == "oauth2")
        for other in tokens[1:]:
            if not _is_one(other, tokens[0]):
                found.setdefault(other.name, tokens[0].name)
    return found


def _preferred(tokens: Iterable[SecurityDefinition]) -> list[SecurityDefinition]:
    """OAuth 2 definitions with those of the flow that the platform signs in with first."""
    return sorted(tokens, key=lambda one: one.flow != "accessCode")


def _is_one(token: SecurityDefinition, other: SecurityDefinition) -> bool:
    """Whether two OAuth 2 definitions are two flows of one service."""
    pairs = ((token.authorization_url, other.authorization_url), (token.token_url, other.token_url))
    return any(one and one == its for one, its in pairs)


def _used(lists: Lists) -> set[str]:
    """The definitions that operations need."""
    return {name for each in lists for way in each for name in way}


def parameter_names(definitions: Iterable[SecurityDefinition]) -> dict[str, str]:
    """Names of definitions -> names of their connection parameters. Of several of one kind each has the name of its
    definition, by which it is found; the first sign-in is called ``token``."""
    definitions = list(definitions)
    keys = [one.name for one in definitions if one.type == "apiKey"]
    tokens = [one.name for one in definitions if one.type == "oauth2"]
    named = (keys if len(keys) > 1 else []) + tokens[1:]
    own = {name: _OTHER.sub("_", name).strip("_") or "key" for name in named}
    return own | dict.fromkeys(tokens[:1], "token")


def _one_sign_in(definitions: Iterable[SecurityDefinition]) -> list[SecurityDefinition]:
    """The definitions without all but one OAuth 2: a connection has one sign-in."""
    definitions = list(definitions)
    tokens = _preferred(one for one in definitions if one.type == "oauth2")
    return [one for one in definitions if one not in tokens[1:]]


def _is_choice(each: Sequence[Alternative]) -> bool:
    """Whether alternatives are several ways of signing in."""
    return sum(map(bool, each)) > 1


def _needed_beside(way: Alternative, lists: Lists) -> list[str]:
    """What an alternative does not serve of the lists: the first alternative of each such list."""
    names = dict.fromkeys(way)
    for each in lists:
        if not any(names.keys() >= set(other) for other in each):
            names |= dict.fromkeys(each[0])
    return list(names)


def _set(way: Sequence[SecurityDefinition], parameters: JsonObject) -> JsonObject:
    """The parameter set for one alternative."""
    label = " and ".join(f"{KINDS.get(one.type, one.type)} ({one.name})" for one in way) or "No sign-in"
    return {
        "name": _OTHER.sub("_", "_".join(one.name for one in way)).strip("_") or NO_SIGN_IN,
        "uiDefinition": {"displayName": label, "description": f"Sign in with: {label}"},
        "parameters": {name: _explained(value) for name, value in parameters.items()},
    }


def _explained(parameter: JsonObject) -> JsonObject:
    """A parameter with what a set needs to show its help text (reference: connector-format, section 4)."""
    shown = parameter.get("uiDefinition") or {
        "displayName": "Sign in",
        "description": "Sign in to the service",
        "tooltip": "Sign in to the service",
        "constraints": {"tabIndex": 1, "required": "true"},
    }
    schema = {"type": "string", "description": shown["description"]}
    return {**parameter, "uiDefinition": {**shown, "schema": schema}}
