"""Hashes in place of randomness: ids that come out the same after a crash, and jitter that does."""

from __future__ import annotations

import hashlib


def id_of(*parts: str | int) -> str:
    """An id made of parts: 32 hexadecimal digits, the same for the same parts."""
    return hashlib.sha256(ascii(parts).encode()).hexdigest()[:32]


def digest(*parts: str | int) -> bytes:
    """The SHA-256 of parts, none of which can run into the next."""
    return hashlib.sha256(ascii(parts).encode()).digest()


def share(*parts: str | int) -> float:
    """A number from 0 up to 1, the same for the same parts and spread evenly over others."""
    return int.from_bytes(digest(*parts)[:6], "big") / float(1 << 48)
