"""How the data cases of the readers are run: a model beside the part of it that a case expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import pytest

from tieline.model import MISSING, Finding, Route, Schema, Secret

Unlike = Callable[[Any, Any], list[str]]


def differences(actual: Any, expected: Any, where: str = "") -> Iterator[str]:
    """What of ``expected`` is not in ``actual``. A mapping names attributes or keys; other parts are left unseen."""
    if isinstance(actual, Schema):
        actual = actual.value
    if isinstance(expected, dict):
        for key, value in expected.items():
            yield from differences(member(actual, key), value, f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(actual, Sequence) and len(actual) == len(expected):
        for index, (one, other) in enumerate(zip(actual, expected, strict=True)):
            yield from differences(one, other, f"{where}[{index}]")
    elif plain(actual) != expected:
        yield f"{where or 'value'} is {plain(actual)!r}, expected {expected!r}"


def member(actual: Any, key: Any) -> Any:
    """A key of a mapping or an attribute of a value; a text that cannot be equal to anything when it has none."""
    absent = f"<nothing called {key!r} in {actual!r:.200}>"
    attribute = getattr(actual, key, absent) if isinstance(key, str) else absent
    return actual.get(key, attribute) if isinstance(actual, Mapping) else attribute


def plain(value: Any) -> Any:
    """A model value as the JSON value that a case can write."""
    match value:
        case _ if value is MISSING:
            return "MISSING"
        case Enum():
            return value.value
        case Schema():
            return value.value
        case Route():
            return value.pointer
        case Secret():
            return str(value)
        case Finding():
            return f"{value.rule} at {value.route.pointer or '/'}"
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case tuple() | list():
            return [plain(item) for item in value]
        case _:
            return value


@pytest.fixture(scope="session")
def unlike() -> Unlike:
    """Gives the differences between a model value and what a case expects of it."""
    return lambda actual, expected: list(differences(actual, expected))
