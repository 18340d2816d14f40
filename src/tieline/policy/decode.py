"""From a policy instance as it is written to a behaviour, with findings for what is wrong with it.

What lives here knows kinds of parameters, and no single policy.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ..formats.fields import FALSE, TRUE, kind_of, scalar_text
from ..formats.policy_instances import OPERATION_NAMES, PARAMETER_PREFIX, SECTION, WRITTEN_PREFIX
from ..lang.tokens import Template, parse, parse_keys, parse_path, shown
from ..model import DocumentError, Finding, PolicyInstance, Route, Severity, did_you_mean, nearest
from .policy import Behaviour, Policy, PolicyParameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """An instance that was read."""

    behaviour: Behaviour | None
    """None when it cannot run; then a finding is an error."""
    findings: tuple[Finding, ...] = ()


def decode(policy: Policy, instance: PolicyInstance) -> Decoded:
    """The behaviour of an instance of ``policy``. Never raises; what is wrong is a finding at its place."""
    reading = _Reading(policy, instance)
    reading.note_unknown()
    values = {entry.field: reading.value(entry) for entry in policy.parameters}
    if reading.broken:
        return Decoded(behaviour=None, findings=tuple(reading.findings))
    try:
        behaviour = policy.build(**values)
    except DocumentError as error:
        reading.add(error.finding, reading.home)
        return Decoded(behaviour=None, findings=tuple(reading.findings))
    return Decoded(behaviour=behaviour, findings=tuple(reading.findings))


@dataclass(slots=True)
class _Reading:
    """One instance while it is read."""

    policy: Policy
    instance: PolicyInstance
    findings: list[Finding] = field(default_factory=list)

    @property
    def home(self) -> Route:
        """Where the parameters stand."""
        return self.instance.route / "parameters"

    @property
    def broken(self) -> bool:
        """Whether it cannot run."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def route(self, name: str) -> Route:
        """Where a parameter stands, its prefix as the file spells it."""
        written = self.instance.raw.get("parameters")
        names: list[str] = list(written) if isinstance(written, dict) else []
        for key in names:
            if key.lower() in (PARAMETER_PREFIX + name.lower(), name.lower()):
                return self.home / key
        return self.home

    def add(self, finding: Finding, route: Route) -> None:
        """Take over a finding; ``route`` is for one that does not know its own."""
        self.findings.append(finding if finding.route.keys else replace(finding, route=route))

    def error(self, rule: str, name: str, message: str, remedy: str) -> None:
        """Note why the instance cannot run."""
        said = f'policy "{self.instance.template}": {message}'
        self.findings.append(
            Finding(rule=rule, route=self.route(name), message=said, remedy=remedy, severity=Severity.ERROR)
        )

    def note_unknown(self) -> None:
        """Parameters that the policy does not have, which are not used; an error says so when one is missing, too."""
        for name in self.instance.parameters:
            route = self.route(name)
            parameter = self.policy.parameter(name)
            if parameter is None:
                said = f'has no parameter "{name}"; it is not used'
                self.findings.append(self._warning("policy-parameter-unknown", route, said, self._meant(name)))
            elif route.keys[-1] == name:
                said = f'has "{name}" without "{WRITTEN_PREFIX}"; the platform may not read it'
                remedy = f'write "{WRITTEN_PREFIX}{parameter.name}"'
                self.findings.append(self._warning("policy-parameter-unprefixed", route, said, remedy))

    def _warning(self, rule: str, route: Route, said: str, remedy: str) -> Finding:
        return Finding(rule=rule, route=route, message=f'policy "{self.instance.template}" {said}', remedy=remedy)

    def _meant(self, name: str) -> str:
        """What a name that is not known may have been: a parameter, or what every instance may have beside them."""
        known = {parameter.name: parameter.name for parameter in self.policy.parameters}
        end = re.split("[.-]", name)[-1]
        if end != name:
            known = {bare: WRITTEN_PREFIX + bare for bare in known}
        all_names = {**known, **{own.rpartition("-")[2]: own for own in (OPERATION_NAMES, SECTION)}}
        close = nearest(end, list(all_names), most=1)
        return f'did you mean "{all_names[close[0]]}"?' if close else did_you_mean(name, list(known.values()))

    def value(self, parameter: PolicyParameter) -> Any:
        """The decoded value of a parameter, or None after a finding."""
        written = self._written(parameter.name)
        if parameter.kind == "path" and not parameter.required and written in ("", "null"):
            written = None
        if written is None or (written == "" and not parameter.may_be_empty):
            if parameter.required:
                self._note_missing(parameter, self._state(parameter.name, written))
                return None
            written = parameter.default
        try:
            return READERS[parameter.kind](written, parameter, self.route(parameter.name), self.findings)
        except DocumentError as error:
            self.add(error.finding, self.route(parameter.name))
        except _WrongKind as error:
            self.error("policy-parameter-type", parameter.name, f'"{parameter.name}" {error.message}', error.remedy)
        return None

    def _written(self, name: str) -> Any:
        """The value as written, the exact spelling of its name first; None for none."""
        given = self.instance.parameters
        if name in given:
            return given[name]
        folded = name.lower()
        return next((value for key, value in given.items() if key.lower() == folded), None)

    def _state(self, name: str, written: Any) -> str:
        """What keeps a value that was written or not from being one."""
        if written is not None:
            return "empty"
        return "null" if self.route(name) != self.home else "missing"

    def _note_missing(self, parameter: PolicyParameter, state: str) -> None:
        close = nearest(parameter.name, list(self.instance.parameters), most=1)
        instead = f'; is "{close[0]}" meant to be it?' if close else ""
        self.error(
            "policy-parameter-missing",
            parameter.name,
            f'the parameter "{parameter.name}" is {state}',
            f'add "x-ms-apimTemplateParameter.{parameter.name}"{instead}' if state == "missing" else "give it a value",
        )


