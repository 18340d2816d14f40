"""The sign-in pages of the authorization code grant."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749 import errors
from starlette.requests import Request
from starlette.responses import Response

from .call import Call, Version, begin, read_form
from .clients import same
from .grants import Server
from .pages import message_page, sign_in_page
from .redirects import page_origin
from .replies import words
from .scopes import DEFAULT
from .tokens import Endpoint, target_checked


def authorize_endpoint(version: Version) -> Endpoint:
    """The page to sign in on, on paths of a version. It keeps nothing: its form comes back to the same URL."""

    async def authorize(request: Request) -> Response:
        call = begin(request, version)
        call.note()
        try:
            call.check_tenant()
            response = await _answered(call)
        except errors.OAuth2Error as error:
            # Nobody may be sent anywhere: it is not known that the client wants them there.
            call.asked.error = str(error.error)
            text = words(call, str(error.error), error.description or "")
            response = message_page("This sign-in cannot be done", text, status=error.status_code)
        call.asked.status = response.status_code
        return response

    return authorize


async def _answered(call: Call) -> Response:
    form = dict(await read_form(call)) if call.request.method == "POST" else {}
    try:
        target_checked(call)
        if call.version == "v2" and not call.get("scope"):
            call.refuse(errors.InvalidRequestError, 900144, "the request must contain: 'scope'")
        scopes, found = Server(call).validate_authorization_request(_uri(call), "GET")
    except errors.FatalClientError:
        raise
    except errors.OAuth2Error as error:
        return _refused(call, str(error.error), error.description or "")
    return _page_or_end(call, form, scopes, str(found["redirect_uri"]))


def _page_or_end(call: Call, form: dict[str, str], scopes: Sequence[str], redirect_uri: str) -> Response:
    if form.get("answer") == "deny":
        return _ended(call, redirect_uri, "access_denied", "the user declined")
    name = form.get("username", "")
    user = call.identity.user(name)
    if form and user is not None and same(form.get("password", ""), user.password):
        location = Server(call).create_authorization_response(
            _uri(call), "GET", scopes=list(scopes), credentials={"user": user.name}
        )[0]["Location"]
        return _redirect(call, location)
    complaint = "That user name and password do not match." if form else ""
    wanted = [_wanted(scope) for scope in scopes]
    origin = page_origin(redirect_uri)
    return sign_in_page(call.get("client_id"), wanted, user=name, complaint=complaint, leads_to=origin)


def _refused(call: Call, error: str, description: str) -> Response:
    """The redirect with an error that was found in a request, once it is known to go to the client."""
    trouble = call.trouble
    redirect_uri = _checked_redirect(call)
    call.trouble = trouble
    return _ended(call, redirect_uri, error, description)


def _checked_redirect(call: Call) -> str:
    """Where the client wants people to come back. Raises an error of oauthlib's where that is not known."""
    server = Server(call)
    pairs = [pair for pair in call.fields if pair[0] in ("client_id", "redirect_uri", "state")]
    try:
        # Without response_type, a request with a good client and redirect is refused for nothing else.
        server.validate_authorization_request(f"{call.url}?{urlencode(pairs)}", "GET")
    except errors.MissingResponseTypeError as error:
        return str(error.redirect_uri)
    raise errors.InvalidRequestFatalError(description="the request cannot be read")


def _ended(call: Call, redirect_uri: str, error: str, description: str) -> Response:
    call.asked.error = error
    fields = [("error", error), ("error_description", words(call, error, description))]
    state = call.get("state")
    return _redirect(call, add_params_to_uri(redirect_uri, [*fields, ("state", state)] if state else fields))


def _redirect(call: Call, location: str) -> Response:
    if call.identity.quirks.wrong_state:
        parts = urlsplit(location)
        others = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "state"]
        query = urlencode([*others, ("state", secrets.token_urlsafe(16))])
        location = urlunsplit(parts._replace(query=query))
    headers = {"Location": location, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return Response(status_code=302, headers=headers)


def _uri(call: Call) -> str:
    return f"{call.url}?{call.encoded}"


def _wanted(scope: str) -> str:
    """A scope as people read it."""
    resource, _, name = scope.rpartition("/")
    return f"all that the app was registered for at {resource}" if name == DEFAULT else scope
