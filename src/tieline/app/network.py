"""How calls reach the network, in the user's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model import Secret

if TYPE_CHECKING:
    from ..net.transport import TransportOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """Timeouts, proxy and certificates for everything that one command sends."""

    timeout: float | None = None
    """Seconds for one request; None for the default (120, the platform's)."""
    proxy: str | None = None
    """Proxy URL; None leaves it to HTTP_PROXY, HTTPS_PROXY and NO_PROXY."""
    ca: Path | None = None
    """PEM file with CA certificates that are trusted besides the system's."""
    cert: Path | None = None
    """Client certificate, PEM or PFX/P12."""
    cert_key: Path | None = None
    """Key of a PEM certificate, if it stands in a file of its own."""
    cert_password: Secret | None = None
    """Password of the PFX or of the key."""
    insecure: bool = False
    """Do not check the server's certificate."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> NetworkOptions:
        """From command-line options of the same names; others are ignored."""
        password = options.get("cert_password")
        return cls(
            timeout=options.get("timeout"),
            proxy=options.get("proxy"),
            ca=options.get("ca"),
            cert=options.get("cert"),
            cert_key=options.get("cert_key"),
            cert_password=Secret(password) if password else None,
            insecure=bool(options.get("insecure")),
        )

    def transport(self) -> TransportOptions:
        """The same as the transport takes it. Imports the HTTP client."""
        from ..net.transport import TransportOptions

        more: dict[str, Any] = {} if self.timeout is None else {"timeout": self.timeout}
        return TransportOptions(
            proxy=self.proxy,
            ca_file=self.ca,
            client_certificate=self.cert,
            client_key=self.cert_key,
            client_password=self.cert_password,
            verify=not self.insecure,
            **more,
        )
