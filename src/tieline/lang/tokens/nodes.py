"""What a policy expression is made of: frozen values that remember where they stand in its text.

Two templates are equal when they mean the same; spans, spelling and notes do not count. What lives here neither reads
text nor evaluates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from ...model import Finding, Route

LookupSource: TypeAlias = Literal["connectionParameters", "headers", "queryParameters"]
"""What is looked up by name."""

Root: TypeAlias = Literal["body", "item", "triggerBody"]
"""Which JSON value a path starts from."""

Form: TypeAlias = Literal["@", "@{}", "{@}"]
"""How a token is embedded: ``@f()``, ``@{f()}`` (interpolation, forces text), ``{@f()}`` (as setproperty has it)."""

Key: TypeAlias = str | int
"""A property name or an array index."""

Span: TypeAlias = tuple[int, int]
"""Start and end offset in the text of the template."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Text that stands for itself."""

    text: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """``@connectionParameters('n','default')``, ``@headers('n')``, ``@queryParameters('n')``."""

    source: LookupSource
    name: str
    default: str | None = None
    """Used when there is no such value; None when the expression gives none."""
    form: Form = "@"
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """``@body().a['b'][0]``, ``@item()``, ``@triggerBody().value``."""

    root: Root
    keys: tuple[Key, ...] = ()
    """Empty for the whole value."""
    form: Form = "@"
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathParameter:
    """``{name}``: the value of a path parameter of the operation."""

    name: str
    span: Span = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalMethod:
    """``@Request.OriginalHTTPMethod``: the method with which the operation was called."""

    span: Span = field(compare=False)


Token: TypeAlias = Lookup | Property | PathParameter | OriginalMethod
"""Everything that is evaluated."""

Part: TypeAlias = Text | Token
"""Everything that a template is made of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A parsed expression: text and tokens in turn; never two texts side by side."""

    parts: tuple[Part, ...]
    text: str = field(compare=False)
    """As written."""
    route: Route = field(compare=False)
    """Where it stands; errors of evaluation name it."""
    notes: tuple[Finding, ...] = field(default=(), compare=False)
    """What looks like a token and is text: misspelt functions."""
    constant: str | None = field(default=None, compare=False)
    """The result, when there is nothing to evaluate."""


def render(template: Template) -> str:
    """The template as text, in one spelling: parsing it again gives an equal template."""
    return "".join(map(_rendered, template.parts))


def _rendered(part: Part) -> str:
    match part:
        case Text():
            return part.text
        case PathParameter():
            return f"{{{part.name}}}"
        case OriginalMethod():
            return "@Request.OriginalHTTPMethod"
        case Lookup():
            default = "" if part.default is None else "," + _quoted(part.default)
            return _embedded(f"{part.source}({_quoted(part.name)}{default})", part.form)
        case Property():
            keys = "".join(f"[{key}]" if isinstance(key, int) else f"[{_quoted(key)}]" for key in part.keys)
            return _embedded(f"{part.root}(){keys}", part.form)


def _embedded(call: str, form: Form) -> str:
    return {"@": f"@{call}", "@{}": f"@{{{call}}}", "{@}": f"{{@{call}}}"}[form]


def _quoted(text: str) -> str:
    """A text in single quotes, quotes in it doubled."""
    return "'" + text.replace("'", "''") + "'"
