"""Media types: which one is used, and what a body of one means."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.model import Reply
from tieline.pipeline import decoded_body
from tieline.pipeline.media import preferred


@pytest.mark.parametrize(
    ("declared", "chosen"),
    [
        ((), "application/json"),
        (("application/xml", "application/json; charset=utf-8"), "application/json; charset=utf-8"),
        (("text/json", "application/json"), "application/json"),
        (("application/xml", "application/hal+json"), "application/hal+json"),
        (("application/*+json", "application/xml"), "application/xml"),
        (("*/*",), "application/json"),
        (("application/xml", "text/csv"), "application/xml"),
        (("image/*",), "application/json"),
    ],
)
def test_preferred(declared: tuple[str, ...], chosen: str) -> None:
    """Plain JSON, else another JSON, else the first that is no wildcard."""
    assert preferred(declared) == chosen


@pytest.mark.parametrize(
    ("content_type", "body", "value"),
    [
        ("application/json", b'{"a": 1}', {"a": 1}),
        ("application/problem+json; charset=utf-8", b"[1]", [1]),
        ("application/json", b"\xef\xbb\xbf{}", {}),
        ("application/json; charset=iso-8859-1", '{"a":"ø"}'.encode("latin-1"), {"a": "ø"}),
        ("application/json; charset=utf-16", '{"a":"ø"}'.encode("utf-16"), {"a": "ø"}),
        ("application/json", b"{broken", "{broken"),
        ("", b'{"a": 1}', {"a": 1}),
        ("text/plain", b' {"a": 1}', {"a": 1}),
        ("text/plain", b"5", "5"),
        ("text/plain", "ø".encode("latin-1"), "ø"),
        ("text/plain; charset=unheard-of", b"x", "x"),
        ("image/png", b"\x89PNG\0", b"\x89PNG\0"),
        ("application/octet-stream", b"a\0b", b"a\0b"),
        ("application/octet-stream", b"abc", "abc"),
        ("text/plain", b"", None),
    ],
)
def test_decoded_body(content_type: str, body: bytes, value: Any) -> None:
    """A body is the JSON value it holds, else text, else bytes; nothing is None."""
    assert decoded_body(Reply(status=200, headers=(("Content-Type", content_type),), body=body)) == value


@given(st.binary(max_size=50), st.text(max_size=30), st.sampled_from(["application/json", "text/plain", "x"]))
def test_any_body_is_decoded(body: bytes, charset: str, kind: str) -> None:
    """Any bytes under any charset are decoded to something; only JSON can be nothing."""
    reply = Reply(status=200, headers=(("Content-Type", f"{kind}; charset={charset}"),), body=body)
    decoded = decoded_body(reply)
    assert (decoded is None) == (body == b"") or kind == "application/json"
