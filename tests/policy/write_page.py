"""Writes the generated parts of docs/policies.md anew: the settings, and the policies with their parameters."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from pathlib import Path
from typing import Any

from tieline.lang import tokens
from tieline.policy import POLICIES, Settings
from tieline.policy.page import filled, generated

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"


def documented(settings: type[Any]) -> dict[str, str]:
    """Field of a dataclass -> the string below it, on one line."""
    tree = ast.parse(inspect.getsource(settings))
    body = tree.body[0].body  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for field, below in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
            found[field.target.id] = " ".join(ast.literal_eval(below.value).split()).replace("``", "`")
    return found


def settings_table() -> str:
    """Every setting with its default and what it is about, in Markdown."""
    lines = ["| setting | default | what it decides |", "|---|---|---|"]
    for prefix, settings in (("", Settings), ("tokens.", tokens.Settings)):
        for name, text in documented(settings).items():
            default = settings.__dataclass_fields__[name].default
            if not isinstance(default, tokens.Settings):
                lines.append(f"| `{prefix}{name}` | `{default}` | {text} |")
    return "\n".join(lines) + "\n"


def written(page: str) -> str:
    """The page with its generated parts as they must be."""
    return filled(filled(page, "settings", settings_table()), "policies", generated(POLICIES))


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
