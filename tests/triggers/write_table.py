"""Writes the tables of docs/triggers.md from the tables of moves: ``python tests/triggers/write_table.py``."""

from __future__ import annotations

from pathlib import Path

from tieline.triggers.moved import Ignored
from tieline.triggers.step import TABLES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "triggers.md"
START, END = "<!-- moves: begin -->", "<!-- moves: end -->"
TITLES = {"NoneType": "A new key", "WebhookState": "Webhook", "PollState": "Polling", "DeliveryState": "Delivery"}


def tables() -> str:
    """Every move as Markdown."""
    out = []
    for kind, table in TABLES.items():
        out += [f"### {TITLES[kind.__name__]}", "", "| status | input | what happens |", "|---|---|---|"]
        for status, row in table.items():
            for given, handler in row.items():
                if isinstance(handler, Ignored):
                    said = f"Nothing: {handler.because}."
                else:
                    said = " ".join((handler.__doc__ or "").split("\n\n")[0].split())
                out.append(f"| {status} | `{given.__name__}` | {said} |")
        out.append("")
    return "\n".join(out)


def page() -> str:
    """The page with its tables as they should be."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
