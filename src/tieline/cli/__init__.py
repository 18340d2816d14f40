"""The command line: reads input, calls ``app``, shows output. No logic of its own.

This module is all that ``tieline --help`` imports besides click: a command's module is imported when it is invoked.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import click

from .. import __version__


class CommandEntry(NamedTuple):
    """One line of the registry."""

    name: str
    """What the user types."""
    module: str
    """Module that holds ``command``: of this folder, or from the package above with a dot before it."""
    help: str
    """One line for ``tieline --help``."""


COMMANDS = (
    CommandEntry("demo", "demo", "See the main jobs on a real example API."),
    CommandEntry("new", "new", "Make a minimal connector folder without any description."),
    CommandEntry("import", "import_", "Make a connector folder of an API description."),
    CommandEntry("show", "show", "Show what a connector has."),
    CommandEntry("connect", "connect", "Make a connection: sign in, try it, keep it."),
    CommandEntry("call", "call", "Call one operation through the whole pipeline."),
    CommandEntry("connections", "connections", "List, show, expire, rename and remove stored connections."),
    CommandEntry("mock", "mock", "Serve a backend that behaves as a description says."),
    CommandEntry("serve", ".server.command", "Serve connectors: gateway, triggers and webhook intake."),
    CommandEntry("triggers", "triggers", "Switch triggers on and off, watch their events, replay them."),
    CommandEntry("policy", "policy", "List, add, remove and move the policies of a connector."),
    CommandEntry("doctor", "doctor", "Show what is installed and found."),
)
"""Every command, in the order in which help lists them."""

EPILOG = "Exit codes: 0 fine, 1 findings or failed checks, 2 wrong usage, 3 could not do it, 70 a bug of ours."


class LazyGroup(click.Group):
    """A group whose commands are imported when they are invoked, not when help is shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the registry."""
        return [entry.name for entry in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None for an unknown name."""
        for entry in COMMANDS:
            if entry.name == cmd_name:
                command: click.Command = import_module(f".{entry.module}", __package__).command
                return command
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest name for a misspelt one."""
        name = args[0]
        if not name.startswith("-") and all(entry.name != name for entry in COMMANDS):
            from ..model import did_you_mean

            known = [entry.name for entry in COMMANDS]
            raise click.UsageError(f'no such command "{name}": {did_you_mean(name, known)}', ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command list of ``--help``, without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(entry.name, entry.help) for entry in COMMANDS])


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tieline")
def group() -> None:
    """Make custom connectors for Power Automate, Power Apps, Logic Apps and Copilot Studio on your own machine.

    Start with "tieline demo", or with your own API: "tieline import openapi.yaml -o MyConnector".
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; every error becomes a message here, and nowhere else."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _open_streams()
    try:
        code = group.main(arguments, prog_name="tieline", standalone_mode=False)
    except SystemExit:  # click's way when whoever read the output has read enough
        code = 0
    except Exception as error:  # noqa: BLE001 - the one boundary where an error becomes an exit code
        from .boundary import report

        code = report(error, debug="--debug" in arguments, as_json=_wants_json(arguments))
    except KeyboardInterrupt:
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def _open_streams() -> None:
    """Streams that were closed lead nowhere; the others take every character."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - to the end
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    out = sys.__stdout__
    if sys.platform == "win32" and out is not None and out is sys.stdout and not out.isatty():
        from .pipes import piped

        sys.stdout = piped(out)


def _wants_json(arguments: list[str]) -> bool:
    """Whether the result was to be JSON; the command line may be one that click could not read."""
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)
