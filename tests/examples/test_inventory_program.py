"""Inventory as a program: its databases, its command line, and the places it runs from."""

from __future__ import annotations

import ast
import http.client
import importlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "inventory"
WAIT = 10.0


def product(name: str = "Lamp", **others: Any) -> dict[str, Any]:
    return {"name": name, "category": "Tests", "price": 12.5, "quantity": 3, **others}


# -- databases


def test_a_file_database_survives_a_restart(tmp_path: Path, serving: Any, receiving: Any) -> None:
    """Products, webhooks, legacy items and the order of times are there after a restart; the seed comes once."""
    file = tmp_path / "a folder" / "bestand-ä.db"
    file.parent.mkdir()
    with serving(database=file) as served:
        thing = served.ok("POST", "/products", product("Kept 抹茶"))
        served.ok("POST", "/legacy/items", {"externalId": "A", "displayName": "Kept"})
        before = [served.ok("GET", path) for path in ("/products", "/legacy/items", "/items/poll")]
        with receiving() as receiver:
            hook = served.ok("POST", "/webhooks", {"callbackUrl": receiver.url})
    with receiving() as receiver, serving(database=str(file)) as served:
        assert [served.ok("GET", path) for path in ("/products", "/legacy/items", "/items/poll")] == before
        assert [each["id"] for each in served.ok("GET", "/webhooks")] == [hook["id"]]
        served.ok("DELETE", f"/webhooks/{hook['id']}")
        served.ok("POST", "/webhooks", {"callbackUrl": receiver.url})
        assert served.ok("PUT", f"/products/{thing['id']}", product())["lastUpdated"] > thing["lastUpdated"]
        assert receiver.next()["item"]["id"] == thing["id"]


def test_times_go_on_when_the_clock_goes_back(tmp_path: Path, inventory: Any) -> None:
    """A change is later than the one before it, even when the system's clock is behind it."""
    file = tmp_path / "inventory.db"
    inventory.store.Store(file).close()
    connection = sqlite3.connect(file)
    connection.execute("UPDATE clock SET last = 4000000000000")
    connection.commit()
    connection.close()
    store = inventory.store.Store(file)
    wanted = inventory.records.ProductInput(name="x", category="y", price=1.0, quantity=1)
    assert [store.create(wanted).updated for _ in range(3)] == [4000000000001, 4000000000002, 4000000000003]
    store.close()


def test_concurrent_writers_on_one_file(tmp_path: Path, serving: Any) -> None:
    """Two servers on one database, each with several callers: nothing is lost and no two times are equal."""
    file = tmp_path / "inventory.db"
    with serving(database=file) as first, serving(database=file) as second, ThreadPoolExecutor(8) as callers:
        seeded = len(first.ok("GET", "/products"))
        made = list(
            callers.map(
                lambda index: (first, second)[index % 2].ok("POST", "/products", product(f"Together {index}")),
                range(60),
            )
        )
        items = second.ok("GET", "/items/poll?since=2025-12-31T00:00:00Z")
        assert first.call("GET", "/products?limit=1").headers["X-Total-Count"] == str(seeded + 60)
    assert {item["id"] for item in items} == {each["id"] for each in made}
    assert len({each["lastUpdated"] for each in made}) == 60


def test_a_foreign_database_is_refused_unharmed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder, a file of another kind and a database of another program each give one line and exit code 2."""
    text = tmp_path / "notes.txt"
    text.write_text("not a database, just some notes that somebody wants to keep\n" * 30, encoding="utf-8")
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE products (id)")
    connection.commit()
    connection.close()
    for path in (tmp_path, text, foreign, tmp_path / "missing" / "inventory.db"):
        before = path.read_bytes() if path.is_file() else None
        assert inventory_command().main(["--database", str(path)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(f'cannot use the database "{path}"')
        assert said.count("\n") == 1
        assert (path.read_bytes() if path.is_file() else None) == before


# -- the program


def inventory_command() -> ModuleType:
    return importlib.import_module("inventory_example.command")


@pytest.mark.parametrize(
    "arguments", [["--port", "x"], ["--port", "65536"], ["--api-key", " "], ["--rate", "0"], ["x"]]
)
def test_wrong_options_are_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option ends with exit code 2 and names it."""
    with pytest.raises(SystemExit) as ended:
        inventory_command().main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A port in use gives one line and exit code 2."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert inventory_command().main(["--port", str(taken.getsockname()[1])]) == 2
    assert "try another --port" in capsys.readouterr().err


def test_it_runs_from_an_empty_folder(tmp_path: Path) -> None:
    """`python examples/inventory` serves, leaves no files, and ends with 0 when it is interrupted."""
    with subprocess.Popen(
        [sys.executable, str(FOLDER), "--port", "0", "--api-key", "own"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
            assert address is not None
            connection = http.client.HTTPConnection("127.0.0.1", int(address[1]), timeout=WAIT)
            connection.request("GET", "/v1/products", headers={"X-API-Key": "own"})
            response = connection.getresponse()
            assert (response.status, len(json.loads(response.read()))) == (200, 40)
            connection.close()
        finally:
            if os.name == "posix":
                process.send_signal(signal.SIGINT)
            else:
                process.terminate()
        code = process.wait(WAIT)
    assert code == 0 or os.name != "posix"
    assert list(tmp_path.iterdir()) == []


def test_it_runs_inside_another_package(tmp_path: Path) -> None:
    """Put into a package, as the wheel does, `python -m` finds it."""
    shutil.copytree(FOLDER, tmp_path / "outer" / "examples" / "inventory", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "outer" / "__init__.py").write_text("", encoding="utf-8")
    command = [sys.executable, "-m", "outer.examples.inventory", "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--database" in done.stdout


def test_it_stands_alone() -> None:
    """No module of the example imports Tieline."""
    for file in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert not [name for name in names if name.split(".")[0] == "tieline"]
