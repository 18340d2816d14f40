"""Content decoding of replies (gzip, deflate, and br where a brotli package is installed), with a cap.

A function from bytes to bytes; no sockets. Encodings that are not known stay as they came: the ``Content-Encoding``
header is still there to tell.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

WINDOW = 64 * 1024
"""Compressed bytes fed at a time: a finished gzip member copies what follows it, so a large window would make a body of
many tiny members quadratic."""
MEMBERS = 1024
"""Gzip members in one body (aiohttp allows as many); real bodies have one."""
LAYERS = 4
"""Encodings on top of each other; real replies have one."""


WHEN_DECODED = " when it is decompressed"


class TooLarge(Exception):
    """The body passes the cap; its text adds to "is larger than 100 MB"."""


class Corrupt(Exception):
    """The body is not in the encoding that its header names. ``truncated``: it begins well and ends early."""

    def __init__(self, coding: str, *, truncated: bool = False) -> None:
        """Takes the coding's name."""
        super().__init__(coding)
        self.coding = coding
        self.truncated = truncated


def decode(body: bytes, encoding: str, cap: int) -> bytes:
    """``body`` without the codings that a ``Content-Encoding`` header names, undone from the last to the first.

    Stops at the first coding that is not known. Raises TooLarge and Corrupt.
    """
    codings = [coding.strip().lower() for coding in encoding.split(",") if coding.strip()]
    if len(codings) > LAYERS:
        raise Corrupt(f"{len(codings)} codings")
    for coding in reversed(codings):
        decoder = DECODERS.get(coding)
        if decoder is None:
            break
        body = decoder(body, cap) if body else body
    return body


def _gunzip(body: bytes, cap: int) -> bytes:
    """All gzip members; what follows the last one and is no gzip (padding) does not count, as in gzip itself."""
    out: list[bytes] = []
    size = start = 0
    for _ in range(MEMBERS):
        data, start = _inflate(body, start, zlib.MAX_WBITS | 16, cap - size, "gzip")
        out.append(data)
        size += len(data)
        if body[start : start + 2] != b"\x1f\x8b":
            return out[0] if len(out) == 1 else b"".join(out)
    raise Corrupt(f"gzip with more than {MEMBERS} members")


def _undeflate(body: bytes, cap: int) -> bytes:
    """Deflate in its zlib wrapping, or raw as some servers send it."""
    try:
        return _inflate(body, 0, zlib.MAX_WBITS, cap, "deflate")[0]
    except Corrupt as wrapped:
        if wrapped.truncated:
            raise
        try:
            return _inflate(body, 0, -zlib.MAX_WBITS, cap, "deflate")[0]
        except Corrupt:
            # Most texts begin like a raw stream, so how that ends says nothing.
            raise wrapped from None


def _inflate(body: bytes, start: int, wbits: int, cap: int, coding: str) -> tuple[bytes, int]:
    """One compressed stream that begins at ``start``: its content, and where it ended."""
    stream = zlib.decompressobj(wbits)
    out: list[bytes] = []
    size = 0
    view = memoryview(body)
    while not stream.eof:
        if start >= len(body):
            raise Corrupt(coding, truncated=True)
        piece: bytes | memoryview = view[start : start + WINDOW]
        start += len(piece)
        while len(piece) and not stream.eof:
            try:
                data = stream.decompress(piece, cap - size + 1)
            except zlib.error as error:
                raise Corrupt(coding) from error
            size += len(data)
            if size > cap:
                raise TooLarge(WHEN_DECODED)
            out.append(data)
            piece = stream.unconsumed_tail
    return b"".join(out), start - len(stream.unused_data)


def _identity(body: bytes, cap: int) -> bytes:
    return body


def _unbrotli(body: bytes, cap: int) -> bytes:
    brotli = import_module("brotli")
    stream = brotli.Decompressor()
    out: list[bytes] = []
    size = 0
    piece = body
    try:
        while not stream.is_finished():
            data = stream.process(piece, output_buffer_limit=WINDOW)
            if not data and stream.can_accept_more_data():
                raise Corrupt("br", truncated=True)
            size += len(data)
            if size > cap:
                raise TooLarge(WHEN_DECODED)
            out.append(data)
            piece = b""
    except brotli.error as error:
        raise Corrupt("br") from error
    return b"".join(out)


def _decoders() -> dict[str, Callable[[bytes, int], bytes]]:
    known: dict[str, Callable[[bytes, int], bytes]] = {
        "gzip": _gunzip,
        "x-gzip": _gunzip,
        "deflate": _undeflate,
        "identity": _identity,
    }
    if find_spec("brotli"):
        known["br"] = _unbrotli
    return known


DECODERS = _decoders()
"""By the coding's name in lower case."""
