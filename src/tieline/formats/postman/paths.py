"""Paths: from the segments of a URL to a path template, and which requests have the same one.

What lives here decides what of a path is a parameter: a ``:name`` segment, a variable, and a literal that holds a
secret. A literal in the place of another request's variable is a value of it, if it looks like an identifier.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from .collection import Asked
from .entries import Entry
from .names import parameter_name
from .values import Row
from .variables import VARIABLE

HIDDEN_NAME = "key"
"""What a parameter is called that stands where a secret was."""

IDENTIFIER = re.compile(r"[0-9]+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{24}", re.IGNORECASE)
"""Segments that are values rather than names: numbers, UUIDs, object ids."""

_UNSAFE = re.compile(r"[{}?#*\s\x00-\x1f]")


class Gap(NamedTuple):
    """A part of a segment that is a parameter."""

    name: str
    """What the collection calls it."""
    entry: Entry
    """Its value and what is said of it."""


Segment: TypeAlias = tuple["str | Gap", ...]
"""Literal texts and gaps in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """The path of one request."""

    segments: tuple[Segment, ...]
    slash: bool = False
    """Whether it ends in a slash."""

    @property
    def key(self) -> tuple[str, ...]:
        """What is the same for all paths that lead to one operation: names of parameters do not count."""
        return (*(_shape(segment) for segment in self.segments), "/" if self.slash else "")

    def gaps(self) -> Iterator[Gap]:
        """Its parameters in order."""
        for segment in self.segments:
            yield from (piece for piece in segment if isinstance(piece, Gap))

    def literals(self) -> Iterator[tuple[int, str]]:
        """Index and text of the segments that look like identifiers."""
        for index, segment in enumerate(self.segments):
            if len(segment) == 1 and isinstance(segment[0], str) and IDENTIFIER.fullmatch(segment[0]):
                yield index, segment[0]

    def opened(self, index: int, like: Path) -> Path:
        """The path with the literal of a segment as the value of the gap that another path has there."""
        gap = like.segments[index][0]
        literal = self.segments[index][0]
        assert isinstance(gap, Gap)
        assert isinstance(literal, str)
        filled = Gap(gap.name, replace(gap.entry, value=literal))
        return replace(self, segments=(*self.segments[:index], (filled,), *self.segments[index + 1 :]))


def _shape(segment: Segment) -> str:
    return "".join(piece if isinstance(piece, str) else "{}" for piece in segment)


def path_of(asked: Asked, text: str) -> Path:
    """The path of a request; ``text`` is its path with what the base URL adds before it. Blanks around it are none of
    it."""
    text = text.strip()
    pieces = _split(text)
    return Path(
        segments=tuple(_segment(piece, asked) for piece in pieces),
        slash=bool(pieces) and text.endswith("/"),
    )


def _split(text: str) -> list[str]:
    """The segments of a path. A slash inside of a variable's name separates nothing."""
    found: list[str] = [""]
    for number, piece in enumerate(VARIABLE.split(text)):
        if number % 2:
            found[-1] += f"{{{{{piece}}}}}"
        else:
            first, *rest = piece.split("/")
            found[-1] += first
            found.extend(rest)
    if found and not found[0]:
        found = found[1:]
    if found and not found[-1]:
        found = found[:-1]
    return found


def _segment(text: str, asked: Asked) -> Segment:
    """One segment."""
    if text.startswith(":") and len(text) > 1 and "{{" not in text:
        name = text[1:]
        entry = asked.url.path_variables.get(name) or Entry(name=name, route=asked.url.route)
        return (Gap(name, entry),)
    pieces: list[str | Gap] = []
    for number, piece in enumerate(VARIABLE.split(text)):
        if number % 2:
            entry = Entry(name=piece.strip(), value=f"{{{{{piece}}}}}", route=asked.url.route)
            pieces.append(Gap(piece, entry))
        elif piece:
            pieces.append(piece)
    return tuple(pieces)


def hidden(path: Path, hides: Mapping[int, bool], asked: Asked) -> Path:
    """The path with a gap in the place of each segment that holds a secret; ``hides`` says which."""
    if not any(hides.values()):
        return path
    gap = Gap(HIDDEN_NAME, Entry(name=HIDDEN_NAME, route=asked.url.route))
    return replace(
        path, segments=tuple((gap,) if hides.get(index) else segment for index, segment in enumerate(path.segments))
    )


class Template(NamedTuple):
    """A path template with the names that its parameters have in it."""

    text: str
    names: tuple[str, ...]
    """Of its gaps, in order."""


def template_of(path: Path, prefix: int = 0, names: tuple[str, ...] = ()) -> Template:
    """The template of a path without its first segments, which the base path has; with given names of parameters, or
    with those that the collection has for them."""
    used: list[str] = []
    text = ""
    for segment in path.segments[prefix:]:
        text += "/"
        for piece in segment:
            if isinstance(piece, Gap):
                used.append(names[len(used)] if names else parameter_name(piece.name, used))
                text += f"{{{used[-1]}}}"
            else:
                text += _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), piece)
    return Template((text or "") + ("/" if path.slash or not text else ""), tuple(used))


def rows_of(path: Path, names: tuple[str, ...], asked: Asked, prefix: int = 0) -> list[tuple[str, Row]]:
    """The path parameters of one request, under the names that the template gives them."""
    gaps = [piece for segment in path.segments[prefix:] for piece in segment if isinstance(piece, Gap)]
    return [(name, Row(gap.entry, asked.variables)) for name, gap in zip(names, gaps, strict=True)]
