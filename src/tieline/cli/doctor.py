"""``tieline doctor``: what is installed and found."""

from __future__ import annotations

import click

from ..app.doctor import examine
from .boundary import Exit
from .options import manners
from .output import print_json


@click.command("doctor")
@manners
def command(form: str, quiet: bool) -> int:
    """Show what is installed and found: Python, packages, browser, network settings, the example."""
    checks = examine()
    if form == "json":
        print_json({"version": 1, "checks": [check.json() for check in checks]})
    else:
        width = max(len(check.name) for check in checks)
        for check in checks:
            if not quiet or check.state == "missing":
                click.echo(f"{check.state:8} {check.name:{width}}  {check.detail}")
                if check.remedy:
                    click.echo(f"{'':8} {'':{width}}  {check.remedy}")
    return Exit.FINDINGS if any(check.state == "missing" for check in checks) else Exit.FINE
