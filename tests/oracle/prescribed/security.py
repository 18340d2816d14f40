"""Who calls: the security schemes of OpenAPI 3 and where on a request their credentials go."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Literal

from .description import Node

Kind = Literal["key", "basic", "bearer", "word", "certificate"]
"""``key``: a value in a place of its own. ``basic``, ``bearer``: as HTTP has them. ``word``: another word and a value
in ``Authorization``. ``certificate``: not in the request at all."""

SECRET = "k3y+/="
"""The credential; has what must be encoded in a query. Also the password."""

USER = "ann"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One way of signing in."""

    name: str
    """Its name in ``components.securitySchemes``."""
    kind: Kind
    where: str = "header"
    key: str = "Authorization"
    """Name of the header, query parameter or cookie."""
    word: str = ""
    """What stands before the value in ``Authorization``."""
    node: Node

    @property
    def value(self) -> str:
        """What is put there."""
        if self.kind == "basic":
            return "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
        return f"{self.word} {SECRET}".lstrip()


Alternative = tuple[Scheme, ...]
"""Schemes that are all needed; none for "no credential"."""


def alternatives(root: Node, operation: Node) -> tuple[Alternative, ...]:
    """The ways to sign in of which one is enough. One that needs what is not declared is none."""
    holder = operation if isinstance(operation.get("security"), list) else root
    found: list[Alternative] = []
    for requirement in (holder / "security").elements():
        names = list(requirement.value) if isinstance(requirement.value, dict) else []
        schemes = [scheme_of(name, root.at("components").at("securitySchemes").at(name)) for name in names]
        known = tuple(scheme for scheme in schemes if scheme is not None)
        if len(known) == len(names) and not any(_same(known, other) for other in found):
            found.append(known)
    return tuple(found) or ((),)


def says_nothing(root: Node, operation: Node) -> bool:
    """Whether a description does not say when its schemes are used."""
    return all((holder / "security").value is None for holder in (root, operation))


def declared(root: Node) -> tuple[Scheme, ...]:
    """All schemes that a description has."""
    found = (scheme_of(name, node) for name, node in root.at("components").at("securitySchemes").members())
    return tuple(scheme for scheme in found if scheme is not None)


def scheme_of(name: str, node: Node) -> Scheme | None:
    """A declared scheme; None for one that says too little to sign in with."""
    match str(node.get("type", "")).lower():
        case "apikey" if (key := node.get("name", "")) and node.get("in") in ("header", "query", "cookie"):
            return Scheme(name=name, kind="key", where=node.get("in"), key=key, node=node)
        case "http" if word := str(node.get("scheme", "")):
            return _http(name, word, node)
        case "oauth2" | "openidconnect":
            return Scheme(name=name, kind="bearer", word="Bearer", node=node)
        case "mutualtls":
            return Scheme(name=name, kind="certificate", node=node)
    return None


def _http(name: str, word: str, node: Node) -> Scheme:
    match word.lower():
        case "basic":
            return Scheme(name=name, kind="basic", node=node)
        case "bearer":
            return Scheme(name=name, kind="bearer", word="Bearer", node=node)
    return Scheme(name=name, kind="word", word=word, node=node)


def _same(one: Alternative, other: Alternative) -> bool:
    """Whether two alternatives are the same schemes."""
    return [scheme.name for scheme in one] == [scheme.name for scheme in other]
