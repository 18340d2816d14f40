"""What is different between the request that is prescribed and the one that was sent.

Two spellings that every server takes for the same are the same: percent-encoding of what need not be encoded, the order
of query parameters of different names, a boundary.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from prescribed.bodies import Content, Part, essence, fits, is_json
from prescribed.operations import Prescription
from prescribed.parameters import Field

from tieline.model import Request

What = Literal[
    "operation",
    "arguments",
    "method",
    "server",
    "path",
    "query",
    "header",
    "cookie",
    "content-type",
    "body",
    "certificate",
]
"""Part of a request. ``operation``: there is none to call. ``arguments``: they were refused, nothing was sent."""

OWN_HEADERS = frozenset({"accept", "content-type", "cookie", "user-agent"})
"""Headers that a client sets by itself, or that are compared in another way."""

PORTS = {"http": ":80", "https": ":443"}

_UNRESERVED = re.compile(r"%(4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|3[0-9]|2D|2E|5F|7E)", re.IGNORECASE)


class Difference(NamedTuple):
    """One difference."""

    what: What
    text: str
    """Prescribed and sent."""


def differences(prescribed: Prescription, sent: Request, carriers: frozenset[str] = frozenset()) -> list[Difference]:
    """All differences. ``carriers`` are headers (lower case) that may be there beside the prescribed ones, since a
    value could only be given in them."""
    return list(_differences(prescribed, sent, carriers))


def _differences(prescribed: Prescription, sent: Request, carriers: frozenset[str]) -> Iterator[Difference]:
    wanted, got = urlsplit(prescribed.url), urlsplit(sent.url)
    yield from _unlike("method", prescribed.method, sent.method)
    yield from _unlike("server", _origin(wanted), _origin(got))
    yield from _unlike("path", segments(wanted.path), segments(got.path), wanted.path, got.path)
    yield from _query(prescribed, got.query)
    yield from _headers(prescribed, sent, carriers)
    if all(name.lower() != "cookie" for name, _ in prescribed.headers):
        yield from _cookies(prescribed.cookies, sent)
    yield from _content(prescribed.content, sent)
    if prescribed.certificate:
        yield Difference("certificate", "a client certificate is prescribed; none is presented")


def _unlike(what: What, wanted: Any, got: Any, shown: str = "", shown_got: str = "") -> Iterator[Difference]:
    if wanted != got:
        yield Difference(what, f"prescribed {shown or repr(wanted)}, sent {shown_got or repr(got)}")


def _origin(parts: SplitResult) -> str:
    """Scheme and host, without a port that need not be named."""
    scheme = parts.scheme.lower()
    return f"{scheme}://{parts.netloc.lower().removesuffix(PORTS.get(scheme, ' '))}"


def segments(path: str) -> list[list[str]]:
    """A path as its segments, decoded; ``;`` and ``=`` that are not encoded stand alone, since they mean something."""
    return [
        [piece if piece in ";=" and number % 2 else unquote(piece) for number, piece in enumerate(_cut(segment))]
        for segment in (path or "/").split("/")
    ]


def _cut(segment: str) -> list[str]:
    return re.split("([;=])", segment)


def _grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[Any]]:
    """Values by name, in their order."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for name, value in pairs:
        found[name].append(value)
    return dict(found)


def _query(prescribed: Prescription, query: str) -> Iterator[Difference]:
    fields = prescribed.query
    exact = {unquote(field.name) for field in fields if field.exact}
    wanted = _grouped((unquote(field.name), _text(field.text, exact=field.exact)) for field in fields)
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    got = _grouped((unquote(name), _text(text, exact=unquote(name) in exact)) for name, _, text in pairs)
    for name in {**wanted, **got}:
        if name not in wanted and ("query", name.lower()) in prescribed.allowed:
            continue
        if wanted.get(name) != got.get(name):
            yield Difference("query", f'"{name}": prescribed {wanted.get(name)}, sent {got.get(name)}')


def _text(text: str, *, exact: bool) -> str:
    """A text of a query as it is compared."""
    return _UNRESERVED.sub(lambda match: unquote(match[0]), text).upper() if exact else unquote(text)


def _headers(prescribed: Prescription, sent: Request, carriers: frozenset[str]) -> Iterator[Difference]:
    wanted = _grouped((name.lower(), value) for name, value in prescribed.headers)
    own = OWN_HEADERS - wanted.keys()
    got = _grouped((name.lower(), value) for name, value in sent.headers if name.lower() not in own)
    free = carriers | {name for where, name in prescribed.allowed if where == "header"}
    for name in {**wanted, **got}:
        if wanted.get(name) != got.get(name) and not (name in free and name not in wanted):
            yield Difference("header", f'"{name}": prescribed {wanted.get(name)}, sent {got.get(name)}')


