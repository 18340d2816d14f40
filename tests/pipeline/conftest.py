"""Connectors made from snippets, and a world that answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from tieline.formats import folder
from tieline.model import Connection, Connector, Operation, Reply, Secret, Sent
from tieline.pipeline import Now, Renew, Renewed, Send, Wait

DATA = Path(__file__).parent / "data"

ROOT: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Things", "version": "1.0"},
    "host": "api.example.com",
    "basePath": "/v1",
    "schemes": ["https"],
}
"""What a snippet is placed in."""


def cases(name: str) -> list[Any]:
    """The data cases of one file, each named in the test's id."""
    entries = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return [pytest.param(entry, id=entry["name"]) for entry in entries]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``test_places`` in ``test_bind.py`` runs every case of ``bind-places.yaml``, if it takes a ``case``."""
    if "case" in metafunc.fixturenames:
        part = Path(metafunc.module.__file__ or "").stem.removeprefix("test_")
        name = metafunc.function.__name__.removeprefix("test_").replace("_", "-")
        metafunc.parametrize("case", cases(f"{part}-{name}.yaml"))


def connector_of(
    operation: dict[str, Any],
    *,
    path: str = "/things",
    method: str = "get",
    root: dict[str, Any] | None = None,
    properties: dict[str, Any] | None = None,
    script: str | None = None,
) -> Connector:
    """A connector with one operation ``Op``, read as any folder is."""
    written = {"operationId": "Op", "responses": {"200": {"description": "ok"}}, **operation}
    definition = {**ROOT, "paths": {path: {method: written}}, **(root or {})}
    files = {
        "apiDefinition.swagger.json": orjson.dumps(definition),
        "apiProperties.json": orjson.dumps({"properties": {"iconBrandColor": "#da3b01", **(properties or {})}}),
    }
    if script is not None:
        files["script.csx"] = script.encode()
    return folder.read(files, "things")


def of_case(case: dict[str, Any]) -> tuple[Connector, Operation]:
    """The connector and operation of a data case."""
    connector = connector_of(
        case.get("operation", {}),
        path=case.get("path", "/things"),
        method=case.get("method", "get"),
        root=case.get("root"),
        properties=case.get("properties"),
        script=case.get("script"),
    )
    return connector, next(iter(connector.definition.operations.values()))


def connection_of(values: dict[str, str] | None) -> Connection:
    """A connection with these values."""
    return Connection(values={name: Secret(value) for name, value in (values or {}).items()})


def reply_of(written: dict[str, Any]) -> Reply:
    """A reply as a data case writes it: ``json`` or ``text`` for the body."""
    headers = tuple((name, str(value)) for name, value in written.get("headers", {}).items())
    body = written.get("text", "").encode()
    if "json" in written:
        body = orjson.dumps(written["json"])
        if not any(name.lower() == "content-type" for name, _ in headers):
            headers = (*headers, ("Content-Type", "application/json"))
    return Reply(status=written["status"], reason=written.get("reason", ""), headers=headers, body=body)


class World:
    """Answers effects: each send with the next canned answer; waits pass at once and are remembered."""

    def __init__(self, *answers: Sent | Reply, endless: Reply | None = None) -> None:
        self.answers = list(answers)
        self.endless = endless
        """Given when the answers have run out; without it they must be exactly as many as are asked for."""
        self.now = 1_000.0
        self.talk: list[str] = []
        """What was asked, one line each: ``GET https://…``, ``wait 2``."""
        self.sent: list[Any] = []
        self.renewals: list[Renewed] = []
        """Given in turn when a connection is to be renewed; without one it stays as it is."""

    def drive(self, steps: Generator[Any, Any, Any]) -> Any:
        """Run a generator to its end and give back what it returns."""
        answer: Any = None
        try:
            while True:
                answer = self._answer(steps.send(answer))
        except StopIteration as stop:
            assert not self.answers or self.endless, f"never asked for: {self.answers}"
            return stop.value

    def _answer(self, effect: Any) -> Any:
        match effect:
            case Now():
                return self.now
            case Renew(connection=connection, rejected=rejected):
                self.talk += ["renew"] if rejected else []
                return self.renewals.pop(0) if rejected and self.renewals else Renewed(connection=connection)
            case Wait(seconds=seconds):
                self.now += seconds
                self.talk.append(f"wait {seconds:g}")
                return None
            case Send(request=request):
                self.talk.append(f"{request.method} {request.url}")
                self.sent.append(request)
                answer = self.answers.pop(0) if self.answers else self.endless
                assert answer is not None, f"no answer left for {self.talk[-1]}"
                return answer if isinstance(answer, Sent) else Sent(reply=answer)
        raise AssertionError(f"unknown effect {effect!r}")


@pytest.fixture
def build() -> Callable[..., Connector]:
    """Makes a connector of one operation; see ``connector_of``."""
    return connector_of


@pytest.fixture
def world() -> type[World]:
    """The scripted world."""
    return World


@pytest.fixture
def read_case() -> Callable[[dict[str, Any]], tuple[Connector, Operation]]:
    """Makes connector and operation of a data case."""
    return of_case


@pytest.fixture
def connect() -> Callable[[dict[str, str] | None], Connection]:
    """Makes a connection."""
    return connection_of


@pytest.fixture
def answer() -> Callable[[dict[str, Any]], Reply]:
    """Makes a reply."""
    return reply_of
