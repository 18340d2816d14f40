"""What the placeholders in addresses, templates, scopes and client ids stand for.

``{name}`` is compared in any case and without punctuation (reference: connector-format, section 6). What lives here
knows no identity provider.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ...model import Connection, ConnectionParameter, DocumentError, Login, OAuthSettings, settable
from ..scheme import plain

PLACEHOLDER = re.compile(r"\{{1,2}\s*([^\W\d](?:[\w .-]{0,78}[\w])?)\s*\}{1,2}")
"""``{name}``, and ``{{name}}`` as some files have it."""

BRACKETED = re.compile(r"\s*(\[.*\]|<.*>|\{.*\}|\(.*\)|@\w+\s*\(.*\)|@@.*@@|%.*%|\$\{.*\}|\$\(.*\))\s*", re.DOTALL)
"""A text that stands for another one (inferred from published files): ``[[x]]``, ``<<x>>``,
``@environmentVariables(x)``."""

OPEN = re.compile(r"\{[^{}\"']{0,80}\}|<[^<>]{1,80}>|\[\[[^\[\]]{1,80}\]\]")
"""What else a person may have written for something to fill in: ``{0}``, ``{token:x}``, ``<tenant>``, ``[[tenant]]``.
No address, scope or form has any of these as it is."""

WORDS = re.compile(r"placeholder|dummy|(^|[\W_])your([\W_]|client|app|$)|change.?me|replace.?(me|with)", re.IGNORECASE)
"""Words that only a text standing for a client id has (inferred from published files)."""

NO_ID = frozenset({"clientid", "client", "id", "required", "null", "none", "string", "todo", "tbd", "na", "xxx"})
"""Whole texts, as ``scheme.plain`` gives them, that are no client id (inferred from published files)."""

_PARTS = re.compile(r"[&?#]")

ALIASES = {"tenant": "tenantid", "tenantid": "tenant"}
"""Two names of one thing: people write either."""


def unfilled(text: str) -> bool:
    """Whether a text says nothing yet: empty, or bracketed from end to end."""
    return not text.strip() or BRACKETED.fullmatch(text) is not None


def no_client_id(text: str) -> bool:
    """Whether a text stands for a client id that is still to be filled in."""
    return unfilled(text) or " " in text.strip() or plain(text) in NO_ID or WORDS.search(text) is not None


def names_in(text: str) -> tuple[str, ...]:
    """The names of the placeholders in a text, as written."""
    return tuple(PLACEHOLDER.findall(text))


def left_open(text: str) -> str:
    """The first part of a text that stands for something and is no placeholder that could be filled; empty for none."""
    found = OPEN.search(PLACEHOLDER.sub("", text))
    return "" if found is None else found[0]


def encoded(value: str) -> str:
    """A value as it stands in a query or a form."""
    return quote(value, safe="", errors="replace")


def as_is(value: str) -> str:
    """A value as it stands in the part of a URL that templates make."""
    return value


def expand(text: str, values: Callable[[str], str | None], encode: Callable[[str], str], missing: list[str]) -> str:
    """``text`` with its placeholders replaced; names without a value go to ``missing``."""

    def value(match: re.Match[str]) -> str:
        found = values(match[1])
        if found is None:
            missing.append(match[1])
            return match[0]
        return encode(found)

    return PLACEHOLDER.sub(value, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What a connection and the connector's files say about one ``oauthSetting`` parameter."""

    parameter: ConnectionParameter
    oauth: OAuthSettings
    connection: Connection
    login: Login = field(repr=False)

    def custom(self, name: str) -> str:
        """A custom parameter of the files; empty when it is missing or says nothing yet."""
        found = self.oauth.custom_parameters.get(name.lower()) or ""
        return "" if unfilled(found) and not names_in(found) else found.strip()

    def asked(self, name: str) -> str | None:
        """What the person said: the connection parameter ``token:name``, else ``--set name=``."""
        names = (plain(name), ALIASES.get(plain(name), ""))
        prefix = self.parameter.name.casefold()
        for key, secret in self.connection.values.items():
            owner, colon, rest = key.rpartition(":")
            if colon and owner.casefold() == prefix and plain(rest) in names:
                return secret.reveal()
        for key, value in self.login.placeholders.items():
            if plain(key) in names:
                return value
        return None

    def token(self, name: str) -> str:
        """What the person said, without surrounding space; empty for nothing."""
        return (self.asked(name) or "").strip()

    def value(self, name: str) -> str | None:
        """What a placeholder stands for; None when nobody has said it."""
        asked = self.asked(name)
        if asked is not None:
            return asked
        if plain(name) == "clientid":
            return self.client_id or None
        applicable = self._applicable(plain(name))
        if applicable is False:
            return ""
        return self._written(plain(name), optional=applicable is None)

    def text(self, text: str, missing: list[str]) -> str:
        """A text with its placeholders replaced as they are."""
        return expand(text, self.value, as_is, missing)

    def filled(self, text: str, *, what: str) -> str:
        """The same; raises DocumentError ``unfilled-placeholder`` when a name has no value."""
        missing: list[str] = []
        found = self.text(text, missing)
        if missing:
            raise self.unfilled(missing[0], text, what)
        self.closed(text, what)
        return found

    def closed(self, text: str, what: str) -> None:
        """Raises DocumentError ``unfilled-placeholder`` for a text with something in it that nobody could fill in."""
        if left := left_open(text):
            raise DocumentError(
                "unfilled-placeholder",
                f'"{left}" in {what} of connection parameter "{self.parameter.name}" cannot be filled in',
                remedy="write what it stands for, or a placeholder such as {tenant}",
                route=self.parameter.route,
            )

    def said(self, name: str) -> str:
        """A custom parameter: the person's, else that of the files; empty when it is missing or says nothing yet."""
        return self.token(name) or self.custom(name)

    def unfilled(self, name: str, template: str, what: str) -> DocumentError:
        """The error for a placeholder that would be sent as it is written. Only the part around it is shown: a template
        may have a secret elsewhere."""
        around = next((part for part in _PARTS.split(template) if name in names_in(part)), "")
        secret = plain(name) == "clientsecret"
        return DocumentError(
            "unfilled-placeholder",
            f'{{{name}}} in {what} of connection parameter "{self.parameter.name}" has no value: "{around[:200]}"',
            remedy="give the client secret with --client-secret" if secret else f"add --set {settable(name)}",
            route=self.parameter.route,
        )

    @property
    def client_id(self) -> str:
        """The app's id: that of the person, else that of the files; empty when they only say that one is needed."""
        said = self.login.client_id.strip() or self.token("clientId")
        if said:
            return "" if BRACKETED.fullmatch(said) else said
        missing: list[str] = []
        found = expand(self.oauth.client_id, lambda name: self.asked(name) or None, as_is, missing)
        return "" if missing or no_client_id(found) else found.strip()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the files ask for, placeholders replaced."""
        return tuple(self.filled(scope, what="a scope") for scope in self.oauth.scopes if scope.strip())

    def _written(self, name: str, *, optional: bool) -> str | None:
        """A custom parameter by its plain name; a null one is empty unless it is known to be needed."""
        for key, value in self.oauth.custom_parameters.items():
            if name in (plain(key), ALIASES.get(plain(key))):
                if value is None:
                    return "" if optional else None
                return None if BRACKETED.fullmatch(value) else value
        return None

    def _applicable(self, name: str) -> bool | None:
        """Whether ``additionalParameters`` make a custom parameter needed; None when they do not speak of it."""
        for key, entry in self._additional():
            if plain(key) == name:
                wanted = entry.get("applicableWhen")
                conditions = [one for one in wanted if isinstance(one, dict)] if isinstance(wanted, list) else []
                return all(self._holds(one) for one in conditions)
        return None

    def _additional(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for key, value in self.oauth.raw.items():
            if key.lower() == "additionalparameters" and isinstance(value, dict):
                yield from ((name, entry) for name, entry in value.items() if isinstance(entry, dict))

    def _holds(self, condition: Mapping[str, Any]) -> bool:
        """Whether another connection parameter has one of the values that a condition lists; null stands for none."""
        name, allowed = plain(str(condition.get("parameter", ""))), condition.get("oneOf")
        values = self.connection.values.items()
        given = next((secret.reveal() for key, secret in values if plain(key.rpartition(":")[2]) == name), None)
        return given in allowed if isinstance(allowed, list) else True
