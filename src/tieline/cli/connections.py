"""``tieline connections``: the stored connections."""

from __future__ import annotations

import sys
import time
from typing import Any

import click

from ..app.connection_view import date, entries_json, entries_lines, lasting
from ..app.connections import expire, list_connections, remove, rename, rotate_key, show_connection
from ..app.renewing import refresh, try_out
from ..model import DocumentError
from .boundary import Exit
from .network import NetworkOptions, network
from .options import manners
from .output import print_findings, print_json, print_text


@click.group("connections")
def command() -> None:
    """List, show, test, refresh, expire, rename and remove stored connections.

    "tieline connect" makes them. They are kept encrypted. Each command takes --format, -q and --debug.
    """


@command.command("list")
@manners
def list_command(form: str, quiet: bool) -> int:
    """List the connections.

    Each with its connector, its state, and how long its access token lasts. One that cannot be read is listed, too; the
    exit code is then 1.
    """
    entries = list_connections()
    if form == "json":
        print_json(entries_json(entries))
    for line in entries_lines(entries, time.time()) if form == "text" else ():
        print_text(line)
    unreadable = list(dict.fromkeys(entry.unreadable for entry in entries if entry.unreadable is not None))
    if form == "text":
        print_findings(unreadable, {})
        if not entries and not quiet:
            click.echo("no connections; make one with: tieline connect", err=True)
    return Exit.FINDINGS if unreadable else Exit.FINE


@command.command("show")
@click.argument("name")
@manners
def show_command(name: str, form: str, quiet: bool) -> int:
    """Show what a connection has, its secrets hidden.

    A value is shown only where the connector says that it is a string in clear text.
    """
    found = show_connection(name)
    print_json(found.json()) if form == "json" else print_text(found.text())
    return Exit.FINE


@command.command("expire")
@click.argument("name")
@manners
def expire_command(name: str, form: str, quiet: bool) -> int:
    """Let a connection's access token be taken for expired.

    The next call renews it: that shows that renewing works.
    """
    expire(name)
    return _done({"expired": name}, f'the next call with "{name}" renews its access token', form, quiet)


@command.command("refresh")
@click.argument("name")
@network
@manners
def refresh_command(name: str, form: str, quiet: bool, **options: Any) -> int:
    """Renew a connection's access token now, also that of a broken connection."""
    expires = refresh(name, NetworkOptions.of(options))
    until = lasting(expires, time.time())
    return _done({"refreshed": name, "expires": date(expires)}, f'renewed "{name}": {until}', form, quiet)


@command.command("test")
@click.argument("name")
@network
@manners
def test_command(name: str, form: str, quiet: bool, **options: Any) -> int:
    """Try a connection with the operation that its connector declares for that.

    The exit code is 0 when it works or nothing is declared, else 1.
    """
    check = try_out(name, NetworkOptions.of(options))
    said = f'"{name}" {check.verdict.value}: {check.said}'
    _done({"name": name, "verdict": check.verdict.value, "said": check.said}, said, form, quiet)
    return Exit.FINE if check.verdict.value in ("works", "untried") else Exit.FINDINGS


@command.command("rename")
@click.argument("old")
@click.argument("new")
@manners
def rename_command(old: str, new: str, form: str, quiet: bool) -> int:
    """Give the connection OLD the name NEW."""
    rename(old, new)
    return _done({"renamed": old, "name": new}, f'"{old}" is now "{new}"', form, quiet)


@command.command("remove")
@click.argument("name")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@manners
def remove_command(name: str, yes: bool, form: str, quiet: bool) -> int:
    """Remove a connection for good, also one that cannot be read."""
    if not yes and not sys.stdin.isatty():
        raise DocumentError("not-confirmed", f'nobody confirms that "{name}" is removed', remedy="add --yes")
    if not yes and not click.confirm(f'remove the connection "{name}"?', err=True):
        return Exit.FINE
    remove(name)
    return _done({"removed": name}, f'removed "{name}"', form, quiet)


@command.command("rotate-key")
@click.option("--new-key", default="", metavar="env:NAME|file:PATH", help="The key or passphrase to use from now on.")
@manners
def rotate_key_command(new_key: str, form: str, quiet: bool) -> int:
    """Encrypt all connections anew with another key.

    A random one, kept in the system keyring or in a file; with --new-key that one, to be given in TIELINE_KEY from then
    on. If it is stopped in the middle, all connections stay readable; run it again.
    """
    change = rotate_key(new_key)
    result = {"connections": change.connections, "key": change.source, "remedy": change.remedy}
    noun = "connection" if change.connections == 1 else "connections"
    said = f"{change.connections} {noun} encrypted anew; the key is in {change.source}"
    code = _done(result, said, form, quiet)
    if change.remedy and form == "text":
        click.echo(f"  {change.remedy}", err=True)
    return code


def _done(result: dict[str, object], said: str, form: str, quiet: bool) -> int:
    """Say what was done."""
    if form == "json":
        print_json({"version": 1, **result})
    elif not quiet:
        print_text(said, err=True)
    return Exit.FINE
