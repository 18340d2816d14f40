"""The device grant's two pages: where a device gets its codes, and where a person types one (RFC 8628)."""

from __future__ import annotations

import secrets
from typing import Any

from oauthlib.oauth2.rfc6749 import errors
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .call import Call, Version, begin, origin, plain_text, read_form
from .clients import named_client, needs_proof, proven_client, same
from .options import Client
from .pages import device_page, message_page
from .records import DeviceCode
from .replies import NO_STORE, error_of, words
from .scopes import scope_allowed
from .tokens import Endpoint, target_checked

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""Letters of user codes: none that make words or are mistaken for others (RFC 8628, section 6.1)."""

VERIFY_PATH = "/device"


def device_endpoint(version: Version) -> Endpoint:
    """The endpoint that gives a device its codes, on paths of a version."""

    async def device(request: Request) -> Response:
        call = begin(request, version)
        try:
            call.fields = await read_form(call)
            call.note()
            call.asked.grant_type = "device_code"
            call.check_tenant()
            response: Response = JSONResponse(_started(call), headers=NO_STORE)
        except errors.OAuth2Error as error:
            response = error_of(call, error)
        call.asked.status = response.status_code
        return response

    return device


async def verify(request: Request) -> Response:
    """The page on which a person lets a device in."""
    call = begin(request, "oauth")
    fields = dict(call.fields)
    try:
        form = dict(await read_form(call)) if request.method == "POST" else {}
    except errors.OAuth2Error as error:
        response = message_page("This cannot be done", words(call, "invalid_request", error.description), status=400)
    else:
        response = _answered(call, form) if form else device_page(fields)
    call.asked.status = response.status_code
    return response


def _started(call: Call) -> dict[str, Any]:
    target_checked(call)
    client = _client(call)
    scopes = tuple(call.get("scope").split()) or client.own_scopes
    _check(call, client, scopes)
    options = call.identity.options
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    code, user_code = secrets.token_urlsafe(32), f"{letters[:4]}-{letters[4:]}"
    call.identity.records.devices[code] = DeviceCode(
        user_code=user_code,
        client_id=client.id,
        scopes=scopes,
        resource=call.resource,
        expires=options.now() + options.device_lifetime,
        interval=options.device_interval,
    )
    where = origin(call.request) + VERIFY_PATH
    old = call.version == "v1"
    fields: dict[str, Any] = {"user_code": user_code, "device_code": code}
    fields["verification_url" if old else "verification_uri"] = where
    if call.version == "oauth":
        return {**fields, "verification_uri_complete": f"{where}?user_code={user_code}", **_times(call)}
    fields["message"] = f"To sign in, use a web browser to open the page {where} and enter the code {user_code}."
    return {**fields, **({name: str(value) for name, value in _times(call).items()} if old else _times(call))}


def _times(call: Call) -> dict[str, float]:
    options = call.identity.options
    return {"expires_in": options.device_lifetime, "interval": options.device_interval}


def _client(call: Call) -> Client:
    """The client. It need not prove itself before the token endpoint (Entra ID), but what it proves must be right."""
    proving = call.get("client_secret") or call.get("client_assertion") or call.request.headers.get("authorization")
    return proven_client(call) if proving and needs_proof(call) else named_client(call)


def _check(call: Call, client: Client, scopes: tuple[str, ...]) -> None:
    """Raise an error of oauthlib's where the client may not do this or may not ask for it."""
    if "device_code" not in client.grants:
        call.refuse(errors.UnauthorizedClientError, 700051, "the client may not use this grant")
    if call.version == "v1" and not call.resource:
        call.refuse(errors.InvalidRequestError, 900144, "the body must contain: 'resource'")
    wrong = next((scope for scope in scopes if not scope_allowed(call, client, scope)), None)
    if wrong is not None:
        call.refuse(errors.InvalidScopeError, 70011, f"the client may not ask for '{plain_text(wrong)}'")


def _answered(call: Call, form: dict[str, str]) -> Response:
    device = call.identity.records.device(form.get("user_code", ""))
    if device is None:
        return device_page(form, "That code is not known, or its time is over.")
    if form.get("answer") == "deny":
        device.answer = "denied"
        return message_page("Not signed in", "The device was not let in. You can close this page.")
    user = call.identity.user(form.get("username", ""))
    if user is None or not same(form.get("password", ""), user.password):
        return device_page(form, "That user name and password do not match.")
    device.answer, device.user = "allowed", user.name
    return message_page("Signed in", "The device is let in. You can close this page.")
