"""What ``docs/policies.md`` says about each policy, made from the records, and how it gets into the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .policy import Policy, PolicyParameter

KINDS = {
    "text": "text",
    "template": "expression",
    "url": "expression with `{path parameters}`",
    "path": "place",
    "keys": "path below a place",
    "integer": "whole number",
    "flag": "`true` or `false`",
    "templates": "object of expressions",
}
"""Kind of parameter -> what the page calls it."""


def filled(page: str, part: str, text: str) -> str:
    """The page with ``text`` between the marks of a part: ``<!-- part: … -->`` and ``<!-- part: end -->``.

    Raises ValueError for a page without them.
    """
    marks = re.compile(rf"(<!-- {part}: (?!end)[^\n]*-->\n).*?(<!-- {part}: end -->)", re.DOTALL)
    if not marks.search(page):
        raise ValueError(f'the page has no marks for "{part}"')
    return marks.sub(lambda found: f"{found.group(1)}\n{text}\n{found.group(2)}", page, count=1)


def generated(policies: Iterable[Policy]) -> str:
    """The table of all policies, and a section for each, in Markdown."""
    listed = tuple(policies)
    lines = ["| policy | `templateId` | runs in | does |", "|---|---|---|---|"]
    for policy in listed:
        lines.append(
            f"| [{policy.title}](#{policy.template}){' (preview)' if policy.preview else ''} | `{policy.template}` "
            f"| {_sections(policy)} | {policy.summary} |"
        )
    for policy in listed:
        lines.extend(("", *_section(policy)))
    return "\n".join(lines) + "\n"


def _sections(policy: Policy) -> str:
    return "around all others" if policy.wraps else ", ".join(section.title() for section in policy.sections)


def _section(policy: Policy) -> Iterator[str]:
    yield f"### {policy.template}"
    yield ""
    yield f"{policy.summary} Since {policy.since}. Known from: {policy.source}."
    yield ""
    yield "| parameter | is | default | what it is |"
    yield "|---|---|---|---|"
    for parameter in policy.parameters:
        yield _row(parameter)


def _row(parameter: PolicyParameter) -> str:
    kind = KINDS[parameter.kind]
    if parameter.choices:
        kind = ", ".join(f"`{choice}`" for choice in parameter.choices)
    default = "required" if parameter.required else f"`{parameter.default}`" if parameter.default != "" else "none"
    return f"| `{parameter.name}` | {kind} | {default} | {parameter.title}. {parameter.description} |"
