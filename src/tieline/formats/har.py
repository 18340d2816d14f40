"""HAR 1.2 (HTTP Archive): the traffic of calls as browsers and proxies write it, with every secret hidden.

One entry for each request that was sent, over all tries and pages. From the model only; nothing is read back.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, unquote_plus, unquote_to_bytes

import orjson

from ..model import HIDDEN, Exchange, Failure, Headers, Redactor, Reply, Request, Secret, Timings, first_header
from ..model.exchange import Step
from ..model.media_type import bare
from ..model.secret import SECRET_PARAMETERS

SIGN_IN = ("credential", "refresh")
"""Steps whose bodies are not written: what is exchanged there are secrets that nobody has declared yet."""

CHARSET = re.compile(r"utf-?(8|16|32)|(us-)?ascii|iso-|latin|windows-|cp\d|gb|big5|shift|euc|koi8|mac")
"""Charsets that texts on the web are in; Python knows others, which are no charsets but transformations."""

FORM = "application/x-www-form-urlencoded"

Json = dict[str, Any]


def write(exchanges: Iterable[Exchange], version: str) -> bytes:
    """The traffic of some calls as one HAR document; ``version`` is Tieline's.

    A send that got no reply is an entry with status 0 and ``_error``. Fields that HAR does not have begin with ``_``.
    """
    entries = [entry for exchange in exchanges for entry in _entries(exchange)]
    creator = {"name": "Tieline", "version": version}
    return orjson.dumps(
        {"log": {"version": "1.2", "creator": creator, "entries": entries}},
        option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE,
    )


def _entries(exchange: Exchange) -> Iterator[Json]:
    veil = _Veil(exchange.secrets)
    for step, request, reply, failure, timings in _sends(exchange):
        secret = step in SIGN_IN
        yield {
            "startedDateTime": datetime.fromtimestamp(timings.started, UTC).isoformat(timespec="milliseconds"),
            "time": round(timings.total, 3),
            "request": _request(request, veil, secret),
            "response": _no_response(failure, veil) if reply is None else _response(reply, veil, secret),
            "cache": {},
            "timings": _timings(timings),
            "_tieline": {"operation": veil.text(exchange.operation), "step": step},
        }


def _sends(exchange: Exchange) -> Iterator[tuple[Step, Request, Reply | None, Failure | None, Timings]]:
    """What was sent, from the trace; without one, the last request."""
    traced = False
    for entry in exchange.trace:
        if entry.timings is not None and isinstance(entry.before, Request):
            traced = True
            reply = entry.after if isinstance(entry.after, Reply) else None
            yield entry.step, entry.before, reply, entry.failure, entry.timings
    if not traced and exchange.request is not None:
        yield "send", exchange.request, exchange.reply, exchange.failure, exchange.timings


def _request(request: Request, veil: _Veil, secret: bool) -> Json:
    url = veil.url(request.url)
    written: Json = {
        "method": veil.text(request.method),
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [{"name": veil.text(name), "value": HIDDEN} for name in _cookie_names(request.headers)],
        "headers": veil.headers(request.headers),
        "queryString": veil.pairs(url.partition("?")[2]),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        written["postData"] = _post_data(request, veil, secret)
    return written


def _post_data(request: Request, veil: _Veil, secret: bool) -> Json:
    content_type = request.header("content-type") or ""
    written: Json = {"mimeType": veil.text(content_type)}
    if secret:
        return written | {"text": HIDDEN}
    body = veil.body(request.body, content_type)
    if "encoding" in body:
        # HAR 1.2 has no encoding here, though it has one for replies.
        return written | {"text": body["text"], "_encoding": body["encoding"]}
    params = {"params": veil.pairs(body["text"])} if _media_type(content_type) == FORM else {}
    return written | body | params


def _response(reply: Reply, veil: _Veil, secret: bool) -> Json:
    media_type = reply.header("content-type") or ""
    content: Json = {"size": len(reply.body), "mimeType": veil.text(media_type)}
    if reply.body:
        content |= {"text": HIDDEN} if secret else veil.body(reply.body, media_type)
    return {
        "status": reply.status,
        "statusText": veil.text(reply.reason),
        "httpVersion": "HTTP/1.1",
        "cookies": [_set_cookie(value, veil) for name, value in reply.headers if name.lower() == "set-cookie"],
        "headers": veil.headers(reply.headers),
        "content": content,
        "redirectURL": veil.url(reply.header("location") or ""),
        "headersSize": -1,
        "bodySize": _wire_size(reply),
    }


def _no_response(failure: Failure | None, veil: _Veil) -> Json:
    """What browsers write when there was none."""
    return {
        "status": 0,
        "statusText": "",
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        "_error": veil.text(f"{failure.kind}: {failure.message}") if failure else "no reply",
    }


def _timings(timings: Timings) -> Json:
    phases = ("blocked", "dns", "connect", "send", "wait", "receive")
    return {phase: round(getattr(timings, phase), 3) for phase in phases} | {"ssl": -1}


def _wire_size(reply: Reply) -> int:
    """Bytes of the body as it came; -1 where decoding has hidden that."""
    if first_header(reply.headers, "content-encoding") is None:
        return len(reply.body)
    length = reply.header("content-length") or ""
    return int(length) if length.isascii() and length.isdecimal() and len(length) < 16 else -1


def _cookie_names(headers: Headers) -> Iterator[str]:
    for name, value in headers:
        if name.lower() == "cookie":
            yield from (pair.partition("=")[0].strip() for pair in value.split(";") if pair.strip())


def _set_cookie(header: str, veil: _Veil) -> Json:
    """A cookie that was set, without its value."""
    first, *rest = header.split(";")
    cookie: Json = {"name": veil.text(first.partition("=")[0].strip()), "value": HIDDEN}
    for attribute in rest:
        name, _, value = (part.strip() for part in attribute.partition("="))
        if name.lower() in ("path", "domain"):
            cookie[name.lower()] = veil.text(value)
        elif name.lower() in ("httponly", "secure"):
            cookie["httpOnly" if name.lower() == "httponly" else "secure"] = True
    return cookie


def _media_type(content_type: str) -> str:
    return bare(content_type)


def _charset(content_type: str) -> str:
    """The declared charset; UTF-8 for none and for what is no charset of the web."""
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'").lower()
            return charset if CHARSET.match(charset) else "utf-8"
    return "utf-8"


def _sound(text: str) -> str:
    """Text that JSON can hold: without halves of surrogate pairs."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


