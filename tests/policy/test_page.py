"""docs/policies.md says what the code says."""

from __future__ import annotations

import importlib.util
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest

from tieline.lang import tokens
from tieline.policy import POLICIES, Settings
from tieline.policy.page import filled


@pytest.fixture(scope="module")
def writer() -> ModuleType:
    """The script that writes the page."""
    spec = importlib.util.spec_from_file_location("write_page", Path(__file__).with_name("write_page.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def page(writer: ModuleType) -> str:
    """The page as it is."""
    text: str = writer.PAGE.read_text(encoding="utf-8")
    return text


def test_page_is_current(page: str, writer: ModuleType) -> None:
    """The generated parts are what the code gives; if not: python tests/policy/write_page.py."""
    assert page == writer.written(page)


def test_every_policy_and_parameter_is_on_the_page(page: str) -> None:
    """Nobody has to read code to find a policy."""
    for policy in POLICIES:
        assert f"### {policy.template}\n" in page
        for parameter in policy.parameters:
            assert f"| `{parameter.name}` |" in page


def test_every_setting_is_on_the_page(page: str) -> None:
    """Each open question is named with its setting."""
    names = [field.name for field in fields(Settings) if field.name != "tokens"]
    names += [f"tokens.{field.name}" for field in fields(tokens.Settings)]
    for name in names:
        assert f"| `{name}` |" in page


def test_a_page_without_marks_is_refused() -> None:
    """A page that lost its marks is not written over."""
    with pytest.raises(ValueError, match="no marks"):
        filled("# Policies", "policies", "text")
