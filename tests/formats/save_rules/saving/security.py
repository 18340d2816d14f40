"""Rules about signing in (reference: limits-and-certification, sections 4 and 9)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .api import Api, Keys, members, obj, seq

Faults = Iterator[tuple[Keys, str]]

ALWAYS = frozenset({"type", "description"})
URLS = {
    "implicit": frozenset({"authorizationUrl"}),
    "password": frozenset({"tokenUrl"}),
    "application": frozenset({"tokenUrl"}),
    "accessCode": frozenset({"authorizationUrl", "tokenUrl"}),
}
"""Flow -> the addresses that it needs."""


def _required(scheme: dict[str, Any]) -> frozenset[str]:
    kind = scheme.get("type")
    if kind == "apiKey":
        return ALWAYS - {"description"} | {"name", "in"}
    if kind == "oauth2":
        return frozenset({"type", "flow", "scopes"}) | URLS.get(str(scheme.get("flow")), frozenset())
    return frozenset({"type"})


def needed(api: Api) -> Faults:
    for node in members(api.root.get("securityDefinitions"), ("securityDefinitions",)):
        yield from ((node.keys, key) for key in _required(node.value) - node.value.keys())


def allowed(api: Api) -> Faults:
    for node in members(api.root.get("securityDefinitions"), ("securityDefinitions",)):
        known = _required(node.value) | ALWAYS
        yield from (((*node.keys, key), key) for key in node.value if key not in known and not key.startswith("x-"))
        kind, flow = node.value.get("type"), node.value.get("flow")
        if kind not in ("basic", "apiKey", "oauth2") or (kind == "oauth2" and flow not in URLS):
            yield node.keys, f"{kind} {flow}"
        if kind == "apiKey" and node.value.get("in") not in ("header", "query"):
            yield node.keys, str(node.value.get("in"))


def _requirements(api: Api) -> Iterator[tuple[Keys, str, Any, dict[str, Any]]]:
    definitions = obj(api.root.get("securityDefinitions"))
    for keys, holder in [((), api.root), *((one.keys, one.value) for one in api.operations)]:
        for index, requirement in enumerate(seq(holder.get("security"))):
            for name, scopes in obj(requirement).items():
                yield (*keys, "security", index, name), name, scopes, obj(definitions.get(name))


def defined(api: Api) -> Faults:
    yield from ((keys, name) for keys, name, _, scheme in _requirements(api) if not scheme)


def without_scopes(api: Api) -> Faults:
    for keys, name, scopes, scheme in _requirements(api):
        if scheme and scheme.get("type") != "oauth2" and scopes:
            yield keys, name


def with_value(api: Api) -> Faults:
    yield from ((keys, name) for keys, name, scopes, _ in _requirements(api) if scopes is None)


def known_scope(api: Api) -> Faults:
    for keys, _, scopes, scheme in _requirements(api):
        if scheme.get("type") == "oauth2":
            known = obj(scheme.get("scopes"))
            yield from ((keys, str(scope)) for scope in seq(scopes) if scope not in known)


RULES = {
    "SecuritySchemePropertyRequired": needed,
    "SecuritySchemePropertyNotValid": allowed,
    "SecurityRequirementMustBeDefined": defined,
    "SecurityRequirementMustHaveEmptyValue": without_scopes,
    "SecurityRequirementMustHaveValue": with_value,
    "OAuthSecurityRequirementValueMustBeScopeName": known_scope,
}
"""Code -> the places that break it."""
