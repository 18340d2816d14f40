"""Policy instances are read as they are written, and written as published files have them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.formats.api_properties import instances_at, read_value
from tieline.formats.policy_instances import instance_value
from tieline.model import Route

NAMES = st.text(min_size=1, max_size=5).filter(lambda name: not name.lower().startswith("x-ms-"))


@given(
    parameters=st.dictionaries(NAMES, st.text() | st.integers() | st.dictionaries(st.text(), st.text())),
    title=st.text(),
    section=st.sampled_from(["", "request", "response", "failure"]),
    operations=st.lists(st.text(min_size=1), max_size=3).map(tuple),
)
def test_what_is_written_is_read(parameters: dict[str, Any], title: str, section: Any, operations: Any) -> None:
    """An instance that is written is the same when it is read."""
    value = instance_value("setheader", parameters, title=title, section=section, operations=operations)
    properties = read_value({"properties": {"policyTemplateInstances": [value]}}, Route("x"))
    (read,) = properties.policies
    assert (read.template, read.title, read.section, read.operations) == ("setheader", title, section, operations)
    assert read.parameters == parameters
    assert read.raw == value
    assert properties.findings == ()


@pytest.mark.parametrize(
    ("root", "keys"),
    [
        ({"properties": {}}, ("properties", "policyTemplateInstances")),
        ({}, ("properties", "policyTemplateInstances")),
        ([], ("properties", "policyTemplateInstances")),
        ({"PROPERTIES": {"PolicyTemplateInstances": []}}, ("PROPERTIES", "PolicyTemplateInstances")),
        ({"publisher": "P"}, ("policyTemplateInstances",)),
    ],
)
def test_where_the_list_stands(root: Any, keys: tuple[str, ...]) -> None:
    """The list is found in the spelling of the file, and has its place where there is none yet."""
    assert instances_at(read_value(root, Route("x"))) == Route("x", keys)
