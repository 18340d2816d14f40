"""stringreplace: replaces a text wherever it stands in a property, character by character and in exact case.

Reference: policy-templates, section 4. There is no page about it; that it is named in the schema, and how Planner uses
it, is all that is known. Whether expressions count in its texts is not: they stand for themselves (inferred).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from .growth import check_size
from .policy import Policy, PolicyParameter
from .reshape import PARENT, SUB, TARGET, Made, Reshape
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class StringReplace(Reshape):
    """Replace one text by another; what was put in is not looked at again."""

    old: str
    new: str

    takes: ClassVar[str] = "a text"
    gives: ClassVar[str] = "text"

    def make(self, source: Any, settings: Settings) -> Made | None:
        """The text with everything replaced; the very same when there is nothing to replace."""
        if not isinstance(source, str):
            return None
        check_size(len(source) + source.count(self.old) * (len(self.new) - len(self.old)))
        replaced = source.replace(self.old, self.new)
        return Made(source if replaced == source else replaced)

    def describe(self) -> str:
        """For example ``"%" by "%25" in @body().links.href -> @item().href``."""
        source = Reshape.describe(self)  # super() does not work in a dataclass with slots
        return f'"{self.old}" by "{self.new}" in {source}'


POLICY = Policy(
    id="string-replace",
    template="stringreplace",
    title="Replace text",
    summary="Replaces a text wherever it stands in a property.",
    parameters=(
        PARENT,
        SUB,
        PolicyParameter(
            name="sourceString",
            field="old",
            title="Source string",
            description="The text to look for, in exact case.",
            required=True,
        ),
        PolicyParameter(
            name="replacementString",
            field="new",
            title="Replacement string",
            description="What is put in its place; may be empty.",
            required=True,
            may_be_empty=True,
        ),
        TARGET,
    ),
    sections=("request", "response"),
    build=StringReplace,
    since="0.1",
    source="https://github.com/microsoft/PowerPlatformConnectors/blob/dev/schemas/paconn-apiProperties.schema.json",
)
