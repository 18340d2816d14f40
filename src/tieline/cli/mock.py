"""``tieline mock``: a backend that behaves as a description says."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from ..app.command_lines import quoted
from ..app.mock_server import MockOptions, Served, serve_mock
from .boundary import Exit
from .network import NetworkOptions, network
from .options import manners
from .output import print_file_findings, print_text


@click.command("mock")
@click.argument("source")
@click.option("--port", type=click.IntRange(0, 65535), default=8322, show_default=True, help="0 for any free port.")
@click.option("--bind", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on.")
@network
@manners
def command(source: str, port: int, bind: str, form: str, quiet: bool, **options: Any) -> int:
    """Serve a backend for SOURCE: a connector folder or an API description (file or URL).

    It checks what it is sent, answers with examples or made-up values that fit the declared schema, and prints a line
    for each request. "Prefer: code=404" asks for a certain response. GET /.tieline/requests lists what it got.
    """

    def got(line: dict[str, Any]) -> None:
        if form == "json":
            sys.stdout.buffer.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            sys.stdout.buffer.flush()
        elif not quiet:
            operation = line.get("operation") or "no such operation"
            print_text(f"{line['status']} {line['method']} {line['path']}  {operation}", err=True)
            for finding in line.get("findings", ()):
                print_text(f"    {finding['message']} [{finding['rule']}]", err=True)

    def started(served: Served) -> None:
        if form == "json":
            got({"event": "listening", "url": served.url, "operations": served.operations})
        else:
            print_text(f"{served.title}: {served.operations} operations on {served.url}  (Ctrl-C ends)", err=True)
        if not quiet and Path(source).exists():
            print_file_findings(served.findings, quoted(source))

    wanted = MockOptions(port=port, bind=bind, network=NetworkOptions.of(options))
    serve_mock(source, wanted, started=started, got=got)
    return Exit.FINE
