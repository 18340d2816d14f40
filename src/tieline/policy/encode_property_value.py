"""encodepropertyvalue: percent-encodes the text of a property.

Reference: policy-templates, section 4. There is no page about it. All but letters, digits and ``-_.~`` is encoded, as
.NET's ``Uri.EscapeDataString`` does (inferred: Planner replaces ``.`` in the result itself).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

from .policy import Policy
from .reshape import PARENT, SUB, TARGET, Made, Reshape
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodePropertyValue(Reshape):
    """Encode a text as UTF-8 and percent signs."""

    takes: ClassVar[str] = "a text"
    gives: ClassVar[str] = "encoded text"

    def make(self, source: Any, settings: Settings) -> Made | None:
        """The encoded text; the very same when there is nothing to encode."""
        if not isinstance(source, str):
            return None
        encoded = quote(source, safe="", errors="replace")
        return Made(source if encoded == source else encoded)


POLICY = Policy(
    id="encode-property-value",
    template="encodepropertyvalue",
    title="Encode property value",
    summary="Percent-encodes the text of a property.",
    parameters=(PARENT, SUB, TARGET),
    sections=("request", "response"),
    build=EncodePropertyValue,
    since="0.1",
    source="https://github.com/microsoft/PowerPlatformConnectors/blob/dev/schemas/paconn-apiProperties.schema.json",
)
