"""``tieline connect``: makes a connection, signs in where that is needed, tests it and keeps it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import click

from ..app.answers import Question, accepted
from ..app.command_lines import quoted
from ..app.connect import Connected, ConnectOptions, connect
from ..app.load import load_connector
from ..app.references import findings_of_references, pairs_of_references, secret_from, secret_read
from ..app.sign_in import Notice, SignInOptions
from ..model import HIDDEN, DocumentError, GrantType, Secret
from .boundary import Exit
from .network import NetworkOptions, network
from .options import FOLDER, manners, pairs
from .output import print_file_findings, print_findings, print_json, print_text

GRANTS = [grant for grant in get_args(GrantType) if grant != "given"]

NEEDED = frozenset({"open", "code", "login-server", "warning"})
"""Kinds of notices that are shown with ``--quiet`` too."""


@click.command("connect")
@click.argument("folder", metavar="[DIR]", type=FOLDER, default=".")
@click.option("--name", default="", metavar="NAME", help="What the connection is called; otherwise as the connector.")
@click.option("--replace", is_flag=True, help="Put it in the place of one of that name.")
@click.option("--parameter-set", default="", metavar="NAME", help="Which way to sign in, where there are several.")
@click.option("--set", "values", multiple=True, metavar="NAME=VALUE", help="Answer to a question of the form.")
@click.option(
    "--secret", "references", multiple=True, metavar="NAME=env:NAME|file:PATH", help="The same, for what is secret."
)
@click.option("--client-id", default="", metavar="ID", help="Id of your app at the identity provider.")
@click.option("--client-secret", default="", metavar="env:NAME|file:PATH", help="The secret of that app.")
@click.option("--grant", type=click.Choice(GRANTS), help="How to get a token; otherwise the best way there is.")
@click.option("--token", default="", metavar="env:NAME|file:PATH|-", help="Keep an access token that you have.")
@click.option("--redirect-port", type=click.IntRange(0, 65535), default=0, metavar="PORT", help="0 for any free port.")
@click.option("--redirect-url", default="", metavar="URL", help="Registered redirect URL on this machine.")
@click.option("--pkce", is_flag=True, help="Proof key for code exchange, which the platform does not use.")
@click.option("--no-browser", is_flag=True, help="Only show the address of the sign-in page.")
@click.option("--paste", is_flag=True, help="Type in where the browser ended: for a browser on another machine.")
@click.option("--wait", type=click.FloatRange(0.1), default=300.0, show_default=True, help="Seconds for signing in.")
@click.option("--login-server", default="", metavar="URL", help="Takes the place of the origin of all sign-in URLs.")
@click.option("--no-test", is_flag=True, help="Do not try the connection.")
@click.option("--keep", is_flag=True, help="Keep it also when the test says that it does not work.")
@click.option("-y", "--yes", is_flag=True, help="Ask nothing; what is missing is an error.")
@click.option("--trace", is_flag=True, help="Show what was said to the identity provider on stderr, secrets hidden.")
@network
@manners
def command(folder: Path, form: str, quiet: bool, yes: bool, trace: bool, **options: Any) -> int:
    """Make a connection for the connector in DIR (default: the current folder).

    Asks what the platform's form would ask, opens the browser where the service has a sign-in page, tries the
    connection and keeps it, encrypted. Then: tieline call OPERATION --connection NAME.
    """
    connector = load_connector(folder)
    asking = not yes and sys.stdin.isatty() and sys.stderr.isatty()

    def show(notice: Notice) -> None:
        if trace if notice.kind == "trace" else not quiet or notice.kind in NEEDED:
            for line in notice.text.splitlines():
                print_text(line, err=True)

    if form == "text" and not quiet:
        print_file_findings(connector.findings, quoted(str(folder)))
    result = connect(connector, _options(folder, options), _asked if asking else None, show)
    if form == "json":
        print_json(result.json())
    else:
        _show(result, quiet=quiet)
    return Exit.FINE if result.works else Exit.FINDINGS


def _options(folder: Path, options: dict[str, Any]) -> ConnectOptions:
    values, secrets = pairs(options["values"], option="--set "), pairs_of_references(options["references"])
    alone = [f"{name}={options[name]}" for name in ("client_secret", "token")]
    print_findings(findings_of_references([*options["references"], *alone], folder), {})
    if twice := next((name for name in secrets if name in values), ""):
        raise DocumentError("bad-argument", f'"{twice}" is given with --set and with --secret', remedy="give it once")
    return ConnectOptions(
        name=options["name"],
        replace=options["replace"],
        parameter_set=options["parameter_set"],
        values={**values, **secrets},
        client_id=options["client_id"],
        client_secret=secret_from(options["client_secret"]) if options["client_secret"] else None,
        token=_token(options["token"]),
        login_server=options["login_server"],
        sign_in=SignInOptions(
            grant=options["grant"] or "",
            redirect_port=options["redirect_port"],
            redirect_url=options["redirect_url"],
            pkce=options["pkce"],
            browser=not options["no_browser"],
            paste=options["paste"],
            wait=options["wait"],
        ),
        test=not options["no_test"],
        keep=options["keep"],
        folder=folder,
        network=NetworkOptions.of(options),
    )


def _token(reference: str) -> Secret | None:
    """The access token that --token names; ``-`` reads it from stdin."""
    if reference == "-":
        return secret_read(sys.stdin.buffer.read())
    return secret_from(reference) if reference else None


def _asked(question: Question) -> str:
    """Asks on stderr, so that stdout holds the result alone; what is secret is not echoed."""
    print_text(f"\n{question.label}{'' if question.required else ' (may be left empty)'}", err=True)
    for text in dict.fromkeys((question.description, question.tooltip)):
        if text and text != question.label:
            print_text(f"  {text}", err=True)
    for number, choice in enumerate(question.choices, 1):
        print_text(f"  {number}. {choice.text}", err=True)
    default = HIDDEN if question.default and question.secret else question.default
    shown = question.name if default is None else f"{question.name} [{default}]"
    while True:
        with _stoppable():
            typed: str = click.prompt(shown, default="", show_default=False, hide_input=question.secret, err=True)
        try:
            return accepted(question, _meant(question, typed) or question.default or "")
        except DocumentError as error:
            print_text(f"{error.finding.message}; {error.finding.remedy}", err=True)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Lets Ctrl-C end a question: the event loop's own handler waits for the task, which waits for the answer."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


def _meant(question: Question, typed: str) -> str:
    """What was typed, or the choice whose number it is."""
    values = [str(choice.value) for choice in question.choices]
    if typed.isdecimal() and typed not in values and 0 < int(typed) <= len(values):
        return values[int(typed) - 1]
    return typed


def _show(result: Connected, *, quiet: bool) -> None:
    name = result.stored.connection.name
    check = result.check
    if check is not None and not (quiet and result.works):
        print_text(f"test{f' with {check.operation}' if check.operation else ''}: {check.said}", err=True)
    if not result.kept:
        print_text("the service refuses this connection, so it was not kept; --keep keeps it all the same", err=True)
        return
    if not quiet:
        print_text(f'kept as "{name}"; next: tieline call OPERATION --connection {quoted(name)}', err=True)
    print_text(name)
