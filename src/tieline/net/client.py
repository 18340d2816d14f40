"""The HTTP client with its own additions switched off, and with the marks of ``phases`` set.

Built on aiohttp. Its trace events would tell the phases too, but cost 8 % of a small call; these few overrides do not.
"""

from __future__ import annotations

import io
import time
from typing import Any

import aiohttp

from .options import TransportOptions
from .phases import PHASES
from .tls import tls_context

HEADER_BYTES = 64 * 1024
"""Longest line and field of a reply's head. .NET, on which the platform runs, takes 64 KB in all; aiohttp's default of
8 KB refuses real replies with long Link or Content-Security-Policy headers."""

WITHOUT_TYPE = ("Content-Type",)
"""For a request whose body has no type: the client would call it application/octet-stream."""


def open_session(options: TransportOptions) -> aiohttp.ClientSession:
    """A session that sends what it is told and nothing else. Raises DocumentError for certificate files."""
    session = aiohttp.ClientSession(
        connector=_Connector(limit=0, ssl=tls_context(options), resolver=_Resolver()),
        timeout=aiohttp.ClientTimeout(total=options.timeout, connect=options.connect_timeout),
        cookie_jar=aiohttp.DummyCookieJar(),
        request_class=_Request,
        auto_decompress=False,
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
    )
    # The client would repeat a request whose connection breaks, also a fresh one, where the work may have been done.
    session._retry_connection = False
    return session


class Upload(io.BytesIO):
    """A large body, which the client reads piece by piece; the last reading marks that it is sent."""

    def read(self, size: int | None = -1, /) -> bytes:
        """The next piece."""
        PHASES.get().sent = time.perf_counter()
        return super().read(size)


class _Request(aiohttp.ClientRequest):
    DEFAULT_HEADERS = {}


class _Connector(aiohttp.TCPConnector):
    async def connect(self, *arguments: Any, **named: Any) -> Any:
        connection = await super().connect(*arguments, **named)
        PHASES.get().ready = time.perf_counter()
        return connection

    async def _create_connection(self, *arguments: Any, **named: Any) -> Any:
        phases = PHASES.get()
        phases.created = time.perf_counter()
        protocol = await super()._create_connection(*arguments, **named)
        phases.connected = time.perf_counter()
        return protocol


class _Resolver(aiohttp.ThreadedResolver):
    async def resolve(self, *arguments: Any, **named: Any) -> Any:
        phases = PHASES.get()
        phases.lookup = time.perf_counter()
        addresses = await super().resolve(*arguments, **named)
        phases.resolved = time.perf_counter()
        return addresses
