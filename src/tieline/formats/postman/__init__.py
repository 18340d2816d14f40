"""Postman collections of the formats 2.0 and 2.1, made into the Swagger 2.0 that the platform runs.

``lower`` makes a whole Swagger document, the policies that it needs, and says what was lost; ``read`` makes a model of
the same. Nothing outside of this folder sees a collection. Source of the format: Postman's published JSON schemas of
both versions, and what exported collections really hold.
"""

from .document import Lowered, lower, read
from .recognition import refuse
from .rules import RULES

__all__ = ["RULES", "Lowered", "lower", "read", "refuse"]
