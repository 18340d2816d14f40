"""Proving who you are: one file per scheme, each puts a credential on a request.

Deleting a scheme is deleting its file and its entry in ``SCHEMES``.
"""

from .choice import SCHEMES, credentials_of, oauth_parameter, parameter_set
from .scheme import Answer, Asking, Credential, Scheme
from .signing import Prepared, describe, prepared, required_values

__all__ = [
    "SCHEMES",
    "Answer",
    "Asking",
    "Credential",
    "Prepared",
    "Scheme",
    "credentials_of",
    "describe",
    "oauth_parameter",
    "parameter_set",
    "prepared",
    "required_values",
]
