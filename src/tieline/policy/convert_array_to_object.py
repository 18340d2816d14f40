"""convertarraytoobject, "Convert an array to an object": each element becomes a property, named by one of its own.

Reference: policy-templates, section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from ..lang.tokens import Key, get, remove, to_text
from ..model import DocumentError
from .policy import Policy, PolicyParameter
from .reshape import PARENT, SUB, TARGET, Made, Reshape
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertArrayToObject(Reshape):
    """Make an object of an array of objects."""

    key: tuple[Key, ...]
    retain_key: bool

    takes: ClassVar[str] = "an array"
    gives: ClassVar[str] = "object"
    left_out: ClassVar[str] = "without a key, or with that of another"
    takes_arrays: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Raises DocumentError ``no-key`` when no property names the new ones, so that nothing would be left."""
        if not self.key:
            raise DocumentError(
                "no-key",
                "no property of an element says what it will be called",
                remedy='let "keyWithinCollectionPath" name one, for example id',
            )

    def make(self, source: Any, settings: Settings) -> Made | None:
        """The object of an array. Elements without a key, and all but one with the same, cannot be in it."""
        if not isinstance(source, list):
            return None
        made: dict[str, Any] = {}
        first_wins = settings.equal_keys == "first"
        for element in source:
            key = self._key_of(element)
            if key is not None and not (first_wins and key in made):
                made[key] = element if self.retain_key else remove(element, self.key)
        return Made(made, left_out=len(source) - len(made))

    def _key_of(self, element: Any) -> str | None:
        """The key of an element: a text, a number or a boolean."""
        value = get(element, self.key) if isinstance(element, dict) else None
        return to_text(value) if isinstance(value, (str, int, float)) else None


POLICY = Policy(
    id="convert-array-to-object",
    template="convertarraytoobject",
    title="Convert an array to an object",
    summary="Makes of each element of an array one property, named by one of the element's own.",
    parameters=(
        PARENT,
        SUB,
        PolicyParameter(
            name="keyWithinCollectionPath",
            field="key",
            title="Key within collection path",
            description="The property of an element whose value names the new property.",
            kind="keys",
            required=True,
        ),
        TARGET,
        PolicyParameter(
            name="retainKey",
            field="retain_key",
            title="Retain key",
            description="Whether that property stays in the element.",
            kind="flag",
            default="true",
        ),
    ),
    sections=("request", "response"),
    build=ConvertArrayToObject,
    preview=True,
    since="0.1",
    source="https://learn.microsoft.com/connectors/custom-connectors/policy-templates/convertarraytoobject/convertarraytoobject",
)
