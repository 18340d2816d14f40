"""Every operation of every connector of the corpus, called through the pipeline with its policies, against the mock of
its connector; and proof that the sweep sees what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tieline.model import Operation
from tieline.pipeline import output_response

pytestmark = pytest.mark.corpus

EXCEPTIONS = Path(__file__).with_name("sweep-exceptions.json")
"""Operations whose published files contradict themselves: the rules of what is found, and the fault. ``arguments`` is
there when it shows with one kind of arguments only."""

MOST_EXCEPTIONS = 0.01
"""Share of the operations that may be among them."""

FLOORS = {
    "connectors": 250,
    "operations": 4012,
    "calls": 5437,
    "instances": 288,
    "steps": 3708,
    "changes": 3416,
    "side requests": 6,
    "second polls": 33,
}
"""What the sweep counts at least; may only rise."""

CEILINGS = {"scripted": 39, "answered by another": 20, "dangling instances": 3, "dangling names": 10}
"""What it counts at most; may only fall. Dangling instances name only operations that are not there."""

Swept = Callable[..., Any]


def rules(found: list[str]) -> list[str]:
    """The rules of faults."""
    return sorted({fault.partition(":")[0] for fault in found})


def expected(corpus_sweep: Any) -> dict[tuple[str, str], list[str]]:
    """The calls that the exceptions are about, with the rules of what is found."""
    out: dict[tuple[str, str], list[str]] = {}
    for entry in orjson.loads(EXCEPTIONS.read_bytes()):
        which = [entry["arguments"]] if "arguments" in entry else ["required", "all"]
        keys = [(entry["operation"], arguments) for arguments in which]
        assert any(key in corpus_sweep.called for key in keys), f"no such operation: {entry['operation']}"
        out.update({key: entry["rules"] for key in keys if key in corpus_sweep.called})
    return out


def test_every_operation_is_called(corpus_sweep: Any) -> None:
    """Generated arguments go through the pipeline, and the mock's answer passes the check; exceptions are tracked, each
    with the rules of what is found."""
    tracked = expected(corpus_sweep)
    news = {key: found for key, found in corpus_sweep.faults.items() if rules(found) != tracked.get(key)}
    assert not news, "\n".join(f"{' '.join(key)}: {found}" for key, found in list(news.items())[:40])
    gone = sorted(set(tracked) - set(corpus_sweep.faults))
    assert not gone, f"no longer exceptions, take them out of {EXCEPTIONS.name}: {gone}"
    operations = {operation for operation, _ in corpus_sweep.faults}
    assert len(operations) <= MOST_EXCEPTIONS * corpus_sweep.counts["operations"]


def test_as_much_as_ever_is_swept(corpus_sweep: Any) -> None:
    """Operations, policy instances, their steps and those that change the message are counted."""
    counts = corpus_sweep.counts
    counts["calls"] = len(corpus_sweep.called)
    print(dict(counts), "exceptions", len({operation for operation, _ in corpus_sweep.faults}))
    assert not {name: counts[name] for name, floor in FLOORS.items() if counts[name] < floor}
    assert not {name: counts[name] for name, ceiling in CEILINGS.items() if counts[name] > ceiling}


def test_every_instance_runs(corpus_sweep: Any) -> None:
    """Each policy instance of an operation that is there ran in a call, and in none was it left out in silence."""
    assert not corpus_sweep.idle
    assert not corpus_sweep.unsaid


def test_what_the_exchange_says_arrives(corpus_sweep: Any) -> None:
    """Method, path, query, headers and body arrive as the exchange holds them, with all that policies changed."""
    assert not corpus_sweep.altered


def test_triggers_poll_again(corpus_sweep: Any) -> None:
    """A polling trigger whose first reply's Location is followed sends the state and gives the service's items."""
    assert not corpus_sweep.states


class Damage:
    """What is done to messages between pipeline and mock."""

    def request(self, scope: dict[str, Any], body: bytes) -> bytes:
        """Change what arrives."""
        return body

    def reply(self, start: dict[str, Any], body: bytes) -> bytes:
        """Change what goes back."""
        return body

    def tells(self, operation: Operation) -> bool:
        """Whether the operation's definition says that this must not be."""
        raise NotImplementedError


