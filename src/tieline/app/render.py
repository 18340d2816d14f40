"""Calls and imports as people and programs read them. Every message shown here has its secrets hidden."""

from __future__ import annotations

import base64
import difflib
import re
from typing import TYPE_CHECKING, Any

import orjson

from .. import __version__
from ..formats.meter import MOST_CHARACTERS, MOST_OPERATIONS, MOST_SCHEMAS, Meter, amount
from ..model import ApiError, Exchange, Failure, Headers, Redactor, Reply, Request, Timings, TraceEntry
from ..pipeline import decoded_body, decoded_text
from .findings import located

if TYPE_CHECKING:
    from .call import CallResult
    from .import_result import ImportResult


_DRIVING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but for tab and line end, those that turn the direction of writing, and halves of surrogates."""

MOST_NAMES = 8
"""Names of operations that a line shows."""


def result_json(result: CallResult) -> dict[str, Any]:
    """A call in the published shape (design/architecture, section 8)."""
    exchange = result.exchange
    redactor = Redactor(exchange.secrets)
    documents = result.connector.documents
    shown: dict[str, Any] = {
        "version": 1,
        "operation": exchange.operation,
        "outcome": result.outcome.value,
        "status": result.status,
        "headers": headers_json(result.headers, redactor),
        "body": shown_body(result.body, exchange.reply),
        "findings": [located(finding, documents) for finding in exchange.findings],
        "trace": [_entry_json(entry, result, redactor) for entry in exchange.trace],
    }
    if exchange.error:
        shown["error"] = _error_json(exchange.error, redactor)
    if exchange.failure:
        shown["failure"] = _failure_json(exchange.failure, redactor)
    return shown


def _error_json(error: ApiError, redactor: Redactor) -> dict[str, Any]:
    """The service's error in one shape, secrets hidden: a service may send back what it was sent."""
    return {
        "status": error.status,
        "code": redactor.text(error.code),
        "message": redactor.text(error.message),
        "details": [
            {"field": redactor.text(detail.field), "message": redactor.text(detail.message)} for detail in error.details
        ],
        "retryAfter": error.retry_after,
    }


def _failure_json(failure: Failure, redactor: Redactor) -> dict[str, Any]:
    return {"kind": failure.kind, "message": redactor.text(failure.message), "remedy": failure.remedy}


def headers_json(headers: Headers, redactor: Redactor) -> dict[str, str]:
    """Headers as an object; fields of one name are joined as HTTP allows, secrets hidden."""
    out: dict[str, str] = {}
    for key, value in headers:
        name, shown = redactor.text(key), redactor.header(key, value)
        out[name] = f"{out[name]}, {shown}" if name in out else shown
    return out


def body_json(message: Request | Reply) -> Any:
    """A body for JSON output: a JSON value, else text, else base64 in the platform's own wrapper."""
    return shown_body(decoded_body(message), message)


def shown_body(body: Any, message: Request | Reply | None) -> Any:
    """A decoded body for JSON output."""
    if isinstance(body, bytes):
        kind = (message.header("content-type") if message else None) or "application/octet-stream"
        return {"$content-type": kind, "$content": base64.b64encode(body).decode()}
    return written_body(body, message)


def written_body(body: Any, message: Request | Reply | None) -> Any:
    """A decoded body; its text for JSON that is nested deeper than anybody writes JSON."""
    try:
        orjson.dumps(body)
    except TypeError:
        return body if message is None or isinstance(body, bytes) else decoded_text(message)
    return body


def body_text(body: Any) -> str:
    """A decoded body for a terminal."""
    if isinstance(body, bytes):
        return f"({len(body)} bytes)"
    if isinstance(body, str):
        return body
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def pretty(text: str) -> str:
    """Text for a terminal: control characters that could drive it are shown as escapes."""
    return _DRIVING.sub(lambda found: repr(found[0])[1:-1], text)


def _entry_json(entry: TraceEntry, result: CallResult, redactor: Redactor) -> dict[str, Any]:
    shown: dict[str, Any] = {"step": entry.step, "title": redactor.text(entry.title)}
    if entry.route is not None:
        document = result.connector.documents.get(entry.route.document)
        position = document.position(entry.route) if document else None
        shown["file"] = entry.route.document
        shown["line"] = position.line if position else None
    for side in ("before", "after"):
        message = getattr(entry, side)
        if message is not None:
            shown[side] = message_json(message, redactor)
    if entry.failure:
        shown["failure"] = {"kind": entry.failure.kind, "message": redactor.text(entry.failure.message)}
    if entry.timings:
        shown["milliseconds"] = round(entry.timings.total, 3)
    return shown


def message_json(message: Request | Reply, redactor: Redactor) -> dict[str, Any]:
    """A request or reply of a trace, secrets hidden wherever they stand."""
    if isinstance(message, Request):
        head: dict[str, Any] = {"method": message.method, "url": redactor.text(message.url)}
    else:
        head = {"status": message.status}
    head["headers"] = headers_json(message.headers, redactor)
    head["body"] = orjson.loads(redactor.text(orjson.dumps(body_json(message)).decode()))
    return head


def message_lines(message: Request | Reply, redactor: Redactor) -> list[str]:
    """A message as HTTP text, secrets hidden, for diffs and terminals."""
    first = f"{message.method} {redactor.text(message.url)}" if isinstance(message, Request) else str(message.status)
    fields = [f"{redactor.text(name)}: {redactor.header(name, value)}" for name, value in message.headers]
    body = redactor.text(body_text(written_body(decoded_body(message), message))).splitlines() if message.body else []
    return [first, *fields, *body]


