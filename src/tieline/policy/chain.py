"""The policies of one operation, read once, in the order in which they run (reference: policy-templates, section 2)."""

from __future__ import annotations

from dataclasses import dataclass

from ..formats.fields import Fields
from ..formats.policy_instances import SECTION
from ..model import Connector, Finding, Operation, PolicyInstance, Severity, did_you_mean
from .decode import decode
from .policy import Behaviour, Policy, Section
from .registry import TEMPLATES

CACHE = "policy"
"""Key of the chain among what is compiled of an operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One instance that can run."""

    policy: Policy
    instance: PolicyInstance
    behaviour: Behaviour


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The policies of an operation. Within a section they run in the order of the file; sections may be interleaved
    there."""

    request: tuple[Link, ...] = ()
    response: tuple[Link, ...] = ()
    failure: tuple[Link, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What is wrong with instances."""
    broken: bool = False
    """Whether there is an error among them: then the operation cannot be called."""


NONE = Chain()
"""The chain of an operation without policies."""


def chain(connector: Connector, operation: Operation) -> Chain:
    """The chain of an operation; worked out once and kept with the operation."""
    instances = connector.properties.policies
    if not instances:
        return NONE
    made = operation.compiled.get(CACHE)
    if made is not None and made[0] is instances:
        found: Chain = made[1]
        return found
    built = chain_of(tuple(instance for instance in instances if instance.applies_to(operation.id)))
    operation.compiled[CACHE] = (instances, built)
    return built


def chain_of(instances: tuple[PolicyInstance, ...]) -> Chain:
    """The chain of instances, whatever operations they are for."""
    sections: dict[Section, list[Link]] = {"request": [], "response": [], "failure": []}
    wrapping: list[Link] = []
    findings: list[Finding] = []
    for instance in instances:
        policy = TEMPLATES.get(instance.template)
        if policy is None:
            findings.append(unknown_template(instance))
            continue
        section = _section(policy, instance, findings)
        if policy.wraps and len(set(instance.operations)) != 1:
            findings.append(_not_for_one(instance))
        decoded = decode(policy, instance)
        findings.extend(decoded.findings)
        if decoded.behaviour is not None and section is not None:
            link = Link(policy=policy, instance=instance, behaviour=decoded.behaviour)
            (wrapping if policy.wraps else sections[section]).append(link)
    return Chain(
        request=(*wrapping, *sections["request"]),
        response=(*sections["response"], *reversed(wrapping)),
        failure=tuple(sections["failure"]),
        findings=tuple(findings),
        broken=any(finding.severity is Severity.ERROR for finding in findings),
    )


def unknown_template(instance: PolicyInstance) -> Finding:
    """The finding for a template that Tieline does not know."""
    return Finding(
        rule="unknown-policy-template",
        route=instance.route / "templateId",
        message=f'there is no policy template "{instance.template}"',
        remedy=did_you_mean(instance.template, list(TEMPLATES)),
        severity=Severity.ERROR,
    )


def _section(policy: Policy, instance: PolicyInstance, findings: list[Finding]) -> Section | None:
    """The section in which an instance runs; None, with an error, for one in which the policy cannot."""
    written, fixed = instance.section, policy.fixed_section
    if written in policy.sections:
        return written or None
    if fixed is not None:
        if written:
            findings.append(_section_finding(instance, f'runs in "{fixed}" only, not in "{written}"', fixed))
        return fixed
    unknown = "" if written else _unknown_section(instance)
    if not written and not unknown:  # no default is known; request is what nearly all instances say (inferred)
        findings.append(_section_finding(instance, 'names none of its sections; "request" is taken', "request"))
        return "request"
    findings.append(
        _section_finding(
            instance, f'cannot run in "{written or unknown}"', " or ".join(policy.sections), Severity.ERROR
        )
    )
    return None


def _unknown_section(instance: PolicyInstance) -> str:
    """The section that an instance names when there is no such section; empty when it names none."""
    parameters = Fields(instance.raw, instance.route, [], any_case=True).child("parameters")
    written = parameters.get(SECTION)
    return written.strip() if isinstance(written, str) else ""


def _not_for_one(instance: PolicyInstance) -> Finding:
    """The finding for a policy that makes a trigger of more operations than one (observed: all published are for
    one)."""
    count = len(set(instance.operations))
    return Finding(
        rule="policy-operations",
        route=instance.route / "parameters",
        message=f'policy "{instance.template}" is for exactly one operation, not for {count or "all"}',
        remedy='name one in "x-ms-apimTemplate-operationName"',
    )


def _section_finding(
    instance: PolicyInstance, said: str, wanted: str, severity: Severity = Severity.WARNING
) -> Finding:
    return Finding(
        rule="policy-section",
        route=instance.route / "parameters",
        message=f'policy "{instance.template}" {said}',
        remedy=f'set "x-ms-apimTemplate-policySection" to {wanted.title().replace(" Or ", " or ")}',
        severity=severity,
    )


def describe(instance: PolicyInstance) -> str:
    """An instance on one line: template, section, and what it will do, with its expressions as they are written."""
    return " ".join(_description(instance).split())


def _description(instance: PolicyInstance) -> str:
    policy = TEMPLATES.get(instance.template)
    if policy is None:
        return f"{instance.template}: {unknown_template(instance).message}"
    notes: list[Finding] = []
    section = _section(policy, instance, notes)
    if section is None:
        return f"{instance.template}: {notes[-1].message}"
    decoded = decode(policy, instance)
    if decoded.behaviour is None:
        error = next(finding for finding in decoded.findings if finding.severity is Severity.ERROR)
        return f"{instance.template} ({section}): {error.message}"
    return f"{instance.template} ({section}): {decoded.behaviour.describe()}"
