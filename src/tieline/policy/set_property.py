"""setproperty, "Set property": sets one property of an object, or of each object of a collection.

Reference: policy-templates, section 4. The value is a text in which ``{@body().x}`` and ``{@item().x}`` are replaced,
a text as it is and all else as JSON; a result that is a JSON array or object is stored as such, any other as text,
numbers among them. An object that is no collection is its own ``@item()`` (inferred).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..lang.tokens import Key, Lookup, OriginalMethod, Part, Path, Property, Template, get, part_text, put, shown
from ..model import Finding, Severity
from .growth import check_size
from .json_body import edit, parse
from .message import Message, Outcome
from .parents import count_parents, each_parent
from .policy import Policy, PolicyParameter
from .reshape import spelled
from .scope import MessageScope


@dataclass(slots=True)
class _Tally:
    """What happened to the parents."""

    offered: int = 0
    written: int = 0
    kept: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProperty:
    """Set one property."""

    parent: Path
    sub: tuple[Key, ...]
    value: Template

    def apply(self, message: Message, scope: MessageScope) -> Outcome:
        """Set it; a parent that is not there, or is no object, is left alone (inferred).

        Raises DocumentError ``missing-value`` when the settings say that every source must be there, and
        ``policy-writes-too-much``.
        """
        outcome = edit(message, scope.json, lambda body: self._change(body, scope))
        if scope.context.settings.property_lookups == "evaluate":
            return outcome
        findings = self.doubts()
        return Outcome(message=outcome.message, did=outcome.did, findings=findings) if findings else outcome

    def doubts(self) -> tuple[Finding, ...]:
        """A warning for each expression that stays text."""
        return tuple(self._as_text(part) for part in self.value.parts if is_lookup(part))

    def describe(self) -> str:
        """For example ``@body().gifts.payments = [{@body().payments}]``."""
        return f"{self.parent.text}{spelled(self.sub)} = {self.value.text}"

    def _change(self, body: Any, scope: MessageScope) -> tuple[Any, str]:
        count = count_parents(body, self.parent)
        if not count:
            return body, f'"{self.parent.text}" leads to no object; nothing to do'
        tally = _Tally()
        own = any(isinstance(part, Property) and part.root == "item" for part in self.value.parts)
        shared = None if own else self._value(scope)

        def visit(parent: dict[str, Any]) -> Any:
            return self._set(parent, self._value(scope.at(parent)) if own else shared, tally)

        changed = each_parent(body, self.parent, visit)
        return changed, self._did(tally, count, isinstance(get(body, self.parent.keys), list))

    def _set(self, parent: dict[str, Any], value: tuple[Any, int] | None, tally: _Tally) -> Any:
        """The parent with the property; the very same where it has that text already."""
        if value is None:
            return parent
        new, size = value
        tally.offered += 1
        tally.size += size
        check_size(tally.size)
        if isinstance(new, str) and get(parent, self.sub) == new:
            tally.kept += 1
            return parent
        changed = put(parent, self.sub, new)
        tally.written += changed is not parent
        return changed

    def _value(self, scope: MessageScope) -> tuple[Any, int] | None:
        """What is stored, and how long its text is; None when it names something that is not there."""
        settings = scope.context.settings
        if settings.missing_source == "skip" and scope.lacking(self.value) is not None:
            return None
        text = "".join([self._part(part, scope) for part in self.value.parts])
        quoted = len(self.value.text) > 1 and self.value.text[0] == self.value.text[-1] == "'"
        if quoted and settings.outer_quotes == "strip":
            text = text[1:-1]
        return stored(text), len(text)

    def _part(self, part: Part, scope: MessageScope) -> str:
        settings = scope.context.settings
        if is_lookup(part) and settings.property_lookups == "text":
            return self._written(part)
        return part_text(part, self.value, scope, settings.tokens)

    def _written(self, part: Part) -> str:
        start, end = part.span
        return self.value.text[start:end]

    def _as_text(self, part: Part) -> Finding:
        return Finding(
            rule="expression-not-evaluated",
            route=self.value.route,
            message=f'setproperty writes "{shown(self._written(part))}" as it is: it only evaluates body and item',
            remedy="write a constant, {@body().name} or {@item().name}; send the others in a header or the query",
            severity=Severity.WARNING,
        )

    def _did(self, tally: _Tally, count: int, collection: bool) -> str:
        name = f'"{self.parent.text}{spelled(self.sub)}"'
        many = f" in {tally.written} of {count}" if collection else ""
        if tally.written:
            return f"{name} set{many}"
        if tally.kept:
            return f"{name} has that value; nothing to do"
        if tally.offered:
            return f"{name} cannot be written; nothing to do"
        return "the value names a property that is not there; nothing to do"


def is_lookup(part: Part) -> bool:
    """Whether a part is an expression that asks neither body nor item."""
    return isinstance(part, (Lookup, OriginalMethod))


def stored(text: str) -> Any:
    """A text as it is stored: as JSON when it is a JSON array or object."""
    if text.lstrip()[:1] not in ("[", "{"):
        return text
    try:
        value = parse(text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can hold and UTF-8 cannot
        return text
    return value if isinstance(value, (list, dict)) else text


POLICY = Policy(
    id="set-property",
    template="setproperty",
    title="Set property",
    summary="Sets a property of an object, or of each object of a collection, in the body.",
    parameters=(
        PolicyParameter(
            name="newPropertyParentPathTemplate",
            field="parent",
            title="Target object or collection path",
            description="The object, or the collection of objects, that gets the property.",
            kind="path",
            required=True,
        ),
        PolicyParameter(
            name="newPropertySubPathTemplate",
            field="sub",
            title="Property subpath",
            description="The property below that object; it is added when it is not there.",
            kind="keys",
            required=True,
        ),
        PolicyParameter(
            name="propertyValuePathTemplate",
            field="value",
            title="Property value",
            description="A text, in which {@body().name} and {@item().name} are replaced; may be JSON or empty.",
            kind="template",
            required=True,
            may_be_empty=True,
        ),
    ),
    sections=("request", "response"),
    build=SetProperty,
    doubts=SetProperty.doubts,
    preview=True,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/setproperty/setproperty",
)
