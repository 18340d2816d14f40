"""Expressions: what they are made of, what they give, and what is wrong with them. The cases are data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tieline.lang import tokens
from tieline.lang.tokens import Lookup, OriginalMethod, Part, PathParameter, Property, Text, parse, render, text_of
from tieline.lang.tokens.parser import MOST_NOTES
from tieline.model import DocumentError, Route

CASES = json.loads((Path(__file__).parent / "data" / "templates.json").read_text(encoding="utf-8"))
ROUTE = Route("apiProperties.json", ("properties", "x"))

WORDS = st.sampled_from(
    [
        *"@{}()[]'\",.0 a-$é\n",
        *("''", "@{", "{@", "body", "@body()", "item()", "@headers('x')", "connectionParameters", "@queryParamters("),
        *("@Request.OriginalHTTPMethod", "triggerBody().value[0]", "{id}", "['a b']", ".name", "9" * 10),
    ]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=12).map("".join))


def written(part: Part) -> Any:
    """A part as the data has it."""
    match part:
        case Text():
            return part.text
        case PathParameter():
            return {"path": part.name}
        case OriginalMethod():
            return {"method": True}
        case Lookup():
            found: dict[str, Any] = {part.source: part.name}
            found |= {} if part.default is None else {"default": part.default}
        case Property():
            found = {part.root: list(part.keys)}
    return found if part.form == "@" else {**found, "form": part.form}


def result_of(case: dict[str, Any], scope: tokens.Scope) -> str:
    """What a case's expression gives, after a look at its parts and notes."""
    template = parse(case["text"], ROUTE, path_parameters=case.get("path", False))
    parts = [written(part) for part in template.parts]
    assert parts == case.get("parts", parts)
    assert [[note.message, note.remedy] for note in template.notes] == case.get("notes", [])
    assert all(note.route == ROUTE for note in template.notes)
    answers = tokens.Settings(**case.get("settings", {}))
    return text_of(template, scope, answers, absent=case.get("absent", "fail"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any], scope: tokens.Scope) -> None:
    """An expression has the parts and notes, and gives the result or error, that the case says."""
    if "error" in case:
        with pytest.raises(DocumentError) as refused:
            result_of(case, scope)
        finding = refused.value.finding
        assert finding.rule == case["error"]
        assert finding.message == case.get("message", finding.message)
        assert finding.remedy == case.get("remedy", finding.remedy) != ""
        assert finding.route == ROUTE
    else:
        result = result_of(case, scope)
        assert result == case.get("result", result)


@given(text=TEXTS, path_parameters=st.booleans())
def test_any_text_parses_or_is_refused(text: str, path_parameters: bool) -> None:
    """Any text is a template or a DocumentError; the parts cover the text, and its one spelling is the same."""
    try:
        template = parse(text, path_parameters=path_parameters)
    except DocumentError:
        return
    spans = [part.span for part in template.parts]
    assert [start for start, _ in spans] == [0, *(end for _, end in spans)][: len(spans)]
    assert (spans[-1][1] if spans else 0) == len(text)
    for part in template.parts:
        assert not isinstance(part, Text) or part.text == text[slice(*part.span)]
    assert parse(render(template), path_parameters=path_parameters) == template


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS, path_parameters=st.booleans())
def test_any_template_gives_text_or_is_refused(text: str, path_parameters: bool, scope: tokens.Scope) -> None:
    """Evaluation gives text or a DocumentError, whatever the expression."""
    try:
        assert isinstance(text_of(parse(text, path_parameters=path_parameters), scope), str)
    except DocumentError:
        return


def test_long_texts_take_no_longer_than_they_are() -> None:
    """A hostile expression of a megabyte is read at once, and does not collect notes without end."""
    assert parse("@{" * 500_000).constant is not None
    assert len(parse("@a(" * 300_000).notes) == MOST_NOTES
    assert len(parse("@body()" + ".a" * 400_000).parts) == 1


def test_a_constant_needs_no_evaluation() -> None:
    """Text without tokens knows its result; an expression does not."""
    assert parse("a@b.com").constant == "a@b.com"
    assert parse("").constant == ""
    assert parse("@item()").constant is None


def test_output_is_bounded(scope: tokens.Scope) -> None:
    """An expression that gives more than any header or URL holds is refused."""
    template = parse("@headers('none','" + "x" * 1000 + "')")
    many = tokens.Template(parts=template.parts * 4001, text=template.text, route=ROUTE)
    with pytest.raises(DocumentError) as refused:
        text_of(many, scope)
    assert refused.value.finding.rule == "expression-too-long"
