"""Which operations of a description are wanted.

What lives here compares names with patterns; what a selection means for the rest of a definition is the business of
``slimming``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ..model import DocumentError, Finding, Route, did_you_mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a person wants of a description; empty for all of it.

    An operation is kept when a pattern of ``only`` or a name of ``tags`` fits it (or neither has any), and no pattern
    of ``exclude``.
    """

    only: tuple[str, ...] = ()
    """Patterns (``*``, ``?``, ``[…]``) for operationIds; one with a slash also for ``/path`` and ``METHOD /path``."""
    tags: tuple[str, ...] = ()
    """Names of tags, in any case."""
    exclude: tuple[str, ...] = ()
    """Patterns as in ``only``."""

    def __bool__(self) -> bool:
        return bool(self.only or self.tags or self.exclude)

    def said(self) -> str:
        """The selection as it is typed."""
        options = (("--only", self.only), ("--tag", self.tags), ("--exclude", self.exclude))
        return " ".join(f'{option} "{value}"' for option, values in options for value in values)


EVERYTHING = Selection()
"""The selection of all operations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What a selection looks at of one operation."""

    id: str
    method: str
    """In upper case."""
    path: str
    tags: tuple[str, ...] = ()
    target: str = ""
    """The path that a policy sends its requests to, as the description has it; empty for none."""

    def fits(self, pattern: str) -> bool:
        """Whether a pattern is for this operation. Case counts, but not that of the method."""
        if self.id == pattern or fnmatchcase(self.id, pattern):
            return True
        method, space, path = pattern.partition(" ")
        if space and path.lstrip().startswith("/"):
            return fnmatchcase(self.method, method.upper()) and self._is_at(path.lstrip())
        return "/" in pattern and self._is_at(pattern)

    def _is_at(self, pattern: str) -> bool:
        """Whether a pattern is for the path of the operation, in the definition or in the description."""
        return any(path and (path == pattern or fnmatchcase(path, pattern)) for path in (self.path, self.target))

    def tagged(self, tag: str) -> bool:
        """Whether the operation has a tag of that name."""
        return any(own.casefold() == tag.casefold() for own in self.tags)


def choose(candidates: Sequence[Candidate], selection: Selection, route: Route) -> tuple[frozenset[str], list[Finding]]:
    """The ids of the operations that a selection keeps, and a finding for each of its patterns that fits none.

    ``route`` is that of the description. Raises DocumentError ``nothing-selected`` when nothing is kept.
    """
    wanted = [*_parts("--only", selection.only, Candidate.fits), *_parts("--tag", selection.tags, Candidate.tagged)]
    unwanted = _parts("--exclude", selection.exclude, Candidate.fits)
    kept = {one.id for one in candidates if not wanted or any(part.fits(one) for part in wanted)}
    excluded = {one.id for one in candidates if any(part.fits(one) for part in unwanted)}
    idle = [part for part in (*wanted, *unwanted) if not any(part.fits(one) for one in candidates)]
    if not kept - excluded:
        raise _nothing(candidates, selection, idle, route)
    return frozenset(kept - excluded), [
        Finding(rule="pattern-fits-nothing", route=route, message=part.said(), remedy=_remedy([part], candidates))
        for part in idle
    ]


@dataclass(frozen=True, slots=True)
class _Part:
    """One pattern or tag of a selection."""

    option: str
    text: str
    test: Callable[[Candidate, str], bool]

    def fits(self, candidate: Candidate) -> bool:
        return self.test(candidate, self.text)

    def said(self) -> str:
        return f'{self.option} "{self.text}" fits no operation'


def _parts(option: str, texts: Iterable[str], test: Callable[[Candidate, str], bool]) -> list[_Part]:
    return [_Part(option, text, test) for text in texts]


def _nothing(candidates: Sequence[Candidate], selection: Selection, idle: list[_Part], route: Route) -> DocumentError:
    """The error for a selection of nothing."""
    if not candidates:
        message, remedy = "there is no operation to select from", "import it without a selection"
    else:
        message = f"{selection.said()} selects none of the {len(candidates)} operations"
        remedy = _remedy(idle, candidates) or "exclude less"
    return DocumentError("nothing-selected", message, remedy=remedy, route=route)


def _remedy(idle: list[_Part], candidates: Sequence[Candidate]) -> str:
    """What may have been meant by the parts that fit nothing: tags, paths or ids that look like them."""
    for part in idle:
        if part.option == "--tag":
            known = list(dict.fromkeys(tag for one in candidates for tag in one.tags))
            return did_you_mean(part.text, known) or "no operation has a tag; select by name with --only"
        method, space, path = part.text.partition(" ")
        if "/" in part.text and not any("/" in one.id for one in candidates):
            known = list(dict.fromkeys(one.path for one in candidates))
            return did_you_mean(path.lstrip() if space else method, known)
        return did_you_mean(part.text, [one.id for one in candidates])
    return ""
