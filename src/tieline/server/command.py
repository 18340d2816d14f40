"""``tieline serve``: gateway, trigger engine and webhook intake in one process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import orjson

from ..app.folders import connector_folders
from ..app.intake import IntakeLimits
from ..app.running import RunOptions, engine_options
from ..app.trigger_view import counted
from ..app.tunnels import tunnels as commands_of
from ..app.tunnels import tunnels_text
from ..cli.boundary import Exit
from ..cli.network import NetworkOptions, network
from ..cli.options import FOLDER, manners
from ..cli.output import print_json, print_text


@click.command("serve")
@click.argument("folders", nargs=-1, type=FOLDER, metavar="[DIR]...")
@click.option("--port", type=click.IntRange(0, 65535), default=8320, show_default=True, help="0 takes a free one.")
@click.option("--bind", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--store", type=FOLDER, help="Folder of the store  [default: TIELINE_HOME, or the user's data folder].")
@click.option("--public-url", default="", metavar="URL", help="Where services reach the intake, through a tunnel.")
@click.option("--intake-port", type=click.IntRange(0, 65535), default=8323, show_default=True, help="For the tunnel.")
@click.option(
    "--max-notification", type=click.IntRange(1), default=IntakeLimits().body, show_default=True, help="Bytes."
)
@click.option("--keep-days", type=click.FloatRange(0.01), default=30, show_default=True, help="Events and reports.")
@click.option("--no-handshakes", is_flag=True, help="Answer no handshakes of services, as the platform does not.")
@click.option("--tunnels", is_flag=True, help="Show how common tunnels are started, and exit.")
@network
@manners
def command(folders: tuple[Path, ...], form: str, quiet: bool, tunnels: bool, **options: Any) -> int:
    """Serve the connectors in DIR (default: the current folder): gateway, triggers and webhook intake.

    \b
    Gateway:  http://127.0.0.1:8320/apim/CONNECTOR/CONNECTION/PATH   (- for no connection)
    Health:   http://127.0.0.1:8320/health    Metrics: /metrics

    Ends on Ctrl-C: deliveries under way may end, all others stay for the next start.
    """
    if tunnels:
        port = options["intake_port"]
        print_json({"version": 1, "tunnels": commands_of(port)}) if form == "json" else print_text(tunnels_text(port))
        return Exit.FINE
    from .serving import ServeOptions, Started, serve

    def started(served: Started) -> None:
        if form == "json":
            _line(
                {"event": "listening", "url": served.address, "intake": served.intake, "connectors": served.connectors}
            )
        elif not quiet:
            names = ", ".join(served.connectors)
            print_text(f"{names}: {served.address}/apim/  (Ctrl-C ends)", err=True)
            print_text(f"{counted(served.triggers, 'trigger')} on, see tieline triggers list", err=True)
            if served.public_url:
                print_text(f"webhooks: {served.public_url} has to lead to {served.intake}", err=True)

    def told(name: str, report: Any) -> None:
        if form == "json":
            names = ("severity", "rule", "message", "remedy")
            _line({"event": "report", "about": name} | {one: getattr(report, one) for one in names})
        elif not quiet or report.severity == "error":
            remedy = f" ({report.remedy})" if report.remedy else ""
            print_text(f"{report.severity}: {name}: {report.message}{remedy} [{report.rule}]", err=True)

    run = RunOptions(
        folders=connector_folders(folders or (Path(),)),
        store=options["store"],
        public_url=options["public_url"],
        limits=IntakeLimits(body=options["max_notification"]),
        engine=engine_options(options["keep_days"]),
        handshakes=not options["no_handshakes"],
        network=NetworkOptions.of(options),
    )
    serve(
        ServeOptions(run=run, port=options["port"], bind=options["bind"], intake_port=options["intake_port"]),
        started=started,
        told=told,
    )
    return Exit.FINE


def _line(value: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")
    sys.stdout.buffer.flush()
