"""Which requests can be sent at all; their exact form on the wire is in ``test_transport``."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tieline.model import Failure, Request
from tieline.net.prepare import Prepared, parse_url, prepare

URLS = st.one_of(
    st.text(),
    st.builds("http://{}{}".format, st.text(min_size=1, max_size=12), st.text(max_size=12)),
    st.from_regex(r"https?://[a-z0-9.@:\[\]%-]{0,12}(/[!-~]{0,12})?(\?[!-~]{0,12})?(#[!-~]{0,6})?", fullmatch=True),
)


@given(URLS)
def test_any_url_is_parsed_or_refused(text: str) -> None:
    """Any text is a URL to the byte as it is written, or a failure of kind url that shows nothing of its path."""
    url = parse_url(text)
    if isinstance(url, Failure):
        assert (url.kind, url.sent) == ("url", False)
        assert url.message
        return
    assert url.raw_host
    assert url.port
    target = text.partition("#")[0].partition("://")[2]
    path = target[len(target.partition("?")[0].partition("/")[0]) :]
    assert url.raw_path_qs == (path if path.startswith("/") else "/" + path)


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=4), st.binary(max_size=8))
def test_any_headers_are_sent_or_refused(headers: list[tuple[str, str]], body: bytes) -> None:
    """Any headers are sent one by one, or the request is refused because of one of them."""
    prepared = prepare(Request(method="POST", url="http://h/", headers=tuple(headers), body=body), "agent")
    if isinstance(prepared, Failure):
        assert (prepared.kind, prepared.sent) == ("protocol", False)
        return
    assert isinstance(prepared, Prepared)
    assert [value for name, value in prepared.headers[: len(headers)]] == [value for _, value in headers]


def test_a_host_beyond_ascii_is_encoded() -> None:
    """An international host name is looked up in its ASCII form, with port and path as they are."""
    url = parse_url("https://Bücher.example:8443/a?b=c")
    assert not isinstance(url, Failure)
    assert str(url) == "https://xn--bcher-kva.example:8443/a?b=c"
