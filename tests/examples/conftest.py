"""What the tests of the Inventory example share: servers, a receiver of callbacks, replies held against documents."""

from __future__ import annotations

import http.client
import importlib.util
import json
import queue
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import uvicorn
import yaml

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "inventory"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")
WAIT = 10.0


def load_by_path(folder: Path) -> ModuleType:
    """The package in a folder, whatever is on the path: how Tieline loads it too."""
    spec = importlib.util.spec_from_file_location(
        "inventory_example", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["inventory_example"] = module
    spec.loader.exec_module(module)
    return module


INVENTORY = load_by_path(FOLDER)


# -- descriptions: which schema a reply must fit


class Contract:
    """The replies that an OpenAPI document declares, as validators."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.operations = {
            (method.upper(), path): item[method]
            for path, item in document["paths"].items()
            for method in METHODS
            if method in item
        }
        self.seen: set[tuple[str, str, int]] = set()
        self._validators: dict[str, Any] = {}

    def check(self, method: str, path: str, reply: Reply) -> None:
        """Fail unless the reply is declared and fits, for an operation of this document."""
        template = next((each for verb, each in self.operations if verb == method and _fits(each, path)), None)
        if template is None:
            return
        declared = self.resolve(self.operations[method, template]["responses"].get(str(reply.status)))
        assert declared is not None, f"{method} {template} does not declare {reply.status}: {reply.body!r}"
        self.seen.add((method, template, reply.status))
        schema = declared.get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            self.validator(schema).validate(reply.json())

    def resolve(self, value: Any) -> Any:
        """The value, or what it refers to."""
        while isinstance(value, dict) and "$ref" in value:
            target: Any = self.document
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            value = target
        return value

    def validator(self, schema: Any) -> Any:
        """The validator of a schema in this document."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {"allOf": [schema], "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.Draft4Validator(whole, validate_formats=True)
        return self._validators[key]


def _fits(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path) is not None


OWN = Contract(yaml.safe_load((FOLDER / "openapi.yaml").read_text(encoding="utf-8")))


# -- the server and its caller


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Served:
    """A running server and a way to call it; every reply is held against the description."""

    def __init__(self, **options: Any) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.contracts = [OWN]
        config = uvicorn.Config(INVENTORY.create_app(**options), ws="none", loop="asyncio", log_level="critical")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})
        # The socket listens already, so that whoever calls before the server is up just waits.
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(WAIT)
        assert not self._thread.is_alive()
        self._listener.close()

    def call(
        self,
        method: str,
        path: str,
        value: Any = None,
        *,
        data: Any = None,
        key: str | None = "demo-key",
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Call the API below /v1."""
        sent = {"X-API-Key": key} if key is not None else {}
        if value is not None or data is not None:
            sent["Content-Type"] = "application/json"
        body = data if value is None else json.dumps(value).encode()
        reply = self.raw(method, f"/v1{path}", body, {**sent, **(headers or {})})
        for contract in self.contracts:
            contract.check(method, urlsplit(path).path, reply)
        return reply

    def raw(self, method: str, target: str, body: Any = None, headers: dict[str, str] | None = None) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        try:
            connection.request(method, target, body, headers or {})
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ok(self, method: str, path: str, value: Any = None) -> Any:
        """The JSON of a call that must succeed."""
        reply = self.call(method, path, value)
        assert reply.status < 300, reply.body
        return reply.json() if reply.body else None


@contextmanager
def serving(**options: Any) -> Iterator[Served]:
    served = Served(**options)
    try:
        yield served
    finally:
        served.stop()


class Receiver:
    """Somebody to call back: keeps what arrives, and answers with the given statuses, then with 202."""

    def __init__(self, *statuses: int, hold: threading.Event | None = None) -> None:
        self.arrived: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        answers = iter(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.arrived.put((handler.path, json.loads(body)))
                if hold is not None:
                    hold.wait(WAIT)
                handler.send_response(next(answers, 202))
                handler.end_headers()

            def log_message(handler, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def next(self) -> dict[str, Any]:
        return self.arrived.get(timeout=WAIT)[1]

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join(WAIT)
        self._server.server_close()


@contextmanager
def receiving(*statuses: int, hold: threading.Event | None = None) -> Iterator[Receiver]:
    receiver = Receiver(*statuses, hold=hold)
    try:
        yield receiver
    finally:
        receiver.stop()


# -- what tests ask for


@pytest.fixture(scope="session")
def inventory() -> ModuleType:
    """The example's package."""
    return INVENTORY


@pytest.fixture(scope="session")
def own() -> Contract:
    """The example's own description, as validators."""
    return OWN


@pytest.fixture(scope="session")
def contract() -> type[Contract]:
    """Makes validators of another document."""
    return Contract


@pytest.fixture(name="serving", scope="session")
def _serving() -> Callable[..., AbstractContextManager[Served]]:
    """Runs a server of one's own: ``with serving(database=file) as served``."""
    return serving


@pytest.fixture(name="receiving", scope="session")
def _receiving() -> Callable[..., AbstractContextManager[Receiver]]:
    """Runs a receiver: ``with receiving(500, 202) as receiver``."""
    return receiving


@pytest.fixture(scope="module")
def api() -> Iterator[Served]:
    """One server for all tests of a file that do not mind each other's products."""
    with serving(delivery=INVENTORY.Delivery(delay=0.01)) as served:
        yield served
