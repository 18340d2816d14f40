"""convertobjecttoarray, "Convert an object to an array": one element with key and value for each property of an object.

Reference: policy-templates, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..model import DocumentError
from .policy import Policy, PolicyParameter
from .reshape import PARENT, SUB, TARGET, Made, Reshape
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertObjectToArray(Reshape):
    """Make an array of an object, in the order of its properties."""

    key_name: str
    value_name: str

    takes: ClassVar[str] = "an object"
    gives: ClassVar[str] = "array"

    def __post_init__(self) -> None:
        """Raises DocumentError ``equal-names`` when key and value would have the same name, so that one is lost."""
        if self.key_name == self.value_name:
            raise DocumentError(
                "equal-names",
                f'key and value of an element would both be called "{self.key_name}"',
                remedy='give "keyName" and "valueName" two different names',
            )

    def make(self, source: Any, settings: Settings) -> Made | None:
        """The array of an object."""
        if not isinstance(source, dict):
            return None
        key_name, value_name = self.key_name, self.value_name
        return Made([{key_name: key, value_name: value} for key, value in source.items()])


POLICY = Policy(
    id="convert-object-to-array",
    template="convertobjecttoarray",
    title="Convert an object to an array",
    summary="Makes of each property of an object one element with its key and its value.",
    parameters=(
        PARENT,
        SUB,
        TARGET,
        PolicyParameter(
            name="keyName",
            field="key_name",
            title="Key name",
            description="The property of an element that holds the key.",
            default="key",
        ),
        PolicyParameter(
            name="valueName",
            field="value_name",
            title="Value name",
            description="The property of an element that holds the value.",
            default="value",
        ),
    ),
    sections=("request", "response"),
    build=ConvertObjectToArray,
    preview=True,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/convertobjecttoarray/convertobjecttoarray",
)
