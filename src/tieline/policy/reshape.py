"""Policies that read a property of the JSON body, make something else of it, and write that to a place in the body.

They share three parameters: the parent (an object, or a collection whose every element is one), the path of the
property below it, and where the result goes (reference: policy-templates, section 4). What lives here knows no single
policy.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..lang.tokens import Key, Path, get, put
from ..model import MISSING
from .growth import check_size
from .json_body import edit
from .message import Message, Outcome
from .policy import PolicyParameter
from .scope import MessageScope
from .settings import Settings


@dataclass(frozen=True, slots=True)
class Made:
    """What a policy makes of a property."""

    value: Any
    left_out: int = 0
    """How many entries of the property are not in it."""


@dataclass(slots=True)
class _Tally:
    """What happened to the elements of a collection."""

    seen: int = 0
    written: int = 0
    size: int = 0
    left_out: int = 0
    last: Any = field(default=MISSING)

    def add(self, made: Made) -> None:
        """Count what was made of an element."""
        self.left_out += made.left_out
        self.last = made.value
        if isinstance(made.value, str):
            self.size += len(made.value)
            check_size(self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshape(ABC):
    """Read, make, write. A parent or property that is not there, or is not what the policy is for, is left alone
    (inferred), and so is a body that is no JSON."""

    parent: Path
    sub: tuple[Key, ...]
    """Empty: the parent itself is read."""
    target: Path
    """``@item()`` is an element of the parent, or the parent itself if that is no collection (inferred)."""

    takes: ClassVar[str]
    """What the property must be, for example ``an object``."""
    gives: ClassVar[str]
    """What is made of it, for example ``array``."""
    left_out: ClassVar[str] = ""
    """Which entries are left out."""
    takes_arrays: ClassVar[bool] = False
    """Whether an array that is the parent is itself what is read, if there is no sub path."""

    @abstractmethod
    def make(self, source: Any, settings: Settings) -> Made | None:
        """What becomes of a property (MISSING where there is none); None for one that the policy is not for."""

    def apply(self, message: Message, scope: MessageScope) -> Outcome:
        """Run on a message. Raises DocumentError ``policy-writes-too-much``."""
        return edit(message, scope.json, lambda body: self._change(body, scope.context.settings))

    def describe(self) -> str:
        """For example ``@body().value.assignments -> @item()._assignments``."""
        return f"{self._source} -> {self.target.text}"

    @property
    def _source(self) -> str:
        return self.parent.text + spelled(self.sub)

    def _change(self, body: Any, settings: Settings) -> tuple[Any, str]:
        here = get(body, self.parent.keys)
        if here is MISSING:
            return body, f'"{self.parent.text}" is not there; nothing to do'
        if isinstance(here, list) and (self.sub or not self.takes_arrays):
            return self._change_each(body, here, settings)
        made = self.make(get(here, self.sub), settings)
        if made is None:
            return body, f'"{self._source}" is not {self.takes}; nothing to do'
        keys = self.target.keys if self.target.root == "body" else (*self.parent.keys, *self.target.keys)
        changed = put(body, keys, made.value)
        if changed is body:
            return body, self._unchanged(body, keys, made.value)
        return changed, self._wrote(made.left_out)

    def _change_each(self, body: Any, here: list[Any], settings: Settings) -> tuple[Any, str]:
        """Every element of a collection; a target in the body is written once, with what the last element gives."""
        tally = _Tally()
        elements = [self._change_element(element, tally, settings) for element in here]
        if tally.last is MISSING:
            return body, f'no element of "{self.parent.text}" has {self.takes}{below(self.sub)}; nothing to do'
        if self.target.root == "body":
            changed = put(body, self.target.keys, tally.last)
            if changed is body:
                return body, self._unchanged(body, self.target.keys, tally.last)
            return changed, self._wrote(tally.left_out, f", the last of {len(here)}")
        if not tally.written:
            return body, f'"{self.target.text}" cannot be written in any element; nothing to do'
        if same(elements, here):
            return body, f'"{self._source}" stays as it is'
        changed = put(body, self.parent.keys, elements)
        return changed, self._wrote(tally.left_out, f" in {tally.written} of {len(here)}")

    def _change_element(self, element: Any, tally: _Tally, settings: Settings) -> Any:
        made = self.make(get(element, self.sub), settings)
        if made is None:
            return element
        tally.add(made)
        if self.target.root == "body":
            return element
        changed = put(element, self.target.keys, made.value)
        tally.written += get(changed, self.target.keys) is made.value
        return changed

    def _unchanged(self, body: Any, keys: tuple[Key, ...], value: Any) -> str:
        """Why writing changed nothing: it stands there already, or there is no such place."""
        if get(body, keys) is value:
            return f'"{self._source}" stays as it is'
        return f'"{self.target.text}" cannot be written; nothing to do'

    def _wrote(self, left_out: int, where: str = "") -> str:
        tail = f"; {left_out} left out: {self.left_out}" if left_out else ""
        return f'{self.gives} written to "{self.target.text}"{where}{tail}'


def same(new: Iterable[Any], old: Iterable[Any]) -> bool:
    """Whether two lists of one length hold the very same things."""
    return all(one is other for one, other in zip(new, old, strict=True))


def spelled(keys: tuple[Key, ...]) -> str:
    """Keys as an expression has them: ``.a['@b'][0]``."""
    return "".join(
        f"[{key}]" if isinstance(key, int) else f".{key}" if key.isidentifier() else f"['{key}']" for key in keys
    )


def below(keys: tuple[Key, ...]) -> str:
    """Where in an element, for a sentence."""
    return f' at "{spelled(keys).removeprefix(".")}"' if keys else ""


PARENT = PolicyParameter(
    name="propertyParentPath",
    field="parent",
    title="Target object or collection path",
    description="The object with the property, or the collection whose every element has it.",
    kind="path",
    required=True,
)
SUB = PolicyParameter(
    name="propertySubPath",
    field="sub",
    title="Property subpath",
    description="The property below that object; empty or null for the object itself.",
    kind="keys",
    default="null",
)
TARGET = PolicyParameter(
    name="newPropertyPath",
    field="target",
    title="New property path",
    description="Where the result is written; @item() is the element at hand of a collection.",
    kind="path",
    roots=("body", "item"),
    required=True,
)
