"""Descriptions in short, as data cases write them: one operation, and what stands around it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parents[1] / "data"


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of a data file."""
    found: list[dict[str, Any]] = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return found


def document_of(case: dict[str, Any]) -> dict[str, Any]:
    """The document that a case stands for: ``POST /things``, unless ``method`` and ``path`` say otherwise.

    ``operation`` and ``item`` are what the operation and its path item hold, ``schemes`` the security schemes.
    ``paths`` stands for several operations.
    """
    operation = {"operationId": "Do", "responses": {"204": {"description": "done"}}, **case.get("operation", {})}
    document: dict[str, Any] = {
        "openapi": case.get("openapi", "3.1.0"),
        "info": {"title": "Things", "version": "1.0"},
        "paths": {case.get("path", "/things"): {**case.get("item", {}), case.get("method", "post"): operation}},
    }
    document |= {"paths": case["paths"]} if "paths" in case else {}
    components = {**case.get("components", {}), **({"securitySchemes": case["schemes"]} if "schemes" in case else {})}
    document |= {"components": components} if components else {}
    return document | {key: case[key] for key in ("servers", "security") if key in case}
