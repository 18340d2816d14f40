"""Errors: whatever a service sends becomes one shape."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tieline.model import Reply
from tieline.pipeline import api_error

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["error", "errors", "message", "code", "details", "detail", "fault", "source", "x"]), inner
        ),
    ),
    max_leaves=10,
)


def test_shapes(case: dict[str, Any], answer: Any) -> None:
    """Every case of ``errors-shapes.yaml`` is read as it says."""
    error = api_error(answer(case["reply"]), case.get("came", 0))
    expected = case["error"]
    assert error.status == case["reply"]["status"]
    assert (error.code, error.message) == (expected["code"], expected["message"])
    assert [[detail.field, detail.message] for detail in error.details] == expected.get("details", [])
    assert error.retry_after == expected.get("retry_after")


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(JSON.map(orjson.dumps), st.binary(max_size=30)),
    st.sampled_from(
        ["application/json", "text/html", "application/xml; charset=nonsense", "text/plain;charset=utf-7", ""]
    ),
    st.text(max_size=12),
)
def test_any_reply(body: bytes, content_type: str, retry_after: str) -> None:
    """Any bytes under any content type give an error with a message."""
    headers = (("Content-Type", content_type), ("Retry-After", retry_after), ("Date", "Wed, 21 Oct 2026 07:28:00 GMT"))
    error = api_error(Reply(status=400, headers=headers, body=body))
    assert isinstance(error.message, str)
    assert error.message