class OtherType(Damage):
    """The first value in a JSON reply has another type."""

    def reply(self, start: dict[str, Any], body: bytes) -> bytes:
        """Change one value, deep in the body."""
        if start["status"] >= 300 or b"json" not in dict(start["headers"]).get(b"content-type", b""):
            return body
        return orjson.dumps(retyped(orjson.loads(body)))

    def tells(self, operation: Operation) -> bool:
        """A body of several parts is declared; nearly all have types."""
        return reply_type(operation) in ("object", "array")


def retyped(value: Any) -> Any:
    """A value whose first part without parts is of another type."""
    match value:
        case {**parts} if parts:
            name = next(iter(parts))
            return {**parts, name: retyped(parts[name])}
        case [first, *rest]:
            return [retyped(first), *rest]
        case str():
            return 5
    return "x"


def reply_type(operation: Operation) -> str:
    """The declared type of a good reply; empty for none."""
    response = output_response(operation)
    return "" if response is None or response.schema is None else response.schema.resolved().type


class OtherStatus(Damage):
    """A good reply has a status that nobody declares."""

    def reply(self, start: dict[str, Any], body: bytes) -> bytes:
        """Change the status."""
        if start["status"] < 300:
            start["status"] = 299
        return body

    def tells(self, operation: Operation) -> bool:
        """There is no response for all the rest."""
        return "default" not in [response.code for response in operation.responses]


class NoReplyBody(Damage):
    """A reply has lost its body."""

    def reply(self, start: dict[str, Any], body: bytes) -> bytes:
        """Drop the body."""
        return body if start["status"] >= 300 else b""

    def tells(self, operation: Operation) -> bool:
        """A body is declared, for a status that can have one."""
        response = output_response(operation)
        return bool(reply_type(operation)) and response is not None and response.code != "204"


class NoQuery(Damage):
    """A request has lost its query."""

    def request(self, scope: dict[str, Any], body: bytes) -> bytes:
        """Drop the query."""
        scope["query_string"] = b""
        return body

    def tells(self, operation: Operation) -> bool:
        """A part of the query is required."""
        return any(parameter.required and parameter.where == "query" for parameter in operation.parameters)


class NoBody(Damage):
    """A request has lost its body."""

    def request(self, scope: dict[str, Any], body: bytes) -> bytes:
        """Drop the body."""
        return b""

    def tells(self, operation: Operation) -> bool:
        """The body or a part of the form is required."""
        return any(parameter.required and parameter.where in ("body", "formData") for parameter in operation.parameters)


@pytest.mark.parametrize(
    ("damage", "share"),
    [(OtherType, 0.98), (OtherStatus, 1), (NoReplyBody, 1), (NoQuery, 1), (NoBody, 1)],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_damage_is_seen(damage: type[Damage], share: float, sweep_some: Swept) -> None:
    """Of the calls whose messages are damaged against their definition, at least a share is found faulty."""
    done = damage()
    sweep = sweep_some(done)
    telling = {key for key, operation in sweep.called.items() if done.tells(operation)}
    seen = telling & set(sweep.faults)
    assert len(telling) >= 40
    assert len(seen) >= share * len(telling), sorted(telling - seen)


def test_skipped_policies_are_seen(sweep_some: Swept) -> None:
    """A call without its policies leaves instances that did not run, and no step that changed anything."""
    sweep = sweep_some(skip_policies=True)
    assert sweep.counts["changes"] == 0
    assert sweep.unsaid
    assert len(sweep.idle) == sweep.counts["instances"] - sweep.counts["dangling instances"]
