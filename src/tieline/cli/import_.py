"""``tieline import``: an API description becomes a connector folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..app.importing import ImportOptions, ImportResult, Selection, import_source
from ..app.render import import_json, import_lines
from ..model import Severity
from .boundary import Exit
from .network import NetworkOptions, network
from .options import FOLDER, manners
from .output import print_bytes, print_findings, print_json


@click.command("import")
@click.argument("source")
@click.option("-o", "--output", type=FOLDER, metavar="DIR", help="Where to write; otherwise a folder of the name here.")
@click.option("--name", default="", help="The connector's name; otherwise its title in PascalCase.")
@click.option("--host", default="", metavar="URL", help="Base URL of the API, where the description names none.")
@click.option("--root", type=FOLDER, metavar="DIR", help="Where its other files may be; otherwise its own folder.")
@click.option("--only", multiple=True, metavar="GLOB", help="Keep these operations; also METHOD /path*. Repeatable.")
@click.option("--tag", "tags", multiple=True, metavar="NAME", help="Keep the operations with this tag. Repeatable.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Leave these operations out. Repeatable.")
@click.option("--theirs", is_flag=True, help="Where you and the API changed the same value, take the API's.")
@click.option("--dry-run", is_flag=True, help="Show what would change as a patch, and write nothing.")
@click.option("--force", is_flag=True, help="Replace the connector's files in a folder that holds some; no merge.")
@click.option("--strict", is_flag=True, help="Exit with 1 when something could not be carried over.")
@network
@manners
def command(source: str, output: Path | None, name: str, form: str, quiet: bool, **options: Any) -> int:
    """Make a connector folder of SOURCE, or bring the one that is there up to date.

    SOURCE is an OpenAPI 2.0, 3.0, 3.1 or 3.2 description (JSON or YAML) or a Postman collection (v2.0 or v2.1), as a
    file or a URL, or a connector folder. What could not be carried over is listed, with the place in the description,
    what became of it and what you may do. In a folder that holds a connector, what you edited stays.
    """
    wanted = ImportOptions(
        name=name,
        output=output,
        base_url=options["host"],
        root=options["root"],
        selection=Selection(only=options["only"], tags=options["tags"], exclude=options["exclude"]),
        force=options["force"],
        theirs=options["theirs"],
        dry_run=options["dry_run"],
        network=NetworkOptions.of(options),
    )
    result = import_source(source, wanted)
    if form == "json":
        print_json(import_json(result))
    else:
        _print(result, quiet=quiet)
    lost = any(finding.severity is not Severity.INFO for finding in result.findings)
    return Exit.FINDINGS if options["strict"] and lost else Exit.FINE


def _print(result: ImportResult, *, quiet: bool) -> None:
    """The folder, or the patch, on stdout; what there is to say on stderr."""
    print_findings([f for f in result.findings if not quiet or f.severity is Severity.ERROR], result.documents)
    if not quiet:
        for line in import_lines(result):
            click.echo(line, err=True)
    if result.written:
        click.echo(str(result.folder))
    else:
        print_bytes(result.patch())
