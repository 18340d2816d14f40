"""Times in texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.triggers.moment import http_date, retry_after, seconds_of, text_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:10Z", 10.0),
        ("1970-01-01T01:00:10+01:00", 10.0),
        ("1970-01-01T01:00:10+0100", 10.0),
        ("1970-01-01 00:00:10.2500000", 10.25),
        ("1970-01-01T00:01", 60.0),
        ("1970-01-01", None),
        ("0000-01-01T00:00:00Z", None),
        ("2026-13-01T00:00:00Z", None),
        (7, None),
    ],
)
def test_seconds_of(text: object, seconds: float | None) -> None:
    """Date-times of services are read with and without zone; anything else is none."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (seconds_of("9999-12-31T23:59:59.9-12:00"), "9999-12-31T23:59:59Z"),
        (seconds_of("0001-01-01T00:00:00+14:00"), "0001-01-01T00:00:00Z"),
        (http_date("Fri, 31 Dec 9999 23:59:59 -1200"), "9999-12-31T23:59:59Z"),
    ],
)
def test_ends_of_time(found: float, text: str) -> None:
    """A time that lies before the first year or behind the last one in UTC can be written all the same."""
    assert text_of(found) == text


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_text_reads_back(milliseconds: int) -> None:
    """What is written is read as the same time, to the millisecond."""
    found = seconds_of(text_of(milliseconds / 1000))
    assert found is not None
    assert round(found * 1000) == milliseconds


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    """Any text gives a time or nothing."""
    assert seconds_of(text) is None or isinstance(seconds_of(text), float)
    assert http_date(text) is None or isinstance(http_date(text), float)
    wait = retry_after(text, 1.0)
    assert wait is None or wait >= 0
