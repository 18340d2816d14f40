"""How requests are sent: the settings of one ``Transport``, as plain values. Reads no file and no environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..model import DocumentError, Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOptions:
    """Timeouts, proxy, certificates and caps. Raises DocumentError ``wrong-network-option`` for a number below zero."""

    timeout: float = 120.0
    """Seconds for one request, from opening the connection to the last byte of the reply (reference:
    limits-and-certification, section 1: the platform waits 120 s)."""
    connect_timeout: float = 10.0
    """Seconds for looking the name up and opening the connection, TLS included."""
    proxy: str | None = None
    """Proxy for every request, ``http://[user:password@]host:port``; None leaves it to the environment."""
    environment: bool = True
    """Whether HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY count when ``proxy`` is None (never for loopback)."""
    ca_file: Path | None = None
    """Certificates (PEM or DER) that are trusted besides the system's."""
    client_certificate: Path | None = None
    """Certificate that proves who we are: PEM, or PFX/P12 with its key."""
    client_key: Path | None = None
    """Key of a PEM certificate that stands in a file of its own."""
    client_password: Secret | None = None
    """Password of the PFX or of the PEM key."""
    verify: bool = True
    """False: take any server certificate."""
    max_reply: int = 100 * 1024 * 1024
    """Bytes of a reply's body, before and after decoding (reference: limits-and-certification, section 1: the
    platform's messages have at most 100 MB)."""
    max_connections: int = 100
    """Requests at the same time; more wait for their turn, and that wait counts towards no timeout."""

    def __post_init__(self) -> None:
        """Refuses numbers that would switch a limit off by accident."""
        for name in ("timeout", "connect_timeout", "max_reply", "max_connections"):
            value = getattr(self, name)
            if not value > 0:
                raise DocumentError(
                    "wrong-network-option",
                    f'"{name}" is "{value}", and must be greater than zero',
                    remedy="leave it out for the default",
                )
