"""What a call asks of the world. Whoever drives the generators performs these and sends back the answer."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from ..model import Exchange, Request

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Send:
    """Send this request; answered with a ``model.Sent``, also when nothing came back."""

    request: Request


@dataclass(frozen=True, slots=True)
class Wait:
    """Let this many seconds pass; answered with None."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Now:
    """Tell the time; answered with seconds as a float, of a clock that only runs forward. Only differences count."""


Effect: TypeAlias = Send | Wait | Now
"""Everything that a call may ask for."""

Steps: TypeAlias = Generator[Effect, Any, Result]
"""A part of a call: yields effects, is sent their answers, returns its result."""

CallSteps: TypeAlias = Steps[Exchange]
"""A whole call."""
