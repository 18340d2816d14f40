"""Calls and imports as people and programs read them. Every message shown here has its secrets hidden."""

from __future__ import annotations

import base64
import difflib
from typing import TYPE_CHECKING, Any

import orjson

from .. import __version__
from ..model import Exchange, Headers, Redactor, Reply, Request, Timings, TraceEntry
from ..pipeline import decoded_body
from .findings import located

if TYPE_CHECKING:
    from .call import CallResult
    from .importing import ImportResult


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
        shown["error"] = {
            "status": exchange.error.status,
            "code": exchange.error.code,
            "message": exchange.error.message,
            "details": [{"field": detail.field, "message": detail.message} for detail in exchange.error.details],
            "retryAfter": exchange.error.retry_after,
        }
    if exchange.failure:
        shown["failure"] = _failure_json(exchange)
    return shown


def _failure_json(exchange: Exchange) -> dict[str, Any]:
    failure = exchange.failure
    assert failure is not None
    return {"kind": failure.kind, "message": failure.message, "remedy": failure.remedy}


def headers_json(headers: Headers, redactor: Redactor) -> dict[str, str]:
    """Headers as an object; fields of one name are joined as HTTP allows, secrets hidden."""
    out: dict[str, str] = {}
    for name, value in headers:
        shown = redactor.header(name, value)
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
    return "".join(char if char.isprintable() or char in "\n\t" else repr(char)[1:-1] for char in text)


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
    fields = [f"{name}: {redactor.header(name, value)}" for name, value in message.headers]
    body = redactor.text(body_text(decoded_body(message))).splitlines() if message.body else []
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
        return [*before[:1], *after]
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
    lines = [f"{exchange.reply.status} {exchange.reply.reason}  {where}  ({_milliseconds(exchange.timings)})"]
    if exchange.error:
        code = f"{exchange.error.code}: " if exchange.error.code else ""
        lines.append(pretty(redactor.text(f"  {code}{exchange.error.message}")))
        lines.extend(
            pretty(redactor.text(f"  {detail.field}: {detail.message}" if detail.field else f"  {detail.message}"))
            for detail in exchange.error.details
        )
    return lines


def _milliseconds(timings: Timings) -> str:
    return f"{timings.total:.0f} ms"


def har(result: CallResult) -> bytes:
    """The traffic of a call as HAR 1.2, secrets hidden."""
    from ..formats import har as har_format

    return har_format.write([result.exchange], __version__)


def import_json(result: ImportResult) -> dict[str, Any]:
    """An import as JSON."""
    return {
        "version": 1,
        "name": result.connector.name,
        "folder": str(result.folder),
        "files": list(result.files),
        "operations": len(result.connector.definition.operations),
        "findings": [located(finding, result.documents) for finding in result.findings],
    }
