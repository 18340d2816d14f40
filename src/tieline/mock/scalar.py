"""Texts and numbers for sample values.

What lives here: candidates for one text or number under its constraints, most readable first. What must not: whether
they fit, and anything about objects and arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, floor

from .pattern import texts
from .shape import Shape

PLAIN = "string"
"""The text where nothing is said about it."""
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="
"""A PNG of one pixel, as base64."""
FORMATS = {
    "date-time": "2024-05-17T09:30:00Z",
    "date": "2024-05-17",
    "date-no-tz": "2024-05-17T09:30:00",
    "time": "09:30:00Z",
    "duration": "P1D",
    "uuid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "guid": "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
    "email": "user@example.com",
    "idn-email": "user@example.com",
    "uri": "https://example.com/item",
    "url": "https://example.com/item",
    "uri-reference": "/item",
    "iri": "https://example.com/item",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "VGllbGluZQ==",
    "binary": "VGllbGluZQ==",
    "html": "<p>text</p>",
    "password": "password",
    "json-pointer": "/item",
    "regex": "^a$",
    "int32": "1",
    "int64": "1",
    "integer": "1",
    "double": "1.5",
    "float": "1.5",
    "decimal": "1.5",
}
"""A text for each format that is known; formats of numbers are there because files put them on texts."""
WHOLE_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""Bounds of the integer formats."""
LONGEST_PADDING = 20_000
"""Characters to which a text is lengthened for ``minLength``."""


def candidates(shape: Shape) -> Iterator[str]:
    """Texts that may fit, most likely first: by pattern, by format, plain, each made as long or short as asked."""
    least = max((int(bound) for bound in shape.numbers("minLength")), default=0)
    most = min((int(bound) for bound in shape.numbers("maxLength")), default=None)
    for pattern in shape.keyword("pattern"):
        if isinstance(pattern, str):
            yield from texts(pattern, least=max(least, 1))
    for name in shape.formats:
        if name in FORMATS:
            yield from _sized(FORMATS[name], least, most)
    yield from _sized(PLAIN, least, most)


def _sized(text: str, least: int, most: int | None) -> Iterator[str]:
    """``text`` itself when its length is right, else made longer or shorter."""
    if len(text) < least:
        yield (text * (min(least, LONGEST_PADDING) // len(text) + 1))[:least]
    elif most is not None and len(text) > most:
        yield text[: max(most, 0)]
    else:
        yield text


def number(shape: Shape, *, whole: bool) -> float:
    """A number within the bounds, a multiple where that is asked; 1, or 1.5 when fractions are allowed, if possible.

    Where the bounds leave nothing, the number is one that keeps the lower bound.
    """
    low, high = _bounds(shape, whole=whole)
    step = max((Fraction(str(value)) for value in shape.numbers("multipleOf") if value > 0), default=None)
    if whole:
        step = _whole_step(step)
    wanted = Fraction(1) if whole or any(name.startswith("int") for name in shape.formats) else Fraction(3, 2)
    if step is not None:
        wanted = max(step * floor(wanted / step), step)
    value = _within(wanted, low, high, step)
    return int(value) if value.denominator == 1 else float(value)


def _whole_step(step: Fraction | None) -> Fraction:
    """The smallest whole multiple of a step."""
    return Fraction(1) if step is None else step * step.denominator


def _within(wanted: Fraction, low: Bound | None, high: Bound | None, step: Fraction | None) -> Fraction:
    if (low is None or low.below(wanted)) and (high is None or high.above(wanted)):
        return wanted
    if high is not None and not high.above(wanted):
        below = high.next_down(step)
        if low is None or low.below(below):
            return below
    return low.next_up(step, high) if low is not None else wanted


class Bound:
    """One end of a range."""

    __slots__ = ("at", "open")

    def __init__(self, at: Fraction, *, open: bool) -> None:
        """Takes the number, and whether it is itself outside the range."""
        self.at = at
        self.open = open

    def below(self, value: Fraction) -> bool:
        """Whether this lower end admits a value."""
        return self.at < value or (self.at == value and not self.open)

    def above(self, value: Fraction) -> bool:
        """Whether this upper end admits a value."""
        return self.at > value or (self.at == value and not self.open)

    def next_up(self, step: Fraction | None, high: Bound | None) -> Fraction:
        """The first value above this lower end."""
        if step is not None:
            value = step * ceil(self.at / step)
            return value if self.below(value) else value + step
        if not self.open:
            return self.at
        return self.at + 1 if high is None or high.above(self.at + 1) else (self.at + high.at) / 2

    def next_down(self, step: Fraction | None) -> Fraction:
        """The first value below this upper end."""
        if step is not None:
            value = step * floor(self.at / step)
            return value if self.above(value) else value - step
        return self.at - 1 if self.open else self.at


def _bounds(shape: Shape, *, whole: bool) -> tuple[Bound | None, Bound | None]:
    lows = list(_ends(shape, "minimum", "exclusiveMinimum"))
    highs = list(_ends(shape, "maximum", "exclusiveMaximum"))
    for name in shape.formats if whole else ():
        if name in WHOLE_RANGES:
            lows.append(Bound(Fraction(WHOLE_RANGES[name][0]), open=False))
            highs.append(Bound(Fraction(WHOLE_RANGES[name][1]), open=False))
    low = max(lows, key=lambda bound: (bound.at, bound.open), default=None)
    high = min(highs, key=lambda bound: (bound.at, not bound.open), default=None)
    return low, high


def _ends(shape: Shape, name: str, exclusive: str) -> Iterator[Bound]:
    """Ends as draft 4 says them (a flag beside the bound) and as later drafts do (a bound of its own)."""
    for member in shape.members:
        bound, flag = member.value.get(name), member.value.get(exclusive)
        for value, open_end in ((bound, flag is True), (flag, True)):
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield Bound(Fraction(str(value)), open=open_end)
