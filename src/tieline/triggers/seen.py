"""Which items were seen: identities of one width in one run of bytes, oldest first, so that a state stays small."""

from __future__ import annotations

from collections.abc import Sequence

from .items import WIDTH


def known(seen: bytes) -> set[bytes]:
    """The identities that are remembered."""
    return set(_each(seen))


def remember(seen: bytes, identities: Sequence[bytes], most: int) -> bytes:
    """What is remembered after a reply: its items as the newest, and before them as many older ones as there is room
    for."""
    newest = dict.fromkeys(identities)
    older = [one for one in _each(seen) if one not in newest]
    return b"".join([*older[max(0, len(older) - most) :], *newest])


def _each(seen: bytes) -> list[bytes]:
    return [seen[at : at + WIDTH] for at in range(0, len(seen), WIDTH)]
