"""The type of the entries of ``rules``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...model import Severity

Effect = Literal["request", "sign-in", "shape", "text", "none"]
"""What a finding of a kind means for the connector: ``request`` - it cannot send every request that the description
allows, or may send another one; ``sign-in`` - the request is the same, but the credential is had in another way;
``shape`` - schemas say less, or another thing, than the description; ``text`` - words
for people are lost; ``none`` - nothing is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One kind of finding."""

    id: str
    """Kebab-case."""
    severity: Severity
    """ERROR: the description breaks the rules of OpenAPI there. WARNING: something is lost. INFO: worth knowing."""
    effect: Effect
    """What it means for the connector."""
    what: str
    """What was met and what becomes of it, in one sentence."""
    why: str
    """What forces it: a limit of Swagger 2.0 or of the platform, or the rule of OpenAPI that is broken."""
    remedy: str = ""
    """What to do where the place does not ask for another advice."""

    @property
    def loss(self) -> bool:
        """Whether something of the description is not carried over."""
        return self.severity is not Severity.INFO and self.effect != "none"


def broken(id: str, effect: Effect, what: str, why: str, remedy: str) -> Rule:
    """A kind for what breaks the rules of OpenAPI."""
    return Rule(id=id, severity=Severity.ERROR, effect=effect, what=what, why=why, remedy=remedy)


def lost(id: str, effect: Effect, what: str, why: str, remedy: str) -> Rule:
    """A kind for what cannot be carried over."""
    return Rule(id=id, severity=Severity.WARNING, effect=effect, what=what, why=why, remedy=remedy)


def note(id: str, what: str, why: str, remedy: str = "") -> Rule:
    """A kind for what is worth knowing."""
    return Rule(id=id, severity=Severity.INFO, effect="none", what=what, why=why, remedy=remedy)
