"""Options that several commands share, each written once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from ..model import DocumentError

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path)
"""A folder or file argument; existence is checked where the error can say more than click's."""


def manners(command: Decorated) -> Decorated:
    """``--format``, ``--quiet`` and ``--debug``, which every command has (``--debug`` acts in ``cli.main``)."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error."),
        click.option("-q", "--quiet", is_flag=True, help="Say only what was asked for."),
        click.option(
            "--format",
            "form",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="How the result is printed.",
        ),
    ):
        command = option(command)
    return command


def pairs(texts: tuple[str, ...], *, option: str) -> dict[str, str]:
    """``("a=1", "b=2")`` as a dict; DocumentError for a text without ``=`` or a name given twice.

    A text of an option is not repeated in the message: it may be a secret whose name was forgotten.
    """
    out: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            said = f"what {option.strip()} was given" if option else f'"{text}"'
            raise DocumentError(
                "bad-argument", f"{said} is not of the form name=value", remedy=f"write {option}name=value"
            )
        if name in out:
            raise DocumentError("bad-argument", f'"{name}" is given twice', remedy="give it once")
        out[name] = value
    return out
