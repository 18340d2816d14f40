"""The policies of a connector and the templates that there are, as text and as JSON.

Changing them is the business of ``policy_edits``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..formats import folder as connector_folder
from ..formats.api_properties import instances_at
from ..model import Connector, Document, DocumentError, Finding, PolicyInstance, Route, Severity, did_you_mean
from ..policy import POLICIES, TEMPLATES, Chain, Link, Policy, PolicyParameter, chain, chain_of, doubts
from ..policy.page import KINDS
from .files import read_folder
from .findings import located
from .render import pretty

MANY = 4
"""Operations that a line of text names; of more it names fewer and says how many there are."""


LOSING = frozenset({"duplicate-key", "wrong-type"})
"""Rules of findings around the list that may have cost policies; errors may, whatever their rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """One policy of a connector, as a list shows it."""

    number: int
    """Its place in the file, from 1; what ``remove`` and ``move`` take."""
    template: str
    """templateId in lower case; empty for an entry that is no policy."""
    section: str
    """Where it runs: request, response or failure; empty when it cannot run."""
    operations: tuple[str, ...] | None
    """The operations that it runs for; None for all."""
    title: str
    description: str
    """What it does, on one line; what is wrong with it when it cannot run."""
    route: Route


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyList:
    """Policies of a connector."""

    rows: tuple[PolicyRow, ...]
    findings: tuple[Finding, ...]
    """What is wrong with them."""
    documents: Mapping[str, Document]
    """What the rows and the findings stand in."""

    def json(self) -> dict[str, Any]:
        """The list as JSON."""
        return {
            "version": 1,
            "policies": [row_json(row, self.documents) for row in self.rows],
            "findings": [located(finding, self.documents) for finding in self.findings],
        }

    def text(self) -> str:
        """The list for a terminal, two lines for each policy."""
        return "\n".join(row_text(row, self.documents) for row in self.rows)


def list_policies(folder: Path, operation: str = "") -> PolicyList:
    """The policies of the connector in a folder, in the order of the file.

    With an operationId: those that run for it, in the order in which they run; one that wraps the call is there twice.
    Raises DocumentError for a folder that holds no connector and for an unknown operation.
    """
    connector = connector_folder.read(read_folder(folder), name=folder.resolve().name)
    if operation:
        made = chain(connector, connector.definition.operations.named(operation))
        findings = (*_around(connector), *made.findings, *doubts(connector, made))
        return PolicyList(rows=tuple(_run(made)), findings=findings, documents=connector.documents)
    made = chain_of(connector.properties.policies)
    return PolicyList(
        rows=policy_rows(connector),
        findings=(*_around(connector), *_misread(connector), *made.findings, *doubts(connector, made)),
        documents=connector.documents,
    )


def policy_rows(connector: Connector) -> tuple[PolicyRow, ...]:
    """Every entry of the list in the file, those that are no policy too, since they have a number."""
    home = instances_at(connector.properties)
    read = {policy.route.keys[-1]: policy for policy in connector.properties.policies}
    return tuple(
        policy_row(read[index]) if index in read else _no_policy(home / index)
        for index in range(len(entries(connector.properties.root, home)))
    )


def entries(root: Any, home: Route) -> list[Any]:
    """The list at a route of the properties; an empty one when there is none."""
    value = root
    for key in home.keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def policy_row(instance: PolicyInstance) -> PolicyRow:
    """The row of one instance."""
    made = chain_of((instance,))
    row = next(_run(made), None)
    if row is not None:
        return row
    flaw = next(finding for finding in made.findings if finding.severity is Severity.ERROR)
    return _row(instance, section="", description=flaw.message)


def _run(made: Chain) -> Iterator[PolicyRow]:
    """The rows of a chain in the order in which it runs."""
    for section, links in (("request", made.request), ("response", made.response), ("failure", made.failure)):
        for link in links:
            yield _row(link.instance, section=section, description=_does(link))


def _does(link: Link) -> str:
    return " ".join(link.behaviour.describe().split())


def _row(instance: PolicyInstance, *, section: str, description: str) -> PolicyRow:
    return PolicyRow(
        number=int(instance.route.keys[-1]) + 1,
        template=instance.template,
        section=section,
        operations=tuple(name for name in instance.operations if name) if instance.operations else None,
        title=instance.title,
        description=description,
        route=instance.route,
    )


def _no_policy(route: Route) -> PolicyRow:
    return PolicyRow(
        number=int(route.keys[-1]) + 1,
        template="",
        section="",
        operations=(),
        title="",
        description="an entry that is no policy",
        route=route,
    )


def _around(connector: Connector) -> Iterator[Finding]:
    """What reading the folder found in the file around its list of policies, so that there may be more of them."""
    home = instances_at(connector.properties)
    for finding in connector.findings:
        keys = finding.route.keys
        above = finding.route.document == home.document and len(keys) < len(home.keys)
        if above and home.keys[: len(keys)] == keys and (finding.severity is Severity.ERROR or finding.rule in LOSING):
            yield finding


