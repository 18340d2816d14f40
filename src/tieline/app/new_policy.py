"""From what a person says about a new policy to the instance that is written.

What lives here knows no file; what fits is known from the record of the policy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import orjson

from ..formats.fields import FALSE, TRUE, Fields
from ..formats.policy_instances import INSTANCES, PARAMETER_PREFIX, SECTIONS, Section, instance_value, instances_of
from ..model import DocumentError, JsonObject, Operations, Route, Severity, did_you_mean
from ..policy import Policy, PolicyParameter, chain_of
from .policies import template_named

SECTION_STATED = frozenset({"setvaluefromurl"})
"""Templates of one section whose published instances name it all the same (observed: 5 of 5); those of others do
not."""

ONE_OPERATION = frozenset({"pollingtrigger"})
"""Templates that are for exactly one operation (observed: all 39)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPolicy:
    """What a person says about a policy that is to be added."""

    template: str
    """templateId in any case, or the policy's own name (``set-header``)."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Parameter -> value; names in any case, with or without ``x-ms-apimTemplateParameter.``. A text is read as what
    the parameter wants; other values are taken as they are."""
    operations: tuple[str, ...] = ()
    """operationIds that it is for; empty for all."""
    section: str = ""
    """request, response or failure, in any case; empty for the first in which the policy can be."""
    title: str = ""
    """Empty for the policy's own."""
    at: int | None = None
    """Its number in the list afterwards, from 1; None for the last."""


def instance_of(new: NewPolicy, operations: Operations) -> JsonObject:
    """The instance as it is written, for a connector with these operations.

    Raises DocumentError for a template, parameter, value, section or operation that does not fit.
    """
    policy = template_named(new.template)
    _check_text("title", new.title)
    value = instance_value(
        policy.template,
        _parameters(policy, new.values),
        title=new.title.strip() or policy.title,
        section=_section(policy, new.section),
        operations=_operations(policy, new.operations, operations),
    )
    _check(value)
    return value


def _parameters(policy: Policy, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values under the names of the record, in its order."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        parameter = _parameter(policy, name)
        if parameter.name in given:
            _refuse("bad-argument", f'"{parameter.name}" is given twice', "give it once")
        given[parameter.name] = _value(parameter, value)
    missing = [entry.name for entry in policy.parameters if entry.required and entry.name not in given]
    if missing:
        _refuse(
            "policy-parameter-missing",
            f'policy "{policy.template}" needs ' + " and ".join(f'"{name}"' for name in missing),
            f"add {' '.join(f'{name}=…' for name in missing)}; see: tieline policy templates {policy.template}",
        )
    return {entry.name: given[entry.name] for entry in policy.parameters if entry.name in given}


def _parameter(policy: Policy, name: str) -> PolicyParameter:
    bare = name[len(PARAMETER_PREFIX) :] if name.lower().startswith(PARAMETER_PREFIX) else name
    parameter = policy.parameter(bare)
    if parameter is None:
        remedy = did_you_mean(bare, [entry.name for entry in policy.parameters])
        _refuse("policy-parameter-unknown", f'policy "{policy.template}" has no parameter "{name}"', remedy)
    return parameter


def _value(parameter: PolicyParameter, given: Any) -> Any:
    """A text as published files write what the parameter wants; what does not fit is left for decoding to refuse."""
    if not isinstance(given, str):
        return given
    _check_text(parameter.name, given)
    if parameter.kind == "templates":
        return _json(parameter, given)
    word = given.strip().lower()
    if parameter.kind == "integer" and re.fullmatch(r"\d{1,9}", word, re.ASCII):
        return int(word)
    if parameter.kind == "flag" and word and word in TRUE | FALSE:
        return "true" if word in TRUE else "false"
    return next((choice for choice in parameter.choices if choice.lower() == word), given)


def _check_text(name: str, text: str) -> None:
    """Raises DocumentError for bytes of a command line that are no text."""
    if not text.isascii() and re.search("[\ud800-\udfff]", text):
        _refuse("bad-argument", f'the value of "{name}" is no valid text', "write it in UTF-8")


def _json(parameter: PolicyParameter, text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        _refuse(
            "bad-argument",
            f'the value of "{parameter.name}" is no JSON: {error}',
            f"""write an object in JSON, for example {parameter.name}='{{"name": "value"}}'""",
        )


def _section(policy: Policy, word: str) -> Section:
    """The section to write; none for a policy of one section whose published instances do not name it."""
    folded = word.strip().lower()
    if not folded:
        stated = policy.fixed_section is None or policy.template in SECTION_STATED
        return policy.sections[0] if stated else ""
    if folded not in policy.sections:
        _refuse(
            "policy-section",
            f'policy "{policy.template}" cannot run in "{word}"',
            f"it runs in {' or '.join(policy.sections)}",
        )
    return SECTIONS[folded]


def _operations(policy: Policy, wanted: tuple[str, ...], known: Operations) -> tuple[str, ...]:
    """The operations without repetitions, each known to the connector."""
    for name in wanted:
        if name not in known:
            known.named(name)
    distinct = tuple(dict.fromkeys(wanted))
    if policy.template in ONE_OPERATION and len(distinct) != 1:
        _refuse(
            "policy-operations",
            f'policy "{policy.template}" is for exactly one operation, not for {len(distinct) or "all"}',
            "name it with --operation",
        )
    return distinct


def _check(value: JsonObject) -> None:
    """Raises DocumentError with every error that the instance would give."""
    read = instances_of(Fields({INSTANCES: [value]}, Route(), [], any_case=True))
    errors = [finding for finding in chain_of(read).findings if finding.severity is Severity.ERROR]
    if errors:
        first, *more = (replace(finding, route=Route(), related=()) for finding in errors)
        raise DocumentError(first.rule, first.message, remedy=first.remedy, more=tuple(more))


def _refuse(rule: str, message: str, remedy: str) -> NoReturn:
    raise DocumentError(rule, message, remedy=remedy)
