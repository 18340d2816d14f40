"""URLs as texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.policy import url


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("https://api.example.com", ""),
        ("HTTP://api.example.com:8080/a/b/", ""),
        ("https://[::1]:8443/v1", ""),
        ("https://münchen.example/a b", ""),
        ("ftp://example.com", "its scheme is neither http nor https"),
        ("https://", "it has no host"),
        ("https:///path", "it has no host"),
        ("https://example.com?x=1", "it has a query or a fragment"),
        ("https://example.com/a#b", "it has a query or a fragment"),
        ("https://user:password@example.com", 'there is an "@" in its host'),
        ("https://a b.example.com", "its host is no host name"),
        ("https://example.com:port", "its host is no host name"),
        ("https://a\\b", "its host is no host name"),
    ],
)
def test_what_can_be_a_base_url(text: str, flaw: str) -> None:
    """A base URL has scheme, host, perhaps port and path, and nothing else."""
    assert url.flaw(text) == flaw


@pytest.mark.parametrize(
    ("link", "base", "rest"),
    [
        ("https://a.example/v1/items?p=2#x", "https://a.example/v1", "/items?p=2#x"),
        ("https://a.example/v1?p=2", "https://a.example/v1/", "?p=2"),
        ("https://a.example/v1", "https://a.example/v1", ""),
        ("https://a.example", "https://a.example", ""),
        ("http://A.example:80/v1/x", "https://a.example/v1", "/x"),
        ("https://a.example:8443/v1/x", "https://a.example/v1", None),
        ("https://a.example/v10/x", "https://a.example/v1", None),
        ("https://a.example.evil/v1/x", "https://a.example/v1", None),
        ("https://b.example/v1/x", "https://a.example/v1", None),
        ("/v1/x", "https://a.example/v1", None),
        ("x", "https://a.example/v1", None),
        ("", "https://a.example/v1", None),
    ],
)
def test_what_is_below_a_base_url(link: str, base: str, rest: str | None) -> None:
    """The rest of a link below a base; None for one to another place."""
    assert url.below(link, base) == rest


@given(st.text(max_size=20))
def test_encoded_values_hold_nothing_that_a_url_cannot(text: str) -> None:
    """Whatever a value is, path and query stay path and query."""
    for encoded in (url.in_path(text), url.in_query(text), url.literal(text)):
        assert encoded.isascii()
        assert not set(encoded) & set(' #"<>\\^`{|}\r\n')
    assert "?" not in url.in_path(text)
    assert not set(url.in_query(text)) & set("&=?/+")


@given(st.text(max_size=20))
def test_any_text_is_looked_at(text: str) -> None:
    """No text makes the looks fail."""
    url.flaw(text)
    url.below(text, "https://a.example/v1")
    url.has_scheme(text)
