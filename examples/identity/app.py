"""Identity as an ASGI application: which endpoints there are."""

from __future__ import annotations

import logging

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .about import admin_routes, discovery
from .call import Version
from .devices import VERIFY_PATH, device_endpoint, verify
from .identity import Identity
from .options import IdentityOptions
from .sign_in import authorize_endpoint
from .tokens import introspect, token_endpoint

_TENANT_PATHS: tuple[tuple[Version, str], ...] = (("v2", "/{tenant}/oauth2/v2.0"), ("v1", "/{tenant}/oauth2"))

_DISCOVERY = (
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/{tenant}/.well-known/openid-configuration",
    "/{tenant}/v2.0/.well-known/openid-configuration",
)


def create_app(options: IdentityOptions | None = None) -> Starlette:
    """The server. Its state is ``app.state.identity``, an :class:`Identity`. It needs no lifespan events.

    oauthlib's notes for debugging are switched off, in the whole program: they hold tokens and codes.
    """
    options = options or IdentityOptions()
    logging.getLogger("oauthlib").setLevel(logging.INFO)
    routes = [
        *(Route(path, discovery) for path in _DISCOVERY),
        Route("/oauth/introspect", introspect, methods=["POST"]),
        Route(VERIFY_PATH, verify, methods=["GET", "POST"]),
        Route("/health", _health),
        *admin_routes(options),
    ]
    own = _endpoints("oauth", options.authorize_paths, options.token_paths, options.device_paths)
    # A path that is given to the letter may look like a tenant's, as "/services/oauth2/token" does; a pattern must not
    # hide one.
    routes += [route for route in own if "{" not in route.path]
    for version, base in _TENANT_PATHS:
        routes += _endpoints(version, (f"{base}/authorize",), (f"{base}/token",), (f"{base}/devicecode",))
    routes += [route for route in own if "{" in route.path]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _nothing, Exception: _failed})
    app.router.redirect_slashes = False
    app.state.identity = Identity(options)
    return app


def _endpoints(
    version: Version, authorize: tuple[str, ...], token: tuple[str, ...], device: tuple[str, ...]
) -> list[Route]:
    return [
        *(Route(path, authorize_endpoint(version), methods=["GET", "POST"]) for path in authorize),
        *(Route(path, token_endpoint(version), methods=["POST"]) for path in token),
        *(Route(path, device_endpoint(version), methods=["POST"]) for path in device),
    ]


async def _health(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _nothing(request: Request, problem: Exception) -> Response:
    """An unknown path, or a method that a path does not have."""
    assert isinstance(problem, HTTPException)
    return JSONResponse({"error": "not_found"}, problem.status_code, headers=problem.headers)


def _failed(request: Request, problem: Exception) -> Response:
    """A fault of ours; the cause goes to the server's log."""
    return JSONResponse({"error": "server_error"}, 500)