class _WrongKind(ValueError):
    """A value that is not what its parameter wants; caught where the instance is known."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


Reader = Callable[[Any, PolicyParameter, Route, list[Finding]], Any]
"""Takes the written value, the parameter, its place and the list for notes; gives the decoded value.

Raises DocumentError or _WrongKind.
"""


def _scalar(written: Any) -> str:
    """A JSON scalar as text: any will do for API Management (reference: policy-templates, section 1)."""
    text = scalar_text(written)
    if text is None:
        raise _WrongKind(f"must be a text, but is {kind_of(written)}", "write one text in quotes")
    return text


def _read_text(written: Any, parameter: PolicyParameter, route: Route, notes: list[Finding]) -> str:
    text = _scalar(written)
    if not parameter.choices:
        if "@" in text and _is_expression(text):
            said = f'"{shown(text)}" stands for itself: "{parameter.name}" takes no expressions'
            notes.append(
                Finding(rule="expression-not-evaluated", route=route, message=said, remedy="write what it is to be")
            )
        return text
    folded = text.strip().lower()
    for choice in parameter.choices:
        if choice.lower() == folded:
            return choice
    raise _WrongKind(f'cannot be "{text}"', did_you_mean(text, parameter.choices))


def _is_expression(text: str) -> bool:
    """Whether a text would mean something where expressions count."""
    try:
        return parse(text).constant is None
    except DocumentError:
        return True


def _read_template(written: Any, parameter: PolicyParameter, route: Route, notes: list[Finding]) -> Template:
    template = parse(_scalar(written), route, path_parameters=parameter.kind == "url")
    notes.extend(template.notes)
    return template


def _read_path(written: Any, parameter: PolicyParameter, route: Route, notes: list[Finding]) -> Any:
    return parse_path(_scalar(written), route, parameter.roots)


def _read_keys(written: Any, parameter: PolicyParameter, route: Route, notes: list[Finding]) -> Any:
    return parse_keys(_scalar(written), route)


def _read_integer(written: Any, parameter: PolicyParameter, route: Route, notes: list[Finding]) -> int:
    text = _scalar(written).strip()
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise _WrongKind(f'must be a whole number, not "{text}"', "give a whole number, for example 401")
    return int(text)


def _read_flag(written: Any, parameter: PolicyParameter, route: Route, notes: list[Finding]) -> bool:
    text = _scalar(written).strip().lower()
    if text not in TRUE | FALSE:
        raise _WrongKind(f'must be true or false, not "{text}"', 'write "true" or "false"')
    return text in TRUE


def _read_templates(
    written: Any, parameter: PolicyParameter, route: Route, notes: list[Finding]
) -> dict[str, Template]:
    if not isinstance(written, dict):
        raise _WrongKind(f"must be an object, but is {kind_of(written)}", 'write {"name": "value"}')
    return {name: _read_entry(name, value, parameter, route / name, notes) for name, value in written.items()}


def _read_entry(name: str, value: Any, parameter: PolicyParameter, route: Route, notes: list[Finding]) -> Template:
    if scalar_text(value) is None:
        said = f'"{name}" of "{parameter.name}" must be a text, but is {kind_of(value)}'
        raise DocumentError("policy-parameter-type", said, remedy="write an expression in quotes", route=route)
    return _read_template(value, parameter, route, notes)


READERS: dict[str, Reader] = {
    "text": _read_text,
    "template": _read_template,
    "url": _read_template,
    "path": _read_path,
    "keys": _read_keys,
    "integer": _read_integer,
    "flag": _read_flag,
    "templates": _read_templates,
}
"""How a written value is read, by kind of parameter."""
