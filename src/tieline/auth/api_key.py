"""An API key: one value, verbatim, in a header or in the query (reference: connector-format, section 5)."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from ..model import ConnectionParameter, Request, Secret, SecurityDefinition
from .scheme import Credential, Parameters, plain, texts


class ApiKey:
    """The value goes as it is: no ``Bearer`` or ``Basic`` is added; people type it, or a policy adds it."""

    id = "api-key"

    def match(self, definition: SecurityDefinition | None, parameters: Parameters) -> Parameters | None:
        """The one parameter that holds the key: see :func:`key_parameter`."""
        if definition is None or definition.type != "apiKey" or not definition.key:
            return None
        parameter = key_parameter(definition, parameters)
        return None if parameter is None else (parameter,)

    def title(self, credential: Credential) -> str:
        """For example ``API key "api_key" in header "X-API-Key"``."""
        definition = _definition(credential)
        where = "query parameter" if definition.where == "query" else "header"
        return f'API key "{credential.parameters[0].name}" in {where} "{definition.key}"'

    def sign(self, credential: Credential, values: tuple[str, ...], request: Request) -> Request:
        """Set the header, or add the query parameter."""
        definition = _definition(credential)
        if definition.where != "query":
            return request.with_header(definition.key, values[0])
        joint = "&" if "?" in request.url else "?"
        pair = f"{quote(definition.key, safe='')}={quote(values[0], safe='', errors='replace')}"
        return replace(request, url=f"{request.url}{joint}{pair}")

    def secrets(self, values: tuple[str, ...]) -> tuple[Secret, ...]:
        """Nothing is made of the key."""
        return ()


def key_parameter(definition: SecurityDefinition, parameters: Parameters) -> ConnectionParameter | None:
    """The connection parameter that holds the key of a definition, or None.

    In this order (inferred from published connectors with several parameters): the one named as the definition or its
    header is, ``api_key`` in any spelling, the first secure string, the first masked string; never ``username`` or
    ``password`` by the last two.
    """
    candidates = texts(parameters)
    for name in (plain(definition.name), plain(definition.key), "apikey"):
        for parameter in candidates:
            if plain(parameter.name) == name:
                return parameter
    others = [parameter for parameter in candidates if plain(parameter.name) not in ("username", "password")]
    secure = [parameter for parameter in others if parameter.type == "securestring"]
    masked = [parameter for parameter in others if parameter.secret]
    return next(iter((*secure, *masked)), None)


def _definition(credential: Credential) -> SecurityDefinition:
    assert credential.definition is not None  # match refuses a sign-in without one
    return credential.definition
