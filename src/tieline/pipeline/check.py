"""Checking a reply against what the operation declares. Drift is a finding, never an exception.

**Which response.** Below 400: the declared response of that status, else for a 2xx the one that the platform takes the
output from (reference: connector-format, section 2). From 400: the declared response of that status, else ``default``
where another response declares the good case; a lone ``default`` describes the good case and is not held against an
error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from ..model import (
    DocumentError,
    Finding,
    Operation,
    OperationKind,
    Reply,
    Response,
    Route,
    Schema,
    Severity,
    TraceEntry,
)
from ..model.media_type import bare
from .media import content_type_of, is_json, is_text, parsed_json
from .validate import Problem, Validator, path_text, validator_of
from .values import json_fault

MOST_LISTED = 20
"""Complaints about one reply that are listed; one more finding counts the rest."""

EMPTY = frozenset({204, 205, 304})
"""Statuses that never have a body (RFC 9110)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check says."""

    findings: tuple[Finding, ...]
    """What of the reply is not as declared: ``response-…``, of severity warning, or info for what is usual."""
    entry: TraceEntry
    """The same in one line."""


def check(operation: Operation, reply: Reply) -> Checked:
    """Compare a reply with what the operation declares.

    A polling trigger's 202 says that there is nothing new; definitions do not declare it, and what it may hold beside
    its ``Location`` is not looked at by anybody (reference: triggers, section 2).
    """
    declared = declared_response(operation, reply.status)
    if _nothing_new(operation, reply, declared):
        return Checked(findings=(), entry=_nothing_new_entry(operation, reply))
    if declared is not None and _fits_at_once(operation, reply, declared):
        title = f'no differences from declared response "{declared.code}"'
        entry = TraceEntry(step="check", title=title, before=reply, after=reply, route=declared.route)
        return Checked(findings=(), entry=entry)
    findings = tuple(_findings(operation, reply, declared))
    if declared is None or declared.schema is None:
        title = "no declared body to check against"
    else:
        drift = sum(finding.severity is not Severity.INFO for finding in findings) if findings else 0
        title = f'{drift or "no"} difference{"" if drift == 1 else "s"} from declared response "{declared.code}"'
    route = operation.route if declared is None else declared.route
    entry = TraceEntry(step="check", title=title, before=reply, after=reply, route=route)
    return Checked(findings=findings, entry=entry)


def _fits_at_once(operation: Operation, reply: Reply, declared: Response) -> bool:
    """Whether a reply is the JSON that is declared for its status: what nearly every call ends with, so it is told
    without the work that telling the differences needs."""
    made: dict[int, Validator | None] = operation.compiled.setdefault("at once", {})
    if reply.status not in made:
        made[reply.status] = _validator_at_once(operation, reply, declared)
    validator = made[reply.status]
    if validator is None or not is_json(bare(content_type_of(reply))):
        return False
    try:
        value = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return False
    return validator.fits(value)


def _validator_at_once(operation: Operation, reply: Reply, declared: Response) -> Validator | None:
    """The validator, where nothing but the body has to be looked at."""
    schema = declared.schema
    if schema is None or declared.code != str(reply.status) or operation.method == "HEAD" or _kind(schema) == "file":
        return None
    validator = validator_of(operation, schema, "reply")
    return None if validator.unusable or validator.rewritten.findings else validator


def _nothing_new(operation: Operation, reply: Reply, declared: Response | None) -> bool:
    """Whether a reply is a trigger's 202, and not a body that is declared for that status."""
    if reply.status != 202 or operation.kind is not OperationKind.POLLING:
        return False
    return not reply.body or declared is None or declared.code != "202"


def _nothing_new_entry(operation: Operation, reply: Reply) -> TraceEntry:
    where = 'goes to its "Location"' if reply.header("location") else 'is the same: it has no "Location"'
    title = f"202: nothing new, or the first poll; the next one {where}"
    return TraceEntry(step="check", title=title, before=reply, after=reply, route=operation.route)


def _findings(operation: Operation, reply: Reply, declared: Response | None) -> Iterator[Finding]:
    if (operation.responses and declared is None) or (declared is not None and declared.code != str(reply.status)):
        yield from _status_findings(operation, reply)
    if declared is not None and declared.schema is not None and operation.method != "HEAD":
        yield from _body_findings(operation, reply, declared, declared.schema)


def output_response(operation: Operation) -> Response | None:
    """The response that the platform takes an operation's output from (reference: connector-format, section 2).

    The only one, if it is ``default`` or any 2xx; else ``200``, ``201``, ``default`` in this order; else none.
    """
    responses = {response.code.lower(): response for response in operation.responses}
    if len(responses) == 1:
        code, response = next(iter(responses.items()))
        if code == "default" or (code.startswith("2") and len(code) == 3):
            return response
    return next((responses[code] for code in ("200", "201", "default") if code in responses), None)


def declared_response(operation: Operation, status: int) -> Response | None:
    """The response that a reply of that status is checked against; None for none."""
    known: dict[int, Response | None] = operation.compiled.setdefault("responses", {})
    if status not in known:
        known[status] = _declared_response(operation, status)
    return known[status]


