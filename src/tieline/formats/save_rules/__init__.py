"""What the platform refuses when a connector is saved.

``check`` looks at a Swagger 2.0 value as it is written and gives a finding for each place that breaks a rule
(reference: limits-and-certification, sections 3, 4 and 9). Rules that only certification has are not here, nor warnings
and limits; for these see ``meter``. What is imported as Swagger 2.0 stays as its author wrote it, so these findings are
what says so.
"""

from .document import check, check_extensions

__all__ = ["check", "check_extensions"]
