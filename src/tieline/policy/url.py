"""URLs as texts: what may stand in them, how they are encoded, and whether one is below another.

What lives here knows no message and no policy.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote

RESERVED = "%/:?[]@!$&'()*+,;="
"""Characters that stay as an author wrote them; all others but letters, digits and ``-._~`` are encoded. A ``#`` is
encoded, since what follows it would never be sent."""

PATH_SAFE = "/:@!$&'()*+,;="
"""Characters of a value in a path that stay: what a path segment may hold, and the slash."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.~-]+)(:\d{1,5})?")
_PARTS = re.compile(r"https?://([^/?#]+)([^#]*)", re.IGNORECASE)
_DEFAULT_PORT = re.compile(r":(80|443)$")


def literal(text: str) -> str:
    """Text of an author as it stands in a URL: only what a URL cannot hold is encoded."""
    return quote(text, safe=RESERVED, errors="replace")


def in_path(value: str) -> str:
    """A value in a path."""
    return quote(value, safe=PATH_SAFE, errors="replace")


def in_query(value: str) -> str:
    """A value in a query."""
    return quote(value, safe="", errors="replace")


def from_path(value: str) -> str:
    """A value in a query that is encoded as a path has it: ``&``, ``=`` and ``+`` mean something else there."""
    return quote(value, safe="%", errors="replace")


def has_scheme(text: str) -> bool:
    """Whether a text starts with a scheme and two slashes."""
    return _SCHEME.match(text) is not None


def scheme_of(url: str) -> str:
    """The scheme of an absolute URL."""
    return url.partition("://")[0]


def flaw(url: str) -> str:
    """Why a text with scheme cannot be a base URL, in words that do not repeat it; empty when it can."""
    scheme, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    if scheme.lower() not in ("http", "https"):
        return "its scheme is neither http nor https"
    if not authority:
        return "it has no host"
    if has_scheme(rest):
        return "it has two schemes; a value in it has one already"
    if any(mark in authority + path for mark in "?#"):
        return "it has a query or a fragment"
    if "@" in authority:
        return 'there is an "@" in its host'
    if not _HOST.fullmatch(authority):
        return "its host is no host name"
    return ""


@lru_cache(maxsize=256)
def checked(url: str) -> tuple[str, str]:
    """The flaw of a text with scheme, and the text as it stands in a URL; the same few base URLs come again and
    again. A host that is not ASCII stays: encoding it is up to who sends."""
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    return flaw(url), f"{scheme}://{authority}{slash}{literal(path)}"


def below(url: str, base: str) -> str | None:
    """What follows the base URL ``base`` in ``url``; None when ``url`` is no absolute URL below it.

    The scheme and a default port do not count: services behind a proxy do not always know theirs (inferred).
    """
    found, wanted = _PARTS.match(url), _PARTS.match(base.rstrip("/"))
    if found is None or wanted is None or _host(found.group(1)) != _host(wanted.group(1)):
        return None
    prefix = wanted.group(2)
    rest = url[found.start(2) :]
    if not rest.startswith(prefix) or rest[len(prefix) : len(prefix) + 1] not in ("", "/", "?", "#"):
        return None
    return rest[len(prefix) :]


def _host(authority: str) -> str:
    return _DEFAULT_PORT.sub("", authority.lower())
