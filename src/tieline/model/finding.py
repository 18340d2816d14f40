"""Findings: the one way in which Tieline says that something about a document, a call or a reply is not right.

Lint, import losses, repairs of broken files, run-time schema drift and certification all speak Finding.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from .route import Position, Route


class Severity(StrEnum):
    """How bad it is. Certainty and certification level are not severities."""

    ERROR = "error"
    """It does not work, or the platform refuses it."""
    WARNING = "warning"
    """It works, but not as the author most likely means."""
    INFO = "info"
    """Worth knowing; nothing has to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change of one value in a document, as a patch of the author's text."""

    route: Route
    """The value that is changed; for ``set`` of a new key, the route that it will have."""
    action: Literal["set", "remove"]
    """``set`` replaces the value or adds the key (an index equal to the length appends); ``remove`` takes it out."""
    value: Any = None
    """The new JSON value; unused for ``remove``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, lost or worth knowing, and where."""

    rule: str
    """Kebab-case id that says what is wrong, for example ``duplicate-key``; the same in code, data and docs."""
    route: Route
    """Where in which document; for findings about a call, the operation's or parameter's place."""
    message: str
    """What is wrong here, in one sentence: lower case, no full stop, values in quotes."""
    remedy: str = ""
    """What to do, if it is not plain from the message."""
    severity: Severity = Severity.WARNING
    """How bad it is."""
    position: Position | None = None
    """Line and column where the finder knew them (a repair of the text); otherwise found from the route when shown."""
    related: tuple[tuple[Route, str], ...] = ()
    """Other places that explain the finding, each with a short note."""
    fix: tuple[Edit, ...] = ()
    """Edits that mend it, if they are known; empty when a person has to decide."""
