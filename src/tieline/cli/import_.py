"""``tieline import``: an API description becomes a connector folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..app.importing import ImportOptions, import_source
from ..app.render import import_json
from ..model import Severity
from .boundary import Exit
from .network import NetworkOptions, network
from .options import FOLDER, manners
from .output import print_findings, print_json


@click.command("import")
@click.argument("source")
@click.option("-o", "--output", type=FOLDER, metavar="DIR", help="Where to write; otherwise a folder of the name here.")
@click.option("--name", default="", help="The connector's name; otherwise its title in PascalCase.")
@click.option("--host", default="", metavar="URL", help="Base URL of the API, where the description names none.")
@click.option("--root", type=FOLDER, metavar="DIR", help="Where its other files may be; otherwise its own folder.")
@click.option("--force", is_flag=True, help="Replace the connector's files in a folder that holds some.")
@click.option("--strict", is_flag=True, help="Exit with 1 when something could not be carried over.")
@network
@manners
def command(source: str, output: Path | None, name: str, form: str, quiet: bool, **options: Any) -> int:
    """Make a connector folder of SOURCE.

    SOURCE is an OpenAPI 2.0, 3.0 or 3.1 description (a file or a URL, JSON or YAML) or a connector folder. What could
    not be carried over is listed, with the place in the description, what became of it and what you may do.
    """
    wanted = ImportOptions(
        name=name,
        output=output,
        base_url=options["host"],
        root=options["root"],
        force=options["force"],
        network=NetworkOptions.of(options),
    )
    result = import_source(source, wanted)
    if form == "json":
        print_json(import_json(result))
    else:
        shown = [f for f in result.findings if not quiet or f.severity is Severity.ERROR]
        print_findings(shown, result.documents)
        if not quiet:
            click.echo(result.summary(), err=True)
        click.echo(str(result.folder))
    lost = any(finding.severity is not Severity.INFO for finding in result.findings)
    return Exit.FINDINGS if options["strict"] and lost else Exit.FINE
