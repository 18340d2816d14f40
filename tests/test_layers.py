"""The arrows of docs/architecture.md, read from the imports themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "tieline"
ORDER = [
    *("model", "source", "formats", "lang", "auth", "policy", "pipeline", "mock", "triggers"),
    *("net", "store", "engine", "app", "cli", "server"),
]
FACES = {"cli"}
PURE = {"model", "source", "formats", "lang", "auth", "policy", "pipeline", "mock", "triggers"}
WORLD = {"socket", "aiohttp", "requests", "sqlite3", "subprocess", "random", "time", "secrets", "uvicorn", "asyncio"}
MODULES = sorted(SOURCE.rglob("*.py"))


def layer_of(path: Path) -> str:
    """The first folder or module below the package; the package's own files belong to ``app``'s callers."""
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def guarded(tree: ast.AST) -> set[int]:
    """Nodes that only a type checker sees."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }


def imported(path: Path) -> Iterator[str]:
    """Dotted names that a module imports at run time, relative ones made absolute."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = guarded(tree)
    package = ["tieline", *path.relative_to(SOURCE).parts[:-1]]
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_to_lower_layers(path: Path) -> None:
    """A layer imports only layers below it, and faces only app and model."""
    here = layer_of(path)
    if here not in ORDER:
        return
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "tieline" or len(parts) < 2 or parts[1] not in ORDER or parts[1] == here:
            continue
        there = parts[1]
        assert ORDER.index(there) < ORDER.index(here), f"{here} must not import {there} ({name})"
        if here in FACES:
            assert there in {"app", "model"}, f"a face imports app and model only, not {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if layer_of(p) in PURE], ids=lambda p: str(p.relative_to(SOURCE)))
def test_pure_layers_leave_the_world_alone(path: Path) -> None:
    """Layers up to mock use no network, no clock, no randomness, no processes."""
    touched = {name.split(".")[0] for name in imported(path)} & WORLD
    assert not touched, f"{path.name} imports {touched}"


def test_every_folder_is_a_known_layer() -> None:
    """A new folder needs its place in the order first."""
    known = {*ORDER, "__pycache__", "examples"}
    assert {entry.name for entry in SOURCE.iterdir() if entry.is_dir()} <= known
