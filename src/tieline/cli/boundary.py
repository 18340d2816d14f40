"""Errors become messages and exit codes here. Nobody sees a traceback without ``--debug``."""

from __future__ import annotations

import sys
import traceback
from enum import IntEnum
from typing import Any

import click

from ..model import DocumentError, Finding, Route, ServiceError, Severity, TielineError
from .output import findings_json, print_findings, print_json


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


def report(error: Exception, *, debug: bool, as_json: bool = False) -> int:
    """Say what went wrong, as text on stderr or as JSON on stdout, and return the exit code."""
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.Abort():
            click.echo("stopped", err=True)
            return 130
        case BrokenPipeError():
            return Exit.FINE
        case click.ClickException() if not as_json:
            error.show()
            return Exit.USAGE
    code, findings = _told(error)
    if as_json and _printed({"version": 1, "findings": findings_json(findings, {})}):
        return code
    print_findings(findings, {})
    return code


def _printed(value: Any) -> bool:
    """Whether a JSON value could be printed; what cannot be is said on stderr."""
    try:
        print_json(value)
    except OSError:  # a full disk, or nobody who reads
        return False
    return True


def _told(error: Exception) -> tuple[int, tuple[Finding, ...]]:
    """The exit code of an error, and the error as findings."""
    match error:
        case TielineError():
            return _code(error), error.findings
        case click.ClickException():
            return Exit.USAGE, (_finding("wrong-usage", error.format_message(), "see --help"),)
        case OSError():
            where = f'cannot use "{error.filename}"' if error.filename else "the system refuses"
            said = f"{where}: {error.strerror or error}"
            return Exit.COULD_NOT, (_finding("unusable-file", said, "check its place, its permissions and the space"),)
    said = f"this is a bug in Tieline: {type(error).__name__}: {error}"
    return Exit.BUG, (_finding("bug", said, "run it again with --debug and report what it prints"),)


def _finding(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, route=Route(), message=message, remedy=remedy, severity=Severity.ERROR)


def _code(error: TielineError) -> int:
    if isinstance(error, DocumentError):
        return Exit.USAGE
    return Exit.COULD_NOT if isinstance(error, ServiceError) else Exit.BUG