def _declared_response(operation: Operation, status: int) -> Response | None:
    exact = next((response for response in operation.responses if response.code == str(status)), None)
    if exact is not None:
        return exact
    output = output_response(operation)
    if status < 400:
        return output if status < 300 else None
    default = _default(operation)
    return default if default is not output else None


def _default(operation: Operation) -> Response | None:
    return next((response for response in operation.responses if response.code.lower() == "default"), None)


def _status_findings(operation: Operation, reply: Reply) -> Iterator[Finding]:
    """A status that is not declared, not even by ``default``: usual for errors, drift for anything else."""
    if _default(operation) is not None:
        return
    codes = ", ".join(f'"{response.code}"' for response in operation.responses)
    yield Finding(
        rule="response-undeclared-status",
        route=operation.route / "responses",
        message=f'the reply has status "{reply.status}", which is not declared; declared are {codes}',
        remedy=f'add a response "{reply.status}" to the definition',
        severity=Severity.WARNING if reply.status < 400 else Severity.INFO,
    )


def _body_findings(operation: Operation, reply: Reply, declared: Response, schema: Schema) -> Iterator[Finding]:
    """A body that is not as the declared response says."""
    kind = _kind(schema)
    if not reply.body:
        if reply.status not in EMPTY and kind != "":
            yield _finding("response-empty", declared.route, "the reply has no body, but a body is declared")
        return
    if kind == "file":
        return
    content_type = bare(content_type_of(reply))
    wants_json = not operation.produces or any(is_json(bare(media)) for media in operation.produces)
    if is_json(content_type) or (wants_json and not (kind == "string" and is_text(content_type))):
        yield from _json_findings(operation, reply, declared, schema)
    elif not _is_produced(content_type, operation.produces):
        yield _content_type_finding(declared.route, content_type, operation.produces)


def _kind(schema: Schema) -> str:
    """What a schema says of the whole body: ``file`` for bytes, its type, or nothing."""
    try:
        value = schema.resolved()
    except DocumentError:
        return ""
    binary = value.type == "string" and value.value.get("format") == "binary"
    return "file" if value.type == "file" or binary else value.type or ("any" if value.value else "")


def _is_produced(content_type: str, produces: tuple[str, ...]) -> bool:
    declared = {bare(media) for media in produces}
    return not declared or content_type in declared or any("*" in media for media in declared)


def _content_type_finding(route: Route, content_type: str, produces: tuple[str, ...]) -> Finding:
    wanted = ", ".join(f'"{media}"' for media in produces) or '"application/json"'
    sent = f'has content type "{content_type}"' if content_type else "has no content type"
    return _finding("response-content-type", route, f"the reply {sent}, but {wanted} is declared")


def _json_findings(operation: Operation, reply: Reply, declared: Response, schema: Schema) -> Iterator[Finding]:
    """A body that should be JSON of the declared schema."""
    content_type = bare(content_type_of(reply))
    try:
        value = parsed_json(reply)
    except orjson.JSONDecodeError as error:
        said = f' (content type "{content_type}")' if content_type else ""
        yield _finding("response-not-json", declared.route, f"the reply is no JSON{said}: {json_fault(error)}")
        return
    if not is_json(content_type):
        yield _content_type_finding(declared.route, content_type, operation.produces)
    validator = validator_of(operation, schema, "reply")
    if validator.unusable or validator.rewritten.findings:
        yield from _schema_findings(declared.route, validator)
    if not validator.fits(value):
        yield from _mismatches(declared, validator.problems(value), value)


def _schema_findings(route: Route, validator: Validator) -> Iterator[Finding]:
    """What keeps the declared schema from being checked in full."""
    for finding in validator.rewritten.findings:
        yield _finding(finding.rule, finding.route, finding.message, finding.remedy)
    if validator.unusable:
        yield _finding(
            "response-schema-unusable", route, f"the reply was not checked, the schema is broken: {validator.unusable}"
        )


def _mismatches(declared: Response, problems: tuple[Problem, ...], value: Any) -> Iterator[Finding]:
    """One finding for each kind of difference, up to a limit."""
    for problem in problems[:MOST_LISTED]:
        yield _mismatch(declared, problem, value)
    rest = len(problems) - MOST_LISTED
    if rest > 0:
        yield _finding("response-mismatch", declared.route, f"the reply differs in {rest} more ways from the declared")


def _mismatch(declared: Response, problem: Problem, value: Any) -> Finding:
    """One difference. A property that only has another case is found all the same by the platform."""
    where = f'the reply of declared response "{declared.code}" at "{path_text(problem.path)}"'
    other = _in_other_case(problem, value)
    if other:
        message = f'{where} has "{other}", where "{problem.name}" is declared'
        return Finding(rule="response-property-case", route=problem.route, message=message, severity=Severity.INFO)
    return _finding(
        "response-mismatch",
        problem.route,
        f"{where} {problem.sentence}",
        "correct the definition, or report it to the service",
    )


def _in_other_case(problem: Problem, value: Any) -> str:
    """How the reply spells a required property that it seems to lack (reference: openapi-extensions: any case)."""
    if not problem.name:
        return ""
    for key in problem.path:
        value = value[key]
    return next((name for name in value if name.casefold() == problem.name.casefold()), "")


def _finding(rule: str, route: Route, message: str, remedy: str = "") -> Finding:
    return Finding(rule=rule, route=route, message=message, remedy=remedy)
