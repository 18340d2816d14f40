"""What a policy is: its names, its parameters, where it may stand, and what makes a behaviour of its parameters.

From this record come decoding, defaults, the line in ``show``, the table in the docs and the form of the workbench.
What lives here knows no single policy.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

from ..lang.tokens import Root
from ..model import Finding, Sent
from .message import Outcome, Outgoing
from .scope import MessageScope

Section: TypeAlias = Literal["request", "response", "failure"]
"""On which side of the call a policy runs; failure is for calls without reply."""

Kind: TypeAlias = Literal["text", "template", "url", "path", "keys", "integer", "flag", "templates"]
"""What a parameter is read as: text as it is; a template with tokens; a template in which ``{name}`` is a path
parameter, too; a place in a JSON value (``@body().a``); a path below such a place (``a.b``; none for empty and
``null``); a whole number; true or false; an object whose every value is a template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyParameter:
    """One parameter of a policy template."""

    name: str
    """As the vendor spells it, without ``x-ms-apimTemplateParameter.``."""
    field: str
    """The field of the behaviour that holds it."""
    title: str
    """Label for a person."""
    description: str
    """What it does, in one sentence."""
    kind: Kind = "text"
    required: bool = False
    may_be_empty: bool = False
    """Whether a required one may be the empty text."""
    default: Any = None
    """What counts when it is not written, as it would be written; None only for a required one."""
    choices: tuple[str, ...] = ()
    """Allowed values, compared in any case; empty for any."""
    roots: tuple[Root, ...] = ("body",)
    """For ``path``: what it may start from."""


Asking: TypeAlias = Generator[Outgoing, Sent, Outcome]
"""A policy that needs the network: yields requests, is sent what came of them, returns its outcome."""


class Behaviour(Protocol):
    """A policy with its parameters: a frozen dataclass with the fields that the parameters name."""

    def apply(self, message: Any, scope: MessageScope) -> Outcome | Asking:
        """Run on a message: an Outgoing in Request, a Reply in Response. A policy that is for one of them alone says so
        in its own signature.

        Raises DocumentError or ServiceError, which stop the call, when it cannot be done.
        """

    def describe(self) -> str:
        """What it will do, on one line, with its expressions as they are written."""


def no_doubts(behaviour: Any) -> tuple[Finding, ...]:
    """Of a policy that does what it says, whatever its parameters."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One policy."""

    id: str
    """Kebab-case name of the policy, for example ``set-header``."""
    template: str
    """templateId in lower case, for example ``setheader``."""
    title: str
    """As the designer shows it."""
    summary: str
    """What it does, in one sentence."""
    parameters: tuple[PolicyParameter, ...]
    sections: tuple[Section, ...]
    """Where it may stand; a policy of one section need not say it."""
    build: Callable[..., Behaviour]
    """Makes the behaviour from decoded parameters, each under its ``field``. Raises DocumentError for values that can
    never work."""
    preview: bool = False
    """Whether the platform labels it so."""
    wraps: bool = False
    """Whether it runs around all others, wherever it stands: first on the request, and once more last on the reply."""
    doubts: Callable[[Any], tuple[Finding, ...]] = no_doubts
    """Takes a behaviour, and gives warnings about parameters that will not do what they seem to."""
    since: str
    """The version of Tieline that runs it first."""
    source: str
    """Where its behaviour is known from."""

    @property
    def fixed_section(self) -> Section | None:
        """The section of a policy that has only one; None for one that must say it."""
        return self.sections[0] if len(self.sections) == 1 else None

    def parameter(self, name: str) -> PolicyParameter | None:
        """The parameter of that name, in any case."""
        folded = name.lower()
        return next((parameter for parameter in self.parameters if parameter.name.lower() == folded), None)