class _Veil:
    """Hides the secrets of one exchange wherever HAR shows something."""

    def __init__(self, secrets: tuple[Secret, ...]) -> None:
        self._redactor = Redactor(secrets)
        self._values = frozenset(secret.reveal() for secret in secrets) - {""}

    def text(self, text: str) -> str:
        """Free text. Where a secret is percent-encoded in a way that nobody foresees, all of the text is decoded."""
        shown = self._redactor.text(text)
        if "%" in shown:
            plain = unquote(shown)
            clean = self._redactor.text(plain)
            shown = shown if clean == plain else clean
        return _sound(shown)

    def _data(self, data: bytes) -> bytes:
        """The same for what is no text."""
        shown = self._redactor.data(data)
        if b"%" in shown:
            plain = unquote_to_bytes(shown)
            clean = self._redactor.data(plain)
            shown = shown if clean == plain else clean
        return shown

    def value(self, value: str) -> str:
        """A value that stands by itself: hidden whole when it is a secret, however short."""
        return HIDDEN if value in self._values else self.text(value)

    def headers(self, headers: Headers) -> list[Json]:
        """Header fields in order."""
        return [{"name": self.text(name), "value": self._header(name, value)} for name, value in headers]

    def _header(self, name: str, value: str) -> str:
        if value in self._values:
            return HIDDEN
        shown = self._redactor.header(name, value)
        return self.url(shown) if "://" in shown else self.text(shown)

    def url(self, url: str) -> str:
        """A URL: its text, and each value of path and query by itself, in whatever way it is encoded."""
        head, mark, query = url.partition("?")
        path = "/".join(self._encoded(segment) for segment in head.split("/"))
        return self.text(f"{path}{mark}{self.form(query)}")

    def form(self, text: str) -> str:
        """A query or form, each value by itself."""
        return "&".join(self._pair(pair) for pair in text.split("&"))

    def pairs(self, text: str) -> list[Json]:
        """The decoded pairs of a query or form that has been through this veil, in order; without a fragment."""
        pairs = (pair.partition("=") for pair in text.partition("#")[0].split("&") if pair)
        return [
            {"name": self.value(unquote_plus(name)), "value": self.value(unquote_plus(value))}
            for name, _, value in pairs
        ]

    def body(self, body: bytes, content_type: str) -> Json:
        """``text``, and ``encoding`` for a body that is no text."""
        try:
            text = body.decode(_charset(content_type))
        except (LookupError, ValueError):
            return {"text": base64.b64encode(self._data(body)).decode(), "encoding": "base64"}
        if _media_type(content_type) == FORM:
            text = self.form(text)
        return {"text": self.value(text)}

    def _pair(self, pair: str) -> str:
        name, sign, value = pair.partition("=")
        named = unquote_plus(name).lower() in SECRET_PARAMETERS
        return f"{name}={HIDDEN}" if value and named else f"{self._encoded(name)}{sign}{self._encoded(value)}"

    def _encoded(self, part: str) -> str:
        """One percent-encoded value: hidden whole when a secret is in it."""
        plain = {unquote(part), unquote_plus(part)}
        return HIDDEN if any(text in self._values or self._redactor.text(text) != text for text in plain) else part
