"""What scopes mean: plain names, names with the resource they belong to, and ``.default``."""

from __future__ import annotations

from collections.abc import Iterable

from .call import Call
from .options import ANY, Client

OPEN_ID = ("openid", "profile", "email", "offline_access")
"""Scopes that any client may ask for, and that give no right at an API."""

DEFAULT = ".default"
"""What stands for all scopes of a client at a resource."""


def scope_allowed(call: Call, client: Client, scope: str) -> bool:
    """Whether a client may ask for a scope."""
    if ANY in client.scopes or scope in client.scopes or scope in OPEN_ID:
        return True
    resource, slash, name = scope.rpartition("/")
    return bool(slash) and resource_known(call, resource) and (name == DEFAULT or name in client.scopes)


def resource_known(call: Call, resource: str) -> bool:
    """Whether tokens can be for a resource."""
    known = call.identity.options.resources
    return ANY in known or resource in known or resource.rstrip("/") in known


def rights(scopes: Iterable[str], client: Client) -> frozenset[str]:
    """What a token with scopes is good for: their plain names."""
    found: set[str] = set()
    for scope in scopes:
        name = scope.rpartition("/")[2] or scope
        if name == DEFAULT:
            found.update(client.own_scopes)
        elif name not in OPEN_ID:
            found.add(name)
    return frozenset(found)


def audience(call: Call, scopes: Iterable[str]) -> str:
    """What a token is for: the resource that was named, on v2 paths that of the first scope that has one."""
    if call.resource or call.version != "v2":
        return call.resource
    return next((scope.rpartition("/")[0].rstrip("/") for scope in scopes if "/" in scope), "")