def trace_lines(result: CallResult) -> list[str]:
    """Every step of a call, each with what it changed as a diff."""
    redactor = Redactor(result.exchange.secrets)
    lines: list[str] = []
    for number, entry in enumerate(result.exchange.trace, 1):
        lines.append(pretty(f"{number}. {entry.step}: {redactor.text(entry.title)}{_cause(entry, result)}"))
        lines.extend("   " + pretty(line) for line in _change(entry, redactor))
    return lines


def _cause(entry: TraceEntry, result: CallResult) -> str:
    if entry.route is None:
        return ""
    document = result.connector.documents.get(entry.route.document)
    position = document.position(entry.route) if document else None
    return f"  ({entry.route.document}:{position.line})" if position else f"  ({entry.route})"


def _change(entry: TraceEntry, redactor: Redactor) -> list[str]:
    if entry.failure:
        return [redactor.text(entry.failure.message)]
    if entry.before is entry.after:
        return []
    before = message_lines(entry.before, redactor) if entry.before else []
    after = message_lines(entry.after, redactor) if entry.after else []
    if type(entry.before) is not type(entry.after):
        return [*(before if entry.step == "refresh" else before[:1]), *after]
    changed = difflib.unified_diff(before, after, lineterm="", n=0)
    return [line for line in changed if not line.startswith(("---", "+++", "@@"))]


def summary_lines(exchange: Exchange) -> list[str]:
    """How a call ended: one line, and the service's own words for an error."""
    redactor = Redactor(exchange.secrets)
    if exchange.failure:
        remedy = [f"  {exchange.failure.remedy}"] if exchange.failure.remedy else []
        return [f"error: {redactor.text(exchange.failure.message)}", *remedy]
    if exchange.reply is None or exchange.request is None:
        return []
    where = f"{exchange.request.method} {redactor.text(exchange.request.url)}"
    reason = pretty(redactor.text(exchange.reply.reason))
    lines = [f"{exchange.reply.status} {reason}  {where}  ({_milliseconds(exchange.timings)})"]
    if exchange.error:
        code = f"{exchange.error.code}: " if exchange.error.code else ""
        lines.append(pretty(redactor.text(f"  {code}{exchange.error.message}")))
        lines.extend(
            pretty(redactor.text(f"  {detail.field}: {detail.message}" if detail.field else f"  {detail.message}"))
            for detail in exchange.error.details
            if detail.field or detail.message
        )
    return lines


def _milliseconds(timings: Timings) -> str:
    return f"{timings.total:.0f} ms"


def har(result: CallResult) -> bytes:
    """The traffic of a call as HAR 1.2, secrets hidden."""
    from ..formats import har as har_format

    return har_format.write([result.exchange], __version__)


def import_json(result: ImportResult) -> dict[str, Any]:
    """An import as JSON; with the patch when it is only planned."""
    shown: dict[str, Any] = {
        "version": 1,
        "name": result.connector.name,
        "folder": str(result.folder),
        "files": list(result.files),
        "written": result.written,
        "operations": len(result.connector.definition.operations),
        "meter": _meter_json(result.meter),
        "findings": [located(finding, result.documents) for finding in result.findings],
    }
    if result.merge is not None:
        shown["merge"] = {
            "added": list(result.merge.added),
            "removed": list(result.merge.removed),
            "updated": list(result.merge.updated),
            "conflicts": len(result.merge.definition.conflicts) + len(result.merge.properties.conflicts),
        }
    if not result.written:
        shown["patch"] = result.patch().decode("utf-8", "backslashreplace")
    return shown


def _meter_json(meter: Meter) -> dict[str, Any]:
    largest = meter.largest
    return {
        "operations": {"count": meter.operations, "limit": MOST_OPERATIONS},
        "schemas": {
            "count": largest.count if largest else 0,
            "limit": MOST_SCHEMAS,
            "operation": largest.operation if largest else None,
            "place": largest.place if largest else None,
            "over": [{"operation": use.operation, "place": use.place, "count": use.count} for use in meter.over],
        },
        "characters": {"count": meter.characters, "limit": MOST_CHARACTERS},
    }


def import_lines(result: ImportResult) -> list[str]:
    """An import for a terminal: what came, what changed in the connector that was there, and what it uses of the
    platform's limits."""
    lines = [result.summary()]
    if result.merge is not None:
        merge = result.merge
        parts = (("added", merge.added), ("removed", merge.removed), ("updated", merge.updated))
        lines += [f"  {len(names)} {what}: {_listed(names)}" for what, names in parts if names]
        if not result.changes:
            lines.append("  nothing changed")
    return [pretty(line) for line in (*lines, meter_line(result.meter))]


def _listed(names: tuple[str, ...]) -> str:
    """Names on one line, the first of many."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def meter_line(meter: Meter) -> str:
    """What a connector uses of the platform's limits, on one line."""
    schemas = "no schemas"
    if meter.largest is not None:
        schemas = f"at most {amount(meter.largest.count)} of {MOST_SCHEMAS} schemas ({meter.largest.said()})"
    return (
        f"limits: {meter.operations:,} of {MOST_OPERATIONS} operations, {schemas}, "
        f"{meter.characters:,} of {MOST_CHARACTERS:,} characters"
    )
