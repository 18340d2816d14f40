"""Every operation of every connector of the corpus, called through the pipeline against the mock of its connector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tieline.app.call import CallOptions, CallResult, Outcome, call_operation_async
from tieline.app.load import load_connector
from tieline.app.mock import mock_app
from tieline.app.show import connection_parameters
from tieline.mock import sample_arguments
from tieline.model import Connector, Severity
from tieline.net.listener import listen_in_thread
from tieline.net.transport import Transport

EXCEPTIONS = Path(__file__).with_name("sweep-exceptions.json")
"""Operations whose definition contradicts itself, each with the fault."""

OPERATIONS = 3_800
"""Floor of the operations called or counted as scripted; may only rise."""

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class Stage:
    """One listener for all connectors: the mock that is on stage answers."""

    app: App

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def connectors(shared: Path) -> Iterator[tuple[str, Connector]]:
    """Every connector folder of the corpus under its short name."""
    for folder in sorted((shared / "corpus" / "connectors").glob("*/*")):
        yield f"{folder.parent.name}/{folder.name}", load_connector(folder)


def values_for(connector: Connector) -> dict[str, str]:
    """A value for each connection parameter of the first parameter set."""
    sets = connector.properties.parameter_sets
    parameters = sets[0].parameters if sets else connection_parameters(connector)
    return {parameter.name: f"value-{number}" for number, parameter in enumerate(parameters)}


def faults(result: CallResult) -> list[str]:
    """What is wrong with an answer: an outcome other than a good reply, or a finding that is more than a note."""
    found = [
        f"{finding.rule}: {finding.message}" for finding in result.findings if finding.severity is not Severity.INFO
    ]
    if result.outcome is not Outcome.ANSWERED:
        found.insert(0, f"{result.outcome.value} {result.status}: {result.body!r:.300}")
    return found


@pytest.mark.anyio
@pytest.mark.parametrize("optional", [False, True], ids=["required arguments", "all arguments"])
async def test_every_operation_is_called(shared: Path, optional: bool) -> None:
    """Generated arguments go through the pipeline, the mock's answer passes the check; exceptions are tracked."""
    tracked = {tuple(entry["operation"].rsplit("#", 1)): entry for entry in orjson.loads(EXCEPTIONS.read_bytes())}
    stage = Stage()
    counts: Counter[str] = Counter()
    failed: dict[tuple[str, str], list[str]] = {}
    with listen_in_thread(stage) as server:
        async with Transport() as transport:
            for name, connector in connectors(shared):
                counts["connectors"] += 1
                stage.app = mock_app(connector)
                for operation_id in connector.definition.operations:
                    counts["scripted" if connector.scripted(operation_id) else "called"] += 1
                    found = await called(connector, operation_id, server, transport, optional=optional)
                    if found:
                        failed[name, operation_id] = found
    print(dict(counts), "exceptions", len(failed))
    news = {key: found for key, found in failed.items() if key not in tracked}
    assert not news, "\n".join(f"{'#'.join(key)}: {found}" for key, found in list(news.items())[:40])
    gone = set(tracked) - set(failed)
    assert not gone or not optional, f"no longer exceptions, take them out of {EXCEPTIONS.name}: {sorted(gone)}"
    assert counts["connectors"] >= 250
    assert counts["called"] + counts["scripted"] >= OPERATIONS
    assert len(failed) <= 0.01 * (counts["called"] + counts["scripted"])


async def called(
    connector: Connector, operation_id: str, server: str, transport: Transport, *, optional: bool
) -> list[str]:
    """Call one operation, policies and custom code aside, and say what is wrong with the answer."""
    operation = connector.definition.operations[operation_id]
    options = CallOptions(
        server=server, values=values_for(connector), skip_policies=True, skip_script=True, retry="none", follow=False
    )
    arguments = sample_arguments(operation, optional=optional)
    return faults(await call_operation_async(connector, operation_id, arguments, options, transport=transport))
