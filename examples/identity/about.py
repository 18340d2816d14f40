"""What the server says of itself, and what tests and the demo do to it."""

from __future__ import annotations

from typing import Any

from oauthlib.oauth2.rfc6749 import errors
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .call import begin, origin, read_form
from .identity import Identity
from .options import GRANTS, IdentityOptions

_WIRE = {
    "device_code": "urn:ietf:params:oauth:grant-type:device_code",
    "on_behalf_of": "urn:ietf:params:oauth:grant-type:jwt-bearer",
}
"""``grant_type`` of the grants that have another plain name."""


async def discovery(request: Request) -> Response:
    """Where the endpoints are, and what they can do (RFC 8414)."""
    identity: Identity = request.app.state.identity
    tenant = request.path_params.get("tenant", "")
    version = "v2.0/" if "v2.0" in request.scope["path"] else ""
    return JSONResponse(_metadata(identity.options, origin(request), tenant, version))


def admin_routes(options: IdentityOptions) -> list[Route]:
    """The pages for tests and the demo; none where they are switched off."""
    if not options.admin:
        return []
    return [
        Route("/requests", _requests),
        Route("/admin/revoke", _revoke, methods=["POST"]),
        Route("/admin/expire", _expire, methods=["POST"]),
    ]


def _metadata(options: IdentityOptions, here: str, tenant: str, version: str) -> dict[str, Any]:
    base = f"{here}/{tenant}/oauth2/{version}"
    first = {
        "authorization_endpoint": f"{base}authorize" if tenant else _at(here, options.authorize_paths),
        "token_endpoint": f"{base}token" if tenant else _at(here, options.token_paths),
        "device_authorization_endpoint": f"{base}devicecode" if tenant else _at(here, options.device_paths),
    }
    auth = {"both": ["client_secret_post", "client_secret_basic"], "body": ["client_secret_post"]}
    return {
        "issuer": f"{here}/{tenant}/{version}".rstrip("/") if tenant else here,
        **{name: url for name, url in first.items() if url},
        "introspection_endpoint": f"{here}/oauth/introspect",
        "response_types_supported": ["code"],
        "grant_types_supported": [_WIRE.get(grant, grant) for grant in GRANTS],
        "code_challenge_methods_supported": [] if options.pkce == "refused" else ["S256", "plain"],
        "token_endpoint_auth_methods_supported": [
            *auth.get(options.client_auth, ["client_secret_basic"]),
            "private_key_jwt",
            "none",
        ],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "scopes_supported": sorted({scope for client in options.clients for scope in client.own_scopes}),
    }


def _at(here: str, paths: tuple[str, ...]) -> str:
    """The URL of the first path that is one place."""
    return next((here + path for path in paths if "{" not in path), "")


async def _requests(request: Request) -> Response:
    identity: Identity = request.app.state.identity
    return JSONResponse([asked.json() for asked in identity.log], headers={"Cache-Control": "no-store"})


async def _revoke(request: Request) -> Response:
    call = begin(request, "oauth")
    try:
        # A form for one user, or nothing for all.
        form = dict(await read_form(call)) if request.headers.get("content-type") else {}
    except errors.OAuth2Error as error:
        return JSONResponse({"error": error.error, "error_description": error.description}, 400)
    call.asked.status = 200
    return JSONResponse({"ended": call.identity.revoke(form.get("user", ""))})


async def _expire(request: Request) -> Response:
    call = begin(request, "oauth")
    call.asked.status = 200
    return JSONResponse({"ended": call.identity.expire()})
