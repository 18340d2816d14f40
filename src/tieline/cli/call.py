"""``tieline call``: one operation through the whole pipeline; body on stdout, talk on stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..app.call import CallOptions, CallResult, Outcome, call_operation, check_place, read_arguments
from ..app.command_lines import quoted
from ..app.files import write_file
from ..app.load import check_order, load_connector, local
from ..app.references import findings_of_references, pairs_of_references
from ..app.render import body_text, har, pretty, result_json, trace_lines, written_body
from ..model import Severity
from .boundary import Exit
from .network import NetworkOptions, network
from .options import FOLDER, manners, pairs
from .output import print_bytes, print_file_findings, print_findings, print_json

EXIT = {
    Outcome.ANSWERED: Exit.FINE,
    Outcome.ERROR_REPLY: Exit.FINDINGS,
    Outcome.REFUSED: Exit.USAGE,
    Outcome.NOT_DONE: Exit.COULD_NOT,
}


@click.command("call")
@click.argument("operation")
@click.argument("words", nargs=-1, metavar="[DIR] [NAME=VALUE]...")
@click.option("--body", type=click.Path(path_type=Path, allow_dash=True), help="File with the body; - for stdin.")
@click.option("--connection", default="", metavar="NAME", help="A stored connection; see tieline connect.")
@click.option("--set", "values", multiple=True, metavar="PARAMETER=VALUE", help="A connection parameter's value.")
@click.option("--secret", "references", multiple=True, metavar="PARAMETER=REFERENCE", help="env:NAME or file:PATH.")
@click.option("--parameter-set", default="", metavar="NAME", help="Which way to sign in, where there are several.")
@click.option("--server", metavar="URL", help="Call this server instead of the connector's host and base path.")
@click.option("--trace", is_flag=True, help="Show each step of the call on stderr.")
@click.option("--har", "har_file", type=FOLDER, metavar="FILE", help="Write the traffic as HAR, secrets hidden.")
@click.option("--retry", type=click.Choice(["none", "safe", "platform"]), default="safe", show_default=True)
@click.option("--pages", type=click.IntRange(1), default=1, show_default=True, help="Follow next links this far.")
@click.option("--no-follow", is_flag=True, help="Do not wait for a 202 reply's result.")
@click.option("--skip-policies", is_flag=True, help="Send without running the operation's policies.")
@click.option("--skip-script", is_flag=True, help="Send without running the connector's custom code.")
@click.option("--strict", is_flag=True, help="Exit with 1 when the reply is not as declared.")
@network
@manners
def command(operation: str, words: tuple[str, ...], form: str, quiet: bool, **options: Any) -> int:
    """Call OPERATION of the connector in DIR (default: the current folder).

    NAME=VALUE gives a parameter, or a property of the body; NAME=@FILE gives the content of a file parameter.

    \b
    tieline call GetProducts InventoryAPI category=Electronics inStock=true --set api_key=KEY
    """
    folder, arguments = _split(words)
    check_order(folder, operation, "the operation", f"tieline call {quoted(str(folder))} {quoted(operation)}")
    connector = load_connector(folder)
    if options["har_file"]:
        check_place(options["har_file"])
    given = read_arguments(connector, operation, pairs(arguments, option=""), _body(options["body"]))
    result = call_operation(connector, operation, given, _call_options(options))
    if not quiet:
        wrong = (*connector.findings, *connector.definition.operations.named(operation).findings)
        print_file_findings(wrong, quoted(str(folder)))
        print_findings(findings_of_references(options["references"], folder), {})
    if form == "json":
        print_json(result_json(result))
    else:
        _show(result, quiet=quiet, trace=options["trace"])
    if options["har_file"]:  # after the result, which is not lost where the file cannot be written
        write_file(options["har_file"], har(result))
    if result.outcome is Outcome.ANSWERED and options["strict"] and _drifted(result):
        return Exit.FINDINGS
    return EXIT[result.outcome]


def _call_options(options: dict[str, Any]) -> CallOptions:
    return CallOptions(
        server=options["server"],
        connection=options["connection"],
        values=pairs(options["values"], option="--set ") | pairs_of_references(options["references"]),
        parameter_set=options["parameter_set"],
        retry=options["retry"],
        pages=options["pages"],
        follow=not options["no_follow"],
        skip_policies=options["skip_policies"],
        skip_script=options["skip_script"],
        network=NetworkOptions.of(options),
    )


def _split(words: tuple[str, ...]) -> tuple[Path, tuple[str, ...]]:
    """The folder (a first word without ``=``, or one that is a folder; else the only such word) and the arguments."""
    if words and ("=" not in words[0] or Path(words[0]).is_dir()):
        return local(words[0]), words[1:]
    others = [word for word in words if "=" not in word]
    if len(others) == 1:
        return local(others[0]), tuple(word for word in words if "=" in word)
    return Path(), words


def _body(source: Path | None) -> bytes | None:
    if source is None:
        return None
    if str(source) == "-":
        return sys.stdin.buffer.read()
    from ..app.files import read_file

    return read_file(source)


def _drifted(result: CallResult) -> bool:
    return any(finding.severity is not Severity.INFO for finding in result.findings)


def _show(result: CallResult, *, quiet: bool, trace: bool) -> None:
    if trace:
        for line in trace_lines(result):
            click.echo(line, err=True)
    print_findings(result.findings if not quiet else result.errors, result.connector.documents)
    if not quiet or result.exchange.failure is not None:
        for line in result.summary():
            click.echo(line, err=True)
    body = result.body_bytes
    if body and sys.stdout.isatty():
        click.echo(pretty(body_text(written_body(result.body, result.exchange.reply))))
    elif body:
        print_bytes(body)
