"""Rules about signing in."""

from __future__ import annotations

from ...model import JsonObject
from .judge import Judge, Keys, listing, mapping

URLS = {
    "implicit": ("authorizationUrl",),
    "password": ("tokenUrl",),
    "application": ("tokenUrl",),
    "accessCode": ("authorizationUrl", "tokenUrl"),
}
"""Flow -> the addresses that it needs."""


def see_schemes(judge: Judge) -> None:
    """Judge the security definitions."""
    for name, scheme in mapping(judge.root.get("securityDefinitions")).items():
        if isinstance(scheme, dict):
            _see_scheme(scheme, ("securityDefinitions", name), judge)


def _see_scheme(scheme: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge one of them."""
    kind, flow = scheme.get("type"), scheme.get("flow")
    needed: tuple[str, ...] = ("type",)
    if kind == "apiKey":
        needed = ("type", "name", "in")
    elif kind == "oauth2":
        needed = ("type", "flow", "scopes", *URLS.get(str(flow), ()))
    for name in needed:
        if name not in scheme:
            judge.say("SecuritySchemePropertyRequired", keys, f'there is no "{name}"', f'add "{name}"')
    for name in scheme:
        if name not in needed and name != "description" and not name.startswith("x-"):
            what = f'"{name}" may not stand here'
            judge.say("SecuritySchemePropertyNotValid", (*keys, name), what, "take it out")
    fits = {"basic": True, "apiKey": scheme.get("in") in ("header", "query"), "oauth2": str(flow) in URLS}
    if not fits.get(str(kind), False):
        what = f'"{kind}" is no way of signing in as it is described'
        judge.say("SecuritySchemePropertyNotValid", keys, what, 'use "basic", "apiKey" or "oauth2" with their fields')


def see_requirements(holder: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge ``security`` of the root or of an operation."""
    schemes = mapping(judge.root.get("securityDefinitions"))
    for index, requirement in enumerate(listing(holder.get("security"))):
        for name, scopes in mapping(requirement).items():
            place = (*keys, "security", index, name)
            scheme = mapping(schemes.get(name))
            if not scheme:
                what = f'"{name}" is not declared'
                judge.say("SecurityRequirementMustBeDefined", place, what, 'declare it in "securityDefinitions"')
            if scopes is None:
                judge.say("SecurityRequirementMustHaveValue", place, f'"{name}" has no value', "write []")
            if scheme and scheme.get("type") != "oauth2" and scopes:
                what = f'"{name}" is no OAuth 2 and has scopes'
                judge.say("SecurityRequirementMustHaveEmptyValue", place, what, "write []")
            known = mapping(scheme.get("scopes"))
            for scope in listing(scopes) if scheme.get("type") == "oauth2" else ():
                if not isinstance(scope, str) or scope not in known:
                    what = f'the scope "{scope}" is not declared'
                    judge.say("OAuthSecurityRequirementValueMustBeScopeName", place, what, 'add it to "scopes"')
