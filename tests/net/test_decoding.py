"""Content decoding: bytes in, bytes out, with a cap."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.net.decoding import DECODERS, MEMBERS, Corrupt, TooLarge, decode

CONTENT = bytes(range(256)) * 1000


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(CONTENT)),
        (" GZIP ", gzip.compress(CONTENT)),
        ("x-gzip", gzip.compress(CONTENT, 0)),
        ("gzip", gzip.compress(CONTENT[:100_000]) + gzip.compress(CONTENT[100_000:], 0)),
        ("gzip", gzip.compress(CONTENT) + b"\0" * 512),
        ("deflate", zlib.compress(CONTENT)),
        ("deflate", raw_deflate(CONTENT)),
        ("deflate, gzip", gzip.compress(zlib.compress(CONTENT))),
        ("gzip,gzip, identity", gzip.compress(gzip.compress(CONTENT))),
        ("identity", CONTENT),
        ("", CONTENT),
        ("unheard-of", CONTENT),
        ("unheard-of, gzip", gzip.compress(CONTENT)),
    ],
)
def test_decoded(encoding: str, body: bytes) -> None:
    """Known codings are undone from the last to the first; what comes before an unknown one stays."""
    assert decode(body, encoding, len(CONTENT) + 1000) == CONTENT


def test_brotli() -> None:
    """Where a brotli package is installed, br is undone with the same care."""
    brotli = pytest.importorskip("brotli", reason="the brotli package is not installed: br was not tested")
    body = brotli.compress(CONTENT)
    assert decode(body, "br", len(CONTENT)) == CONTENT
    with pytest.raises(TooLarge):
        decode(body, "br", len(CONTENT) - 1)
    with pytest.raises(Corrupt) as truncated:
        decode(body[:-4], "br", len(CONTENT))
    assert truncated.value.truncated
    with pytest.raises(Corrupt):
        decode(b"plain text that is no brotli", "br", len(CONTENT))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_exact_cap(encoding: str) -> None:
    """A body of exactly the cap passes, one byte more does not."""
    body = gzip.compress(CONTENT) if encoding == "gzip" else zlib.compress(CONTENT)
    assert decode(body, encoding, len(CONTENT)) == CONTENT
    with pytest.raises(TooLarge):
        decode(body, encoding, len(CONTENT) - 1)


def test_bomb() -> None:
    """A small body that would fill the memory stops at the cap, also through two layers."""
    bomb = gzip.compress(b"\0" * 100_000_000)
    with pytest.raises(TooLarge):
        decode(bomb, "gzip", 1 << 20)
    with pytest.raises(TooLarge):
        decode(gzip.compress(bomb), "gzip, gzip", 1 << 20)


def test_many_members() -> None:
    """A body of very many tiny members is refused instead of decoded for minutes."""
    member = gzip.compress(b"")
    assert decode(member * MEMBERS, "gzip", 10) == b""
    with pytest.raises(Corrupt, match="members"):
        decode(member * 200_000, "gzip", 10)


def test_many_layers() -> None:
    """More codings than any server uses are refused."""
    with pytest.raises(Corrupt, match="5 codings"):
        decode(CONTENT, "gzip, gzip, gzip, gzip, gzip", 10)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_ends_early(encoding: str) -> None:
    """A body that ends inside its coding is told from one that is not in it."""
    body = gzip.compress(CONTENT) if encoding == "gzip" else zlib.compress(CONTENT)
    with pytest.raises(Corrupt) as truncated:
        decode(body[:-5], encoding, len(CONTENT))
    assert truncated.value.truncated
    with pytest.raises(Corrupt) as other:
        decode(b"{}" * 100, encoding, len(CONTENT))
    assert not other.value.truncated


@given(st.binary(max_size=200), st.sampled_from(sorted(DECODERS)), st.integers(1, 400))
def test_any_bytes(body: bytes, encoding: str, cap: int) -> None:
    """Any bytes decode to at most the cap, or one of the two errors is raised."""
    with suppress(TooLarge, Corrupt):
        assert len(decode(body, encoding, cap)) <= max(cap, len(body) if encoding == "identity" else 0)
