"""Times in texts: RFC 3339 and HTTP dates to seconds since the epoch and back. Knows no clock."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,12}))?\s?([Zz]|[+-]\d\d:?\d\d)?", re.ASCII
)
"""ISO 8601 with date and time; without a zone it is UTC, as services mean it (inferred)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH).total_seconds()
_LAST = (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds()
"""What can be written in UTC; with a zone, a text may name more, and clocks may be wrong."""

_SECONDS = re.compile(r"\d{1,18}(\.\d{1,9})?", re.ASCII)


def seconds_of(value: Any) -> float | None:
    """Seconds since the epoch of a date-time text; None for anything else."""
    if not isinstance(value, str):
        return None
    found = _DATE_TIME.fullmatch(value.strip())
    if found is None:
        return None
    day, clock, fraction, zone = found.groups()
    try:
        when = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if zone in (None, 'Z', 'z') else zone}")
        return (when - _EPOCH).total_seconds() + (float("0." + fraction) if fraction else 0.0)
    except (ValueError, OverflowError):
        return None


def text_of(seconds: float) -> str:
    """RFC 3339 in UTC, rounded down to the millisecond, without a fraction that is nought; what lies before the first
    year or behind the last one is the end of that."""
    milliseconds = math.floor(round(min(max(seconds, _FIRST), _LAST) * 1000, 3))
    when = _EPOCH + timedelta(milliseconds=milliseconds)
    timespec = "milliseconds" if milliseconds % 1000 else "seconds"
    return when.isoformat(timespec=timespec).replace("+00:00", "Z")


def http_date(text: str | None) -> float | None:
    """Seconds since the epoch of an HTTP date; None for what is none."""
    if not text:
        return None
    try:
        when = parsedate_to_datetime(text)
        return (when if when.tzinfo is not None else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after(text: str | None, now: float) -> float | None:
    """Seconds to wait that a ``Retry-After`` asks for, never below nought; None where it says nothing usable."""
    if text is None:
        return None
    if _SECONDS.fullmatch(text.strip()):
        return float(text)
    when = http_date(text)
    return None if when is None else max(0.0, when - now)
