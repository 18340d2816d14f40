"""``tieline show``: what a connector has."""

from __future__ import annotations

from pathlib import Path

import click

from ..app.load import load_connector
from ..app.show import operation_json, operation_text, overview_json, overview_text
from .boundary import Exit
from .options import manners
from .output import print_findings, print_json, print_text


@click.command("show")
@click.argument("words", nargs=-1, metavar="[DIR] [OPERATION]")
@manners
def command(words: tuple[str, ...], form: str, quiet: bool) -> int:
    """Show the operations, triggers, parameters, sign-in and policies of the connector in DIR.

    DIR is a connector folder or a description file (default: the current folder). With OPERATION: that one in detail.
    """
    folder, operation_id = _split(words)
    connector = load_connector(folder)
    if not quiet and form == "text":
        print_findings(connector.findings, connector.documents)
    if operation_id is None:
        print_json(overview_json(connector)) if form == "json" else print_text(overview_text(connector))
    else:
        operation = connector.definition.operations.named(operation_id)
        if form == "json":
            print_json(operation_json(connector, operation))
        else:
            print_text(operation_text(connector, operation))
    return Exit.FINE


def _split(words: tuple[str, ...]) -> tuple[Path, str | None]:
    """Folder and operation: one word alone is a folder when there is one of that name, else an operation."""
    match words:
        case ():
            return Path(), None
        case (word,):
            return (Path(word), None) if Path(word).exists() or "/" in word or "\\" in word else (Path(), word)
        case (folder, operation_id):
            return Path(folder), operation_id
    raise click.UsageError(f"takes at most a folder and an operation, not {len(words)} words")
