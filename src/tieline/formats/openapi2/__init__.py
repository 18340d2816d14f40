"""Swagger 2.0 with every ``x-ms-*`` extension: the dialect that the platform runs.

``read`` makes a model of a whole document. Other dialects lower one operation to a Swagger operation object and have
``build_operation`` read that, so that there is one reader of operations. Writing is ``source``'s job: documents keep
their text.
"""

from .document import declared_security, read
from .operation import Scope, build_operation
from .outline import METHODS, Listed, list_operations, made_up_id
from .security import requirements, security_definitions
from .server import Server, server_of

__all__ = [
    "METHODS",
    "Listed",
    "Scope",
    "Server",
    "build_operation",
    "declared_security",
    "list_operations",
    "made_up_id",
    "read",
    "requirements",
    "security_definitions",
    "server_of",
]
