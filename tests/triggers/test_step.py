"""Conversations with the state tables, and that the tables leave nothing open."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
import trigger_samples as samples
import write_table
import yaml

from tieline.model import Event, Receiver, Subscription
from tieline.triggers import CODEC, Plan, Settings, plan, step
from tieline.triggers import protocol as p
from tieline.triggers.moment import seconds_of
from tieline.triggers.moved import Ignored
from tieline.triggers.step import TABLES

DATA = Path(__file__).parent / "data" / "conversations"
START = 1_800_000_000.0


def cases() -> Iterator[Any]:
    """Every conversation of the data files."""
    for file in sorted(DATA.glob("*.yaml")):
        for case in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield pytest.param(file.stem, case, id=f"{file.stem}: {case['case']}")


def planned(kind: str, case: dict[str, Any]) -> tuple[Subscription, Plan | None]:
    """The subscription and plan of a conversation."""
    receivers = (Receiver(kind="http", target="https://receiver.example.com"),)
    more = {"arguments": case.get("arguments", {}), "watermark": case.get("watermark", ""), "receivers": receivers}
    subscription = samples.subscription_of(case.get("operation", ""), **more)
    if kind == "delivery":
        return subscription, None
    if kind == "webhook":
        made = samples.webhook(batch=case.get("batch", False))
    else:
        made = samples.polling(parameter=case.get("parameter", False), single=case.get("single", False))
    connector = samples.connector_of(made)
    operation = connector.definition.operations[subscription.operation]
    settings = Settings(jitter=0.0, unregister_waits=(5.0, 30.0))
    return subscription, plan(connector, operation, subscription, settings)


def given(said: dict[str, Any], subscription: Subscription, made: Plan | None, case: dict[str, Any]) -> p.Input:
    """The input that a data file writes in short."""
    ((name, fields),) = said.items()
    fields = dict(fields)
    if name == "Enable":
        return p.Enable(subscription=subscription, plan=made, **fields)
    if name == "Deliver":
        receiver = Receiver(kind=case.get("receiver", "http"), target="x", max_age=case.get("max_age", 86400))
        return p.Deliver(event=Event(id="e1", source="/s", type="t", time=START), receiver=receiver)
    if "body" in fields:
        fields["body"] = fields["body"].encode()
    if "headers" in fields:
        fields["headers"] = tuple((key, value) for key, value in fields["headers"])
    found: p.Input = getattr(p, name)(**fields)
    return found


def compare(command: p.Command, wanted: dict[str, Any], now: float) -> None:
    """Whether a command is what a data file asks for."""
    name = next(iter(wanted))
    value = wanted[name]
    assert type(command).__name__ == name, command
    match command:
        case p.Call():
            for key, part in value.items():
                assert getattr(command, key) == part
        case p.Emit():
            assert command.event.data.decode() == value
            assert "subject" not in wanted or command.event.subject == wanted["subject"]
        case p.Tell():
            assert type(command.input).__name__ == value
        case p.Report():
            assert command.rule == value
            assert wanted.get("says", "") in command.message
        case p.Push():
            assert command.attempt == value
        case p.WakeAt() if isinstance(value, list):
            assert value[0] <= command.when - now <= value[1]
        case p.WakeAt():
            assert command.when == (-1 if value < 0 else pytest.approx(now + value))


@pytest.mark.parametrize(("kind", "case"), list(cases()))
def test_conversations(kind: str, case: dict[str, Any]) -> None:
    """Each input gives the status and commands that stand in the data, through what an engine would keep."""
    subscription, made = planned(kind, case)
    now = seconds_of(case.get("start")) or START
    state: Any = None
    for number, one in enumerate(case["steps"]):
        now += one.get("after", 0)
        moved = step(state, given(one["give"], subscription, made, case), now)
        state = moved.state if moved.state is None else CODEC.decode(CODEC.encode(moved.state))
        assert state == moved.state
        for command in moved.commands:
            assert CODEC.decode(CODEC.encode(command)) == command
        if "status" in one:
            assert (state.status if state is not None else "gone") == one["status"], number
        if "asks" in one:
            names = [type(command).__name__ for command in moved.commands]
            assert names == [next(iter(wanted)) for wanted in one["asks"]], number
            for command, wanted in zip(moved.commands, one["asks"], strict=True):
                compare(command, wanted, now)


def test_every_move_is_defined() -> None:
    """Each status of each kind of state has a handler or a reason for every kind of input, and no others."""
    inputs = set(get_args(p.Input))
    for kind, table in TABLES.items():
        if kind is not type(None):
            annotation = kind.__dataclass_fields__["status"].type
            module = __import__(kind.__module__, fromlist=["x"])
            assert set(get_args(getattr(module, annotation))) == set(table)
        for status, row in table.items():
            assert set(row) == inputs, (kind, status)
            for handler in row.values():
                assert handler.because if isinstance(handler, Ignored) else handler.__doc__


def test_every_move_can_be_made() -> None:
    """Every status takes every input without an exception, and what comes of it has a status of the tables."""
    hook, hooked = planned("webhook", {"operation": "Hook"})
    poll, polled = planned("polling", {"operation": "Poll"})
    event = Event(id="e", source="/s", type="t", time=START)
    deliver = p.Deliver(event=event, receiver=Receiver(kind="http", target="x"))
    enables = [p.Enable(subscription=hook, plan=hooked), p.Enable(subscription=poll, plan=polled)]
    tags = [f"{word} {number}" for word in ("register", "unregister", "poll") for number in (1, 2)]
    answers = [p.Called(tag=tag, status=status) for tag in tags for status in (0, 200, 202, 404, 500)]
    others = [p.Disable(), p.Disable(forget=True), p.Notified(body=b"{}"), p.Fire(), p.Pushed(ok=False)]
    wakes = [p.Woken(tag=tag) for tag in ("poll", "retry", "unregister")]
    inputs: list[p.Input] = [*enables, deliver, *answers, *others, *wakes, p.Pushed(ok=True)]
    starts = [step(None, one, START).state for one in (*enables, deliver)]
    for first in starts:
        for status in TABLES[type(first)]:
            for one in inputs:
                moved = step(replace(first, status=status), one, START + 1)
                assert moved.state is None or moved.state.status in TABLES[type(moved.state)]


def test_same_arguments_give_the_same() -> None:
    """A step is a function: made twice it gives equal states and commands."""
    subscription, made = planned("polling", {"operation": "Poll"})
    enable = p.Enable(subscription=subscription, plan=made)
    assert step(None, enable, START) == step(None, enable, START)


def test_page_is_current() -> None:
    """The tables in docs/triggers.md are those of the code."""
    assert write_table.PAGE.read_text(encoding="utf-8") == write_table.page(), "run tests/triggers/write_table.py"


def test_reports_read_alike() -> None:
    """Rules of reports are kebab-case, and messages begin in lower case and have no full stop."""
    folder = Path(step.__code__.co_filename).parent
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("warning", "_finding"):
                texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
                assert not any(isinstance(text, str) and text.endswith(".") for text in texts), texts
