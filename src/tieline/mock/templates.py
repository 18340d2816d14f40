"""Path templates: what a path of a definition, or one that a policy routes to, matches.

What lives here: reading ``/items('{id}')/{a}-{b}.json?type=x`` and ``/teams/@headers('TeamId')/boards`` into segments,
and matching one segment. What must not: which operation stands behind a path (``routing``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import unquote

EXPRESSION = re.compile(
    r"@\{?\w+\((?:'[^']*'|\"[^\"]*\"|[^()'\"])*\)"  # @function('argument', 'default'), known or misspelt
    r"(?:(?<=\(\))(?:\.\w+|\['[^']*'\]|\[\d+\])+)?\}?"  # a path, after functions without argument: @body().a[0]
)
"""Policy expressions inside a path (reference: policy-templates, section 3)."""
MAY_BE_EMPTY = re.compile(
    r",\s*(?:''|\"\")\s*\)|@\{?(?:headers?|queryParameters)\((?:'[^']*'|\"[^\"]*\")\s*\)", re.IGNORECASE
)
"""An expression that may come to nothing: with an empty default, or without default for what a request may lack."""
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

EXPRESSION_NAME = "@"
"""Name of a placeholder that stands for an expression; no parameter is called so."""
EMPTY_NAME = "@-"
"""The same for an expression that may come to nothing."""
MOST_EMPTY = 3
"""Segments of one path that may come to nothing, each of which doubles the places where it may lead."""


@dataclass(frozen=True, slots=True)
class Segment:
    """What one segment of a path must look like: literals with a gap between each two of them."""

    literals: tuple[str, ...]
    """Percent-decoded texts; one more than there are gaps, so ``("v", "")`` for ``v{version}``."""
    names: tuple[str, ...] = ()
    """Name of each gap: a path parameter, or one of the two expression names."""

    @property
    def fixed(self) -> str | None:
        """The text of a segment without gaps, else None."""
        return None if self.names else self.literals[0]

    @property
    def wild(self) -> bool:
        """Whether the segment is one gap and nothing else, so that any text fits."""
        return len(self.names) == 1 and self.literals == ("", "")

    @property
    def weight(self) -> int:
        """How many characters are fixed: more is more specific."""
        return sum(map(len, self.literals))

    def match(self, text: str) -> tuple[str, ...] | None:
        """The texts in the gaps, shortest first, or None. Time grows with the length of ``text`` only."""
        first, *rest = self.literals
        if not text.startswith(first):
            return None
        at = len(first)
        values: list[str] = []
        for index, literal in enumerate(rest):
            least = at + (self.names[index] != EMPTY_NAME)
            if index == len(rest) - 1:
                found = len(text) - len(literal) if text.endswith(literal) else -1
            else:
                found = text.find(literal, least)
            if found < least:
                return None
            values.append(text[at:found])
            at = found + len(literal)
        return tuple(values)


@dataclass(frozen=True, slots=True)
class Template:
    """A whole path template."""

    segments: tuple[Segment, ...]
    """Segments without empty ones: ``/a//b/`` is ``a``, ``b``."""
    slash: bool = False
    """Whether it ends in a slash; matters only between two that are otherwise equal."""
    query: tuple[tuple[str, str | None], ...] = ()
    """Pairs of a ``?query`` written into the path; None where the value is open."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all gaps in order."""
        return tuple(name for segment in self.segments for name in segment.names)


def segments_of(path: str) -> list[str]:
    """The segments of a path as sent, empty ones left out."""
    return [segment for segment in path.split("/") if segment]


def read(path: str) -> Template:
    """The template of a definition's path or of a policy's ``newPath``.

    A fragment is dropped (it never goes over the wire), a query becomes pairs that help to tell operations apart.
    """
    text = _expressions_as_placeholders(path)
    text, _, query = text.partition("?")
    text = text.partition("#")[0]
    segments = tuple(_segment(part) for part in segments_of(text))
    return Template(segments, len(segments) > 0 and text.endswith("/"), _pairs(query.partition("#")[0]))


def variants(path: str) -> tuple[Template, ...]:
    """The templates of a definition's path: with a fragment in it, which some use to tell operations apart, as a client
    sends it that encodes it, and as one that drops it."""
    return (read(path.replace("#", "%23")), read(path)) if "#" in path else (read(path),)


def read_host(url: str) -> Template:
    """The path of a policy's URL template, which stands before every path: ``https://@…('host')/sso`` -> ``sso``."""
    text = _expressions_as_placeholders(url)
    scheme, separator, rest = text.partition("://")
    _, _, path = (rest if separator else scheme).partition("/")
    return read(path)


def shorter(template: Template) -> Iterator[Template]:
    """The template without one or more of the whole segments whose expressions may come to nothing, each shape once."""
    found = [at for at, segment in enumerate(template.segments) if segment.wild and segment.names[0] == EMPTY_NAME]
    empty = found[:MOST_EMPTY]
    shapes = [
        tuple(segment for at, segment in enumerate(template.segments) if at not in left_out)
        for count in range(1, len(empty) + 1)
        for left_out in combinations(empty, count)
    ]
    for shape in dict.fromkeys(shapes):
        yield Template(shape, template.slash, template.query)


def _expressions_as_placeholders(text: str) -> str:
    if "@" not in text:
        return text
    return EXPRESSION.sub(
        lambda found: "{" + (EMPTY_NAME if MAY_BE_EMPTY.search(found[0]) else EXPRESSION_NAME) + "}", text
    )


def _segment(text: str) -> Segment:
    pieces = PLACEHOLDER.split(text)
    return Segment(tuple(unquote(piece) for piece in pieces[::2]), tuple(pieces[1::2]))


def _pairs(query: str) -> tuple[tuple[str, str | None], ...]:
    pairs: list[tuple[str, str | None]] = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name and not PLACEHOLDER.search(name):
            pairs.append((unquote(name), None if PLACEHOLDER.search(value) else unquote(value)))
    return tuple(pairs)
