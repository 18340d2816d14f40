"""Handshakes of services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tieline.model import Reply, Request
from tieline.triggers import handshake

CASES = yaml.safe_load((Path(__file__).parent / "data" / "handshakes.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_handshakes(case: dict[str, Any]) -> None:
    """Each request is answered as the data says, or is a notification."""
    headers = tuple((name, value) for name, value in case.get("headers", []))
    asked = Request(method=case["method"], url=case["url"], headers=headers, body=case.get("body", "").encode())
    reply = handshake(asked)
    if "status" not in case:
        assert reply is None
        return
    assert reply is not None
    assert (reply.status, reply.body.decode()) == (case["status"], case["answer"])
    assert reply.header("content-type") == case.get("type")
    if "header" in case:
        assert reply.header(case["header"][0]) == case["header"][1]


@given(method=st.sampled_from(["GET", "POST", "OPTIONS"]), query=st.text(max_size=60), body=st.binary(max_size=60))
def test_anything_is_answered_or_none(method: str, query: str, body: bytes) -> None:
    """Any request gives a reply or nothing, and never an exception."""
    reply = handshake(Request(method=method, url=f"https://me/cb?{query}", body=b'{"challenge":' + body))
    assert reply is None or isinstance(reply, Reply)
