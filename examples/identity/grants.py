"""The grants that oauthlib lacks, or has only in its newest releases: of a device (RFC 8628), and on behalf of a user.

And the server that carries out all of them for one call.
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from oauthlib.common import Request
from oauthlib.oauth2 import (
    AuthorizationCodeGrant,
    AuthorizationEndpoint,
    BearerToken,
    ClientCredentialsGrant,
    IntrospectEndpoint,
    RefreshTokenGrant,
    ResourceOwnerPasswordCredentialsGrant,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749 import errors
from oauthlib.oauth2.rfc6749.grant_types.base import GrantTypeBase

from .call import Call
from .records import DeviceCode
from .validator import Validator

SLOWER = 5.0
"""Seconds that polling too fast adds to the interval (RFC 8628, section 3.5)."""

LENIENCE = 0.1
"""Part of the interval by which a poll may be early: no two clocks run alike."""


class Tokens(BearerToken):  # type: ignore[misc]
    """Makes tokens: random ones, and a refresh token only where one is due."""

    def __init__(self, validator: Validator) -> None:
        options = validator.call.identity.options
        super().__init__(validator, token_generator=lambda request: secrets.token_urlsafe(32))
        # oauthlib takes 0 seconds for "not said", but a function's word for all.
        self.expires_in = lambda request: options.lifetime

    def create_token(self, request: Request, refresh_token: bool = False, **kwargs: Any) -> dict[str, Any]:
        """The fields of a reply."""
        made: dict[str, Any] = super().create_token(request, refresh_token and self._lasting(request), **kwargs)
        return made

    def _lasting(self, request: Request) -> bool:
        call: Call = self.request_validator.call
        options = call.identity.options
        asked = "offline_access" in request.scopes or not (options.offline_access or call.version == "v2")
        return asked and options.refresh != "none" and "refresh_token" in request.client.grants


class _Grant(GrantTypeBase):  # type: ignore[misc]
    """A grant of the token endpoint: checks the client, then what it has, then what it wants."""

    def create_token_response(self, request: Request, token_handler: Tokens) -> tuple[dict[str, str], str, int]:
        """Headers, body and status of the reply."""
        headers: dict[str, str] = self._get_default_headers()
        validator: Validator = self.request_validator
        try:
            if validator.client_authentication_required(request):
                validator.authenticate_client(request)
            else:
                validator.authenticate_client_id(request.client_id, request)
            self.validate_grant_type(request)
            self.check(validator.call, request)
            self.validate_scopes(request)
        except errors.OAuth2Error as error:
            return {**headers, **error.headers}, error.json, error.status_code
        token = token_handler.create_token(request, refresh_token=True)
        validator.save_token(token, request)
        return headers, json.dumps(token), 200

    def check(self, call: Call, request: Request) -> None:
        """Set the user and the scopes of the request, or raise an error of oauthlib's."""
        raise NotImplementedError


class DeviceGrant(_Grant):
    """The polls of a device."""

    def check(self, call: Call, request: Request) -> None:
        """Whether the person has answered."""
        # v1 paths of Entra ID call it by another name.
        device = call.identity.records.devices.get(call.get("device_code") or call.get("code"))
        if device is None or device.client_id != request.client.id or device.answer == "used":
            call.refuse(errors.InvalidGrantError, 70000, "the device code is not known")
        now = call.identity.options.now()
        if device.expires <= now:
            call.refuse_as("expired_token", 70020, "the device code has expired")
        if device.answer == "denied":
            call.refuse(errors.AccessDeniedError, 65004, "the user declined")
        if device.answer != "allowed":
            self._wait(call, device, now)
        device.answer = "used"
        request.user, request.scopes = device.user, list(device.scopes)
        call.resource = device.resource

    def _wait(self, call: Call, device: DeviceCode, now: float) -> None:
        early = device.polled is not None and now - device.polled < device.interval * (1 - LENIENCE)
        device.polled = now
        if early:
            device.interval += SLOWER
            call.refuse_as("slow_down", 70016, f"polled too fast; wait {device.interval:g} seconds")
        call.refuse_as("authorization_pending", 70016, "authorization is pending; continue polling")


class OnBehalfGrant(_Grant):
    """A token for an API in exchange for a user's token for the client (Entra ID's on-behalf-of flow)."""

    def check(self, call: Call, request: Request) -> None:
        """Whether the user's token is good."""
        if call.get("requested_token_use") != "on_behalf_of":
            call.refuse(errors.InvalidRequestError, 900144, "requested_token_use must be on_behalf_of")
        if not call.get("assertion"):
            call.refuse(errors.InvalidRequestError, 900144, "the body must contain: 'assertion'")
        access = call.identity.records.active(call.get("assertion"))
        if access is None or not access.family.user:
            call.refuse(errors.InvalidGrantError, 50013, "the assertion is no good access token of a user")
        client = request.client.id
        if access.audience not in ("", client, f"api://{client}"):
            call.refuse(errors.InvalidGrantError, 500131, "the assertion is for another app than the one that sent it")
        request.user = access.family.user
        call.family = access.family


class Server(AuthorizationEndpoint, TokenEndpoint, IntrospectEndpoint):  # type: ignore[misc]
    """All endpoints of oauthlib's that are used, for one call."""

    def __init__(self, call: Call) -> None:
        validator = Validator(call)
        tokens = Tokens(validator)
        code = AuthorizationCodeGrant(validator)
        device, behalf = DeviceGrant(validator), OnBehalfGrant(validator)
        AuthorizationEndpoint.__init__(self, "code", tokens, {"code": code})
        grants = {
            "authorization_code": code,
            "refresh_token": RefreshTokenGrant(validator),
            "client_credentials": ClientCredentialsGrant(validator),
            "password": ResourceOwnerPasswordCredentialsGrant(validator),
            "urn:ietf:params:oauth:grant-type:device_code": device,
            "device_code": device,
            "urn:ietf:params:oauth:grant-type:jwt-bearer": behalf,
        }
        TokenEndpoint.__init__(self, "authorization_code", tokens, grants)
        IntrospectEndpoint.__init__(self, validator)
