"""Secrets: values that must not reach a log, a trace, a message, a recording, a package or a ``repr``."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

HIDDEN = "***"
"""What stands in the place of a secret wherever something is shown."""

SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
        "api-key",
        "apikey",
        "ocp-apim-subscription-key",
        "x-functions-key",
        "x-auth-token",
    }
)
"""Headers (lower case) whose value is hidden even when nobody declared it secret."""

SECRET_PARAMETERS = frozenset(
    {
        "access_token",
        "api-key",
        "api_key",
        "apikey",
        "client_assertion",
        "client_secret",
        "id_token",
        "password",
        "refresh_token",
        "sig",
    }
)
"""Query and form parameters (lower case) whose value is hidden even when nobody declared it secret; ``sig`` is the
signature in the URLs of Azure."""

ESCAPE = re.compile("%[0-9A-F]{2}")

KEPT = ("", "/", "/:", "/:@!$&'()*+,;=", "%/:?[]@!$&'()*+,;=")
"""What percent-encoding leaves as it is: nothing in queries, more in paths, most in a text that is a URL already."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret text. It shows as ``***``; only :meth:`reveal` gives it out."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """The secret itself, for the one place that puts it on the wire."""
        return self._value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN


def holds_secret(name: str) -> bool:
    """Whether a header, parameter or property of that name holds a secret even when nobody declared it so."""
    return name.lower() in SECRET_HEADERS or name.lower() in SECRET_PARAMETERS


class Redactor:
    """Hides known secrets in text, in every form in which a message may carry them.

    The forms: as it is, percent-encoded once and twice and as paths and URLs are, form-encoded, JSON-escaped,
    HTML-escaped, in base64, and in UTF-8 that was read as Latin-1, as headers are.
    Secrets shorter than 4 characters are not searched for in free text (they would hide half of every page); the places
    that hold them (headers, parameters) are hidden by name.
    """

    __slots__ = ("_forms", "_values")

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        """Takes the secrets to hide."""
        self._values = {secret.reveal() for secret in secrets} - {""}
        forms = {form for value in self._values if len(value) >= 4 for form in forms_of(value)}
        self._forms = tuple(sorted(forms, key=len, reverse=True))

    def text(self, text: str) -> str:
        """``text`` with every known secret replaced by ``***``."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text

    def data(self, data: bytes) -> bytes:
        """``data`` with every known secret replaced by ``***``, for what is no text."""
        for form in self._forms:
            data = data.replace(form.encode("utf-8", "surrogatepass"), HIDDEN.encode())
        return data

    def header(self, name: str, value: str) -> str:
        """A header's value as it may be shown: hidden whole when it is a secret, or when the header's name is one that
        holds secrets."""
        if value in self._values:
            return HIDDEN
        if name.lower() in SECRET_HEADERS:
            scheme, space, rest = value.partition(" ")
            return f"{scheme} {HIDDEN}" if space and rest and scheme.isalpha() else HIDDEN
        return self.text(value)


def forms_of(value: str) -> set[str]:
    """A secret as URLs, JSON, HTML and base64 write it, and as it is."""
    import html  # with json, 4 ms of import that only a shown call needs
    import json

    data = value.encode("utf-8", "surrogatepass")
    once = quote(data, safe="")
    encoded = {quote(once, safe=""), quote_plus(data), *(quote(data, safe=kept) for kept in KEPT)}
    lower = {ESCAPE.sub(lambda match: match[0].lower(), form) for form in encoded}
    escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    slashed = {form.replace("/", "\\/") for form in escaped}
    padded = {base64.b64encode(data).decode(), base64.urlsafe_b64encode(data).decode()}
    bare = {form.rstrip("=") for form in padded}
    marked = {html.escape(value), html.escape(value, quote=False)}
    return {value, data.decode("latin-1"), *marked, *encoded, *lower, *escaped, *slashed, *padded, *bare}
