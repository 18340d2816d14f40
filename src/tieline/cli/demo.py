"""``tieline demo``: the main jobs on a real example API."""

from __future__ import annotations

import sys

import click

from ..app.demo import Demo, StepResult
from .boundary import Exit
from .options import manners
from .output import print_json


@click.command("demo")
@click.option("--check", is_flag=True, help="Run all steps without questions and end.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="PORT", help="Port of the example API.")
@manners
def command(check: bool, port: int, form: str, quiet: bool) -> int:
    """Start the Inventory example (a real API), import it, and walk through the main jobs on it.

    Without a terminal, or with --check, all steps run without questions. Nothing is left behind.
    """
    asking = not check and form == "text" and sys.stdin.isatty() and sys.stdout.isatty()
    results: list[StepResult] = []
    with Demo(port=port) as demo:
        if form == "text" and not quiet:
            click.echo(f"The Inventory API runs on {demo.server}.\n", err=True)
        for number, step in enumerate(demo.steps, 1):
            if form == "text":
                click.echo(f"{number}. {step.title}\n   $ {demo.shown(step)}", err=True)
            if asking:
                click.pause("   press a key to run it ...", err=True)
            result = demo.run(step)
            results.append(result)
            if form == "text":
                _show(result, quiet=quiet)
        if asking:
            click.echo(f"The API runs on; the connector is in {demo.folder}. Try your own calls in another terminal.")
            click.pause("Press a key to end and remove both ...")
    if form == "json":
        print_json({"version": 1, "steps": [result.json() for result in results]})
    failed = sum(not result.ok for result in results)
    if form == "text":
        click.echo(f"{len(results) - failed} of {len(results)} steps did what they should", err=True)
    return Exit.FINDINGS if failed else Exit.FINE


def _show(result: StepResult, *, quiet: bool) -> None:
    if not quiet or not result.ok:
        for line in result.output.splitlines():
            click.echo(f"   {line}")
    click.echo(f"   {'ok' if result.ok else 'NOT AS EXPECTED: ' + result.why}\n", err=True)
