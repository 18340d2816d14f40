"""What the form asks for when a connection is made, and whether the answers will do.

What lives here knows no terminal and no page: the faces show questions and hand in texts. Reference: connector-format,
sections 4 and 6.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..model import (
    AllowedValue,
    ConnectionParameter,
    Connector,
    DocumentError,
    Finding,
    ParameterSet,
    Route,
    Secret,
    Severity,
    settable,
)
from .oauth.choice import CERTIFICATE_ONLY
from .oauth.values import names_in, no_client_id, unfilled
from .scheme import Parameters, plain

Kind = Literal["parameter", "client-id", "client-secret", "placeholder", "set"]
"""What an answer is: a connection parameter's value, the app's id or secret, what a placeholder in a sign-in URL stands
for, or the name of a parameter set."""

Mode = Literal["cloud", "gateway"]
"""Whether the service is called directly or through an on-premises data gateway."""

SET = "parameter-set"
"""Name of the question for the parameter set."""

CLIENT_ID = "client_id"
"""Name of the question for the app's id."""

CLIENT_SECRET = "client_secret"
"""Name of the question for the app's secret."""

CLIENT_ID_OPTION = "--client-id ID"

BOOLEANS = (AllowedValue(value="true", text="Yes"), AllowedValue(value="false", text="No"))
"""Choices of a ``bool`` that names none."""

INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
"""How an ``int`` is written."""

MOST_SHOWN = 10
"""Choices that a message lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that a person is asked for."""

    name: str
    """Name of the answer; for a connection parameter as the file has it."""
    label: str
    """What a person sees; the name where the file gives no label."""
    description: str = ""
    tooltip: str = ""
    kind: Kind = "parameter"
    type: Literal["text", "int", "bool"] = "text"
    """How the answer, which is always a text, is written."""
    secret: bool = False
    """Whether the input is masked and the answer never shown."""
    required: bool = True
    default: str | None = None
    """What counts when nothing is answered; None for nothing."""
    choices: tuple[AllowedValue, ...] = ()
    """The only answers there are; empty for any."""
    dependencies: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """Other question -> answers that it must have for this one to be asked; None among them stands for no answer."""
    option: str = ""
    """What a command line gives the answer with; empty for ``--set`` or ``--secret`` and the name."""
    route: Route = Route()
    """What in the connector asks for it."""


def questions(
    connector: Connector,
    parameter_set: str | ParameterSet | None = "",
    *,
    mode: Mode = "cloud",
    missing_placeholders: tuple[str, ...] = (),
) -> tuple[Question, ...]:
    """What the form asks, in order: by ``tabIndex``, then as the file has it; then what signing in takes.

    ``parameter_set`` is one of several sets or its name; while none is named, the first question is which, and the
    others are those of the first set. Not asked: ``oauthSetting`` parameters (they are signed in), hidden ones, those
    of the other ``mode``. ``missing_placeholders`` are those of ``oauth.placeholders_of``. Raises DocumentError
    ``unknown-parameter-set``.
    """
    chosen = _chosen(connector, parameter_set)
    sets = connector.properties.parameter_sets
    asked: list[Question] = [] if parameter_set or len(sets) < 2 else [_which(connector)]
    parameters = parameters_of(connector, chosen)
    unseen = {entry.name: default_of(entry) for entry in parameters if entry.hidden}
    for parameter in sorted(parameters, key=_tab):
        if _asked(parameter, mode) and (question := _question(parameter, unseen)) is not None:
            asked.append(question)
    signing = next((entry for entry in parameters if entry.type == "oauthsetting"), None)
    if signing is not None:
        asked += [_placeholder(name, signing) for name in missing_placeholders]
        asked += _app(signing, parameters)
    return tuple(asked)


def parameters_of(connector: Connector, chosen: ParameterSet | None) -> Parameters:
    """All connection parameters of a set, or of a connector without sets, hidden ones too."""
    return connector.properties.connection_parameters if chosen is None else chosen.parameters


def visible(question: Question, answers: Mapping[str, str]) -> bool:
    """Whether a question is asked, given the answers to others (defaults included). Names and answers are compared in
    any case (inferred)."""
    given = {name.casefold(): answer.casefold() for name, answer in answers.items()}
    return all(_among(given.get(other.casefold()), values) for other, values in question.dependencies.items())


