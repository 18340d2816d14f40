"""A connection parameter, a connection and security definitions from a data case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tieline.auth import oauth
from tieline.formats import api_properties
from tieline.formats.openapi2 import security_definitions
from tieline.model import Connection, ConnectionParameter, Grant, Login, Route, Secret, SecurityDefinition

Inputs = tuple[ConnectionParameter, Connection, dict[str, SecurityDefinition]]
SECRET_FIELDS = ("client_secret", "certificate", "password", "assertion")


def inputs_of(case: dict[str, Any]) -> Inputs:
    """What ``provider_of`` takes, from ``settings``, ``values``, ``login``, ``grant`` and ``definitions``."""
    parameters = {"token": {"type": "oauthSetting", "oAuthSettings": case["settings"]}}
    value = {"properties": {"connectionParameters": parameters}}
    [parameter] = api_properties.read_value(value, Route("apiProperties.json")).connection_parameters
    held = case.get("login", {})
    fields: dict[str, Any] = {name: Secret(text) if name in SECRET_FIELDS else text for name, text in held.items()}
    values = {name: Secret(text) for name, text in case.get("values", {}).items()}
    connection = Connection(values=values, login=Login(**fields), grant=_grant(case.get("grant")))
    return parameter, connection, security_definitions(case.get("definitions"), Route("swagger.json"), [])


def provider_in(case: dict[str, Any]) -> oauth.Provider:
    """The provider of a case; ``with`` are its settings."""
    settings = oauth.Settings(**case.get("with", {}))
    return oauth.provider_of(*inputs_of(case), settings=settings, now=case.get("now", 1000.0), nonce="n-1")


def _grant(given: dict[str, Any] | None) -> Grant | None:
    if given is None:
        return None
    refresh = given.get("refresh_token")
    return Grant(
        type=given["type"], access_token=Secret("old-access"), refresh_token=Secret(refresh) if refresh else None
    )


@pytest.fixture(scope="session")
def inputs() -> Callable[[dict[str, Any]], Inputs]:
    """See :func:`inputs_of`."""
    return inputs_of


@pytest.fixture(scope="session")
def provider() -> Callable[[dict[str, Any]], oauth.Provider]:
    """See :func:`provider_in`."""
    return provider_in
