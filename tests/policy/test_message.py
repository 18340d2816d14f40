"""Requests and replies as policies see them."""

from __future__ import annotations

import pytest

from tieline.model import BugError, Reply, Request
from tieline.policy.message import Outgoing, outgoing, with_body, with_headers

BASE = "https://api.example.com/v1"


def request(url: str) -> Request:
    """A request with all its parts."""
    return Request(method="PUT", url=url, headers=(("A", "1"),), body=b"{}")


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        (f"{BASE}/items/1?a=1?b", "/items/1", "a=1?b"),
        (f"{BASE}/items", "/items", ""),
        (f"{BASE}?a=1", "", "a=1"),
        (BASE, "", ""),
    ],
)
def test_parts_of_the_url(url: str, path: str, query: str) -> None:
    """Base, path and query make the URL."""
    message = outgoing(request(url), BASE + "/")
    assert (message.base, message.path, message.query) == (BASE, path, query)
    assert message.request.url == url


@pytest.mark.parametrize("url", ["https://other.example/v1/items", f"{BASE}0/items", "https://api.example.com/"])
def test_another_base_is_a_bug(url: str) -> None:
    """A bound request starts with the base URL of its operation; anything else is a mistake of the caller."""
    with pytest.raises(BugError):
        outgoing(request(url), BASE)


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"base": "http://x/"}, "http://x/items?a=1"),
        ({"base": "http://x//"}, "http://x/items?a=1"),
        ({"path": "other"}, f"{BASE}/other?a=1"),
        ({"path": "/"}, f"{BASE}/?a=1"),
        ({"path": ""}, f"{BASE}?a=1"),
        ({"query": ""}, f"{BASE}/items"),
        ({"base": "http://x", "path": "/b", "query": "c"}, "http://x/b?c"),
    ],
)
def test_to_another_place(changes: dict[str, str], url: str) -> None:
    """Base and path meet in one slash; everything else of the request stays."""
    old = outgoing(request(f"{BASE}/items?a=1"), BASE)
    new = old.to(**changes)
    assert new.request == Request(method="PUT", url=url, headers=(("A", "1"),), body=b"{}")
    assert new.request.url == new.base + new.path + (f"?{new.query}" if new.query else "")


def test_other_headers_and_bodies() -> None:
    """Requests and replies change in the same way."""
    message = outgoing(request(BASE), BASE)
    reply = Reply(status=201, reason="Created", headers=(("A", "1"),), body=b"{}")
    for old in (message, reply):
        new = with_body(with_headers(old, (("B", "2"),)), b"x")
        assert (new.headers, new.body, new.header("b")) == ((("B", "2"),), b"x", "2")
        assert (old.headers, old.body, old.header("a")) == ((("A", "1"),), b"{}", "1")
    changed = with_body(message, b"x")
    assert isinstance(changed, Outgoing)
    assert (changed.base, changed.request.url, changed.request.method) == (BASE, BASE, "PUT")
    answered = with_headers(reply, ())
    assert isinstance(answered, Reply)
    assert (answered.status, answered.reason) == (201, "Created")
