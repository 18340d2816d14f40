"""From the text of a policy parameter to a template (reference: policy-templates, section 3).

A ``@`` that no known function follows is text, as are e-mail addresses and ``@odata.nextLink``. No escape for ``@`` is
documented. What lives here knows the functions and their arguments, not what they give.
"""

from __future__ import annotations

import re

from ...model import DocumentError, Finding, Route, Severity, did_you_mean, nearest
from . import scanner
from .nodes import (
    Form,
    Lookup,
    LookupSource,
    OriginalMethod,
    Part,
    PathParameter,
    Property,
    Root,
    Template,
    Text,
    Token,
)
from .scanner import Malformed

LOOKUPS: dict[str, LookupSource] = {
    "connectionparameters": "connectionParameters",
    "headers": "headers",
    "header": "headers",
    "queryparameters": "queryParameters",
}
"""Functions with one or two texts, in lower case (``@ConnectionParameters`` is published, too)."""

ROOTS: dict[str, Root] = {"body": "body", "item": "item", "triggerbody": "triggerBody"}
"""Functions without arguments that a property path may follow, in lower case."""

ORIGINAL_METHOD = "request.originalhttpmethod"
"""The one keyword, in lower case."""

FUNCTIONS = ("connectionParameters", "headers", "queryParameters", "body", "item", "triggerBody")
"""What a misspelt name is compared with."""

NO_FUNCTION = {"environmentvariables": "environment variables are not replaced in policies; use a connection parameter"}
"""Functions of other places, in lower case, and what to do instead (reference: policy-templates, section 3)."""

MOST_NOTES = 20
"""Notes that one expression gets; looking for the nearest name costs time."""

MOST_SHOWN = 80
"""Characters of an expression that a message shows."""

_START = re.compile(r"[@{]")

_BARE = re.compile(
    r"(?<![\w.@])(?:(?:connectionParameters|headers?|queryParameters)(?=\(['\"])"
    r"|(?:body|item|triggerBody)(?=\(\)(?:[.\[}]|$)))",
    re.IGNORECASE,
)
"""The name of a function that is used without ``@``."""

NULL_SAFE = ("?[", "?.")
"""How flows, unlike policies, go on behind what may be missing."""


def parse(text: str, route: Route | None = None, *, path_parameters: bool = False) -> Template:
    """The template that ``text`` is. ``path_parameters`` makes ``{name}`` a token.

    Raises DocumentError ``bad-expression`` with the place in the text, for what begins as a known function and does not
    end as one, or has the wrong arguments.
    """
    route = route or Route()
    if "@" not in text and not (path_parameters and "{" in text) and _BARE.search(text) is None:
        parts: tuple[Part, ...] = (Text(text=text, span=(0, len(text))),) if text else ()
        return Template(parts=parts, text=text, route=route, constant=text)
    parser = _Parser(text, route, path_parameters)
    try:
        parser.run()
    except Malformed as error:
        raise malformed(text, error, route) from None
    made = tuple(parser.parts)
    constant = text if all(isinstance(part, Text) for part in made) else None
    return Template(parts=made, text=text, route=route, notes=tuple(parser.notes), constant=constant)


def malformed(text: str, error: Malformed, route: Route) -> DocumentError:
    """The error for an expression that cannot be read, with the column in it."""
    return DocumentError(
        "bad-expression",
        f'cannot read the expression "{shown(text)}": {error.message}, at column {error.offset + 1}',
        remedy=error.remedy,
        route=route,
    )


def shown(text: str) -> str:
    """An expression as a message shows it: short, on one line."""
    flat = " ".join(text.split())
    return f"{flat[:MOST_SHOWN]}…" if len(flat) > MOST_SHOWN else flat


