"""What can go wrong, as three roots, each met at one boundary:

    TielineError
    |- DocumentError    the user's document or argument cannot be used          (exit code 2)
    |- ServiceError     the world outside did not do its part                    (exit code 3)
    `- BugError         a state that Tieline promised cannot be                  (exit code 70)

A reply of 400 and above is not an error but a reply; a refused connection inside a call is data on its Exchange
(``exchange.Failure``). These exceptions are for work that cannot go on.
"""

from __future__ import annotations

import re

from .finding import Finding, Severity
from .route import Position, Route

_SIMPLE = re.compile(r"[\w:./-]+")


class TielineError(Exception):
    """Base of everything that Tieline raises on purpose; a finding says what, where and what to do."""

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        remedy: str = "",
        route: Route | None = None,
        position: Position | None = None,
        more: tuple[Finding, ...] = (),
    ) -> None:
        """Takes the parts of one finding; ``more`` holds further findings of the same failure."""
        super().__init__(message)
        self.finding = Finding(
            rule=rule,
            route=route or Route(),
            message=message,
            remedy=remedy,
            severity=Severity.ERROR,
            position=position,
        )
        self.more = more

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The finding of this error and all that came with it."""
        return (self.finding, *self.more)


class DocumentError(TielineError):
    """The user's document, folder or argument cannot be used."""


class ServiceError(TielineError):
    """A network, a remote service or a sign-in did not do its part."""


class BugError(TielineError):
    """Tieline met a state that it promised cannot be."""


def nearest(name: str, known: tuple[str, ...] | list[str], *, most: int = 3) -> tuple[str, ...]:
    """The known names that look most like ``name``, best first; equal but for case comes before all else."""
    from difflib import get_close_matches  # 5 ms of import that only a mistake needs

    folded = {candidate.casefold(): candidate for candidate in known}
    return tuple(folded[match] for match in get_close_matches(name.casefold(), list(folded), n=most, cutoff=0.6))


def did_you_mean(name: str, known: tuple[str, ...] | list[str]) -> str:
    """A remedy sentence for a misspelt name: the nearest known names, or the list of all (at most 12)."""
    close = nearest(name, known)
    if close:
        return "did you mean " + " or ".join(f'"{candidate}"' for candidate in close) + "?"
    if not known:
        return ""
    shown = ", ".join(f'"{candidate}"' for candidate in known[:12])
    rest = f" and {len(known) - 12} more" if len(known) > 12 else ""
    return f"known are {shown}{rest}"


def settable(name: str) -> str:
    """``name=VALUE`` as a shell takes it: what a person types behind ``--set``."""
    return f"{name}=VALUE" if _SIMPLE.fullmatch(name) else f'"{name}=VALUE"'
