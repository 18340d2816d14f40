"""Numbers as text to Python values, for JSON and YAML alike: exact where possible, never infinite.

A value is an int, a float or None; whatever could not be kept is noted.
"""

from __future__ import annotations

from .text import Repairs

MOST_DIGITS = 4000
"""Digits of one integer; Python converts no more than 4300."""
MAX_64 = 2**64
MIN_64 = -(2**63)
INFINITE = (float("inf"), float("-inf"))


def integer(source: str, base: int, offset: int, repairs: Repairs) -> int | None:
    """The exact integer; one that does not fit 64 bits is noted, one beyond all sense reads as None."""
    if len(source) > MOST_DIGITS:
        _too_large(offset, repairs)
        return None
    value = int(source, base)
    if not MIN_64 <= value < MAX_64:
        message = f"the integer {source[:40]} does not fit 64 bits; it is kept, but many programs round it"
        repairs.add("big-number", offset, message, "write it as a string if every digit counts")
    return value


def decimal(source: str, offset: int, repairs: Repairs) -> float | None:
    """The float; None, with a note, where it would be infinite."""
    value = float(source)
    if value in INFINITE:
        _too_large(offset, repairs)
        return None
    return value


def _too_large(offset: int, repairs: Repairs) -> None:
    """Notes a number that no program can hold; it reads as None."""
    repairs.add("number-too-large", offset, "the number is too large; read as null", "give a smaller one")


def not_finite(source: str, offset: int, repairs: Repairs) -> None:
    """Notes ``NaN`` or an infinity, which JSON does not have; it reads as None."""
    message = f'JSON has no "{source}"; read as null'
    repairs.add("not-a-number", offset, message, "give a number, or leave the value out")