class _Parser:
    """One text, how far it has been read, and what was found."""

    def __init__(self, text: str, route: Route, path_parameters: bool) -> None:
        self.text = text
        self.parts: list[Part] = []
        self.notes: list[Finding] = []
        self._route = route
        self._path_parameters = path_parameters
        self._done = 0

    def run(self) -> None:
        """Read the whole text. Raises Malformed."""
        at = 0
        while (at := self._next(at)) >= 0:
            token, end = self._token(at)
            if token is None:
                at = end
                continue
            self._take_text(at)
            self.parts.append(token)
            self._done = at = end
        self._take_text(len(self.text))
        if not self.notes:
            self._note_bare()

    def _next(self, at: int) -> int:
        """The next character at which a token may start; -1 for none."""
        found = _START.search(self.text, at)
        return -1 if found is None else found.start()

    def _take_text(self, end: int) -> None:
        if end > self._done:
            self.parts.append(Text(text=self.text[self._done : end], span=(self._done, end)))

    def _token(self, at: int) -> tuple[Token | None, int]:
        """The token at a ``@`` or ``{`` and the offset behind it; None, and where to go on, for text."""
        text = self.text
        if text.startswith("@{", at):
            start = scanner.skip(text, at + 2)
            return self._call(at, start + text.startswith("@", start), "@{}")
        if text.startswith("{@", at):
            return self._call(at, at + 2, "{@}")
        if text[at] == "@":
            return self._call(at, at + 1, "@")
        return self._path_parameter(at) if self._path_parameters else (None, at + 1)

    def _path_parameter(self, at: int) -> tuple[Token, int]:
        end = self.text.find("}", at)
        name = self.text[at + 1 : end]
        if end < 0 or "{" in name:
            raise Malformed(at, "a brace is not closed", "close it with }, or write %7B for a brace")
        if not name.strip():
            raise Malformed(at, "braces hold no name", "write the name of a path parameter between them")
        return PathParameter(name=name, span=(at, end + 1)), end + 1

    def _call(self, at: int, start: int, form: Form) -> tuple[Token | None, int]:
        """What the name at ``start`` begins; a token in braces must end with one."""
        found = scanner.NAME.match(self.text, start)
        if found is None:
            return None, at + 1
        token, end = self._named(found.group(), at, found.end(), form)
        if token is None or form == "@":
            return token, end
        end = scanner.skip(self.text, end)
        if self.text[end : end + 1] != "}":
            raise Malformed(end, "a brace is not closed behind the expression", "close it with }")
        return self._closed(token, (at, end + 1)), end + 1

    def _closed(self, token: Token, span: tuple[int, int]) -> Token:
        """A token in braces with the span of the braces."""
        match token:
            case Lookup():
                return Lookup(source=token.source, name=token.name, default=token.default, form=token.form, span=span)
            case Property():
                return Property(root=token.root, keys=token.keys, form=token.form, span=span)
        return token

    def _named(self, name: str, at: int, end: int, form: Form) -> tuple[Token | None, int]:
        """The token that a function's name begins, ``end`` being the offset behind the name."""
        folded = name.lower()
        if folded in LOOKUPS:
            return self._lookup(LOOKUPS[folded], at, end, form)
        if folded in ROOTS:
            return self._property(ROOTS[folded], at, end, form)
        keyword = at + 1 + len(ORIGINAL_METHOD)
        if form == "@" and self.text[at + 1 : keyword].lower() == ORIGINAL_METHOD:
            return OriginalMethod(span=(at, keyword)), keyword
        if self.text.startswith("(", end):
            self._note_unknown(name, at, end)
        return None, end

    def _lookup(self, source: LookupSource, at: int, end: int, form: Form) -> tuple[Token | None, int]:
        if not self.text.startswith("(", end):
            self._note(f'"{self.text[at:end]}" is sent as text', f"write @{source}('name')")
            return None, end
        values, end = scanner.arguments(self.text, end)
        if not 1 <= len(values) <= 2:
            raise Malformed(
                at,
                f"{source} takes one or two texts, not {len(values)}",
                f"write @{source}('name') or @{source}('name','default')",
            )
        default = values[1] if len(values) == 2 else None
        return Lookup(source=source, name=values[0], default=default, form=form, span=(at, end)), end

    def _property(self, root: Root, at: int, end: int, form: Form) -> tuple[Token | None, int]:
        if self.text.startswith("(", end):
            values, end = scanner.arguments(self.text, end)
            if values:
                raise Malformed(at, f"{root} takes nothing in its parentheses", f"write @{root}().name")
            keys, end = scanner.keys(self.text, end)
        else:
            keys, end = self._without_parentheses(at, end, form)
            if not keys:
                return None, end
        if self.text.startswith(NULL_SAFE, end):
            self._null_safe(end, form)
        return Property(root=root, keys=keys, form=form, span=(at, end)), end

    def _null_safe(self, end: int, form: Form) -> None:
        """Say that a ``?`` behind a property is no part of it. Raises Malformed where only a brace may follow."""
        remedy = """leave out the "?": policies have @body().a['b'] alone"""
        if form != "@":
            raise Malformed(end, '"?" is not expected here', remedy)
        self._note(f'"{shown(self.text[end:])}" is sent as text', remedy)

    def _note_bare(self) -> None:
        """Note functions that lack their ``@``."""
        for part in self.parts:
            for found in _BARE.finditer(part.text) if isinstance(part, Text) else ():
                name = found.group().lower()
                call = f"@{LOOKUPS[name]}('name')" if name in LOOKUPS else f"@{ROOTS[name]}().name"
                if len(self.notes) < MOST_NOTES:
                    self._note(f'"{found.group()}(" has no "@" before it and is sent as text', f"write {call}")

    def _without_parentheses(self, at: int, end: int, form: Form) -> tuple[tuple[str | int, ...], int]:
        """The keys of ``@body.a``, which one sample of the documentation has; none inside of an e-mail address."""
        inside_word = form == "@" and at > 0 and (self.text[at - 1].isalnum() or self.text[at - 1] in "_.-+")
        if inside_word or not self.text.startswith(".", end):
            return (), end
        return scanner.keys(self.text, end)

    def _note_unknown(self, name: str, at: int, end: int) -> None:
        if len(self.notes) == MOST_NOTES:
            return
        close = nearest(name, FUNCTIONS, most=1)
        remedy = NO_FUNCTION.get(name.lower()) or did_you_mean(name, FUNCTIONS)
        said = "is sent as text" if close else "is no function of policies and is sent as text"
        self._note(f'"{self.text[at : end + 1]}" {said}', remedy)

    def _note(self, message: str, remedy: str) -> None:
        self.notes.append(
            Finding(
                rule="unknown-function",
                route=self._route,
                message=message,
                remedy=remedy,
                severity=Severity.WARNING,
            )
        )
