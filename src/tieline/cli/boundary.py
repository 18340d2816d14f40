"""Errors become messages and exit codes here. Nobody sees a traceback without ``--debug``."""

from __future__ import annotations

import sys
import traceback
from enum import IntEnum

import click

from ..app.findings import described
from ..model import DocumentError, ServiceError, TielineError


class Exit(IntEnum):
    """Exit codes (design/architecture, section 8)."""

    FINE = 0
    FINDINGS = 1
    """Findings or failed checks; for ``call`` a reply of 400 and above."""
    USAGE = 2
    """Wrong usage: an unknown operation, a bad argument, an input that cannot be used."""
    COULD_NOT = 3
    """Network, service, sign-in, or a file that cannot be written."""
    BUG = 70
    """A bug of ours."""


def report(error: Exception, *, debug: bool) -> int:
    """Say on stderr what went wrong and return the exit code."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort():
            click.echo("stopped", err=True)
            return 130
        case click.ClickException():
            error.show()
            return Exit.USAGE
        case BrokenPipeError():
            return Exit.FINE
        case TielineError():
            for finding in error.findings:
                click.echo(described(finding), err=True)
            return _code(error)
        case OSError():
            where = f" {error.filename}" if error.filename else ""
            click.echo(f"error: cannot use{where}: {error.strerror or error}", err=True)
            return Exit.COULD_NOT
    click.echo(f"error: this is a bug in Tieline: {type(error).__name__}: {error}", err=True)
    click.echo("  run it again with --debug and report what it prints", err=True)
    return Exit.BUG


def _code(error: TielineError) -> int:
    if isinstance(error, DocumentError):
        return Exit.USAGE
    return Exit.COULD_NOT if isinstance(error, ServiceError) else Exit.BUG
