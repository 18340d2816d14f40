"""``tieline triggers``: switch triggers on and off, fire them, watch and replay events."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import orjson

from ..app.control import ask, follow
from ..app.load import load_connector
from ..app.receiver_words import receiver_of
from ..app.trigger_view import (
    counted,
    dead_lines,
    event_line,
    finding_lines,
    subscription_lines,
    subscription_text,
    trigger_lines,
    trigger_rows,
)
from ..model import DocumentError
from .boundary import Exit
from .options import FOLDER, manners, pairs
from .output import print_bytes, print_json, print_text

STORE = click.option("--store", type=FOLDER, help="Folder of the store  [default: TIELINE_HOME, or the user's].")
SINCE = click.option("--since", metavar="TIME", help="Not before this time, for example 2026-01-31T12:00:00Z.")
UNTIL = click.option("--until", metavar="TIME", help="Before this time.")
LIMIT = click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="At most so many.")


@click.group("triggers")
def command() -> None:
    """Switch triggers on and off, fire them, watch their events and replay them.

    The commands talk with the "tieline serve" that runs on the store; without one, all but webhooks works all the same.
    Each command takes --store, --format, -q and --debug.
    """


@command.command("list")
@click.argument("folder", type=FOLDER, required=False, metavar="[DIR]")
@STORE
@manners
def list_command(folder: Path | None, store: Path | None, form: str, quiet: bool) -> int:
    """List the triggers that are known, with their state; with DIR those that a connector has."""
    if folder is not None:
        return _connector_triggers(folder, form, quiet)
    answer = ask("list", {}, store)
    if form == "json":
        print_json(answer)
    elif answer["subscriptions"]:
        print_text("\n".join(subscription_lines(answer["subscriptions"])))
    elif not quiet:
        click.echo("no triggers; switch one on with: tieline triggers enable OPERATION DIR", err=True)
    return Exit.FINE


def _connector_triggers(folder: Path, form: str, quiet: bool) -> int:
    found = trigger_rows(load_connector(folder))
    if form == "json":
        print_json({"version": 1, "triggers": found})
    elif found:
        print_text("\n".join(trigger_lines(found)))
    elif not quiet:
        click.echo("the connector has no triggers", err=True)
    return Exit.FINE


@command.command("show")
@click.argument("name")
@STORE
@manners
def show_command(name: str, store: Path | None, form: str, quiet: bool) -> int:
    """Show a trigger with what was last reported about it."""
    answer = ask("show", {"name": name}, store)
    print_json(answer) if form == "json" else print_text(subscription_text(answer))
    return Exit.FINE


@command.command("enable")
@click.argument("operation")
@click.argument("words", nargs=-1, metavar="[DIR] [NAME=VALUE]...")
@click.option("--name", default="", help="What to call it  [default: connector and operation].")
@click.option("--connection", default="", metavar="NAME", help="A stored connection; see tieline connect.")
@click.option(
    "--to", "targets", multiple=True, metavar="RECEIVER", help="URL, python:MODULE:FUNCTION or a command line."
)
@click.option(
    "--secret", default="", metavar="REFERENCE", help="Key that signs what goes to a URL: env:NAME, file:PATH."
)
@click.option("--max-age", type=click.FloatRange(0), default=24.0, show_default=True, help="Hours to go on trying.")
@click.option("--interval", type=click.FloatRange(0), default=180.0, show_default=True, help="Seconds between polls.")
@click.option("--watermark", default="", metavar="PROPERTY", help="What orders polled items in time.")
@click.option("--server", default="", metavar="URL", help="Call this server instead of the connector's.")
@STORE
@manners
def enable_command(
    operation: str, words: tuple[str, ...], targets: tuple[str, ...], form: str, quiet: bool, **options: Any
) -> int:
    """Switch the trigger OPERATION of the connector in DIR on (default: the current folder).

    NAME=VALUE gives a parameter. A trigger that is known and off goes on again with: tieline triggers resume NAME.
    Programs and Python callables run where the server runs, in its folder.

    \b
    tieline triggers enable OnProductChanged InventoryAPI --connection mine --to http://localhost:9000/take
    """
    store = options.pop("store")
    _refuse_endless(options)
    folder, arguments = _split(words)
    receivers = [receiver_of(text, options["secret"], options["max_age"] * 3600) for text in targets]
    if options["secret"] and all(receiver.kind != "http" for receiver in receivers):
        remedy = "leave it out, or give a URL with --to"
        raise DocumentError("bad-argument", "--secret signs what goes to a URL, and there is none", remedy=remedy)
    names = ("name", "connection", "interval", "watermark", "server")
    wanted = {name: options[name] for name in names} | {
        "folder": str(folder.resolve()),
        "operation": operation,
        "arguments": arguments,
        "receivers": receivers,
    }
    answer = ask("enable", wanted, store)
    return _answered(answer, form, quiet, subscription_text(answer), answer["findings"])


def _refuse_endless(options: Mapping[str, Any]) -> None:
    """Raises DocumentError for ``nan`` and ``inf``, which are numbers to the parser of options."""
    for name, unit in (("interval", "seconds"), ("max_age", "hours")):
        if not math.isfinite(options[name]):
            said = f'"{options[name]}" is no number of {unit} for --{name.replace("_", "-")}'
            raise DocumentError("bad-argument", said, remedy="give one, for example 60")


@command.command("resume")
@click.argument("name")
@STORE
@manners
def resume_command(name: str, store: Path | None, form: str, quiet: bool) -> int:
    """Switch a trigger that is off on again. Polling starts anew, as on the platform."""
    answer = ask("again", {"name": name}, store)
    return _answered(answer, form, quiet, subscription_text(answer), answer["findings"])


@command.command("disable")
@click.argument("name")
@STORE
@manners
def disable_command(name: str, store: Path | None, form: str, quiet: bool) -> int:
    """Switch a trigger off: its hook is removed at the service, polling stops."""
    answer = ask("disable", {"name": name}, store)
    return _answered(answer, form, quiet, subscription_text(answer), answer["findings"])


@command.command("remove")
@click.argument("name")
@STORE
@manners
def remove_command(name: str, store: Path | None, form: str, quiet: bool) -> int:
    """Switch a trigger off and forget it. Its events stay in the history."""
    answer = ask("remove", {"name": name}, store)
    return _answered(answer, form, quiet, f'"{answer["removed"]}" is removed', answer["findings"])


@command.command("fire")
@click.argument("name")
@click.option("--now", is_flag=True, help="Poll now, whatever the interval; what a poll trigger does anyway.")
@click.option(
    "--body", type=click.Path(path_type=Path, allow_dash=True), help="A notification to take in; - for stdin."
)
@click.option("--content-type", default="application/json", show_default=True)
@STORE
@manners
def fire_command(
    name: str, now: bool, body: Path | None, content_type: str, store: Path | None, form: str, quiet: bool
) -> int:
    """Poll at once, or with --body take in a notification as if the service had sent it; prints the events."""
    given: dict[str, Any] = {"name": name}
    if now and body is not None:
        raise DocumentError("bad-argument", "--now polls, and --body is a notification", remedy="give one of them")
    if body is not None:
        given |= {"body": _bytes(body), "content_type": content_type}
    answer = ask("fire", given, store)
    if form == "json":
        print_json(answer)
        return Exit.FINE
    for event in answer["events"]:
        print_bytes(event_line(event).encode() + b"\n")
    if not quiet:
        print_text("\n".join([*finding_lines(answer["findings"]), counted(len(answer["events"]), "event")]), err=True)
    return Exit.FINE


@command.command("events")
@click.argument("name", default="")
@click.option("--type", "type_", default="", help="CloudEvents type.")
@SINCE
@UNTIL
@LIMIT
@STORE
@manners
def events_command(name: str, type_: str, store: Path | None, form: str, quiet: bool, **options: Any) -> int:
    """Print events of the history as one JSON object a line, newest first."""
    answer = ask("events", _which(name, options) | {"type": type_}, store)
    if form == "json":
        print_json(answer)
        return Exit.FINE
    for event in answer["events"]:
        print_bytes(event_line(event).encode() + b"\n")
    if not answer["events"] and not quiet:
        click.echo("no events", err=True)
    return _more(answer, quiet)


def _more(answer: Mapping[str, Any], quiet: bool) -> int:
    """Says that there is more than was given."""
    if answer["more"] and not quiet:
        click.echo("there are more; to have them, give a higher --limit", err=True)
    return Exit.FINE


@command.command("watch")
@click.argument("name", default="")
@SINCE
@click.option("--count", type=click.IntRange(1), help="End after so many events.")
@STORE
@manners
def watch_command(name: str, since: str | None, count: int | None, store: Path | None, form: str, quiet: bool) -> int:
    """Print events as they come in, one JSON object a line, until Ctrl-C."""

    def got(event: Mapping[str, Any]) -> None:
        sys.stdout.buffer.write(orjson.dumps(event) + b"\n")
        sys.stdout.buffer.flush()

    with suppress(KeyboardInterrupt):
        asyncio.run(follow(got, name, _moment(since), count, store))
    return Exit.FINE


@command.command("dead")
@click.argument("name", default="")
@LIMIT
@STORE
@manners
def dead_command(name: str, limit: int, store: Path | None, form: str, quiet: bool) -> int:
    """List deliveries that were given up: event, receiver, tries, reason."""
    answer = ask("dead", {"name": name, "limit": limit}, store)
    if form == "json":
        print_json(answer)
    elif answer["dead"]:
        print_text("\n".join(dead_lines(answer["dead"])))
    elif not quiet:
        click.echo("no dead letters", err=True)
    return Exit.FINE if form == "json" else _more(answer, quiet)


@command.command("replay")
@click.argument("name", default="")
@click.option("--event", "event_id", default="", metavar="ID", help="One event.")
@SINCE
@UNTIL
@click.option("--dead", is_flag=True, help="Only deliveries that were given up.")
@click.option("--limit", type=click.IntRange(1), default=10_000, show_default=True, help="At most so many.")
@STORE
@manners
def replay_command(
    name: str, event_id: str, dead: bool, store: Path | None, form: str, quiet: bool, **options: Any
) -> int:
    """Deliver events again: one (--event), a range (--since, --until), or dead letters (--dead).

    They keep their ids, so that a receiver can tell them from new ones.
    """
    wanted = _which(name, options) | {"id": event_id, "dead": dead}
    if not (name or event_id or dead or options["since"]):
        remedy = "name a trigger, or give --event, --since or --dead"
        raise DocumentError("bad-argument", "it is not said what to replay", remedy=remedy)
    answer = ask("replay", wanted, store)
    text = f"{counted(answer['events'], 'event')}, {counted(answer['deliveries'], 'delivery')} begun"
    code = _answered(answer, form, quiet, text)
    if form == "json":
        return code
    if answer["events"] and not answer["deliveries"] and not quiet:
        click.echo("their triggers have no receivers, or are removed", err=True)
    return _more(answer, quiet)


def _answered(answer: dict[str, Any], form: str, quiet: bool, text: str, findings: Any = ()) -> int:
    if form == "json":
        print_json(answer)
        return Exit.FINE
    for line in finding_lines(findings) if not quiet else ():
        print_text(line, err=True)
    print_text(text)
    return Exit.FINE


def _which(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    since, until = _moment(options["since"]), _moment(options["until"])
    return {"name": name, "since": since, "until": until, "limit": options["limit"]}


def _moment(text: str | None) -> float | None:
    """Seconds since the epoch; a time without zone is local. Raises DocumentError ``bad-argument``."""
    try:
        return None if text is None else datetime.fromisoformat(text).timestamp()
    except OSError:  # Windows knows no local time before 1970, when there was no event either
        return 0.0
    except (ValueError, OverflowError):
        remedy = "write for example 2026-01-31T12:00:00Z"
        raise DocumentError("bad-argument", f'"{text}" is no time', remedy=remedy) from None


def _split(words: tuple[str, ...]) -> tuple[Path, dict[str, str]]:
    """The folder (a first word without ``=``, or one that is a folder) and the arguments."""
    if words and ("=" not in words[0] or Path(words[0]).is_dir()):
        return Path(words[0]), pairs(words[1:], option="")
    return Path(), pairs(words, option="")


def _bytes(source: Path) -> bytes:
    from ..app.files import read_file

    return sys.stdin.buffer.read() if str(source) == "-" else read_file(source)