def _misread(connector: Connector) -> Iterator[Finding]:
    """What reading the folder found about its policies."""
    home = instances_at(connector.properties)
    for finding in connector.findings:
        if finding.route.document == home.document and finding.route.keys[: len(home.keys)] == home.keys:
            yield finding


def row_json(row: PolicyRow, documents: Mapping[str, Document]) -> dict[str, Any]:
    """A row as JSON; ``operations`` is null for all."""
    return {
        "number": row.number,
        "template": row.template,
        "section": row.section,
        "operations": None if row.operations is None else list(row.operations),
        "title": row.title,
        "description": row.description,
        "file": row.route.document,
        "line": _line(row, documents),
        "route": row.route.pointer,
    }


def row_text(row: PolicyRow, documents: Mapping[str, Document]) -> str:
    """A row for a terminal: what it does, and below that its title, its operations and its place."""
    about = ", ".join(part for part in (_plain(row.title), _for(row), _place(row, documents)) if part)
    return f"{row.number:3}  {said(row)}\n     {about}"


def said(row: PolicyRow) -> str:
    """What a policy does, on one line: ``setheader (request): X-Key = @connectionParameters('key')``."""
    head = f"{row.template} ({row.section}): " if row.section else f"{row.template}: " if row.template else ""
    return _plain(head + row.description)


def _for(row: PolicyRow) -> str:
    if row.operations is None:
        return "for all operations"
    names = list(row.operations)
    if len(names) > MANY:
        names = [*names[: MANY - 1], f"{len(names) - MANY + 1} more"]
    return _plain("for " + (", ".join(names) or "no operation"))


def _place(row: PolicyRow, documents: Mapping[str, Document]) -> str:
    line = _line(row, documents)
    return f"{row.route.document}:{line}" if line else row.route.document


def _line(row: PolicyRow, documents: Mapping[str, Document]) -> int | None:
    document = documents.get(row.route.document)
    position = document.position(row.route) if document else None
    return position.line if position else None


def _plain(text: str) -> str:
    """Text of a file on one line of a terminal."""
    return pretty(" ".join(text.split()))


def template_named(name: str) -> Policy:
    """The policy of a templateId in any case, or of its own name (``set-header``).

    Raises DocumentError ``unknown-policy-template`` with the nearest names.
    """
    folded = name.strip().lower()
    for policy in POLICIES:
        if folded in (policy.template, policy.id):
            return policy
    raise DocumentError(
        "unknown-policy-template",
        f'there is no policy template "{name}"',
        remedy=f'{did_you_mean(folded, list(TEMPLATES))} ("tieline policy templates" lists all)',
    )


def templates_json(policies: Iterable[Policy] = POLICIES) -> dict[str, Any]:
    """Templates with their parameters, as JSON."""
    return {"version": 1, "templates": [_template_json(policy) for policy in policies]}


def _template_json(policy: Policy) -> dict[str, Any]:
    return {
        "template": policy.template,
        "id": policy.id,
        "title": policy.title,
        "summary": policy.summary,
        "sections": list(policy.sections),
        "preview": policy.preview,
        "since": policy.since,
        "source": policy.source,
        "parameters": [_parameter_json(parameter) for parameter in policy.parameters],
    }


def _parameter_json(parameter: PolicyParameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "title": parameter.title,
        "description": parameter.description,
        "kind": parameter.kind,
        "required": parameter.required,
        "default": parameter.default,
        "choices": list(parameter.choices),
    }


def templates_text() -> str:
    """Every template on a line."""
    width = max(len(policy.template) for policy in POLICIES)
    return "\n".join(f"{policy.template:{width}}  {policy.summary}" for policy in POLICIES)


def template_text(policy: Policy) -> str:
    """One template with its parameters, and the command that adds it."""
    lines = [
        f"{policy.template}: {policy.title}{' (preview)' if policy.preview else ''}",
        f"  {policy.summary}",
        f"  runs in {', '.join(policy.sections)}",
        "",
    ]
    for parameter in policy.parameters:
        lines.append(f"  {parameter.name}  ({_kind(parameter)})")
        lines.append(f"    {parameter.title}. {parameter.description}")
    given = " ".join(f"{parameter.name}=…" for parameter in policy.parameters if parameter.required)
    return "\n".join([*lines, "", f"  tieline policy add {policy.template} {given}"])


def _kind(parameter: PolicyParameter) -> str:
    """What a parameter is, in words."""
    kind = ", ".join(parameter.choices) or KINDS[parameter.kind].replace("`", "")
    if parameter.required:
        return f"{kind}; required"
    return f"{kind}; default {parameter.default}" if parameter.default != "" else kind
