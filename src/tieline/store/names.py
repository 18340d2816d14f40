"""Names of connections: what they may be, and which are the same."""

from __future__ import annotations

import unicodedata

from ..model import DocumentError

LONGEST = 100
"""Characters of a name."""

INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of which a name has none: they drive a terminal, or make two names look the same."""


def folded(name: str) -> str:
    """The same text for names that are the same: they are compared in any case and any way to write an accent."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def check(name: str) -> None:
    """Raises DocumentError ``bad-connection-name`` for a name that no new connection may have."""
    why = wrong(name)
    if why:
        shown = (name if name.isprintable() else ascii(name)[1:-1])[:LONGEST]
        remedy = 'choose a name such as "inventory-test"'
        raise DocumentError("bad-connection-name", f'"{shown}" {why}', remedy=remedy)


def wrong(name: str) -> str:
    """Why a name may not be one, in words; empty when it may."""
    if not name.strip():
        return "is no name of a connection: it is empty"
    if any(unicodedata.category(char) in INVISIBLE for char in name):
        return "has characters that cannot be seen"
    if name != name.strip():
        return "begins or ends with a space"
    if len(name) > LONGEST:
        return f"has more than {LONGEST} characters"
    if "/" in name or "\\" in name or set(name) == {"."}:
        return "looks like a path"
    return ""
