"""Requests as a server reads them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.mock.incoming import Incoming
from tieline.model import MISSING, Request


def incoming(url: str = "http://h/", body: bytes = b"", **headers: str) -> Incoming:
    """A request with headers written as keywords."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Incoming(Request(method="post", url=url, headers=named, body=body))


@pytest.mark.parametrize(
    ("url", "origin", "path", "query"),
    [
        ("http://h:1/a/b?x=1&x=2&y=", "http://h:1", "/a/b", {"x": ["1", "2"], "y": [""]}),
        ("http://h", "http://h", "/", {}),
        ("http://h?x=%41+b", "http://h", "/", {"x": ["A b"]}),
        ("/a?x=1#f", "", "/a", {"x": ["1"]}),
        ("https://h/a#f?x=1", "https://h", "/a", {}),
        ("http://h/a?b?c=1", "http://h", "/a", {"b?c": ["1"]}),
    ],
)
def test_urls(url: str, origin: str, path: str, query: dict[str, list[str]]) -> None:
    """A URL comes apart into origin, path as sent and decoded query."""
    read = incoming(url)
    assert (read.method, read.origin, read.path, read.query) == ("POST", origin, path, query)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("code=404", {"code": "404"}),
        ('code="404", example="a \\"b\\""', {"code": "404", "example": 'a "b"'}),
        ("respond-async, wait=10; code=1", {"respond-async": "", "wait": "10", "code": "1"}),
        ("CODE = 404", {"code": "404"}),
        ("code=1, code=2", {"code": "1"}),
        ("", {}),
        (",;=", {}),
    ],
)
def test_preferences(text: str, expected: dict[str, str]) -> None:
    """Preferences of RFC 7240, quoted or not, several in one header."""
    assert incoming(prefer=text).preferences == expected


def test_forms() -> None:
    """Urlencoded, multipart and JSON bodies are forms; a file keeps its bytes, and line ends inside stay."""
    urlencoded = incoming(body=b"a=1&a=2&b=%C3%BC", content_type="application/x-www-form-urlencoded")
    assert {name: [part.text for part in parts] for name, parts in urlencoded.form.items()} == {
        "a": ["1", "2"],
        "b": ["ü"],
    }
    body = (
        b'preamble\r\n--=_X\r\nContent-Disposition: form-data; name="f"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\x00\r\n\xff\r\n"
        b"--=_X\r\ncontent-disposition: form-data; name=plain\r\n\r\n1\r\n--=_X\r\nnonsense\r\n--=_X--\r\n"
    )
    form = incoming(body=body, content_type='multipart/form-data; boundary="=_X"').form
    assert form["f"][0].data == b"\x00\r\n\xff"
    assert form["f"][0].file
    assert form["plain"][0].text == "1"
    assert not form["plain"][0].file
    as_json = incoming(body=b'{"a": 1, "b": "x"}', content_type="application/json").form
    assert {name: parts[0].text for name, parts in as_json.items()} == {"a": "1", "b": "x"}


def test_json() -> None:
    """A body is JSON or it is missing."""
    assert incoming(body=b"[1]").json == [1]
    assert incoming(body=b"null").json is None
    assert incoming(body=b"{").json is MISSING
    assert incoming().json is MISSING


@settings(max_examples=300, deadline=None)
@given(url=st.text(max_size=30), header=st.text(max_size=40), body=st.binary(max_size=60))
def test_anything_is_read(url: str, header: str, body: bytes) -> None:
    """Whatever is sent, every part of it can be asked for."""
    read = incoming(url, body, content_type="multipart/form-data; boundary=" + header, prefer=header)
    parts = (read.path, read.query, read.form, read.preferences, read.media_type, read.json)
    assert all(part is not None or part is read.json for part in parts)
