"""Hashes in place of randomness: ids that come out the same after a crash, and jitter that does."""

from __future__ import annotations

import hashlib


def id_of(*parts: str | int) -> str:
    """An id made of parts: 32 hexadecimal digits, the same for the same parts."""
    return _hash(parts).hexdigest()[:32]


def digest(*parts: str | int) -> bytes:
    """The SHA-256 of parts, none of which can run into the next."""
    return _hash(parts).digest()


def _hash(parts: tuple[str | int, ...]) -> hashlib._Hash:
    text = "".join([f"{len(part)}:{part}" for part in map(str, parts)])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass"))


def share(*parts: str | int) -> float:
    """A number from 0 up to 1, the same for the same parts and spread evenly over others."""
    return int.from_bytes(digest(*parts)[:6], "big") / float(1 << 48)
