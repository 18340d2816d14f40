"""Requests that come in at a URL of the connector instead of arguments: of a caller of the gateway, or a ``Location``.

They stand for an operation as bound arguments do. What lives here opens nothing and chooses no operation.
"""

from __future__ import annotations

from ..model import Connector, Headers, Operation, Request
from ..policy.url import below
from .options import DEFAULTS, Options
from .target import target_of

DROPPED = frozenset(
    {
        *("host", "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("content-length", "expect", "authorization", "proxy-authorization", "cookie", "origin", "referer"),
    }
)
"""Headers (lower case) of a caller that are between it and the connector: they do not reach the service. An
``Authorization`` is the caller's own; the connection brings the service's."""


def rest_of(
    connector: Connector, operation: Operation, url: str, options: Options = DEFAULTS, caller_base: str = ""
) -> str | None:
    """Path and query below the connector's base of a URL that a caller or a reply gave; None for one elsewhere.

    Bases are the URL under which callers reach the connector, ``--server``, and that of the definition.
    """
    bases = (caller_base, options.server or "", target_of(connector, operation, options)[0])
    found = (below(url, base) for base in bases if base)
    return next((rest for rest in found if rest is not None), None)


def incoming(
    connector: Connector,
    operation: Operation,
    rest: str,
    message: Request,
    options: Options = DEFAULTS,
) -> Request:
    """The request of an operation for path and query below its base; method, headers and body are those of
    ``message``, whose URL does not count."""
    headers: Headers = tuple((name, value) for name, value in message.headers if name.lower() not in DROPPED)
    url = target_of(connector, operation, options)[0] + rest.partition("#")[0]
    return Request(method=message.method, url=url, headers=headers, body=message.body)
