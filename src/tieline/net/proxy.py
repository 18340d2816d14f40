"""Which proxy a request goes through: the one that was asked for, else the environment's, never for loopback.

Reads the environment (and the system's settings on Windows and macOS) once, when a ``Transport`` opens.
"""

from __future__ import annotations

import base64
import ipaddress
import os
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from yarl import URL

from ..model import DocumentError

SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class Proxy:
    """One HTTP proxy."""

    url: str
    """``http://host:port`` without user and password."""
    authorization: str | None = field(default=None, repr=False)
    """Value of ``Proxy-Authorization``; None for none."""

    @property
    def name(self) -> str:
        """``host:port``, for messages."""
        return self.url.partition("://")[2]


class Proxies:
    """Tells the proxy of a host."""

    def __init__(self, explicit: str | None, environment: bool) -> None:
        """Takes the proxy that was asked for, and whether the environment counts when there is none.

        Raises DocumentError ``wrong-proxy`` for an address that is no HTTP proxy, wherever it came from.
        """
        self._explicit = parse_proxy(explicit, "the proxy") if explicit else None
        self._by_scheme = _environment() if environment and not explicit else {}
        self._cached = lru_cache(maxsize=1024)(self._of_environment)

    def of(self, url: URL) -> Proxy | None:
        """The proxy for the host of a URL, or None to go straight there."""
        if self._explicit is not None or not self._by_scheme:
            return self._explicit
        return self._cached(url.scheme, url.raw_host or "", url.port or 0)

    def _of_environment(self, scheme: str, host: str, port: int) -> Proxy | None:
        from urllib.request import proxy_bypass

        if is_loopback(host) or proxy_bypass(f"{host}:{port}") or proxy_bypass(host):
            return None
        return self._by_scheme.get(scheme) or self._by_scheme.get("all")


def parse_proxy(address: str, source: str) -> Proxy:
    """Reads ``[http://][user:password@]host[:port]``; ``source`` names where it was given.

    Raises DocumentError ``wrong-proxy``; the message shows nothing of the address, which may hold a password.
    """
    text = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in SCHEMES:
        raise DocumentError(
            "wrong-proxy",
            f"{source} is no address of an HTTP proxy",
            remedy="write it as http://host:port or http://user:password@host:port; SOCKS is not supported",
        )
    authorization = None
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = "Basic " + base64.b64encode(pair.encode()).decode()
    bracketed = f"[{host}]" if ":" in host else host
    return Proxy(f"{parts.scheme}://{bracketed}:{port or (443 if parts.scheme == 'https' else 80)}", authorization)


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def _source(scheme: str) -> str:
    """Where a proxy was found, in words."""
    name = f"{scheme}_proxy"
    if os.environ.get(name) or os.environ.get(name.upper()):
        return f"the environment's {name.upper()}"
    return f"the proxy for {scheme} in the system's settings"


def _environment() -> dict[str, Proxy]:
    from urllib.request import getproxies

    return {
        scheme: parse_proxy(address, _source(scheme))
        for scheme, address in getproxies().items()
        if scheme in (*SCHEMES, "all") and address
    }
