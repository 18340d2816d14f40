"""The table of findings in docs/import.md says what the code says. Run as a program, this file writes the table."""

from __future__ import annotations

from pathlib import Path

from tieline.formats import openapi3

PAGE = Path(__file__).resolve().parents[3] / "docs" / "import.md"
BEGIN, END = "<!-- findings -->\n", "<!-- /findings -->"


def table() -> str:
    """The table of all kinds of findings."""
    lines = ["| id | severity | what becomes of it | why | concerns |", "|---|---|---|---|---|"]
    for rule in openapi3.RULES:
        effect = "" if rule.effect == "none" else rule.effect
        lines.append(f"| `{rule.id}` | {rule.severity} | {rule.what} | {rule.why} | {effect} |")
    return "\n".join(lines) + "\n"


def parts() -> tuple[str, str, str]:
    """The page before, in and after the table."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    inside, after = rest.split(END)
    return before + BEGIN, inside, END + after


def test_the_table_is_that_of_the_code() -> None:
    """Every kind of finding is in the manual with the words of the code; run this file to write the table again."""
    assert parts()[1] == table()


def test_no_two_kinds_share_an_id() -> None:
    """Ids are unique, and every loss says what forces it and what one may do."""
    ids = [rule.id for rule in openapi3.RULES]
    assert len(set(ids)) == len(ids)
    assert all(rule.what and rule.why and (rule.remedy or not rule.loss) for rule in openapi3.RULES)


if __name__ == "__main__":
    before, _, after = parts()
    PAGE.write_text(before + table() + after, encoding="utf-8")