def checked(asked: tuple[Question, ...], answers: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is wrong with the answers to the questions that are visible: ``missing-answer``, ``not-an-allowed-value``,
    ``wrong-type``, all errors. No secret is in them."""
    effective = _effective(asked, answers)
    found = (_problem(question, effective.get(question.name)) for question in asked if visible(question, effective))
    return tuple(finding for finding in found if finding is not None)


def accepted(question: Question, answer: str) -> str:
    """An answer as it is kept: a choice may be given by its label or in another case, a ``bool`` in any case.

    Raises DocumentError ``not-an-allowed-value``, ``wrong-type`` or ``missing-answer``.
    """
    problem = _problem(question, answer)
    if problem is not None:
        raise DocumentError(problem.rule, problem.message, remedy=problem.remedy, route=problem.route)
    return _kept(question, answer)


def values_of(
    asked: tuple[Question, ...], answers: Mapping[str, str], parameters: Parameters = ()
) -> dict[str, Secret]:
    """The values of a connection: of the visible parameters the answers, else the defaults; and the defaults of those
    ``parameters`` that nobody is asked for (hidden ones). What is empty is left out."""
    effective = _effective(asked, answers)
    names = {question.name for question in asked}
    found = {entry.name: default_of(entry) for entry in parameters if entry.hidden and entry.name not in names}
    for question in asked:
        if question.kind == "parameter" and visible(question, effective):
            found[question.name] = effective.get(question.name)
    return {name: Secret(value) for name, value in found.items() if value}


def default_of(parameter: ConnectionParameter) -> str | None:
    """``defaultValue`` as text; None for none."""
    return None if parameter.default is None else _text(parameter.default)


def _chosen(connector: Connector, wanted: str | ParameterSet | None) -> ParameterSet | None:
    sets = connector.properties.parameter_sets
    if isinstance(wanted, ParameterSet):
        return wanted
    if not wanted:
        return next(iter(sets), None)
    found = next((entry for entry in sets if plain(entry.name) == plain(wanted)), None)
    if found is None:
        names = ", ".join(f'"{entry.name}"' for entry in sets)
        message = f'the connector has no parameter set "{wanted}"'
        remedy = f"name one of {names}" if sets else "name none: the connector has one way to sign in"
        raise DocumentError("unknown-parameter-set", message, remedy=remedy)
    return found


def _which(connector: Connector) -> Question:
    """The question for one of several sets."""
    sets = connector.properties.parameter_sets
    choices = tuple(AllowedValue(value=entry.name, text=entry.display_name or entry.name) for entry in sets)
    route = connector.properties.route
    return Question(name=SET, label="Way to sign in", kind="set", default=sets[0].name, choices=choices, route=route)


def _tab(parameter: ConnectionParameter) -> float:
    """Where a parameter stands; those that do not say come last."""
    return float("inf") if parameter.tab_index is None else parameter.tab_index


def _asked(parameter: ConnectionParameter, mode: Mode) -> bool:
    """Whether the form shows a parameter at all."""
    if parameter.hidden or parameter.type == "oauthsetting":
        return False
    modes = [entry.strip().lower() for entry in parameter.capability]
    return mode in modes if modes else parameter.type != "gatewaysetting" or mode == "gateway"


def _question(parameter: ConnectionParameter, unseen: Mapping[str, str | None]) -> Question | None:
    """The question for a parameter; None for one that depends on what a hidden parameter is not."""
    open_ones = {name: values for name, values in parameter.dependencies.items() if name not in unseen}
    for name, values in parameter.dependencies.items():
        if name in unseen and not _among((unseen[name] or "").casefold(), values):
            return None
    kind: Literal["text", "int", "bool"] = "text"
    if parameter.type == "int" or parameter.type == "bool":
        kind = parameter.type
    return Question(
        name=parameter.name,
        label=parameter.display_name or parameter.name,
        description=parameter.description,
        tooltip=parameter.tooltip,
        type=kind,
        secret=parameter.secret,
        required=parameter.required,
        default=default_of(parameter),
        choices=parameter.allowed_values or (BOOLEANS if kind == "bool" else ()),
        dependencies=open_ones,
        route=parameter.route,
    )


def option_for(name: str, parameter: ConnectionParameter) -> str:
    """How a command line gives what a placeholder in the sign-in stands for."""
    return CLIENT_ID_OPTION if _is_client_id(name, parameter) else f"--set {settable(name)}"


def _is_client_id(name: str, parameter: ConnectionParameter) -> bool:
    """Whether a placeholder stands for the app's id: by its name, or since it is what the files have for one."""
    written = "" if parameter.oauth is None else parameter.oauth.client_id
    return plain(name) == "clientid" or names_in(written) == (name,)


def _placeholder(name: str, parameter: ConnectionParameter) -> Question:
    """The question for a placeholder in the sign-in, which may be the app's id."""
    if _is_client_id(name, parameter):
        return Question(
            name=name,
            label="Client id",
            description=f"The id of your app at the identity provider: {{{name}}} in the files.",
            kind="placeholder",
            option=CLIENT_ID_OPTION,
            route=parameter.route,
        )
    description = f"Stands for {{{name}}} in signing in."
    return Question(name=name, label=name, description=description, kind="placeholder", route=parameter.route)


def _app(parameter: ConnectionParameter, parameters: Parameters) -> Iterator[Question]:
    """The questions for the app at the identity provider, as far as neither the files nor a parameter have it."""
    oauth = parameter.oauth
    if oauth is None or oauth.identity_provider in CERTIFICATE_ONLY or _first_party(oauth.properties):
        return
    own = {plain(entry.name.rpartition(":")[2]) for entry in parameters if ":" in entry.name}
    if "clientid" not in own and no_client_id(oauth.client_id):
        described = "The id of your app at the identity provider."
        yield Question(
            name=CLIENT_ID,
            label="Client id",
            description=described,
            kind="client-id",
            option=CLIENT_ID_OPTION,
            route=parameter.route,
        )
    held = oauth.client_secret
    if "clientsecret" not in own and (held is None or unfilled(held.reveal())):
        yield Question(
            name=CLIENT_SECRET,
            label="Client secret",
            description="The secret of your app; leave it empty for an app without one.",
            kind="client-secret",
            secret=True,
            required=False,
            option="--client-secret env:NAME",
            route=parameter.route,
        )


def _first_party(properties: Mapping[str, Any]) -> bool:
    """Whether the app is Microsoft's own."""
    said = next((value for key, value in properties.items() if key.lower() == "isfirstparty"), "")
    return str(said).strip().lower() == "true"


def _among(answer: str | None, values: tuple[Any, ...]) -> bool:
    """Whether an answer (lower case) is one of some values."""
    return any((not answer) if value is None else answer == _text(value).casefold() for value in values)


def _effective(asked: tuple[Question, ...], answers: Mapping[str, str]) -> dict[str, str]:
    """The answers as they are kept, and defaults for those that are empty."""
    found: dict[str, str] = {}
    for question in asked:
        answer = answers.get(question.name) or question.default
        if answer is not None:
            found[question.name] = _kept(question, answer)
    return found


def _kept(question: Question, answer: str) -> str:
    """An answer as it is kept; as it is when it is none of the choices."""
    choice = _choice(question, answer)
    if choice is not None:
        return _text(choice.value)
    return answer.strip().lower() if question.type == "bool" else answer.strip() if question.type == "int" else answer


def _choice(question: Question, answer: str) -> AllowedValue | None:
    """The choice that an answer means: by its value, else by value or label in any case."""
    exact = next((entry for entry in question.choices if _text(entry.value) == answer), None)
    wanted = answer.strip().casefold()
    alike = (entry for entry in question.choices if wanted in (_text(entry.value).casefold(), entry.text.casefold()))
    return exact or next(alike, None)


def _problem(question: Question, answer: str | None) -> Finding | None:
    """What is wrong with the answer to one question."""
    if not answer:
        return _finding(question, "missing-answer", "has no value", _how(question)) if question.required else None
    if question.choices and _choice(question, answer) is None:
        shown = _choices(question)
        return _finding(question, "not-an-allowed-value", "has a value that is none of its choices", shown)
    if question.type == "int" and INTEGER.fullmatch(answer.strip()) is None:
        return _finding(question, "wrong-type", "must be a whole number", "for example 5")
    if question.type == "bool" and answer.strip().lower() not in ("true", "false"):
        return _finding(question, "wrong-type", "must be true or false", "true or false")
    return None


def _how(question: Question) -> str:
    if question.option:
        return f"add {question.option}"
    if question.secret:
        return f"add --secret {question.name}=env:NAME"
    shown = f", VALUE being one of {_choices(question)}" if question.choices else ""
    return f"add --set {settable(question.name)}{shown}"


def _choices(question: Question) -> str:
    """The values that may be chosen, as a message lists them."""
    shown = ", ".join(f'"{_text(entry.value)}"' for entry in question.choices[:MOST_SHOWN])
    more = len(question.choices) - MOST_SHOWN
    return shown if more <= 0 else f"{shown} and {more} more"


def _finding(question: Question, rule: str, message: str, remedy: str) -> Finding:
    """A finding about an answer, with name and label and never the answer."""
    label = "" if question.label == question.name else f" ({question.label})"
    remedy = remedy if rule == "missing-answer" else f"give {remedy}" if rule == "wrong-type" else f"choose {remedy}"
    return Finding(
        rule=rule,
        route=question.route,
        message=f'"{question.name}"{label} {message}',
        remedy=remedy,
        severity=Severity.ERROR,
    )


def _text(value: Any) -> str:
    """A JSON value as a person types it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
