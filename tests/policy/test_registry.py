"""The list of policies, and what makes a record impossible."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from tieline.model import BugError
from tieline.policy import POLICIES, TEMPLATES
from tieline.policy.registry import by_template

ONE = POLICIES[0]


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        ((ONE, ONE), "has a name that another policy has"),
        ((ONE, replace(ONE, template="other")), "has a name that another policy has"),
        ((replace(ONE, template="SetHeader"),), "has no templateId in lower case"),
        ((replace(ONE, template=""),), "has no templateId in lower case"),
        ((replace(ONE, sections=()),), "has no section"),
        ((replace(ONE, parameters=ONE.parameters * 2),), "has two parameters of one name"),
        (
            (replace(ONE, parameters=(replace(ONE.parameters[0], default="x"),)),),
            'has a parameter "name" that is not either required or with default',
        ),
    ],
)
def test_impossible_records(policies: Any, message: str) -> None:
    """A list that cannot be right is refused when it becomes a lookup."""
    with pytest.raises(BugError, match=message):
        by_template(policies)


def test_every_template_is_found() -> None:
    """The lookup has every policy."""
    assert tuple(TEMPLATES.values()) == POLICIES


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_every_record_fits_its_behaviour(policy: Any) -> None:
    """Parameters name the fields of the behaviour, ids are kebab-case, texts are sentences."""
    assert policy.id == policy.id.lower().replace("_", "-").replace(" ", "-")
    assert policy.summary.endswith(".")
    for parameter in policy.parameters:
        assert parameter.description.endswith("."), parameter.name
        assert parameter.default is None or parameter.kind in ("text", "template", "keys", "path", "flag", "integer")
    if is_dataclass(policy.build):
        assert {entry.field for entry in policy.parameters} == {field.name for field in fields(policy.build)}
