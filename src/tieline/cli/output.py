"""Printing: results on stdout, talk on stderr, JSON with a version."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import click
import orjson

from ..app.findings import described, located
from ..app.render import pretty
from ..model import Document, Finding, Severity


def print_json(value: Any) -> None:
    """One JSON document on stdout, UTF-8 whatever the console's encoding is."""
    try:
        data = orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:  # integers over 64 bits, which a description may hold
        data = json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "replace")
    print_bytes(data + b"\n")


def print_text(text: str, *, err: bool = False) -> None:
    """Text of a document on stdout, or with ``err`` on stderr; nothing in it drives the terminal."""
    click.echo(pretty(text), err=err)


def print_bytes(data: bytes) -> None:
    """Bytes on stdout as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def print_findings(findings: Iterable[Finding], documents: Mapping[str, Document]) -> None:
    """Findings as text on stderr, with file, line and column."""
    for finding in findings:
        print_text(described(finding, documents), err=True)


def print_file_findings(findings: Iterable[Finding], place: str) -> None:
    """One line for findings about files, of a command that is about something else: nothing is repaired in silence."""
    count = sum(finding.severity is not Severity.INFO for finding in findings)
    if count:
        noun = "finding" if count == 1 else "findings"
        click.echo(f"{count} {noun} about the connector's files; to see them: tieline show {place}".rstrip(), err=True)


def findings_json(findings: Iterable[Finding], documents: Mapping[str, Document]) -> list[dict[str, Any]]:
    """Findings in the published JSON shape."""
    return [located(finding, documents) for finding in findings]
