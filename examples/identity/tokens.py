"""The token endpoints and introspection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from oauthlib.oauth2.rfc6749 import errors
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from .call import Call, Version, begin, plain_text, read_form
from .grants import Server
from .options import Quirks
from .replies import error_of, error_reply, token_reply
from .scopes import DEFAULT, resource_known

CHUNK = b"a" * 64 * 1024

Endpoint = Callable[[Request], Awaitable[Response]]


def token_endpoint(version: Version) -> Endpoint:
    """The endpoint that gives tokens, on paths of a version."""

    async def token(request: Request) -> Response:
        call = begin(request, version)
        return _logged(call, await _answered(call, _token))

    return token


async def introspect(request: Request) -> Response:
    """The endpoint that says what a token is good for (RFC 7662), to clients that prove themselves."""
    call = begin(request, "oauth")
    return _logged(call, await _answered(call, _introspected))


def target_checked(call: Call) -> None:
    """Read what the token is for, as the paths of a version want it. Raises an error of oauthlib's."""
    resource = call.get("resource")
    if call.version == "v2" and resource:
        call.refuse(errors.InvalidRequestError, 901002, "the 'resource' request parameter is not supported")
    if call.version == "v1":
        # These paths name a resource instead.
        call.fields = [pair for pair in call.fields if pair[0] != "scope"]
    if resource and not resource_known(call, resource):
        text = f"the resource principal named '{plain_text(resource)}' was not found"
        call.refuse_as("invalid_resource", 500011, text)
    call.resource = resource


async def _answered(call: Call, answer: Callable[[Call], Response]) -> Response:
    """The answer to a form, or the error that reading it or answering it raised."""
    quirk = _misbehaving(call.identity.quirks)
    try:
        query, form = call.fields, await read_form(call)
        if query and call.identity.options.token_query == "refused":
            call.refuse(errors.InvalidRequestError, 90023, "fields are only read from the body")
        call.fields = [*form, *query]
        call.note()
        if quirk is not None:
            return quirk
        call.check_tenant()
        return answer(call)
    except errors.OAuth2Error as error:
        return error_of(call, error)


def _token(call: Call) -> Response:
    if not call.get("grant_type"):
        call.refuse(errors.InvalidRequestError, 900144, "the body must contain: 'grant_type'")
    target_checked(call)
    _wanted(call)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _, body, status = Server(call).create_token_response(call.url, "POST", call.encoded, headers)
    found = json.loads(body)
    if status != 200:
        return error_reply(call, found["error"], found.get("error_description", ""), status)
    return token_reply(call, found)


def _wanted(call: Call) -> None:
    """Raise an error of oauthlib's where Entra ID wants more than OAuth does."""
    kind = call.asked.grant_type
    if call.version == "v1" and not call.resource and kind in ("client_credentials", "password", "on_behalf_of"):
        call.refuse(errors.InvalidRequestError, 900144, "the body must contain: 'resource'")
    scopes = call.get("scope").split()
    if call.version == "v2" and not scopes and kind in ("client_credentials", "password", "on_behalf_of"):
        call.refuse(errors.InvalidRequestError, 900144, "the body must contain: 'scope'")
    if call.version == "v2" and kind == "client_credentials" and not all(_default(scope) for scope in scopes):
        text = f"the scope '{plain_text(' '.join(scopes))}' is not valid for an app by itself: it must end in /.default"
        call.refuse(errors.InvalidScopeError, 1002012, text)


def _default(scope: str) -> bool:
    return scope.endswith(f"/{DEFAULT}")


def _introspected(call: Call) -> Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    sent, body, status = Server(call).create_introspect_response(call.url, "POST", call.encoded, headers)
    found = json.loads(body)
    if status != 200:
        return error_reply(call, found["error"], found.get("error_description", ""), status)
    return Response(body, status, headers=sent)


def _logged(call: Call, response: Response) -> Response:
    call.asked.status = response.status_code
    return response


def _misbehaving(quirks: Quirks) -> Response | None:
    """The reply of a broken or hostile server; None for a server that is neither."""
    if quirks.html_reply:
        return HTMLResponse("<!doctype html><title>Sign in to the proxy</title><p>Please sign in.")
    if quirks.endless_reply:
        return StreamingResponse(_endless(), media_type="application/json")
    if quirks.token_redirect:
        return Response(status_code=307, headers={"Location": quirks.token_redirect})
    return None


async def _endless() -> AsyncIterator[bytes]:
    yield b'{"token_type": "Bearer", "access_token": "'
    while True:
        yield CHUNK
        await asyncio.sleep(0)
