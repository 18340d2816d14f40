"""Bad input of every kind: a clear error, the exit code of the table, no traceback, nothing lost."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

Tieline = Callable[..., Any]

BOMB = "\n".join(
    [
        "a: &a [x, x, x, x, x, x, x, x, x, x]",
        *(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]" for n in range(9)),
        "swagger: '2.0'",
    ]
)

HEAD = '"swagger": "2.0", "info": {"title": "T", "version": "1"}, "host": "api.example.com"'
OPERATION = '"get": {"operationId": "Get", "responses": {"200": {"description": "", "schema": %s}}}'

DOCUMENTS = {
    "empty": (b"", "empty"),
    "blank": (b"  \n\t ", "empty"),
    "html": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML"),
    "plain text": (b"There is nothing here that anybody could read as a description.", "description"),
    "binary": (bytes(range(256)) * 8, ""),
    "zip": (b"PK\x03\x04" + bytes(200), "zip"),
    "json array": (b"[1, 2, 3]", "description"),
    "other json": (b'{"name": "package", "version": "1.0.0"}', "swagger"),
    "yaml bomb": (BOMB.encode(), ""),
    "deep": (b"[" * 100_000 + b"]" * 100_000, ""),
    "truncated": (b'{"swagger": "2.0", "info": {"title": "T', ""),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_hopeless_documents(tieline: Tieline, tmp_path: Path, name: str) -> None:
    """A document that cannot be used gives one error that names the file, and writes nothing."""
    data, said = DOCUMENTS[name]
    source = tmp_path / "description.json"
    source.write_bytes(data)
    ran = tieline("import", source, "-o", tmp_path / "out")
    assert ran.code == 2, ran.talk
    assert said.lower() in ran.talk.lower()
    assert "Traceback" not in ran.talk
    assert not (tmp_path / "out").exists()


def test_a_description_of_50_mb(tieline: Tieline, tmp_path: Path) -> None:
    """A file over the limit is refused by its size, before it is read."""
    source = tmp_path / "large.json"
    with source.open("wb") as file:
        file.write(b'{"swagger": "2.0", "x-fill": "')
        file.write(b"x" * 50_000_000)
        file.write(b'"}')
    ran = tieline("import", source, "-o", tmp_path / "out")
    assert ran.code == 2, ran.talk
    assert "MB" in ran.talk


def test_a_repaired_file_is_said_in_every_command(tieline: Tieline, tmp_path: Path) -> None:
    """A call through a file that had to be repaired says so in one line, and where to see it."""
    description = tmp_path / "api.json"
    description.write_text("{" + HEAD + ', "paths": {"/x": {' + OPERATION % "{}" + "}}, }", encoding="utf-8")
    ran = tieline("call", "Get", description, "--server", "http://127.0.0.1:9", "--retry", "none")
    assert ran.code == 3
    assert "1 finding about the connector's files" in ran.talk
    assert "trailing-comma" in tieline("show", description).talk
    shown = tieline("call", "Get", description, "--server", "http://127.0.0.1:9", "--retry", "none", "--format", "json")
    assert "1 finding about the connector's files" in shown.talk
    assert shown.json["failure"]["kind"] == "connect"


def test_numbers_that_no_integer_holds_are_shown(tieline: Tieline, tmp_path: Path) -> None:
    """An integer over 64 bits in a definition is no reason not to show it as JSON."""
    description = tmp_path / "api.json"
    schema = '{"type": "integer", "maximum": 99999999999999999999999}'
    description.write_text("{" + HEAD + ', "paths": {"/x": {' + OPERATION % schema + "}}}", encoding="utf-8")
    ran = tieline("show", description, "Get", "--format", "json")
    assert ran.code == 0, ran.talk
    assert ran.json["responses"][0]["schema"]["maximum"] == 99999999999999999999999


def test_a_folder_without_a_definition(tieline: Tieline, tmp_path: Path) -> None:
    """A folder that holds no connector says what was looked for."""
    for command in (("show", tmp_path), ("import", tmp_path), ("mock", tmp_path), ("call", "Get", tmp_path)):
        ran = tieline(*command)
        assert ran.code == 2, ran.talk
        assert "apiDefinition.swagger.json" in ran.talk


SCHEMAS = {
    "cyclic": ('{"$ref": "#/definitions/Node"}', 0),
    "dangling": ('{"$ref": "#/definitions/Nothing"}', 0),
    "loop": ('{"$ref": "#/definitions/A"}', 0),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_cyclic_and_dangling_references(tieline: Tieline, tmp_path: Path, name: str) -> None:
    """References that lead in a circle or nowhere neither hang nor crash any command."""
    schema, code = SCHEMAS[name]
    definitions = {
        "Node": {"type": "object", "properties": {"next": {"$ref": "#/definitions/Node"}}},
        "A": {"$ref": "#/definitions/B"},
        "B": {"$ref": "#/definitions/A"},
    }
    paths = '"paths": {"/get": {' + OPERATION % schema + "}}"
    text = "{" + HEAD + ", " + paths + ', "definitions": ' + json.dumps(definitions) + "}"
    source = tmp_path / "apiDefinition.swagger.json"
    source.write_text(text, encoding="utf-8")
    for command in (("show", tmp_path), ("show", tmp_path, "Get"), ("import", source, "-o", tmp_path / "out")):
        ran = tieline(*command)
        assert ran.code == code, ran.talk
        assert "Traceback" not in ran.talk


@pytest.fixture
def connector(tmp_path: Path) -> Path:
    """A connector with one operation whose reply is declared as an object with a count."""
    schema = '{"type": "object", "required": ["count"], "properties": {"count": {"type": "integer"}}}'
    text = "{" + HEAD + ', "paths": {"/get": {' + OPERATION % schema + "}}}"
    (tmp_path / "apiDefinition.swagger.json").write_text(text, encoding="utf-8")
    return tmp_path


@contextmanager
def answering(*parts: bytes, wait: bool = False) -> Iterator[str]:
    """A server that answers every request with exact bytes and closes; with ``wait`` it never answers."""
    end = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                link, _ = server.accept()
                with link:
                    if end.is_set():
                        return
                    link.recv(65536)
                    if wait:
                        end.wait(20)
                    try:
                        for part in parts:
                            link.sendall(part)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            end.set()
            # To close the socket wakes nobody on macOS.
            socket.create_connection(server.getsockname()).close()
            thread.join()


def http(body: bytes, *, length: int | None = None, kind: str = "application/json") -> bytes:
    """One HTTP reply."""
    size = len(body) if length is None else length
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n\r\n".encode() + body


def test_truncated_reply(tieline: Tieline, connector: Path) -> None:
    """A reply that ends before its announced length is no reply."""
    with answering(http(b'{"count":', length=400)) as server:
        ran = tieline("call", "Get", connector, "--server", server, "--retry", "none")
    assert ran.code == 3, ran.talk
    assert "127.0.0.1" in ran.talk


def test_timeout(tieline: Tieline, connector: Path) -> None:
    """A server that does not answer in time is a failure that names the time."""
    with answering(wait=True) as server:
        ran = tieline("call", "Get", connector, "--server", server, "--timeout", "0.3", "--retry", "none")
    assert ran.code == 3, ran.talk
    assert "--timeout" in ran.talk


def test_tls_failure(tieline: Tieline, connector: Path) -> None:
    """A server that does not speak TLS is a TLS failure."""
    with answering(http(b"{}")) as server:
        address = server.replace("http:", "https:")
        ran = tieline("call", "Get", connector, "--server", address, "--retry", "none")
    assert ran.code == 3, ran.talk
    assert "TLS" in ran.talk


def test_wrong_typed_reply(tieline: Tieline, connector: Path) -> None:
    """A reply that is not as declared is a finding; only ``--strict`` makes it an exit code."""
    for body, kind in (
        (b'{"count": "many"}', "application/json"),
        (b"<html></html>", "text/html"),
        (b"{", "application/json"),
    ):
        with answering(http(body, kind=kind)) as server:
            ran = tieline("call", "Get", connector, "--server", server)
            strict = tieline("call", "Get", connector, "--server", server, "--strict")
        assert ran.code == 0, ran.talk
        assert ran.out == body
        assert "warning" in ran.talk
        assert strict.code == 1, strict.talk


def test_garbage_instead_of_http(tieline: Tieline, connector: Path) -> None:
    """Bytes that are no HTTP are a failure."""
    with answering(b"SSH-2.0-OpenSSH_9.2\r\n") as server:
        ran = tieline("call", "Get", connector, "--server", server, "--retry", "none")
    assert ran.code == 3, ran.talk


def test_odd_servers(tieline: Tieline, connector: Path) -> None:
    """``--server`` takes http and https URLs only, and says so."""
    for server in ("nonsense", "ftp://example.com", "file:///etc/passwd", "http://"):
        ran = tieline("call", "Get", connector, "--server", server)
        assert ran.code in (2, 3), ran.talk
        assert "Traceback" not in ran.talk
        assert server in ran.talk or "server" in ran.talk
