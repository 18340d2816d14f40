"""What a step gives: the next state and commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .protocol import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The outcome of one step."""

    state: Any
    """The next state; None: the key is gone."""
    commands: tuple[Command, ...] = ()
    """What is to be done, in this order."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """Stands in a table of moves where an input changes nothing."""

    because: str
    """Why, as a person would say it."""
