"""Identity: a real OAuth 2.0 authorization server to try sign-ins with, on oauthlib.

    from identity import IdentityOptions, create_app

    app = create_app(IdentityOptions(pkce="required", lifetime=60))       # any ASGI server runs it
    app.state.identity.bearer(token)                                     # for an API in the same process

`python examples/identity` serves it. The folder stands on its own: it may be copied elsewhere, or loaded by path as a
package of any name. It uses Starlette, uvicorn, oauthlib, joserfc, cryptography and the standard library. It keeps all
in memory and is made to be tried, on loopback; it is no server to keep people's accounts in.
"""

from __future__ import annotations

from .app import create_app
from .identity import Bearer, Identity
from .log import Asked
from .options import ANY, CLIENT, PUBLIC_CLIENT, READER, USER, Client, IdentityOptions, Quirks, User

__all__ = [
    "ANY",
    "CLIENT",
    "PUBLIC_CLIENT",
    "READER",
    "USER",
    "Asked",
    "Bearer",
    "Client",
    "Identity",
    "IdentityOptions",
    "Quirks",
    "User",
    "create_app",
]
