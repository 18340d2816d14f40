"""What can be set of triggers; each default says where it comes from. Chosen once, when a plan is made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How triggers behave where the platform's behaviour is inferred or ours to choose."""

    minimum_interval: float = 60.0
    """Least seconds between polls (reference: triggers, section 2); lower it for work on one's own machine. What a
    service asks for with ``Retry-After`` is followed below it, too."""
    parameter_state: bool = True
    """Whether a parameter with ``x-ms-trigger-metadata: triggerState`` holds the state of a polling trigger (inferred:
    a published guide shows it, no published connector has it)."""
    overlap: float = 5.0
    """Seconds that a poll looks back behind a state that is a time, for items that come late. Ours."""
    jitter: float = 0.1
    """Share of the interval by which polls are spread, so that many subscriptions do not poll at once. Ours."""
    burst: int = 100
    """Polls in a row that ``Retry-After: 0`` may ask for; then the interval counts. Ours."""
    longest_back_off: float = 3600.0
    """Most seconds between polls that fail; each failure doubles the wait. Ours."""
    longest_wait: float = 86400.0
    """Most seconds that ``Retry-After`` may ask for; more counts as this. Ours."""
    remembered: int = 2000
    """Items besides those of the last reply that are remembered, so that none fires twice. Ours."""
    most_items: int = 100_000
    """Most runs that one reply or notification starts (reference: triggers, section 2.2: the upper limit)."""
    unregister_waits: tuple[float, ...] = (5.0, 15.0, 30.0)
    """Seconds before each further try to remove a hook. The platform ignores failures (inferred)."""
    widest_registration: int = 65536
    """Bytes of the reply to a registration that are kept for finding the hook's id. Ours."""


DEFAULTS = Settings()
"""What counts when nothing is said."""
