"""``tieline new``: a minimal valid connector folder."""

from __future__ import annotations

from pathlib import Path

import click

from ..app.command_lines import quoted
from ..app.new import new_connector
from .boundary import Exit
from .options import FOLDER, manners
from .output import print_json


@click.command("new")
@click.argument("name")
@click.option("--host", default="", metavar="HOST", help="Host of the API, or its base URL.")
@click.option("--auth", type=click.Choice(["none", "api-key", "basic", "oauth2"]), default="none", show_default=True)
@click.option("-o", "--output", type=FOLDER, metavar="DIR", help="Where to write; otherwise a folder of the name here.")
@manners
def command(name: str, host: str, auth: str, output: Path | None, form: str, quiet: bool) -> int:
    """Make a minimal valid connector folder called NAME, without any description."""
    folder, files = new_connector(name, host=host, auth=auth, output=output)
    if form == "json":
        print_json({"version": 1, "folder": str(folder), "files": sorted(files)})
        return Exit.FINE
    if not quiet:
        click.echo(f"wrote {', '.join(sorted(files))}; next: tieline show {quoted(str(folder))}", err=True)
    click.echo(str(folder))
    return Exit.FINE
