"""What every rule uses: where findings go, and look-ups in the document."""

from __future__ import annotations

import re
from typing import Any, TypeAlias, TypeGuard

from ...model import Finding, JsonObject, Route, Severity, keys_of_pointer

Keys: TypeAlias = tuple[str | int, ...]

MOST_STEPS = 100
"""References that are followed one after another."""

_CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def rule_of(code: str) -> str:
    """The id of the findings about one of the platform's codes: ``ArrayHasNoItems`` is ``array-has-no-items``."""
    return _CAPITALS.sub("-", code).lower()


class Judge:
    """The findings about one document."""

    __slots__ = ("found", "root", "route")

    def __init__(self, root: JsonObject, route: Route) -> None:
        """Takes the value and its route."""
        self.root = root
        self.route = route
        self.found: dict[tuple[str, Keys], Finding] = {}

    def say(self, code: str, keys: Keys, what: str, remedy: str) -> None:
        """Note that the platform refuses something; once for each place."""
        self.found.setdefault(
            (code, keys),
            Finding(
                rule=rule_of(code),
                route=self.route.join(*keys),
                message=f"{what}; the platform refuses it when the connector is saved ({code})",
                remedy=remedy,
                severity=Severity.WARNING,
            ),
        )

    def at(self, ref: Any) -> Any:
        """What a reference inside the document points to; None where nothing is there."""
        if not isinstance(ref, str) or not ref.startswith("#/"):
            return None
        value: Any = self.root
        for key in keys_of_pointer(ref[1:]):
            if isinstance(value, dict):
                value = value.get(key)
            elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
                value = value[int(key)]
            else:
                return None
        return value

    def behind(self, value: Any) -> JsonObject:
        """The object behind references, or itself; an empty one where there is none."""
        for _ in range(MOST_STEPS):
            if not isinstance(value, dict):
                return {}
            if "$ref" not in value:
                return value
            value = self.at(value["$ref"])
        return {}

    def reference(self, kind: str, value: JsonObject, keys: Keys) -> None:
        """Judge a reference; ``kind`` is Schema, Parameter or Response."""
        ref, section = value["$ref"], SECTIONS[kind]
        place = (*keys, "$ref")
        shown = f'the reference "{ref}"'
        if not isinstance(ref, str) or (ref.startswith("#") and not ref.startswith("#/")):
            self.say("JsonPointerNotValid", place, f"{shown} is none", f'write it like "#/{section}/Name"')
        if not isinstance(ref, str) or not ref.startswith(f"#/{section}/"):
            what = f'{shown} does not lead into "{section}"'
            self.say(f"{kind}ReferenceNotValid", place, what, f'move what it leads to into "{section}"')
        elif not isinstance(self.at(ref), dict):
            self.say(f"{kind}ReferenceNotFound", place, f"{shown} leads nowhere", "add what it points to")
        elif not self._ends(value):
            self.say(f"{kind}RefLoopNotAllowed", place, f"{shown} only leads back to itself", "let it end somewhere")

    def _ends(self, value: Any) -> bool:
        """Whether references lead to something that is none."""
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(ref := value.get("$ref"), str):
            if ref in seen:
                return False
            seen.add(ref)
            value = self.at(ref)
        return True


SECTIONS = {"Schema": "definitions", "Parameter": "parameters", "Response": "responses"}
"""Kind of reference -> the section that it must lead into."""


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def mapping(value: Any) -> JsonObject:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def repeated(values: list[Any]) -> list[Any]:
    """The values that occurred before; ``1`` and ``true`` are different."""
    out: list[Any] = []
    for index, value in enumerate(values):
        if any(value == other and isinstance(value, bool) is isinstance(other, bool) for other in values[:index]):
            out.append(value)
    return out
