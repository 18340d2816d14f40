"""stringtoarray, "Convert delimited string into array of objects": one object for each piece of a text.

Reference: policy-templates, section 4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from .policy import Policy, PolicyParameter
from .reshape import PARENT, SUB, TARGET, Made, Reshape
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class StringToArray(Reshape):
    """Cut a text at each of some characters. Spaces around the pieces stay (inferred)."""

    delimiters: str
    """Each character is one."""
    child: str

    takes: ClassVar[str] = "a text"
    gives: ClassVar[str] = "array"
    left_out: ClassVar[str] = "empty"

    def make(self, source: Any, settings: Settings) -> Made | None:
        """The array of a text."""
        if not isinstance(source, str):
            return None
        pieces = re.split(f"[{re.escape(self.delimiters)}]", source)
        kept = pieces if settings.empty_items == "keep" else [piece for piece in pieces if piece]
        return Made([{self.child: piece} for piece in kept], left_out=len(pieces) - len(kept) if source else 0)


POLICY = Policy(
    id="string-to-array",
    template="stringtoarray",
    title="Convert delimited string into array of objects",
    summary="Cuts a text into pieces and makes an object of each.",
    parameters=(
        PARENT,
        SUB,
        PolicyParameter(
            name="delimiterList",
            field="delimiters",
            title="Delimiters",
            description="The characters at which the text is cut, with nothing between them.",
            required=True,
        ),
        PolicyParameter(
            name="childPropertyName",
            field="child",
            title="Child property name",
            description="The property of each object that holds the piece.",
            required=True,
        ),
        TARGET,
    ),
    sections=("request", "response"),
    build=StringToArray,
    preview=True,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/stringtoarray/stringtoarray",
)
