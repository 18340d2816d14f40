"""Basic authentication: user name and password in ``Authorization`` (RFC 7617)."""

from __future__ import annotations

import base64

from ..model import Request, Secret, SecurityDefinition
from .scheme import Credential, Parameters, plain, texts


class Basic:
    """``Authorization: Basic base64(username:password)``, in UTF-8."""

    id = "basic"

    def match(self, definition: SecurityDefinition | None, parameters: Parameters) -> Parameters | None:
        """``username`` and ``password`` in any spelling, else the first plain and the first masked text."""
        if definition is None or definition.type != "basic":
            return None
        candidates = texts(parameters)
        named = {plain(parameter.name): parameter for parameter in reversed(candidates)}
        user = named.get("username") or next((entry for entry in candidates if not entry.secret), None)
        rest = [entry for entry in candidates if entry is not user]
        password = named.get("password") or next((entry for entry in rest if entry.secret), None)
        return None if user is None or password is None else (user, password)

    def title(self, credential: Credential) -> str:
        """For example ``user name "username" and password "password" in header "Authorization"``."""
        user, password = credential.parameters
        return f'user name "{user.name}" and password "{password.name}" in header "Authorization"'

    def sign(self, credential: Credential, values: tuple[str, ...], request: Request) -> Request:
        """Set ``Authorization``."""
        return request.with_header("Authorization", "Basic " + _encoded(values))

    def secrets(self, values: tuple[str, ...]) -> tuple[Secret, ...]:
        """The encoded pair gives the password away as the password itself does."""
        return (Secret(_encoded(values)),)


def _encoded(values: tuple[str, ...]) -> str:
    """User name and password as the header has them."""
    return base64.b64encode(":".join(values).encode("utf-8", "replace")).decode("ascii")
