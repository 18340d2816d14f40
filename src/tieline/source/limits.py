"""Caps that keep a hostile document from eating the machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Caps on one document."""

    size: int = 32 * 1024 * 1024
    """Bytes. The largest published description known (GitHub's) has 13 MB."""
    depth: int = 200
    """Levels of nesting. The deepest schema of the corpus has 15 levels, each two or three keys deep."""
    nodes: int = 5_000_000
    """Values after alias expansion; GitHub's description has 0.6 million."""