def _cookies(prescribed: tuple[Field, ...], sent: Request) -> Iterator[Difference]:
    header = "; ".join(value for name, value in sent.headers if name.lower() == "cookie")
    pairs = [pair.strip().partition("=") for pair in header.split(";") if pair.strip()]
    wanted = _grouped((field.name, unquote(field.text)) for field in prescribed)
    got = _grouped((name, unquote(text)) for name, _, text in pairs)
    for name in {**wanted, **got}:
        if wanted.get(name) != got.get(name):
            yield Difference("cookie", f'"{name}": prescribed {wanted.get(name)}, sent {got.get(name)}')


def _content(content: Content | None, sent: Request) -> Iterator[Difference]:
    if content is None:
        if sent.body:
            yield Difference("body", f"none is prescribed, sent {sent.body[:80]!r}")
        return
    if content.kind in ("form", "multipart") and not (content.pairs or content.parts or sent.body):
        return
    media_type = sent.header("content-type") or ""
    yield from _unlike("content-type", _media(content.media_type), _media(media_type), content.media_type, media_type)
    match content.kind:
        case "json":
            yield from _json(content.given, sent.body)
        case "form":
            pairs = parse_qsl(sent.body.decode("utf-8", "replace"), keep_blank_values=True)
            yield from _unlike("body", _grouped(content.pairs), _grouped(pairs))
        case "multipart":
            yield from _multipart(content.parts, sent.body, media_type)
        case "raw":
            given = content.given
            yield from _unlike("body", given.encode() if isinstance(given, str) else given, sent.body)


def _media(media_type: str) -> tuple[str, frozenset[str]]:
    """A media type with its parameters but for the boundary."""
    parameters = [one.strip().lower().replace('"', "") for one in media_type.split(";")[1:]]
    return essence(media_type), frozenset(one for one in parameters if one and not one.startswith("boundary="))


def _json(wanted: Any, data: bytes) -> Iterator[Difference]:
    try:
        got = json.loads(data)
    except ValueError:
        got = data
    if not same(wanted, got):
        yield Difference("body", f"prescribed {_short(wanted)}, sent {_short(got)}")


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; ``1`` is not ``true``."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 200 else f"{text[:200]}…"


def _multipart(wanted: tuple[Part, ...], data: bytes, media_type: str) -> Iterator[Difference]:
    boundary = next((one.strip()[9:].strip('"') for one in media_type.split(";") if "boundary=" in one), "")
    if not boundary:
        yield Difference("body", "no boundary")
        return
    got = _grouped((part["name"], part) for part in read_parts(data, boundary))
    expected = _grouped((part.name, part) for part in wanted)
    for name in {**expected, **got}:
        here, there = expected.get(name, []), got.get(name, [])
        if len(here) != len(there):
            yield Difference("body", f'part "{name}": prescribed {len(here)}, sent {len(there)}')
        else:
            for part, found in zip(here, there, strict=True):
                yield from _part(part, found)


def _part(wanted: Part, got: dict[str, Any]) -> Iterator[Difference]:
    where = f'part "{wanted.name}"'
    if not any(fits(got["type"], media_type) for media_type in wanted.media_types):
        yield Difference("body", f"{where}: prescribed type {wanted.media_types}, sent {got['type']}")
    if wanted.file not in (None, got["file"]):
        yield Difference("body", f"{where}: prescribed {'a' if wanted.file else 'no'} file name")
    headers = dict(got["headers"])
    for name, value in wanted.headers:
        if headers.get(name.lower()) != value:
            yield Difference("body", f'{where}: prescribed header "{name}: {value}", sent {headers.get(name.lower())}')
    content = wanted.content
    if is_json(wanted.media_types[0]):
        yield from _json(content, got["content"])
    elif got["content"] != (content if isinstance(content, bytes) else content.encode()):
        yield Difference("body", f"{where}: prescribed {content!r}, sent {got['content']!r}")


def read_parts(data: bytes, boundary: str) -> Iterator[dict[str, Any]]:
    """The parts of a multipart body (RFC 2046, RFC 7578)."""
    for piece in (b"\r\n" + data).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode("utf-8").split("\r\n")]
        headers = [(name.lower(), value) for name, _, value in lines]
        disposition = dict(headers).get("content-disposition", "")
        name = re.search(r'[; ]name="([^"]*)"', disposition)
        yield {
            "name": unquote(name[1]) if name else "",
            "file": "filename=" in disposition,
            "type": essence(dict(headers).get("content-type", "text/plain")),
            "headers": headers,
            "content": content,
        }
