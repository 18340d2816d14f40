"""What is shown of a talk with an identity provider, whatever the provider sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tieline.app.connect import trace_lines
from tieline.app.identity import Talk
from tieline.model import Reply, Request, Secret, Sent
from tieline.model.secret import forms_of

CASES = yaml.safe_load((Path(__file__).parent / "data" / "identity-traces.yaml").read_text(encoding="utf-8"))["cases"]
SECRET, ACCESS, REFRESH = "cl1ent/s3cret", "acc3ss-token", "r3fresh-token"
FORM = f"grant_type=client_credentials&client_id=the-app&client_secret={SECRET}"


class Provider:
    """An identity provider that gives one reply."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply

    async def send(self, request: Request) -> Sent:
        return Sent(reply=self.reply)


def asked(url: str, body: str) -> Generator[Request, Sent, None]:
    """Asks once, and takes any answer."""
    yield Request(
        method="POST", url=url, headers=(("Authorization", "Basic YXBwLTE6czNjcjN0LXZhbHVl"),), body=body.encode()
    )


def traced(reply: Reply, url: str = "https://id.test/token", body: str = FORM) -> Talk:
    """The talk of one request and this reply."""
    talk = Talk(Provider(reply))
    asyncio.run(talk.run(asked(url, body), "asked", [Secret(SECRET)]))
    return talk


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_what_is_shown(case: dict[str, Any]) -> None:
    """Each case shows what it says, and no secret in any form."""
    given = case["reply"]
    headers = tuple((name, value) for name, value in given.get("headers", ()))
    reply = Reply(
        status=given.get("status", 200), reason=given.get("reason", ""), headers=headers, body=given["body"].encode()
    )
    entry = traced(reply, case.get("url", "https://id.test/token"), case.get("sends", FORM)).trace[0]
    assert isinstance(entry.before, Request)
    assert isinstance(entry.after, Reply)
    assert entry.before.url == case.get("url_shown", "https://id.test/token")
    assert entry.before.body.decode() == case.get("sent", entry.before.body.decode())
    assert entry.after.body.decode() == case["body"]
    assert entry.after.reason == case.get("reason", "")
    if "headers" in case:
        assert [list(pair) for pair in entry.after.headers] == case["headers"]
    shown = "\n".join(trace_lines(entry)) + repr(entry)
    assert not [secret for secret in (SECRET, ACCESS, REFRESH) if any(form in shown for form in forms_of(secret))]


def test_a_reply_with_very_many_values() -> None:
    """It is hidden whole and at once, since nobody could look for all of them."""
    body = json.dumps(
        {"error": "value-number-77", **{f"x{number}": f"value-number-{number}" for number in range(30_000)}}
    )
    entry = traced(Reply(status=400, body=body.encode())).trace[0]
    assert isinstance(entry.after, Reply)
    assert entry.after.body == b"***"


TOLD = st.sampled_from([SECRET, ACCESS, REFRESH]) | st.text(max_size=5)
REPLIES = st.dictionaries(
    st.sampled_from(["error", "scope", "error_uri", "token_type", "message", "x"]) | TOLD,
    TOLD | st.integers() | st.lists(TOLD, max_size=2) | st.dictionaries(st.text(max_size=3), TOLD, max_size=2),
    max_size=5,
)


@given(fields=REPLIES, before=st.binary(max_size=4), after=st.binary(max_size=4), reason=TOLD)
def test_no_secret_shows(fields: dict[str, Any], before: bytes, after: bytes, reason: str) -> None:
    """Tokens and the client's secret in any place of a reply, well-formed or not, do not show in its trace."""
    body = before + json.dumps({"access_token": ACCESS, "refresh_token": REFRESH, **fields}).encode() + after
    entry = traced(Reply(status=200, reason=reason, body=body)).trace[0]
    shown = "\n".join(trace_lines(entry)) + repr(entry)
    assert not [secret for secret in (SECRET, ACCESS, REFRESH) if secret in shown]
