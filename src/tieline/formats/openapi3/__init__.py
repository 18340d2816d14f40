"""OpenAPI 3.0, 3.1 and 3.2, lowered to the Swagger 2.0 that the platform runs.

``lower`` makes a whole Swagger document and says what was lost; ``read`` makes a model whose operations and schemas are
lowered when they are asked for, by the same code. Nothing outside of this folder sees OpenAPI 3.
"""

from .document import Lowered, lower
from .lazy import read
from .references import Loader
from .rule import Rule
from .rules import RULES

__all__ = ["RULES", "Loader", "Lowered", "Rule", "lower", "read"]
