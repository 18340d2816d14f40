"""The rules themselves: each can fire, in the oracle of the tests and in the findings of an import alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from saving.codes import RULES, faults

from tieline.formats import save_rules
from tieline.formats.save_rules.judge import rule_of
from tieline.model import Route

DATA = Path(__file__).parent / "data"

LIMITS = frozenset({"BodySchemaCountExceedsMaxAllowed", "TotalOperationsCountExceedsMaxAllowed"})
"""Rules about sizes, for which an import has the finding ``over-limit``."""

RESPONSES = {"200": {"description": "OK"}}

SHORT = frozenset({"get", "post", "many", "wide", "also"})
"""Members of a case that are no members of a document."""


def smallest() -> dict[str, Any]:
    """A document that breaks no rule."""
    return {
        "swagger": "2.0",
        "info": {"title": "T", "version": "1"},
        "host": "api.example.com",
        "schemes": ["https"],
        "paths": {
            "/p": {
                "get": {"operationId": "Op", "responses": RESPONSES},
                "post": {"operationId": "Post", "consumes": ["application/json"], "responses": RESPONSES},
            }
        },
    }


def merged(value: Any, change: Any) -> Any:
    """A value with what a case changes in it."""
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    out = {**value, **{key: merged(value.get(key), child) for key, child in change.items()}}
    return {key: child for key, child in out.items() if child is not None or "k" in out}


def document_of(case: dict[str, Any]) -> dict[str, Any]:
    """The document of a case."""
    change = {key: child for key, child in case.items() if key not in SHORT}
    value = merged(smallest(), change)
    for method in case.keys() & {"get", "post"}:
        value["paths"]["/p"][method] = merged(value["paths"]["/p"][method], case[method])
    for number in range(case.get("many", 0)):
        value["paths"][f"/p{number}"] = {"get": {"operationId": f"Op{number}", "responses": RESPONSES}}
    if "wide" in case:
        wide = {"type": "object", "properties": {f"p{number}": {} for number in range(case["wide"])}}
        value["paths"]["/p"]["post"]["parameters"] = [{"name": "a", "in": "body", "schema": wide}]
    return value  # type: ignore[no-any-return]


def cases() -> Iterator[Any]:
    """Every case with its code."""
    for code, found in yaml.safe_load((DATA / "cases.yaml").read_text(encoding="utf-8")).items():
        for number, case in enumerate(found):
            yield pytest.param(code, case, id=f"{code} {number}" if number else code)


CASES = list(cases())


def test_the_smallest_document_breaks_no_rule() -> None:
    """What cases are merged into is right by itself."""
    assert list(faults(smallest())) == []
    assert save_rules.check(smallest(), Route("a.json")) == ()


@pytest.mark.parametrize(("code", "case"), CASES)
def test_each_rule_fires_alone(code: str, case: dict[str, Any]) -> None:
    """A document that breaks one rule breaks that one, and no other but those that it names."""
    assert {fault.code for fault in faults(document_of(case))} == {code, *case.get("also", ())}


@pytest.mark.parametrize(("code", "case"), CASES)
def test_an_import_says_what_the_platform_refuses(code: str, case: dict[str, Any]) -> None:
    """The findings about a document that stays as it is are of the same rules, with a place and a remedy each."""
    found = save_rules.check(document_of(case), Route("a.json"))
    assert {one.rule for one in found} == {rule_of(one) for one in {code, *case.get("also", ())} - LIMITS}
    assert all(one.remedy and one.route.document == "a.json" for one in found)


def test_every_rule_has_a_case() -> None:
    """No rule is there that nothing shows to fire."""
    assert {param.values[0] for param in CASES} == set(RULES)
