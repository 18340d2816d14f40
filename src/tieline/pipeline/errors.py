"""A service's error in one shape, from whatever the service sent; the raw reply stays on the exchange.

Known shapes: ``{code, message, details}``, ``{error: {…}}`` (OData, Google, Stripe), ``{error, error_description}``
(OAuth), ``{errors: […]}`` or ``{errors: {field: […]}}`` (JSON:API, ASP.NET, Laravel), problem details (RFC 9457),
``{fault: {…}}`` (Apigee), lists of errors (Salesforce), XML, HTML, plain text, nothing. Names are compared without
case, ``-`` and ``_``. What lives here never raises, whatever the reply holds.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from ..model import ApiError, ErrorDetail, Reply
from .media import decoded_body
from .values import Unfit, to_text

WRAPPERS = ("error", "odataerror", "fault", "exception", "errorresponse", "result", "response")
"""Members that hold the whole error when they are an object."""

CODES = ("code", "errorcode", "faultcode", "__type", "errortype", "type", "reason", "status", "error", "title")
"""Members that hold the service's own code, the most telling first. One that only repeats the status does not count."""

MESSAGES = (
    "message",
    "errordescription",
    "errormessage",
    "errormsg",
    "errortext",
    "detail",
    "faultstring",
    "description",
    "msg",
    "title",
    "error",
    "reason",
    "text",
    "info",
    "errors",
)
"""Members that hold the words for a person, the best first."""

DETAILS = ("details", "errors", "modelstate", "violations", "invalidparams", "fields", "errormessages", "detail")
"""Members that list single complaints, as a list, or as an object of field -> complaint."""

SEVERAL = ("message", "messages", "error")
"""Members that list single complaints where they are lists (NestJS)."""

INNER = ("innererror", "innerexception", "cause")
"""Members that tell more of the same error."""

FIELDS = ("field", "target", "param", "parameter", "property", "propertyname", "pointer", "loc", "path", "name", "key")
"""Members of a complaint that say what it is about."""

MARKUP = ("message", "faultstring", "errormessage", "description", "title", "h1", "text", "reason")
"""Elements of XML and HTML whose text is the message, the best first."""

LOOKED_AT = 65_536
"""Characters of a body that is no JSON in which code and message are looked for."""

LONGEST = 500
"""Characters of a message that was no JSON."""

MARKUP_CODES = ("code", "errorcode", "faultcode")
"""Elements of XML whose text is the service's own code."""

_NOT_LETTERS = re.compile(r"[^a-z0-9]")
_SPACE = re.compile(r"\s+")
_ELEMENT = r"<(?:[\w.-]+:)?{name}(?:\s[^<>]*)?>([^<]{{1,2000}})<"


def api_error(reply: Reply, came: float = 0) -> ApiError:
    """The error that a reply of 400 and above tells of; ``came`` is as :func:`retry_after` takes it."""
    body = decoded_body(reply)
    code, message, details = _read(body, reply.status)
    return ApiError(
        status=reply.status,
        code=code,
        message=message or reply.reason or _phrase(reply.status),
        details=details,
        retry_after=retry_after(reply, came),
    )


def retry_after(reply: Reply, came: float = 0) -> float | None:
    """Seconds of ``Retry-After``: a number, or a date that the reply's own ``Date`` is taken off; None for neither.

    ``came`` stands in for a missing ``Date``: when the reply came, in seconds since the epoch; 0 for not known.
    """
    value = (reply.header("retry-after") or "").strip()
    if value.replace(".", "", 1).isdecimal() and value.isascii():
        return float(value)
    try:
        date = reply.header("date")
        now = datetime.fromtimestamp(came, UTC) if date is None and came else parsedate_to_datetime(date or "")
        until = parsedate_to_datetime(value)
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError, OverflowError, OSError):  # no date, or one with and one without a zone
        return None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"status {status}"


def _read(body: Any, status: int) -> tuple[str, str, tuple[ErrorDetail, ...]]:
    """Code, message and complaints of a body."""
    match body:
        case str():
            return _text_code(body, status), _text_message(body), ()
        case list():
            return _read_list(body, status)
        case Mapping():
            return _read_object(body, status)
    return "", "", ()


def _read_list(errors: list[Any], status: int) -> tuple[str, str, tuple[ErrorDetail, ...]]:
    """A list of errors: one speaks for itself, several are complaints under the first one's code."""
    details = tuple(_details(errors))
    first = errors[0] if errors else None
    code, message, inner = _read_object(first, status) if isinstance(first, Mapping) else ("", _scalar(first), ())
    return code, message, inner if len(errors) == 1 else details


