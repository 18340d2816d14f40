"""Typed look-ups in a JSON object that somebody else wrote: what is of another type becomes a finding, never a crash.

What lives here knows JSON types and routes, and nothing of any format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from ..model import Finding, JsonObject, Route, Severity

T = TypeVar("T")

TRUE = frozenset({"true", "yes", "1"})
"""Texts that mean true (lower case); files write booleans as text too (reference: connector-format, section 9)."""

FALSE = frozenset({"false", "no", "0", ""})
"""Texts that mean false (lower case)."""


def kind_of(value: Any) -> str:
    """What a JSON value is, in words for a message: ``a text``, ``a list``, …"""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"


def wrong_type(name: str, route: Route, wanted: str, value: Any) -> Finding:
    """The finding that the value called ``name`` is not what it must be."""
    return Finding(
        rule="wrong-type",
        route=route,
        message=f'"{name}" must be {wanted}, but is {kind_of(value)}',
        remedy=f"make it {wanted}, or take it out",
    )


def scalar_text(value: Any) -> str | None:
    """A JSON scalar as text (``true``, ``1.5``, a text as it is); None for null, a list or an object."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else None


class Fields:
    """One object, where it stands, and the list that findings about it go to. Missing and null mean the default."""

    __slots__ = ("_folded", "notes", "route", "value")

    def __init__(self, value: JsonObject, route: Route, notes: list[Finding], *, any_case: bool = False) -> None:
        """Takes the object as read. ``any_case``: names match whatever their case, the exact spelling first."""
        self.value = value
        self.route = route
        self.notes = notes
        self._folded = {key.lower(): key for key in reversed(value) if isinstance(key, str)} if any_case else None

    def key(self, name: str) -> str:
        """The key as the file spells it; ``name`` itself when the file has none."""
        if self._folded is None or name in self.value:
            return name
        return self._folded.get(name.lower(), name)

    def get(self, name: str) -> Any:
        """The value as it is; None when missing."""
        return self.value.get(self.key(name))

    def at(self, name: str) -> Route:
        """The route of the value called ``name``."""
        return self.route / self.key(name)

    def wrong(self, name: str, wanted: str) -> None:
        """Note that the value called ``name`` is of another type than ``wanted``."""
        self.notes.append(wrong_type(name, self.at(name), wanted, self.get(name)))

    def note(self, rule: str, message: str, *, remedy: str = "", name: str = "", info: bool = False) -> None:
        """Note a finding about this object, or about its value called ``name``."""
        severity = Severity.INFO if info else Severity.WARNING
        route = self.at(name) if name else self.route
        self.notes.append(Finding(rule=rule, route=route, message=message, remedy=remedy, severity=severity))

    def text(self, name: str, default: str = "") -> str:
        """A text; a number or boolean is taken as text, with a finding."""
        value = self.get(name)
        if isinstance(value, str):
            return value
        if value is None:
            return default
        self.wrong(name, "a text")
        return default if (text := scalar_text(value)) is None else text

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean, written as one or as text."""
        value = self.get(name)
        if isinstance(value, bool):
            return value
        if value is None:
            return default
        word = value.strip().lower() if isinstance(value, str) else None
        if word in TRUE or word in FALSE:
            return word in TRUE
        self.wrong(name, "true or false")
        return default

    def choice(self, name: str, table: Mapping[str, T], default: T) -> T:
        """What ``table`` has for a text in any case; ``default`` when missing, empty, or unknown (with a finding)."""
        word = self.text(name).strip()
        if not word or word.lower() in table:
            return table[word.lower()] if word else default
        known = ", ".join(f'"{known}"' for known in table)
        usual = next((known for known, value in table.items() if value == default), default)
        self.note(
            "unknown-value",
            f'"{name}" is "{word}", which is not known; it is read as "{usual}"'
            if default
            else f'"{name}" is "{word}", which is not known; it is left out',
            remedy=f"write one of {known}",
            name=name,
        )
        return default

    def child(self, name: str) -> Fields:
        """An object; an empty one when missing or of another type."""
        value = self.get(name)
        if value is not None and not isinstance(value, dict):
            self.wrong(name, "an object")
        found = value if isinstance(value, dict) else {}
        return Fields(found, self.at(name), self.notes, any_case=self._folded is not None)

    def items(self, name: str) -> list[Any]:
        """A list; an empty one when missing or of another type."""
        value = self.get(name)
        if isinstance(value, list):
            return value
        if value is not None:
            self.wrong(name, "a list")
        return []

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; a single text is taken as a list of one, other scalars as text, the rest left out."""
        value = self.get(name)
        if isinstance(value, str):
            return (value,) if value else ()
        out: list[str] = []
        for index, item in enumerate(self.items(name)):
            text = scalar_text(item)
            if not isinstance(item, str):
                self.notes.append(wrong_type(f"{name}[{index}]", self.at(name) / index, "a text", item))
            if text is not None:
                out.append(text)
        return tuple(out)

    def children(self, name: str) -> Iterator[Fields]:
        """The objects of a list; entries of another type are noted and left out."""
        base = self.at(name)
        for index, item in enumerate(self.items(name)):
            if isinstance(item, dict):
                yield Fields(item, base / index, self.notes, any_case=self._folded is not None)
            else:
                self.notes.append(wrong_type(f"{name}[{index}]", base / index, "an object", item))

    def members(self) -> Iterator[tuple[str, Fields]]:
        """The members of this object that are objects, by name; others are noted and left out."""
        for name, item in self.value.items():
            if isinstance(item, dict):
                yield str(name), Fields(item, self.route / name, self.notes, any_case=self._folded is not None)
            else:
                self.notes.append(wrong_type(str(name), self.route / name, "an object", item))
