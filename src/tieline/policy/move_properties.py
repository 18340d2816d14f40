"""moveproperties: moves a property, or all that is in it, to another object of the body.

Reference: policy-templates, section 4. There is no page about it, and one connector uses it: what was there under the
same name is overwritten, a missing destination is made, and what was moved is gone from its old place (all inferred).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..lang.tokens import Key, Path, get, put, remove
from ..model import MISSING
from .json_body import edit
from .message import Message, Outcome
from .policy import Policy, PolicyParameter
from .reshape import below, same, spelled
from .scope import MessageScope
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveProperties:
    """Move one property or its children."""

    source: Path
    source_sub: tuple[Key, ...]
    target: Path
    """``@item()`` is an element of the source's parent, or that parent itself if it is no collection."""
    target_sub: tuple[Key, ...]
    children: bool
    """Move what is in the property, not the property."""

    def apply(self, message: Message, scope: MessageScope) -> Outcome:
        """Move; a source that is not there, or a destination that is no object, is left alone (inferred)."""
        return edit(message, scope.json, lambda body: self._change(body, scope.context.settings))

    def describe(self) -> str:
        """For example ``content of @body().customProperties -> @body()``."""
        content = "content of " if self.children else ""
        return f"{content}{self._source} -> {self._target}"

    @property
    def _source(self) -> str:
        return self.source.text + spelled(self.source_sub)

    @property
    def _target(self) -> str:
        return self.target.text + spelled(self.target_sub)

    def _change(self, body: Any, settings: Settings) -> tuple[Any, str]:
        here = get(body, self.source.keys)
        own = self.target.root == "item"
        target = (*self.target.keys, *self.target_sub)
        if isinstance(here, list) and own:
            return self._change_each(body, here, target, settings)
        keys = (*self.source.keys, *self.source_sub)
        changed = self._moved(body, keys, (*self.source.keys, *target) if own else target, settings)
        if changed is body:
            return body, f'"{self._source}" has nothing that can be moved to "{self._target}"; nothing to do'
        return changed, self._did()

    def _change_each(self, body: Any, here: list[Any], target: tuple[Key, ...], settings: Settings) -> tuple[Any, str]:
        """The same in every element of a collection."""
        elements = [self._moved(element, self.source_sub, target, settings) for element in here]
        if same(elements, here):
            return body, f'no element of "{self.source.text}" has anything to move{below(self.source_sub)}'
        count = sum(new is not old for new, old in zip(elements, here, strict=True))
        return put(body, self.source.keys, elements), f"{self._did()} in {count} of {len(here)}"

    def _moved(self, holder: Any, source: tuple[Key, ...], target: tuple[Key, ...], settings: Settings) -> Any:
        """``holder`` after the move; the very same when nothing can be moved."""
        value = get(holder, source)
        if value is MISSING or (self.children and not isinstance(value, dict)):
            return holder
        rest = holder
        if settings.moved_source == "remove":
            rest = remove(holder, source) if source else {}
        if self.children:
            there = get(rest, target)
            new = {**there, **value} if isinstance(there, dict) else value if there is MISSING else MISSING
        else:
            new, target = value, target if self.target_sub else (*target, *source[-1:])
        if new is MISSING:
            return holder
        changed = put(rest, target, new, create=True)
        return holder if changed is rest else changed

    def _did(self) -> str:
        return f'{"content of " if self.children else ""}"{self._source}" moved to "{self._target}"'


POLICY = Policy(
    id="move-properties",
    template="moveproperties",
    title="Move properties",
    summary="Moves a property, or all properties in it, to another object of the body.",
    parameters=(
        PolicyParameter(
            name="srcParentPath",
            field="source",
            title="Source object or collection path",
            description="The object with the property, or the collection whose every element has it.",
            kind="path",
            required=True,
        ),
        PolicyParameter(
            name="srcSubPath",
            field="source_sub",
            title="Source subpath",
            description="The property below that object; empty or null for the object itself.",
            kind="keys",
            default="null",
        ),
        PolicyParameter(
            name="dstParentPath",
            field="target",
            title="Destination object path",
            description="The object that gets them; @item() is the element at hand of a collection.",
            kind="path",
            roots=("body", "item"),
            required=True,
        ),
        PolicyParameter(
            name="dstSubPath",
            field="target_sub",
            title="Destination subpath",
            description="The property below that object; empty or null for the object itself.",
            kind="keys",
            default="null",
        ),
        PolicyParameter(
            name="copyOnlySubProperties",
            field="children",
            title="Only sub-properties",
            description="Whether what is in the property is moved, and not the property itself.",
            kind="flag",
            default="false",
        ),
    ),
    sections=("request", "response"),
    build=MoveProperties,
    since="0.1",
    source="one published connector; what it does is inferred",
)
