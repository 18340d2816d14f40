"""Where a sign-in may end: exactly at a registered address, but at any port of a loopback one (RFC 8252, 7.3)."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from .options import Client

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""RFC 8252 names the addresses; Entra ID does the same for the name."""


def redirect_allowed(client: Client, uri: str) -> bool:
    """Whether a client may be sent to an address."""
    return uri in client.redirect_uris or any(_any_port(uri, known) for known in client.redirect_uris)


def page_origin(uri: str) -> str:
    """The origin of an address, as a Content-Security-Policy names it; its scheme where it has no host."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _any_port(uri: str, registered: str) -> bool:
    try:
        given, known = urlsplit(uri), urlsplit(registered)
        return known.hostname in LOOPBACK and known.scheme == "http" and _portless(given) == _portless(known)
    except ValueError:
        return False


def _portless(parts: SplitResult) -> tuple[str | None, ...]:
    """All of an address but the port, which must be one if it is there. Raises ValueError."""
    if parts.port == 0:
        raise ValueError("no port")
    host = parts.hostname or ""
    user = parts.netloc.rpartition("@")[0]
    return (parts.scheme, user, host, parts.path, parts.query, parts.fragment)
