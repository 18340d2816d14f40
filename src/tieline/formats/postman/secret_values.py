"""Secrets of a collection: people save tokens and passwords in it, and none of them may get into a connector.

What lives here tells secrets by their names and keeps their values, so that every text on its way out can be looked at.
"""

from __future__ import annotations

import re

from ...model.secret import HIDDEN, forms_of

_WORDS = (
    r"pass(?:word|wd|phrase)|secret|token|credential|authori[sz]ation|cookie|session|jwt|bearer|signature|assertion"
    r"|(?:api|access|private|auth|app|subscription|encryption)[-_ .]?key"
)

NAMES = re.compile(rf"{_WORDS}|^sig$", re.IGNORECASE)
"""Parts of names whose values are kept out of defaults and examples."""

MASKED = re.compile(r"pass(word|wd|phrase)|secret", re.IGNORECASE)
"""Parts of names whose values are not shown when they are typed (format ``password``)."""

KEY_NAMES = re.compile(
    r"(?:[a-z0-9]+[-_])*(?:api|app|access|auth|subscription|functions|private)[-_]?(?:key|token)", re.IGNORECASE
)
"""Names of headers and query parameters that hold a credential: they become an API key of the connection."""

MOST_NAME = 80
"""Characters of a name that may be that of a credential; real ones have fewer than 40."""

ORDINARY = frozenset(
    {"admin", "api_key", "apikey", "basic", "bearer", "default", "demo", "example", "false", "guest", "login", "none"}
) | frozenset(
    {"null", "object", "password", "postman", "secret", "string", "test", "token", "true", "user", "username"}
)
"""Values (lower case) that stand where a secret would and are ordinary words; hiding them would garble every text."""

LEAST = 4
"""Characters of the shortest value that is searched for in texts (as for ``model.Redactor``)."""

LEAST_GUESSED = 6
"""Characters of a text that counts as a secret only because of its name; ``bearer`` behind ``token_type`` does not."""


LONG_CODE = re.compile(r"[A-Za-z0-9+/=_-]{20,}")
"""What follows ``code`` in the URL of an Azure function, and after a person has signed in; a short code is none."""

_SAID = re.compile(
    rf"""(?:{_WORDS})[\w.-]{{0,40}}["']?"""
    r"""(?:\s{0,9}[:=]\s{0,9}(["'])(?P<quoted>[^"'\s{$<]+)\1|=(?P<bare>[^\s&"'<>;,(){}$]+)|>(?P<marked>[^<>\s{]+)</)""",
    re.IGNORECASE,
)
"""A name and its value in a text: ``password=x``, ``"token": "x"``, ``<secret>x</secret>``."""

_VARIABLE = re.compile(r"\{\{[^{}]*\}\}")


def is_secret_name(name: str) -> bool:
    """Whether a variable, parameter or property of that name holds a secret, as far as the name tells."""
    return NAMES.search(name) is not None


def is_key_name(name: str) -> bool:
    """Whether a header or query parameter of that name holds the credential of the caller."""
    return len(name) <= MOST_NAME and KEY_NAMES.fullmatch(name) is not None


def is_guessed_secret(name: str, value: str) -> bool:
    """Whether a text is a secret because of the name that it has."""
    if name.lower() == "code":
        return LONG_CODE.fullmatch(value) is not None
    return len(value) >= LEAST_GUESSED and value.lower() not in ORDINARY and is_secret_name(name)


def says_secret(text: str) -> bool:
    """Whether a text has a value behind a name that makes it a secret."""
    found = (match["quoted"] or match["bare"] or match["marked"] for match in _SAID.finditer(text))
    return any(len(value) >= LEAST_GUESSED and value.lower() not in ORDINARY for value in found)


class Secrets:
    """The secret values of one collection. It must know all of them before texts are made.

    A collection may hold thousands (a token in each request), so a text is not searched for each of them: only where
    four of its characters begin one.
    """

    __slots__ = ("_begun", "_known")

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._begun: dict[str, dict[int, set[str]]] | None = None

    def add(self, value: str) -> None:
        """Keep a secret value; of one with variables in it, what stands around them. Ordinary words and very short
        texts are none."""
        for piece in (piece.strip() for piece in _VARIABLE.split(value)):
            if len(piece) >= LEAST and piece.lower() not in ORDINARY:
                self._known.add(piece)
                self._begun = None

    def text(self, text: str) -> str:
        """``text`` with every known secret hidden, in whatever way it is encoded."""
        if not self.within(text):
            return text
        out, at = "", 0
        while at < len(text):
            length = self._length(text, at)
            out += HIDDEN if length else text[at]
            at += length or 1
        return out

    def within(self, text: str) -> bool:
        """Whether a known secret is in ``text``."""
        if not self._known:
            return False
        begun = self._beginnings()
        places = range(len(text) - LEAST + 1)
        if begun.keys().isdisjoint({text[at : at + LEAST] for at in places}):
            return False
        return any(self._length(text, at) for at in places)

    def _length(self, text: str, at: int) -> int:
        """How long the longest secret is that stands at a place of a text; 0 for none."""
        found = self._beginnings().get(text[at : at + LEAST], {})
        return next((length for length in found if text[at : at + length] in found[length]), 0)

    def _beginnings(self) -> dict[str, dict[int, set[str]]]:
        """First characters of secrets, in every way they may be written -> length -> secrets, the longest first."""
        if self._begun is None:
            forms = sorted({form for value in self._known for form in forms_of(value)}, key=lambda form: -len(form))
            self._begun = {}
            for form in forms:
                self._begun.setdefault(form[:LEAST], {}).setdefault(len(form), set()).add(form)
        return self._begun
