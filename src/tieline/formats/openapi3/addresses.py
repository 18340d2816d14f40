"""Addresses: URLs and e-mail addresses in the form that Swagger 2.0 and the platform take them.

What lives here looks at texts alone. Swagger 2.0 wants URIs (RFC 3986), OpenAPI 3 descriptions often have more: letters
of any language, places to fill in. The platform's rules: reference, limits-and-certification, section 9
(``UrlNotValid``, ``ContactEmailNotValid``).
"""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//[^/\s]\S*|[^/\s]\S*)")
_EMAIL = re.compile(r"[!-?A-~]+@[!-?A-~]+\.[!-?A-~]+")
_ODD = re.compile(r"""[\x00-\x20\x7f"<>\\^`{|}]""")
_HEAD = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)?(//[^/?#]*)?")
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~:/?#@!$&'()*+,;=%-]")


def absolute(base: str, url: str) -> str:
    """A URL relative to another; as it is where there is no other, or where one of them is no URL."""
    try:
        return urljoin(base, url) if base else url
    except ValueError:
        return url


def is_url(text: str) -> bool:
    """Whether a text is an absolute URL without characters that no URL has, such as those around what is to be filled
    in."""
    if _URL.fullmatch(text) is None or _ODD.search(text) is not None:
        return False
    try:
        return urlsplit(text).port is None or True
    except ValueError:
        return False


def is_email(text: str) -> bool:
    """Whether a text is an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def as_uri(url: str) -> str:
    """A URL with every character percent-encoded that a URI does not have."""
    head = _HEAD.match(url)
    start = head.end() if head is not None else 0
    rest, mark, fragment = url[start:].partition("#")
    host = _STRAY.sub(lambda match: match[0] if match[0] in "[]" else quote(match[0]), url[:start])
    return host + _encoded(rest) + mark + _encoded(fragment).replace("#", "%23")


def _encoded(text: str) -> str:
    """The part of a URL behind its host, percent-encoded."""
    return _STRAY.sub(lambda match: quote(match[0]), text)
