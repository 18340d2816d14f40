"""Caps that keep a hostile document from eating the machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Caps on one document."""

    size: int = 32 * 1024 * 1024
    """Bytes, and characters after alias expansion. The largest published description known (GitHub's) has 13 MB."""
    depth: int = 254
    """Levels of nesting. orjson writes no deeper value; GitHub's description has 22 levels."""
    nodes: int = 5_000_000
    """Values after alias expansion; GitHub's description has 0.26 million."""


DEFAULT = Limits()
"""The caps that hold where nobody says otherwise."""
