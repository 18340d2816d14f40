"""From a ``model.Request`` to what the HTTP client is given, or the reason why it cannot be sent.

What a request says is what goes on the wire, so nothing is repaired here: a URL or header that HTTP cannot carry is a
failure, never a changed request. The exceptions are host names that are not ASCII (IDNA), the two headers that belong
to the connection rather than to the request (``Content-Length`` and ``Transfer-Encoding``), and the case of a repeated
header's name, which is that of the first.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from yarl import URL

from ..model import Failure, Request
from ..model.exchange import FailureKind

NOT_IN_URL = re.compile(r"[^\x21-\x7e]")
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
NOT_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
FRAMING = ("content-length", "transfer-encoding")


class Prepared(NamedTuple):
    """One request as the client takes it; its method and body are the request's."""

    url: URL
    """Where it goes, host in ASCII."""
    headers: list[tuple[str, str]]
    """What is sent besides ``Host`` and the length."""
    chunked: bool | None
    """True when the body goes in chunks; None leaves it to the client."""


def prepare(request: Request, user_agent: str) -> Prepared | Failure:
    """What the client is given for ``request``; a Failure of kind ``url`` or ``protocol`` when it cannot be sent.

    A request without ``User-Agent`` gets ``user_agent``: some services (GitHub's) refuse requests that have none.
    """
    if not TOKEN.fullmatch(request.method) or request.method.upper() == "CONNECT":
        return _unsendable(
            "protocol", f'method "{request.method}" is not one of HTTP\'s for calls', "use GET, POST and so on"
        )
    url = parse_url(request.url)
    if isinstance(url, Failure):
        return url
    headers = _headers(request, user_agent)
    if isinstance(headers, Failure):
        return headers
    return Prepared(url, headers, _chunked(request) or None)


@lru_cache(maxsize=256)
def parse_url(text: str) -> URL | Failure:
    """The URL, to the byte as it is written but for its fragment; a Failure of kind ``url`` if it cannot be called."""
    if not text.isascii():
        text = _with_ascii_host(text)
    bad = NOT_IN_URL.search(text)
    if bad is not None:
        character = "a space" if bad[0] == " " else f"the character U+{ord(bad[0]):04X}"
        return _unsendable("url", f"the URL holds {character}", "percent-encode the value that holds it")
    try:
        url = URL(text, encoded=True)
        problem = _problem(url)
    except ValueError:
        problem = "has no valid host and port"
    if problem:
        return _unsendable("url", f"the URL {problem}", "a URL to call looks like https://host/path")
    return url if not text.partition("#")[0].endswith("?") else _with_lone_question_mark(url, text)


def _problem(url: URL) -> str:
    """What makes a well-formed URL one that cannot be called; empty for nothing. Raises ValueError for a wrong port."""
    if not url.scheme:
        return "has no scheme"
    if url.scheme not in ("http", "https"):
        return f'has the scheme "{url.scheme}", and only http and https can be called'
    if not url.raw_host:
        return "has no host"
    if not url.port:
        return "has port 0"
    if url.raw_user is not None or url.raw_password is not None:
        return "holds a user name or password, which belong into a sign-in"
    return ""


def _with_ascii_host(text: str) -> str:
    """A URL with its host IDNA-encoded; unchanged when that cannot be done."""
    try:
        host = urlsplit(text).netloc.rpartition("@")[2].partition(":")[0]
        return text.replace(host, URL.build(scheme="http", host=host).raw_host or host, 1) if host else text
    except ValueError:
        return text


def _with_lone_question_mark(url: URL, text: str) -> URL:
    """A URL whose query is there and empty: the client's own parser drops the question mark."""
    target = text.partition("#")[0].partition("://")[2]
    path = target[len(target.partition("?")[0].partition("/")[0]) :]
    return URL.build(
        scheme=url.scheme, authority=url.raw_authority, path=path if path.startswith("/") else "/" + path, encoded=True
    )


def _headers(request: Request, user_agent: str) -> list[tuple[str, str]] | Failure:
    out: list[tuple[str, str]] = []
    spelling: dict[str, str] = {}
    for name, value in request.headers:
        if TOKEN.fullmatch(name) is None:
            return _unsendable(
                "protocol", f'"{_shown(name)}" is no name of a header', "use letters, digits and hyphens"
            )
        if NOT_IN_VALUE.search(value) is not None:
            return _unsendable(
                "protocol", f'header "{name}" holds a control character', "remove line breaks from its value"
            )
        lower = name.lower()
        # The client takes a second spelling of a name for a replacement of the first header.
        name = spelling.setdefault(lower, name)
        if lower not in FRAMING or _right_length(lower, value, request):
            out.append((name, value))
        elif lower == "transfer-encoding" and value.strip().lower() != "chunked":
            return _unsendable(
                "protocol", f'"Transfer-Encoding: {_shown(value)}" cannot be sent', "leave the header out"
            )
    if "user-agent" not in spelling:
        out.append(("User-Agent", user_agent))
    return out


def _right_length(name: str, value: str, request: Request) -> bool:
    """Whether a header is the length that the body has."""
    return name == "content-length" and value.strip() == str(len(request.body)) and not _chunked(request)


def _chunked(request: Request) -> bool:
    return bool(request.body) and request.header("transfer-encoding") is not None


def _shown(name: str) -> str:
    return name.encode("ascii", "backslashreplace").decode()[:40]


def _unsendable(kind: FailureKind, message: str, remedy: str) -> Failure:
    return Failure(kind=kind, message=message, remedy=remedy, sent=False)
