"""Triggers, events and dead letters as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from ..model import Connector, OperationKind

Shown = Mapping[str, Any]


def subscription_lines(found: Iterable[Shown]) -> Iterable[str]:
    """One line for each subscription: name, state, how many events it gave, connector and operation, receivers."""
    rows = [
        (one["name"], one["status"], _events(one), f"{one['connector']} {one['operation']}", _receivers(one))
        for one in found
    ]
    return _table(rows)


def subscription_text(one: Shown) -> str:
    """A subscription with its last reports."""
    lines = [f"{one['name']}: {one['status']}", f"  {one['connector']} {one['operation']}", f"  id {one['id']}"]
    lines += [f"  {_events(one)}"]
    lines += [f"  next poll {one['next']}"] if one["next"] else []
    lines += [f"  connection {one['connection']}"] if one["connection"] else []
    lines += [f"  receiver {_receivers(one)}"]
    lines += [f"  {report['time']}  {_told(report)}" for report in one.get("reports", ())]
    return "\n".join(lines)


def finding_lines(found: Iterable[Shown]) -> Iterable[str]:
    """Findings as lines: severity, message, remedy."""
    return [_told(one) for one in found]


def event_line(event: Shown) -> str:
    """One event as one line of JSON."""
    return orjson.dumps(event).decode()


def dead_lines(found: Iterable[Shown]) -> Iterable[str]:
    """One line for each dead letter: event, receiver, how often it was tried, why it was given up."""
    rows = [
        (
            one["event"]["id"],
            f"{one['receiver']['kind']} {one['receiver']['target']}",
            f"{one['attempts']}x",
            one["problem"],
        )
        for one in found
    ]
    return _table(rows)


def trigger_rows(connector: Connector) -> list[dict[str, str]]:
    """The triggers that a connector has: operation, kind, summary."""
    outlines = [one for one in connector.definition.operations.outlines if one.kind is not OperationKind.ACTION]
    return [{"operation": one.id, "kind": str(one.kind), "summary": one.summary} for one in outlines]


def trigger_lines(found: Iterable[Shown]) -> Iterable[str]:
    """One line for each trigger of a connector."""
    return _table([(one["operation"], one["kind"], one["summary"]) for one in found])


def counted(count: int, what: str) -> str:
    """A number of things: ``1 event``, ``2 events``."""
    return f"{count} {what if count == 1 else {'delivery': 'deliveries'}.get(what, what + 's')}"


def _events(one: Shown) -> str:
    return counted(one["event_count"], "event")


def _receivers(one: Shown) -> str:
    shown = [f"{receiver['kind']} {receiver['target']}".strip() for receiver in one["receivers"]]
    return ", ".join(shown) or "history only"


def _told(report: Shown) -> str:
    remedy = f" ({report['remedy']})" if report.get("remedy") else ""
    return f"{report['severity']}: {report['message']}{remedy} [{report['rule']}]"


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
