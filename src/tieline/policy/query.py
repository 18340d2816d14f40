"""Query strings as they are sent, changed without touching what is not meant.

What lives here knows pairs between ``&``; names are compared decoded, so ``%24top`` is ``$top``.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, unquote_plus

NAME_SAFE = "%$!*'(),;:@/?"
"""Characters of a parameter name that stay as its author wrote them: it may be encoded already (``%24top`` is
published)."""


def pairs(query: str) -> list[str]:
    """The pairs as they are sent; empty ones are left out."""
    return [pair for pair in query.split("&") if pair]


def name_of(pair: str) -> str:
    """The decoded name of a pair."""
    return _decoded(pair.partition("=")[0])


def _decoded(text: str) -> str:
    """Decoding, for texts of which few have anything to decode."""
    return unquote_plus(text) if "%" in text or "+" in text else text


def _encoded(text: str, safe: str) -> str:
    """Encoding, for texts of which few have anything to encode."""
    plain = text.isascii() and text.isalnum()
    return text if plain else quote(text, safe=safe, errors="replace")


def value_of(query: str, name: str) -> str | None:
    """The decoded value of the first pair of that (decoded) name, or None."""
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if pair and (key == name or _decoded(key) == name):
            return _decoded(value)
    return None


def looked_up(query: str, name: str) -> str | None:
    """What an expression finds under a (decoded) name: all values, decoded, with commas between; None for none. Names
    match in any case, the exact one first (reference: apim-expressions, section 5.5, to which templates compile)."""
    found = [(name_of(pair), _decoded(pair.partition("=")[2])) for pair in pairs(query)]
    exact = [value for key, value in found if key == name]
    folded = name.casefold()
    values = exact or [value for key, value in found if key.casefold() == folded]
    return ",".join(values) if values else None


def has(query: str, name: str) -> bool:
    """Whether there is a pair of that (decoded) name."""
    return any(name_of(pair) == name for pair in pairs(query))


def pair_of(name: str, value: str) -> str:
    """A pair as it is sent: the name as written, the value encoded once (inferred)."""
    return f"{_encoded(name, NAME_SAFE)}={_encoded(value, '')}"


def with_pair(query: str, name: str, value: str) -> str:
    """The query with exactly one pair of that name: in the place of the first, else at the end."""
    wanted, new = _decoded(name), pair_of(name, value)
    out: list[str] = []
    for pair in pairs(query):
        if name_of(pair) != wanted:
            out.append(pair)
        elif new not in out:
            out.append(new)
    return "&".join(out if new in out else [*out, new])


def added(query: str, more: str) -> str:
    """Two queries in one."""
    return f"{query}&{more}" if query and more else query or more


def without(query: str, names: Iterable[str]) -> str:
    """The query without pairs of those (decoded) names."""
    dropped = frozenset(names)
    return "&".join(pair for pair in pairs(query) if name_of(pair) not in dropped)
