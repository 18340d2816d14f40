"""Every trigger of the corpus: planned, switched on, notified or polled, switched off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import trigger_samples as samples

from tieline.formats import folder
from tieline.mock import sample, sample_arguments
from tieline.model import Connector, Operation, OperationKind, Severity
from tieline.pipeline import bind
from tieline.triggers import CODEC, WebhookPlan, check_notification, plan, step
from tieline.triggers import protocol as p
from tieline.triggers.items import output_of

URL = "https://me.example.com/workflows/1/run?sp=%2Frun&sig=x"
NOW = 1_800_000_000.0

WEBHOOK, POLICY, OTHER = 211, 17, 8
"""Trigger operations by kind."""

REMOVED = 95
"""Floor: hooks that are removed when the registration's reply gives their id and no Location."""


def triggers(shared: Path) -> Iterator[tuple[Connector, Operation]]:
    """Every trigger operation."""
    for path in sorted((shared / "corpus" / "connectors").glob("*/*")):
        files = {file.name: file.read_bytes() for file in path.iterdir() if file.is_file()}
        connector = folder.read(files, path.name)
        for outline in connector.definition.operations.outlines:
            if outline.kind is not OperationKind.ACTION:
                yield connector, connector.definition.operations[outline.id]


def test_every_trigger_of_the_corpus(shared: Path) -> None:
    """Each trigger gets a plan, and either its first call can be bound, with the URL in it, or a finding says why not;
    notifications and replies are taken; what is kept reads back."""
    kinds: Counter[str] = Counter()
    for connector, operation in triggers(shared):
        subscription = samples.subscription_of(operation.id, arguments=sample_arguments(operation))
        made = plan(connector, operation, subscription)
        moved = step(None, p.Enable(subscription=subscription, plan=made, callback_url=URL), NOW)
        (call,) = moved.commands
        assert isinstance(call, p.Call)
        assert CODEC.decode(CODEC.encode(moved.state)) == moved.state
        bound = bind(connector, operation, call.arguments)
        errors = [one for one in made.findings if one.severity is Severity.ERROR]
        assert (bound.request is None) == bool(errors), (connector.name, operation.id)
        if isinstance(made, WebhookPlan):
            kinds["webhook"] += 1
            assert bound.request is None or URL.encode() in bound.request.body
            kinds["removed"] += notified(operation, moved.state)
        else:
            kinds["policy" if made.policy else "other"] += 1
            polled(operation, moved.state)
    assert (kinds["webhook"], kinds["policy"], kinds["other"]) == (WEBHOOK, POLICY, OTHER)
    assert kinds["removed"] >= REMOVED


def notified(operation: Operation, state: Any) -> bool:
    """A webhook from its registration to its removal; whether an operation removes it."""
    body = orjson.dumps(sample(operation.notification, reply=True)) if operation.notification is not None else b"{}"
    check_notification(operation, body, "application/json")
    state = step(state, p.Called(tag="register 1", status=201, body=b'{"id": 17}'), NOW).state
    moved = step(state, p.Notified(body=body, content_type="application/json", id="n"), NOW)
    assert sum(isinstance(one, p.Emit) for one in moved.commands) == 1
    off = step(moved.state, p.Disable(), NOW)
    rules = [one.rule for one in off.commands if isinstance(one, p.Report)]
    assert rules in (["hook-would-leak"], ["hook-leaked"])
    return rules == ["hook-would-leak"]


def polled(operation: Operation, state: Any) -> None:
    """A polling trigger over a first poll, which fires nothing, and one with items, which does."""
    schema = output_of(operation)
    body = b"[{}]" if schema is None else orjson.dumps(sample(schema, reply=True))
    headers = (("Location", "/next"), ("Content-Type", "application/json"))
    moved = step(state, p.Called(tag="poll 1", status=202, headers=headers, url="https://x/y"), NOW)
    assert not any(isinstance(one, p.Emit) for one in moved.commands)
    polling = step(moved.state, p.Woken(tag="poll"), NOW + 200).state
    fired = step(polling, p.Called(tag="poll 2", status=200, headers=headers, body=body, url="https://x/y"), NOW + 201)
    assert any(isinstance(one, p.Emit) for one in fired.commands), (operation.id, body[:200])
