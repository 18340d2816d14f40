"""A bearer token: the access token of an ``oauthSetting`` parameter (RFC 6750)."""

from __future__ import annotations

from ..model import Request, Secret, SecurityDefinition
from .scheme import Credential, Parameters


class Bearer:
    """``Authorization: Bearer <access token>``. The value of the connection parameter is the access token.

    ``oAuthSettings`` are authoritative, the ``oauth2`` definition is informational and may be missing (reference:
    connector-format, section 5: nine connectors have none).
    """

    id = "bearer"

    def match(self, definition: SecurityDefinition | None, parameters: Parameters) -> Parameters | None:
        """The ``oauthSetting`` parameter, for an ``oauth2`` definition or for none."""
        if definition is not None and definition.type != "oauth2":
            return None
        found = next((parameter for parameter in parameters if parameter.type == "oauthsetting"), None)
        return None if found is None else (found,)

    def title(self, credential: Credential) -> str:
        """For example ``access token "token" in header "Authorization"``."""
        return f'access token "{credential.parameters[0].name}" in header "Authorization"'

    def sign(self, credential: Credential, values: tuple[str, ...], request: Request) -> Request:
        """Set ``Authorization``, whatever type the token was said to be (reference: connector-format, section 6.2)."""
        return request.with_header("Authorization", f"Bearer {values[0]}")

    def secrets(self, values: tuple[str, ...]) -> tuple[Secret, ...]:
        """Nothing is made of the token."""
        return ()
