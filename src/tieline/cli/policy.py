"""``tieline policy``: the policy template instances of a connector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..app.new_policy import NewPolicy
from ..app.policies import list_policies, template_named, template_text, templates_json, templates_text
from ..app.policy_edits import PolicyChange, add_policy, move_policy, remove_policy
from ..model import Severity
from .boundary import Exit
from .options import FOLDER, manners, pairs
from .output import print_bytes, print_findings, print_json, print_text

FOLDER_ARGUMENT = click.argument("folder", type=FOLDER, default=Path(), metavar="[DIR]")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Print the change as a patch and write nothing.")


@click.group("policy")
def command() -> None:
    """List, add, remove and move the policies of a connector, in its apiProperties.json.

    DIR is a connector folder (default: the current one). Each command takes --format, -q and --debug.
    """


@command.command("list")
@FOLDER_ARGUMENT
@click.option("--operation", default="", metavar="ID", help="Only those that run for it, in the order of running.")
@manners
def list_command(folder: Path, operation: str, form: str, quiet: bool) -> int:
    """List a connector's policies.

    Each with its number, what it does, its title, the operations that it is for, and where it is written.
    """
    found = list_policies(folder, operation)
    if form == "json":
        print_json(found.json())
        return Exit.FINE
    shown = [finding for finding in found.findings if not quiet or finding.severity is Severity.ERROR]
    print_findings(shown, found.documents)
    if found.rows:
        print_text(found.text())
    elif not quiet:
        whose = f'no policies run for "{operation}"' if operation else "no policies"
        click.echo(f"{whose}; add one with: tieline policy add TEMPLATE", err=True)
    return Exit.FINE


@command.command("templates")
@click.argument("template", default="")
@manners
def templates_command(template: str, form: str, quiet: bool) -> int:
    """List the policy templates.

    With TEMPLATE: that one with its parameters.
    """
    policy = template_named(template) if template else None
    if form == "json":
        print_json(templates_json() if policy is None else templates_json([policy]))
    else:
        click.echo(templates_text() if policy is None else template_text(policy))
    return Exit.FINE


@command.command("add")
@click.argument("template")
@click.argument("words", nargs=-1, metavar="[DIR] [NAME=VALUE]...")
@click.option("--operation", "operations", multiple=True, metavar="ID", help="Run it for this operation; may repeat.")
@click.option("--section", default="", metavar="request|response|failure", help="Where it runs; request if not said.")
@click.option("--title", default="", metavar="TEXT", help="What the designer shows; the template's name if not said.")
@click.option("--at", type=int, metavar="N", help="Its number in the list; last if not said.")
@DRY_RUN
@manners
def add_command(template: str, words: tuple[str, ...], dry_run: bool, form: str, quiet: bool, **options: Any) -> int:
    """Add a policy of TEMPLATE.

    DIR is a connector folder (default: the current one); its apiProperties.json is made when there is none.
    NAME=VALUE gives a parameter; "tieline policy templates TEMPLATE" shows which there are.

    \b
    tieline policy add setheader MyConnector name=X-Key "value=@connectionParameters('api_key')"
    """
    folder, given = _split(words)
    new = NewPolicy(template=template, values=pairs(given, option=""), **options)
    return _make(add_policy(folder, new), dry_run=dry_run, form=form, quiet=quiet)


@command.command("remove")
@click.argument("number", type=int)
@FOLDER_ARGUMENT
@DRY_RUN
@manners
def remove_command(number: int, folder: Path, dry_run: bool, form: str, quiet: bool) -> int:
    """Remove the policy with that NUMBER.

    "tieline policy list" shows the numbers.
    """
    return _make(remove_policy(folder, number), dry_run=dry_run, form=form, quiet=quiet)


@command.command("move")
@click.argument("number", type=int)
@click.argument("to", type=int)
@FOLDER_ARGUMENT
@DRY_RUN
@manners
def move_command(number: int, to: int, folder: Path, dry_run: bool, form: str, quiet: bool) -> int:
    """Move the policy with that NUMBER to place TO.

    "tieline policy list" shows the numbers. Policies of one section run in the order of the list.
    """
    return _make(move_policy(folder, number, to), dry_run=dry_run, form=form, quiet=quiet)


def _split(words: tuple[str, ...]) -> tuple[Path, tuple[str, ...]]:
    """The folder (a first word without ``=``, or one that is a folder) and the parameters."""
    if words and ("=" not in words[0] or Path(words[0]).is_dir()):
        return Path(words[0]), words[1:]
    return Path(), words


def _make(change: PolicyChange, *, dry_run: bool, form: str, quiet: bool) -> int:
    """Make a change, or show it."""
    if not dry_run:
        change.write()
    if form == "json":
        print_json(change.json(written=not dry_run))
        return Exit.FINE
    print_findings(change.findings, change.connector.documents)
    if not quiet:
        click.echo(change.summary(made=not dry_run), err=True)
    if dry_run:
        print_bytes(change.patch())
    else:
        click.echo(str(change.file.path))
    return Exit.FINE
