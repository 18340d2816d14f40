"""Where requests go: the server objects of OpenAPI 3, their variables filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from .description import Node

_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One address of the service."""

    template: str
    """The URL as the description has it."""
    url: str
    """Absolute, variables filled in, without a slash at the end: paths begin with one. Empty for what is no URL."""
    variables: dict[str, str] = field(default_factory=dict)
    """Variable -> what was put in its place."""
    description: str = ""


def applying(root: Node, item: Node, operation: Node) -> tuple[Node, ...]:
    """The server objects that an operation may be called at: its own, else its path's, else the description's."""
    for holder in (operation, item, root):
        servers = tuple(server for server in (holder / "servers").elements() if isinstance(server.value, dict))
        if servers:
            return servers
    return (Node({"url": "/"}, root.file, ("servers",), root.description),)


def server_of(node: Node, base_url: str, *, chosen: bool = False) -> Server:
    """A server with the defaults of its variables, or (``chosen``) with other values that they allow."""
    template = str(node.get("url", ""))
    variables = {name: _value(node / "variables" / name, chosen=chosen) for name in _VARIABLE.findall(template)}
    url = _VARIABLE.sub(lambda match: variables[match[1]], template)
    return Server(
        template=template,
        url=_absolute(base_url, url).rstrip("/"),
        variables=variables,
        description=str(node.get("description", "")),
    )


def _absolute(base_url: str, url: str) -> str:
    try:
        return urljoin(base_url, url)
    except ValueError:
        return ""


def has_choice(node: Node) -> bool:
    """Whether some variable of a server can have another value than its default."""
    return server_of(node, "").variables != server_of(node, "", chosen=True).variables


def _value(variable: Node, *, chosen: bool) -> str:
    """The value of a variable. One that may be anything gets its default with a 2 behind it."""
    allowed = [str(value) for value in variable.get("enum", [])]
    default = next((str(one) for one in (variable.get("default"), *allowed) if one is not None), "")
    if not chosen:
        return default
    if allowed:
        return next((value for value in reversed(allowed) if value != default), default)
    return default if default in ("http", "https") else f"{default}2"