def _read_object(body: Mapping[str, Any], status: int) -> tuple[str, str, tuple[ErrorDetail, ...]]:
    """An error object, or what wraps one."""
    members = _folded(body)
    layers = [members]
    for name in WRAPPERS:
        if isinstance(members.get(name), Mapping):
            layers.insert(0, _folded(members[name]))
            break
    code = next((text for layer in layers if (text := _code(layer, status))), "")
    message = next((text for layer in layers if (text := _first(layer, MESSAGES))), "")
    details = tuple(detail for layer in layers for detail in _listed(layer))
    if not message and len(details) == 1:
        only = _folded(details[0].raw) if isinstance(details[0].raw, Mapping) else {}
        return code or _code(only, status), details[0].message, details
    if not (code or message or details) and _by_field(body):
        return _read_object({"errors": body}, status)
    if not message and details:
        message = f"{len(details)} errors"
    return ("" if code == message else code), message, details


def _by_field(body: Mapping[str, Any]) -> bool:
    """Whether an object has nothing but lists of texts: the complaints about each field (Django REST framework)."""
    return bool(body) and all(
        isinstance(value, list) and value and all(isinstance(entry, str) for entry in value) for value in body.values()
    )


def _folded(body: Mapping[str, Any]) -> dict[str, Any]:
    """Members by their names without case and punctuation; the first of several."""
    folded: dict[str, Any] = {}
    for name, value in body.items():
        key = name if name == "__type" else _NOT_LETTERS.sub("", str(name).lower())
        folded.setdefault(key, value)
    return folded


def _code(members: Mapping[str, Any], status: int) -> str:
    """The service's own code, if it says more than the status."""
    for name in CODES:
        text = _scalar(members.get(name))
        if text and text != str(status) and len(text) <= 200 and not text.startswith("about:blank"):
            return text
    return ""


def _first(members: Mapping[str, Any], names: tuple[str, ...]) -> str:
    """The first of several members that is a text; ``{lang, value}`` (OData 2) counts as its value."""
    for name in names:
        value = members.get(name)
        if isinstance(value, Mapping):
            value = value.get("value")
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _scalar(value: Any) -> str:
    """A text, number or boolean as text; empty for anything else."""
    if isinstance(value, (str, bool, int, float)):
        try:
            return to_text(value)
        except Unfit:
            return ""
    return ""


def _listed(members: Mapping[str, Any]) -> Iterator[ErrorDetail]:
    """The complaints that an error object lists."""
    for name in DETAILS:
        yield from _details(members.get(name))
    for name in SEVERAL:
        entries = members.get(name)
        if isinstance(entries, list):
            yield from _details(entries)
    for name in INNER:
        inner = members.get(name)
        if isinstance(inner, Mapping) and (text := _first(_folded(inner), MESSAGES)):
            yield ErrorDetail(message=text, raw=inner)


def _details(entries: Any) -> Iterator[ErrorDetail]:
    """Complaints from a list of them, or from an object of field -> one or several."""
    if isinstance(entries, list):
        for entry in entries:
            yield _detail(entry)
    elif isinstance(entries, Mapping):
        for field, value in entries.items():
            for entry in value if isinstance(value, list) else [value]:
                inner = _detail(entry)
                yield ErrorDetail(field=str(field), message=inner.message, raw=entry)


def _detail(entry: Any) -> ErrorDetail:
    """One complaint."""
    if not isinstance(entry, Mapping):
        return ErrorDetail(message=_scalar(entry), raw=entry)
    members = _folded(entry)
    message = _first(members, MESSAGES) or next((text for name in CODES if (text := _scalar(members.get(name)))), "")
    return ErrorDetail(field=_about(members), message=message, raw=entry)


def _about(members: Mapping[str, Any]) -> str:
    """What a complaint is about."""
    source = members.get("source")
    if isinstance(source, Mapping):  # JSON:API
        members = {**members, **_folded(source)}
    for name in FIELDS:
        value = members.get(name)
        if isinstance(value, list) and value:
            return ".".join(_scalar(part) for part in value)
        if text := _scalar(value):
            return text
    return ""


def _text_code(text: str, status: int) -> str:
    """The service's own code in XML, if it says more than the status; empty for HTML and plain text."""
    head = text[:LOOKED_AT].lstrip()
    if not head.startswith("<") or re.search(r"<(?:!doctype\s+)?html\b", head[:1_000], re.IGNORECASE):
        return ""
    code = _element(head, MARKUP_CODES)
    return "" if code == str(status) else code


def _text_message(text: str) -> str:
    """The message of a body that is no JSON: an element's text in markup, else the beginning of the text."""
    head = text[:LOOKED_AT].replace("<![CDATA[", "").replace("]]>", "")
    if head.lstrip().startswith("<"):
        if message := _element(head, MARKUP):
            return message
        head = re.sub(r"<[^<>]*>", " ", head)
    return _short(head)


def _element(markup: str, names: tuple[str, ...]) -> str:
    """The text of the first element with one of several names, the best first; empty for none."""
    for name in names:
        found = re.search(_ELEMENT.format(name=name), markup, re.IGNORECASE)
        if found and found[1].strip():
            return _short(html.unescape(found[1]))
    return ""


def _short(text: str) -> str:
    flat = _SPACE.sub(" ", text).strip()
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "…"
