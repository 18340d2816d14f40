"""How the server answers a client: tokens and errors, in the shapes that clients meet."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from oauthlib.oauth2.rfc6749 import errors
from starlette.responses import JSONResponse, Response

from .call import FORM, Call, Trouble

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}

_NUMBERS = {
    "invalid_request": 90023,
    "invalid_grant": 70000,
    "invalid_client": 7000215,
    "unauthorized_client": 700016,
    "unsupported_grant_type": 70003,
    "invalid_scope": 70011,
    "access_denied": 65004,
}
"""Entra ID's numbers for errors that oauthlib found."""


def token_reply(call: Call, token: Mapping[str, Any]) -> Response:
    """A reply with tokens; they are in ``token`` as oauthlib made them."""
    options = call.identity.options
    fields = dict(token)
    now, lifetime = int(options.now()), fields.pop("expires_in")
    told = "text" if call.version == "v1" and options.expires_in == "number" else options.expires_in
    if told != "missing":
        fields["expires_in"] = str(lifetime) if told == "text" else lifetime
    if call.version == "v1":
        fields |= {"not_before": str(now), "resource": call.resource}
        if told != "missing":
            fields["expires_on"] = str(now + lifetime)
    if options.token_format == "form":
        return Response(urlencode(fields), media_type=FORM, headers=NO_STORE)
    return JSONResponse(fields, headers=NO_STORE)


def error_reply(call: Call, error: str, description: str, status: int) -> Response:
    """A reply with an error."""
    call.asked.error = error
    headers = dict(NO_STORE)
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="identity"'
    if not call.entra:
        told = {"error_description": description} if description else {}
        return JSONResponse({"error": error, **told}, status, headers=headers)
    trouble = _trouble(call, error, description)
    now = datetime.fromtimestamp(call.identity.options.now(), UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    body = {
        "error": error,
        "error_description": f"AADSTS{trouble.number}: {trouble.text} "
        f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}",
        "error_codes": [trouble.number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
    }
    return JSONResponse(body, status, headers=headers)


def error_of(call: Call, error: errors.OAuth2Error) -> Response:
    """A reply with an error that oauthlib raised."""
    return error_reply(call, str(error.error), error.description or "", error.status_code)


def words(call: Call, error: str, description: str) -> str:
    """The description of an error for a redirect or a page."""
    trouble = _trouble(call, error, description)
    return f"AADSTS{trouble.number}: {trouble.text}" if call.entra else trouble.text


def _trouble(call: Call, error: str, description: str) -> Trouble:
    return call.trouble or Trouble(number=_NUMBERS.get(error, 90023), text=description or error)
