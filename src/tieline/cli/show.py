"""``tieline show``: what a connector has."""

from __future__ import annotations

from pathlib import Path

import click

from ..app.command_lines import quoted
from ..app.load import check_order, load_connector, local
from ..app.show import faults, operation_json, operation_text, overview_json, overview_text
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
    operation = None if operation_id is None else connector.definition.operations.named(operation_id)
    if form == "json":
        print_json(overview_json(connector) if operation is None else operation_json(connector, operation))
        return Exit.FINE
    if not quiet:
        print_findings(faults(connector, operation), connector.documents)
    print_text(overview_text(connector) if operation is None else operation_text(connector, operation))
    return Exit.FINE


def _split(words: tuple[str, ...]) -> tuple[Path, str | None]:
    """Folder and operation: one word alone is a folder when there is one of that name, else an operation."""
    match words:
        case ():
            return Path(), None
        case (word,):
            return (local(word), None) if Path(word).exists() or "/" in word or "\\" in word else (Path(), word)
        case (folder, operation_id):
            swapped = f"tieline show {quoted(operation_id)} {quoted(folder)}"
            check_order(Path(folder), operation_id, "the folder", swapped)
            return local(folder), operation_id
    raise click.UsageError(f"takes at most a folder and an operation, not {len(words)} words")
