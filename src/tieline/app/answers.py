"""The answers that a connection is made of: given beforehand, asked for, or a default.

What is missing and cannot be asked for is an error that names the option. Nothing here talks to anybody but ``ask``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..auth import form
from ..auth.form import Question, accepted
from ..auth.scheme import plain
from ..model import Connection, Connector, DocumentError, ParameterSet, Secret, did_you_mean, nearest

__all__ = ["Answers", "Ask", "Question", "accepted", "filled", "way_of"]

Ask = Callable[[Question], str]
"""Asks a person one thing and gives the answer, empty for none."""


class Answers:
    """What is known of a person's answers. Names are compared as they are, else without case and punctuation."""

    def __init__(self, given: Mapping[str, str], ask: Ask | None) -> None:
        """Takes the answers that were given beforehand, and who asks for others; None when nobody can be asked."""
        self._given = dict(given)
        self._used: set[str] = set()
        self._known: list[str] = []
        self.ask = ask

    def given(self, name: str) -> str | None:
        """An answer that was given beforehand, from now on used; None for none."""
        self._known.append(name)
        alike = (key for key in self._given if plain(key) == plain(name))
        key = name if name in self._given else next(alike, None)
        if key is None:
            return None
        self._used.add(key)
        return self._given[key]

    def to(self, question: Question) -> str | None:
        """The answer to a question; None for one that is left open.

        Raises DocumentError as ``form.accepted`` does; ``missing-answer`` says how to give one.
        """
        value = self.given(question.name)
        if value is None and self.ask is not None:
            value = self.ask(question)
        value = value or question.default
        try:
            return accepted(question, value or "") or None
        except DocumentError as error:
            raise self._misspelt(question, error) from None

    def _misspelt(self, question: Question, error: DocumentError) -> DocumentError:
        """The error for an answer that is missing, with the given one whose name is nearly that of the question."""
        rest = [name for name in self._given if name not in self._used]
        if error.finding.rule != "missing-answer" or not (close := nearest(question.name, rest)):
            return error
        return DocumentError(
            "unknown-connection-parameter",
            f'nothing asks for "{close[0]}"',
            remedy=f'did you mean "{question.name}"?',
            route=question.route,
        )

    def fit(self, chosen: ParameterSet) -> int:
        """How many given answers are for parameters of a set."""
        names = {plain(parameter.name) for parameter in chosen.parameters}
        return sum(plain(name) in names for name in self._given)

    def finish(self) -> None:
        """Raises DocumentError ``unknown-connection-parameter`` for a given answer that nothing asks for."""
        rest = [name for name in self._given if name not in self._used]
        if rest:
            raise DocumentError(
                "unknown-connection-parameter",
                f'nothing asks for "{rest[0]}"',
                remedy=did_you_mean(rest[0], list(dict.fromkeys(self._known))) or "leave it out",
            )


def filled(connector: Connector, chosen: ParameterSet | None, answers: Answers) -> Connection:
    """The connection's values, from what was given and what a person answers to the form.

    ``chosen`` is the parameter set; see :func:`way_of`. Raises DocumentError ``missing-answer``, and what
    ``form.checked`` does.
    """
    asked = tuple(entry for entry in form.questions(connector, chosen) if entry.kind == "parameter")
    found: dict[str, str] = {}
    for question in _in_order(asked):
        if form.visible(question, found) and (answer := answers.to(question)) is not None:
            found[question.name] = answer
    parameters = form.parameters_of(connector, chosen)
    values = form.values_of(asked, found, parameters)
    for parameter in parameters:
        if parameter.type != "oauthsetting" and parameter.name not in found:
            given = answers.given(parameter.name)
            values |= {} if given is None else {parameter.name: Secret(given)}
    return Connection(values=values, parameter_set="" if chosen is None else chosen.name)


def way_of(connector: Connector, wanted: str, answers: Answers) -> ParameterSet | None:
    """The parameter set: the named one, the one that a person picks, else the one that most given answers are for.

    Raises DocumentError ``unknown-parameter-set``.
    """
    sets = connector.properties.parameter_sets
    if not wanted and len(sets) > 1:
        which = form.questions(connector)[0]
        wanted = max(sets, key=answers.fit).name if answers.ask is None else answers.to(which) or ""
    form.questions(connector, wanted)
    return next((entry for entry in sets if plain(entry.name) == plain(wanted)), next(iter(sets), None))


def _in_order(asked: tuple[Question, ...]) -> Iterator[Question]:
    """The questions as the form has them, but each after those that decide whether it is asked."""
    waiting = list(asked)
    while waiting:
        names = {question.name.casefold() for question in waiting}
        ready = (one for one in waiting if not any(other.casefold() in names for other in one.dependencies))
        question = next(ready, waiting[0])
        waiting.remove(question)
        yield question
