"""How a call is made, apart from its arguments and its connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from .. import policy

Retry: TypeAlias = Literal["none", "safe", "platform"]
"""Which calls are repeated: see ``retry.RULES``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of one call. The defaults are what a person wants who tries a connector out."""

    server: str | None = None
    """``http(s)://host[:port][/path]`` that replaces scheme, host and base path, after all policies."""
    retry: Retry = "safe"
    """``none``, ``safe`` (never repeats what may have been done, within 30 s), ``platform`` (as the service does)."""
    follow: bool = True
    """Whether a 202 with ``Location`` is followed to its result; actions only (reference: triggers, section 3)."""
    follow_seconds: float = 600
    """How long that may take in all. The platform allows up to 30 days (reference: limits, section 1)."""
    pages: int = 1
    """How many pages of an operation with ``x-ms-pageable`` are fetched at most."""
    optional_defaults: bool = True
    """Whether defaults of visible optional parameters are sent when no argument is given. The platform fills them in
    when an action is made and sends them if they are left (reference: openapi-extensions, section 1.1)."""
    caller_base: str = ""
    """The URL under which the caller reaches the connector; empty where there is no gateway before it. Links that
    policies send through the connector lead there."""
    policies: policy.Settings = policy.DEFAULT
    """Answers to what the documentation of policy templates leaves open."""
    skip_policies: bool = False
    """Send without the policies."""
    skip_script: bool = False
    """Send without the script that does not run yet."""


DEFAULTS = Options()
"""What is used where nobody says otherwise."""
